"""Any host on the LAN can send advertisements. The test sends malformed, foreign and spoofed ones of many kinds, first
one at a time and then at line rate. No answer changes, the server counts each by its reason, and queries are answered
as quickly as before.

The test sends them on the last wire to the server, because a bridge drops an incomplete IP packet.
"""
import sys
import time

import adverts
import netlab
import routers
import site_of_two as site
import support

EACH = 5  # of each kind, one at a time
FLOOD_SECONDS = support.scale("FLOOD_SECONDS", 4)
FLOOD_RATE = support.scale("FLOOD_RATE", 150_000)  # frames a second: 100 Mbit/s of smallest frames
LATENCY_FACTOR, LATENCY_ROOM = 3.0, 0.002  # p99 under the flood, compared with p99 without it
ATTEMPTS = 3  # other programs on the machine only add time: the best pair counts


def both_families(lab):
    """A site with the virtual router in both address families."""

    def instances(priority, host):
        return [
            routers.Instance(priority, name="VI_4", interval=0.1),
            routers.Instance(priority, ("fe80::1:1", "2001:db8::1"), "VI_6", interval=0.1),
        ]

    pair = site.Pair(lab, interval=0.1, instances=instances)
    server = pair.serve(
        site.virtual_router()
        + site.virtual_router("lan-gw6", six=True)
        + site.answer()
        + site.answer("lan-gw6", six=True)
    )
    return pair, server


def counters(server):
    """({reason: number}, lost) of all virtual routers and interfaces."""
    rejected, lost = {}, 0
    all_counters = server.status()["counters"]
    for part in [*all_counters["advertisements"].values(), *all_counters["foreign_advertisements"].values()]:
        lost += part["lost"]
        for reason, number in part["rejected"].items():
            rejected[reason] = rejected.get(reason, 0) + number
    return rejected, lost


def rejects(server):
    return counters(server)[0]


def one_at_a_time(pair, server, pollers):
    kinds = {**adverts.wrong4(), **adverts.wrong6("fe80::3")}
    sender = adverts.Sender(pair.lab.core, pair.lan.ports["ns"])
    missed = []
    for name, (reason, packet) in kinds.items():
        before = rejects(server).get(reason, 0)
        sender.send(packet, EACH)
        try:
            support.wait_until(lambda: rejects(server).get(reason, 0) >= before + EACH, 1.5, name)
        except AssertionError:
            missed.append(f"{name}: {rejects(server).get(reason, 0) - before} of {EACH} counted as {reason}")
    assert not missed, "\n".join(missed)
    support.wait_until(
        lambda: all(" rejected: " in router["reason"] for router in server.status()["virtual_routers"]),
        3,
        "the status names the senders of rejected advertisements",
    )
    unmoved(pollers)
    print(f"spoofed and malformed: {len(kinds)} kinds, each counted by its reason, no answer changed", flush=True)


def agrees(server, pollers):
    for poller, expected in pollers:
        server.agrees(expected, rrtype="AAAA" if ":" in expected else "A")


def unmoved(pollers):
    for poller, expected in pollers:
        assert [what for _, what in poller.changes if what != site.BOTH] == [expected], poller.changes


def p99(poller, seconds):
    """The 99th percentile of the response times from now on, and the number of answers."""
    began = len(poller.latencies)
    time.sleep(seconds)
    times = poller.latencies[began:]
    return netlab.percentile(times, 0.99), len(times)


def flooded(pair, server, pollers):
    """Floods the server once. Returns True if it answered queries as quickly as before."""
    poller = pollers[0][0]
    quiet, _ = p99(poller, FLOOD_SECONDS)
    kinds = [packet for _, packet in [*adverts.wrong4().values(), *adverts.wrong6("fe80::3").values()]]
    frames = "\n".join(adverts.frame(packet).hex() for packet in kinds)
    before = sum(rejects(server).values())
    directory = pair.lab.directory / f"flood-{int(netlab.now() * 1000)}"
    flood = pair.lab.core.start_with_input(
        directory, frames, support.tool("vrrp_flood"), pair.lan.ports["ns"], FLOOD_SECONDS + 1, FLOOD_RATE
    )
    time.sleep(0.5)
    loud, asked = p99(poller, FLOOD_SECONDS - 0.5)
    flood.child.wait(10)
    time.sleep(0.5)
    rejected, lost = counters(server)
    counted = sum(rejected.values()) - before
    print(
        f"flood: {flood.output().strip()}; {counted} counted by reason, {lost} lost at the socket; "
        f"p99 of {asked} answers {loud * 1e3:.2f} ms, {quiet * 1e3:.2f} ms without",
        flush=True,
    )
    unmoved(pollers)
    assert counted > 10_000, counted
    agrees(server, pollers)
    return loud <= quiet * LATENCY_FACTOR + LATENCY_ROOM


def at_line_rate(pair, server, pollers):
    assert any(flooded(pair, server, pollers) for _ in range(ATTEMPTS)), "the flood delays answers"
    poller = pollers[0][0]
    server.foretell(site.VIA_B, "lan-gw:rtr-a")
    began = pair.first.stop()  # the server still accepts a valid advertisement
    poller.wait(site.VIA_B, 2, since=began)
    poller.wait(site.VIA_B, 2)
    server.agrees(site.VIA_B)


def main():
    netlab.needed("keepalived")
    with netlab.Lab() as lab:
        pair, server = both_families(lab)
        with pair.poll(server) as four, pair.poll(server, rrtype="AAAA") as six:
            four.wait(site.VIA_A, 5)
            six.wait(site.VIA_A6, 5)
            pollers = [(four, site.VIA_A), (six, site.VIA_A6)]
            server.foretell(site.VIA_B, "lan-gw:rtr-a")
            one_at_a_time(pair, server, pollers)
            agrees(server, pollers)
            at_line_rate(pair, server, pollers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
