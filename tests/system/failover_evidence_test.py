"""Every source of evidence leads to the correct answer: a server on the router hosts (a router does not receive its
own advertisements; netlink; keepalived's FIFO), macvlans of keepalived and FRR, unicast peers, two virtual routers,
two address families.
"""
import shutil
import sys
import time

import netlab
import routers
import site_of_two as site
import support

A, B = site.VIA_A, site.VIA_B
BOUND = 0.45  # seconds, at an interval of 100 ms
OURS = 0.02  # seconds between the new router's advertisement and the answer
SETTLE = 0.5


def on_host(router):
    """Settings of a server on the router's own host."""
    return f'sources = ["passive", "netlink"]\nlocal-router = "{router}"\n' + site.QUICK_FLAP


def moved(pair, watched, answer, fault, what, failed="lan-gw:rtr-a", rrtype="A", **by):
    """The fault gives each watched (server, poller, label, bound) this answer. `simulate` predicts it, and `explain`
    reports it afterwards. The answer changes within the bound, or soon after the new router's first advertisement if
    the machine delayed the routers."""
    for server, *_ in watched:
        server.foretell(answer, failed, rrtype=rrtype)
    since = fault()
    for _, poller, label, bound in watched:
        came = poller.wait(answer, 10, since=since)
        taken, late = came - since, pair.lateness(came, since, six=rrtype == "AAAA", **by)
        timing = f"{late * 1e3:.1f} ms after the new router's advertisement"
        print(f"{what}{label}: {taken * 1e3:.0f} ms, {timing}", flush=True)
        assert taken <= bound or late <= OURS, f"{what}{label}: {taken:.3f} s, over {bound} s, {timing}"
    for server, *_ in watched:
        server.agrees(answer, rrtype=rrtype)


def on_the_routers():
    """Servers inside both routers give the same answers: each receives the other's advertisements, and netlink
    reports its own state."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        servers = [
            pair.serve(site.virtual_router(settings=on_host(host.name)) + site.answer(), at=host)
            for host in (pair.a, pair.b)
        ]
        with pair.poll(servers[0]) as at_a, pair.poll(servers[1]) as at_b:
            for poller in (at_a, at_b):
                poller.wait(A, 5)
            moved(
                pair,
                [(servers[0], at_a, ", on its host", 0.15), (servers[1], at_b, ", on the backup", 0.15)],
                B,
                pair.first.stop,
                "keepalived ends with SIGTERM",
            )
            pair.first.restart()
            for poller in (at_a, at_b):
                poller.wait(A, 10)
            time.sleep(SETTLE)
            moved(
                pair,
                [(servers[1], at_b, "", BOUND)],
                B,
                lambda: pair.lan.pull(pair.a),
                "carrier lost at the other router",
            )
            began = pair.lan.push(pair.a)
            for poller in (at_a, at_b):
                poller.wait(A, 10)
            assert all(what in (A, B) for poller in (at_a, at_b) for _, what in poller.changes[1:]), (
                at_a.changes,
                at_b.changes,
            )


def stale_vip():
    """kill -9 on the server's own host: the address remains and netlink still reports it, but the other router's
    advertisement decides."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve(site.virtual_router(settings=on_host("rtr-a")) + site.answer(), at=pair.a)
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            assert not server.virtual_router()["stale_vip"]
            moved(pair, [(server, poller, "", BOUND)], B, pair.first.kill, "kill -9 on the server's own host")
            assert pair.first.has("192.0.2.1")
            support.wait_until(lambda: server.virtual_router()["stale_vip"], 1, "the stale address raises an alarm")
            pair.first.restart()
            poller.wait(A, 10)
            support.wait_until(lambda: not server.virtual_router()["stale_vip"], 2, "the alarm ends")


