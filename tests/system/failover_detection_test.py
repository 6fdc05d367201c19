"""The time from a fault of the active router to the changed answer at a client, with real keepalived pairs. The
faults are a silent cut, kill -9 and SIGTERM. The configurations are VRRP 2 and 3, IPv4 and IPv6, with an
advertisement every second and every 100 ms. Each figure is from WAYMARK_RUNS faults.
"""
import os
import sys
import time

import netlab
import site_of_two as site
import support

RUNS = support.scale("RUNS", 3)
SILENT_BOUND = {1.0: 3.75, 0.1: 0.45}  # seconds: 3 intervals, the backup's skew time, and some milliseconds of Waymark
LEAVING_BOUND = {1.0: 0.75, 0.1: 0.15}  # the skew time only: the router sends priority 0
# a machine that delays the routers delays the whole; Waymark's own part, from the new router's advertisement on, must
# stay small
OURS = 0.02
CONFIGURATIONS = [
    ("v2 1 s", 2, 1.0, False),
    ("v3 1 s", 3, 1.0, False),
    ("v3 0.1 s", 3, 0.1, False),
    ("v3 IPv6 0.1 s", 3, 0.1, True),
]


def fault(pair, kind):
    return {"silent cut": lambda: pair.lan.disable(pair.a), "kill -9": pair.first.kill, "SIGTERM": pair.first.stop}[
        kind
    ]()


def heal(pair, kind):
    if kind == "silent cut":
        pair.lan.enable(pair.a)
    else:
        pair.first.restart()


def detect(label, version, interval, six, kind):
    via_a, via_b = (site.VIA_A6, site.VIA_B6) if six else (site.VIA_A, site.VIA_B)
    rrtype = "AAAA" if six else "A"
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval, version, six)
        server = pair.serve()
        taken, late, returned = [], [], []
        with pair.poll(server) as poller:
            poller.wait(via_a, 10 * interval + 5)
            for run in range(RUNS):
                # at a different point between two advertisements each time
                time.sleep(interval * (2 + (run * 0.37) % 1))
                server.foretell(via_b, "lan-gw:rtr-a", rrtype=rrtype)
                began = fault(pair, kind)
                came = poller.wait(via_b, 20, since=began)
                taken.append(came - began)
                late.append(pair.lateness(came, began))
                server.agrees(via_b, rrtype=rrtype)
                vip = "2001:db8::1" if six else "192.0.2.1"
                assert kind == "SIGTERM" or pair.first.has(vip), "a router that is cut off or killed keeps its address"
                time.sleep(interval)
                began = netlab.now()
                heal(pair, kind)
                returned.append(poller.wait(via_a, 30, since=began) - began)
                server.agrees(via_a, rrtype=rrtype)
            changes = [what for _, what in poller.changes]
        expected = [via_a, *([via_b, via_a] * RUNS)]
        assert changes[-len(expected) :] == expected, changes
        bound = (LEAVING_BOUND if kind == "SIGTERM" else SILENT_BOUND)[interval]
        netlab.figures(f"{label}, {kind}: fault to answer, bound {bound * 1e3:.0f} ms", taken)
        netlab.figures(f"{label}, {kind}: new active router's first advertisement to answer", late)
        for total, part in zip(taken, late):
            assert (
                total <= bound or part <= OURS
            ), f"{label}, {kind}: {total:.3f} s, over {bound} s, of which {part:.3f} s are ours"
        netlab.figures(f"{label}, {kind}: repair to answer", returned)


def main():
    netlab.needed("keepalived")
    scenarios = [
        (f"{label}, {kind}", detect, label, version, interval, six, kind)
        for label, version, interval, six in CONFIGURATIONS
        for kind in ("silent cut", "kill -9", "SIGTERM")
    ]
    return (
        1
        if netlab.side_by_side(
            scenarios, at_most=support.scale("LABS", 3 * (os.cpu_count() or 1)), seconds=100 + 60 * RUNS
        )
        else 0
    )


if __name__ == "__main__":
    sys.exit(main())
