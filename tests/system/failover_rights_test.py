"""The rights that the server needs. As nobody with only CAP_NET_RAW it fails over. Without that right it starts,
logs which right is missing, and uses the sources that need no right.
"""
import sys

import netlab
import site_of_two as site
import support

A, B = site.VIA_A, site.VIA_B
NOBODY = ("--reuid=nobody", "--regid=nogroup", "--clear-groups", "--no-new-privs")
RAW_ALONE = (*NOBODY, "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw")
NOTHING = (*NOBODY, "--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all")
CAP_NET_RAW = 1 << 13


def capabilities(pid):
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    return int(fields["CapEff"], 16), int(fields["CapPrm"], 16), fields["Uid"].split()


def raw_alone():
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve(rights=RAW_ALONE)
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            server.foretell(B, "lan-gw:rtr-a")
            taken = poller.wait(B, 5, since=(began := pair.first.stop())) - began
            server.agrees(B)
            effective, permitted, uid = capabilities(server.process.pid)
            print(
                f"as nobody with only CAP_NET_RAW: {taken * 1e3:.0f} ms; "
                f"uid {uid[1]}, effective {effective:x}, permitted {permitted:x}",
                flush=True,
            )
            assert effective & ~CAP_NET_RAW == 0 and permitted & ~CAP_NET_RAW == 0 and "0" not in uid, (
                effective,
                permitted,
                uid,
            )


def dropped():
    """The server starts as root and becomes nobody: it listens, and keeps no right of root."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve(user="nobody")
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            server.foretell(B, "lan-gw:rtr-a")
            taken = poller.wait(B, 5, since=(began := pair.first.stop())) - began
            server.agrees(B)
            effective, permitted, uid = capabilities(server.process.pid)
            print(
                f"root that becomes nobody: {taken * 1e3:.0f} ms; "
                f"uid {uid[1]}, effective {effective:x}, permitted {permitted:x}",
                flush=True,
            )
            assert "0" not in uid and permitted & ~CAP_NET_RAW == 0, (permitted, uid)


def degraded():
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve(rights=NOTHING)
        with pair.poll(server) as poller:
            support.wait_until(lambda: "CAP_NET_RAW" in server.log(), 5, "the log names the missing right")
            line = next(line for line in server.log().splitlines() if "CAP_NET_RAW" in line)
            assert poller.answer == site.BOTH, f"UNKNOWN, but not the zone's own set: {poller.answer}"
            pair.first.stop()
            support.wait_until(lambda: pair.second.has("192.0.2.1"), 5, "rtr-b is active")
            assert [what for _, what in poller.changes] == [site.BOTH], poller.changes
            server.foretell(site.BOTH, "lan-gw:rtr-a")
            print(f"without CAP_NET_RAW: serves the zone's own set, and logs: {line}", flush=True)


def netlink_needs_nothing():
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        settings = 'sources = ["netlink"]\nlocal-router = "rtr-b"\n' + site.QUICK_FLAP
        server = pair.serve(site.virtual_router(settings=settings) + site.answer(), at=pair.b, rights=NOTHING)
        with pair.poll(server) as poller:
            server.foretell(B, "lan-gw:rtr-a")
            taken = poller.wait(B, 5, since=(began := pair.first.stop())) - began
            server.agrees(B)
            print(f"netlink as nobody without any right: {taken * 1e3:.0f} ms", flush=True)


def main():
    netlab.needed("keepalived")
    scenarios = [
        ("CAP_NET_RAW alone", raw_alone),
        ("dropped", dropped),
        ("degraded", degraded),
        ("netlink", netlink_needs_nothing),
    ]
    return 1 if netlab.side_by_side(scenarios, seconds=100) else 0


if __name__ == "__main__":
    sys.exit(main())