def macvlan():
    """keepalived with use_vmac: the address is on a separate interface, and advertisements have the virtual MAC
    address."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1, vmac=True)
        servers = [pair.serve(), pair.serve(site.virtual_router(settings=on_host("rtr-b")) + site.answer(), at=pair.b)]
        with pair.poll(servers[0]) as aside, pair.poll(servers[1]) as at_b:
            for poller in (aside, at_b):
                poller.wait(A, 5)
            moved(
                pair,
                [(servers[0], aside, ", third host", 0.15), (servers[1], at_b, ", on the backup", 0.15)],
                B,
                pair.first.stop,
                "virtual MAC",
            )


def netlink_alone():
    """Without the right to receive packets, the server knows the addresses of its own host and assumes nothing about
    other routers."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        settings = 'sources = ["netlink"]\nlocal-router = "rtr-b"\n' + site.QUICK_FLAP
        server = pair.serve(site.virtual_router(settings=settings) + site.answer(), at=pair.b)
        with pair.poll(server) as poller:
            time.sleep(1)
            assert poller.answer != B, poller.answer
            moved(pair, [(server, poller, "", 0.15)], B, pair.first.stop, "netlink alone, on the backup")


def frr():
    """FRR keeps the address permanently on a macvlan and moves it with protodown."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1, start=False)
        first = routers.Frr(lab, pair.a, priority=200, interval_ms=100)
        pair.second.start()
        first.start()
        aside = pair.serve()
        at_a = pair.serve(site.virtual_router(settings=on_host("rtr-a")) + site.answer(), at=pair.a)
        with pair.poll(aside) as aside_answers, pair.poll(at_a) as answers_at_a:
            for poller in (aside_answers, answers_at_a):
                poller.wait(A, 10)
            moved(
                pair,
                [(aside, aside_answers, ", third host", 0.5), (at_a, answers_at_a, ", on its host", 0.5)],
                B,
                first.shutdown,
                "FRR shut down",
            )


def fifo_backlog():
    """Old lines in a FIFO that nobody has read are out of date; the snapshot and the advertisements are current."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1, fifo_for="root")
        time.sleep(SETTLE)
        with open(pair.second.fifo, "wb", buffering=0) as backlog:
            for _ in range(20):
                backlog.write(b'INSTANCE "VI_1" MASTER 100\n')
        snapshot = pair.second.write_snapshot()
        settings = (
            'sources = ["passive", "fifo"]\nlocal-router = "rtr-b"\n'
            f'fifo = "{pair.second.fifo}"\nfifo-instance = "VI_1"\n'
            f'snapshot = "{snapshot}"\n' + site.QUICK_FLAP
        )
        server = pair.serve(site.virtual_router(settings=settings) + site.answer(), at=pair.b)
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            time.sleep(SETTLE)
            assert all(what != B for _, what in poller.changes), f"the server used old FIFO lines: {poller.changes}"
            moved(pair, [(server, poller, "", 0.15)], B, pair.first.stop, "FIFO, on the backup")


def unicast():
    """Routers that advertise only to their peers; the server is one of these peers."""
    with netlab.Lab() as lab:

        def instances(priority, host):
            own, other = ("192.0.2.2", "192.0.2.3") if host.name == "rtr-a" else ("192.0.2.3", "192.0.2.2")
            return [routers.Instance(priority, interval=0.1, unicast=(own, [other, "192.0.2.53"]))]

        pair = site.Pair(lab, interval=0.1, instances=instances)
        server = pair.serve(site.virtual_router(settings="unicast = true\n" + site.QUICK_FLAP) + site.answer())
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            moved(pair, [(server, poller, "", BOUND)], B, lambda: pair.lan.disable(pair.a), "unicast peers, silent cut")


def load_sharing():
    """Two virtual routers, each active on a different router. The answer has both lines, and only the working one
    after a fault."""
    with netlab.Lab() as lab:

        def instances(priority, host):
            other = 300 - priority
            return [
                routers.Instance(priority, ("192.0.2.1",), "VI_1", 51, interval=0.1),
                routers.Instance(other, ("192.0.2.254",), "VI_2", 52, interval=0.1),
            ]

        pair = site.Pair(lab, interval=0.1, instances=instances)
        members = f'''
[[record]]
name = "{site.NAME}"
type = "A"
policy = "all"
ttl = {{ max = "30s", min = "1s" }}
{site.QUICK_ANSWER}
members = [
  {{ name = "via-a", address = "{A}", router = "gw-1:rtr-a" }},
  {{ name = "via-b", address = "{B}", router = "gw-2:rtr-b" }},
]'''
        server = pair.serve(
            site.virtual_router("gw-1", vrid=51) + site.virtual_router("gw-2", vrid=52, vips=["192.0.2.254"]) + members
        )
        with pair.poll(server) as poller:
            support.wait_until(lambda: pair.second.has("192.0.2.254"), 5, "rtr-b is active on the second")
            time.sleep(SETTLE)
            assert poller.answer == site.BOTH, poller.answer
            began = netlab.now()
            moved(
                pair,
                [(server, poller, "", BOUND)],
                B,
                pair.first.kill,
                "two virtual routers, one router killed",
                "gw-1:rtr-a",
            )
            pair.first.restart()
            poller.wait(site.BOTH, 10, since=began + 0.5)
            moved(
                pair,
                [(server, poller, "", BOUND)],
                A,
                lambda: pair.lan.disable(pair.b),
                "two virtual routers, the other cut off",
                "gw-2:rtr-b",
                by=pair.a,
                vrid=52,
            )


def both_families(priority, host):
    """A router's instances: the same VRID in each address family."""
    return [
        routers.Instance(priority, name="VI_4", interval=0.1),
        routers.Instance(priority, ("fe80::1:1", "2001:db8::1"), "VI_6", interval=0.1),
    ]


def families():
    """The same VRID in both address families is two virtual routers: AAAA changes, A does not."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1, instances=both_families)
        server = pair.serve(
            site.virtual_router()
            + site.virtual_router("lan-gw6", six=True)
            + site.answer()
            + site.answer("lan-gw6", six=True)
        )
        with pair.poll(server) as four, pair.poll(server, rrtype="AAAA") as six:
            four.wait(A, 5)
            six.wait(site.VIA_A6, 5)
            before = len(four.changes)
            server.foretell(A, "lan-gw6:rtr-a")
            moved(
                pair,
                [(server, six, "", BOUND)],
                site.VIA_B6,
                lambda: pair.lan.drop(netlab.VRRP6, pair.a),
                "IPv6 advertisements cut, AAAA",
                "lan-gw6:rtr-a",
                "AAAA",
            )
            time.sleep(1)
            assert len(four.changes) == before, four.changes
            server.agrees(A)


def reload():
    """A reload adds and removes virtual routers. A remaining one keeps its state, the server listens to a new one,
    and it forgets a removed one."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1, instances=both_families)
        four, six = site.virtual_router() + site.answer(), site.virtual_router("lan-gw6", six=True) + site.answer(
            "lan-gw6", six=True
        )
        server = pair.serve(four)
        own6 = site.said_of({"rule": "serving the zone file's records"}, "AAAA")
        with pair.poll(server) as at_four, pair.poll(server, rrtype="AAAA") as at_six:
            at_four.wait(A, 5)
            assert at_six.answer == own6, at_six.answer
            since = server.virtual_router()["since"]
            server.configure(six + four)  # first in the list, so that the index of the other changes
            server.reload()
            at_six.wait(site.VIA_A6, 5)
            assert server.virtual_router()["since"][:19] == since[:19], "the remaining virtual router keeps its state"
            moved(
                pair,
                [(server, at_six, "", BOUND)],
                site.VIA_B6,
                lambda: pair.lan.drop(netlab.VRRP6, pair.a),
                "after a reload, AAAA",
                "lan-gw6:rtr-a",
                "AAAA",
            )
            moved(
                pair,
                [(server, at_four, "", BOUND)],
                B,
                lambda: pair.lan.drop(netlab.VRRP4, pair.a),
                "after a reload, A",
            )
            server.configure(four)
            server.reload()
            at_six.wait(own6, 5)
            server.agrees(B)
            pair.lan.repair()
            at_four.wait(A, 5)
            assert at_six.answer == own6, at_six.answer


SCENARIOS = [
    ("on the routers", on_the_routers),
    ("stale address", stale_vip),
    ("macvlan", macvlan),
    ("netlink alone", netlink_alone),
    ("FIFO backlog", fifo_backlog),
    ("unicast", unicast),
    ("load sharing", load_sharing),
    ("families", families),
    ("reload", reload),
]


def main():
    netlab.needed("keepalived")
    scenarios = list(SCENARIOS)
    if shutil.which("vtysh"):
        scenarios.append(("FRR", frr))
    else:
        print("FRR is not installed: its scenarios are skipped")
    return 1 if netlab.side_by_side(scenarios, at_most=4, seconds=200) else 0


if __name__ == "__main__":
    sys.exit(main())
