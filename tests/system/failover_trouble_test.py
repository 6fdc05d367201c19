"""Conditions that are neither a failover nor a healthy state: two active routers, no active router, a flapping
router; and the return of the answer. The answer must not flip. It must not be empty unless the policy requires it.
The server must report the condition.
"""
import sys
import time

import dns_clients
import netlab
import routers
import site_of_two as site
import support

A, B = site.VIA_A, site.VIA_B
OURS = 0.02  # seconds between the advertisement and the reported state
ASKED = 5  # requests, of which the quickest counts
TOGGLES, TOGGLE_TIME = 10, 20.0


def words(poller, since):
    return [what for came, what in poller.changes if came >= since]


def seen_since(server, state):
    """The instant since which the server reports this state, or slightly later."""
    seen = server.virtual_router()
    assert seen["state"] == state, seen
    return netlab.now() - seen["age"]


def split(settings, interval, expected, label):
    """Both routers are active, and the server receives both. The answer stays, or changes once as configured; then
    the split ends."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=interval)
        server = pair.serve(site.virtual_router(settings=settings) + site.answer())
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            server.foretell(B, "lan-gw:rtr-a")
            began = netlab.split(pair.lan, pair.a, pair.b)
            support.wait_until(lambda: pair.second.has("192.0.2.1"), 10, "both routers are active")
            # With the second router's second advertisement the server can tell a split from a takeover.
            second = pair.said_active(began, times=2)
            support.wait_until(lambda: server.virtual_router()["state"] == "split", 5, "the split is visible")
            # a request takes longer than the state change
            visible = min(seen_since(server, "split") for _ in range(ASKED))
            late = visible - second - netlab.machine.between(second, visible)
            print(f"{label}: visible {late * 1e3:.0f} ms after the second router's second advertisement", flush=True)
            assert late <= OURS, late
            time.sleep(4)
            assert words(poller, began) == expected, words(poller, began)
            during = expected[-1] if expected else A
            server.foretell(B, "lan-gw:rtr-a")  # the router that remains
            server.agrees(during)
            pair.lan.repair()
            support.wait_until(lambda: not pair.second.has("192.0.2.1"), 5, "one router is active again")
            support.wait_until(
                lambda: server.virtual_router()["state"] == "active", 5 + 4 * interval, "the split is over"
            )
            poller.wait(A, 10)
            assert words(poller, began) in (expected, [*expected, A]), words(poller, began)
            server.agrees(A)


def no_active_router(all_down, expected):
    """Both routers are down: the all-down policy decides."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        hold = '\nall-down-hold = "2s"' if all_down == "last-good" else ""
        server = pair.serve(
            site.virtual_router() + site.answer(settings=site.QUICK_ANSWER + f'\nall-down = "{all_down}"' + hold)
        )
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            server.foretell(site.BOTH if hold else expected, "lan-gw")  # the final answer
            pair.lan.disable(pair.b)
            began = pair.lan.disable(pair.a)
            if expected != A:
                taken = poller.wait(expected, 5, since=began) - began
                print(f"no router is active, {all_down}: {taken * 1e3:.0f} ms", flush=True)
            else:
                time.sleep(1)
                assert words(poller, began) == [], words(poller, began)
                support.wait_until(lambda: server.virtual_router()["state"] == "no-active", 2, "no router is active")
                poller.wait(site.BOTH, 5, since=began)  # the last good answer for the hold time, then all addresses
                print("no router is active: the last good answer, then all", flush=True)
            server.agrees(poller.answer)
            pair.lan.enable(pair.a)
            poller.wait(A, 10, since=began)
            server.agrees(A)
            for _, what in poller.changes:
                assert what in (A, B, site.BOTH) or all_down == "nodata" and what == "", poller.changes


def flapping():
    """A port goes down and up ten times in twenty seconds. The answer changes only a few times, its TTL is the
    lowest, and then it remains at the last stable answer."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve(
            site.virtual_router(settings='flap = { transitions = 4, within = "60s", stable = "5s" }') + site.answer()
        )
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            server.foretell(B, "lan-gw:rtr-a")
            began = netlab.now()
            for toggle in range(TOGGLES):
                pair.lan.disable(pair.a)
                netlab.sleep_until(began + (toggle + 0.5) * TOGGLE_TIME / TOGGLES)
                pair.lan.enable(pair.a)
                netlab.sleep_until(began + (toggle + 1) * TOGGLE_TIME / TOGGLES)
            changes = words(poller, began)
            state = server.virtual_router()
            print(
                f"flapping: {TOGGLES} cuts and returns, {len(changes)} changes of the answer, "
                f"state {state['state']}, TTL {poller.ttls[-1][1]}",
                flush=True,
            )
            assert len(changes) <= 5, changes
            assert state["state"] == "flapping", state
            assert poller.ttls[-1][1] == 1, poller.ttls[-3:]
            server.agrees(poller.answer)
            support.wait_until(lambda: server.virtual_router()["state"] == "active", 10, "the state is stable again")
            poller.wait(A, 5)
            server.foretell(B, "lan-gw:rtr-a")


def preemption():
    """The first router returns: the answer changes once, after failback-delay."""
    delay = 3.0
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve(site.virtual_router() + site.answer(settings=f'failback-delay = "{delay:.0f}s"'))
        with pair.poll(server) as poller:
            poller.wait(A, 10)
            server.foretell(B, "lan-gw:rtr-a")
            began = pair.lan.disable(pair.a)
            poller.wait(B, 5, since=began)
            server.agrees(B)
            time.sleep(1)
            began = pair.lan.enable(pair.a)
            came = poller.wait(A, 10, since=began)
            returned, held_up = came - began, netlab.machine.between(began, came)
            time.sleep(1)
            print(f"preemption: back after {returned:.2f} s with a failback delay of {delay:.0f} s", flush=True)
            assert words(poller, began) == [A], words(poller, began)
            assert delay - 0.1 <= returned <= delay + 1 + held_up, (returned, held_up)
            server.agrees(A)


def leaving():
    """Priority 0: the answer does not change before another router advertises, but its TTL decreases at once."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=1.0)
        server = pair.serve()
        with pair.poll(server) as poller:
            poller.wait(A, 10)
            support.wait_until(lambda: poller.ttls[-1][1] > 1, 10, "the TTL is high in the stable state")
            high = poller.ttls[-1][1]
            server.foretell(B, "lan-gw:rtr-a")
            began = pair.first.stop()
            changed = poller.wait(B, 5, since=began)
            server.agrees(B)
            lowered = next((came for came, ttl in poller.ttls if came >= began and ttl == 1), None)
            left = pair.ear.leaving(began, site.ADDRESSES["rtr-a"])[0]
            late = lowered - left - netlab.machine.between(left, lowered)
            print(
                f"priority 0: TTL {high} to 1 {late * 1e3:.0f} ms after it, "
                f"the answer {(changed - began) * 1e3:.0f} ms after the signal",
                flush=True,
            )
            assert lowered < changed and late < 0.2 and changed - began > 0.4


def restart():
    """kill -9 of the server while rtr-b is active: it restarts with the same answer, and its serial does not
    decrease."""
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve()
        with pair.poll(server) as poller:
            poller.wait(A, 5)
            serials = [serial(server, pair)]
            for stays_cut in (True, False) * 4:
                support.wait_until(
                    lambda: server.virtual_router()["state"] == "active", 2, "the new process has an advertisement"
                )
                server.foretell(B, "lan-gw:rtr-a")
                began = (pair.lan.disable if stays_cut else pair.lan.enable)(pair.a)
                poller.wait(B if stays_cut else A, 5, since=began)
                serials.append(serial(server, pair))
                server.kill()
                server.start()
                answers = dns_clients.addresses_of(dns_clients.ask(pair.client, server.address, site.NAME))
                assert answers == (B if stays_cut else A), answers
                server.agrees(answers)
                serials.append(serial(server, pair))
                print(f"restart: answers again after {server.started_in * 1e3:.0f} ms, serials {serials}", flush=True)
        assert serials == sorted(serials) and len(set(serials)) > 3, serials


def serial(server, pair):
    reply = dns_clients.ask(pair.client, server.address, "example.com", "SOA")
    return reply.answer[0][0].serial


SCENARIOS = [
    ("flapping", flapping),
    ("split freeze 0.1 s", split, site.QUICK_FLAP, 0.1, [], "split brain, 0.1 s, frozen"),
    ("split freeze 1 s", split, site.QUICK_FLAP, 1.0, [], "split brain, 1 s, frozen"),
    (
        "split prefer-priority",
        split,
        'on-split = "prefer-priority"\n' + site.QUICK_FLAP,
        0.1,
        [],
        "split brain, the higher priority",
    ),
    ("no active router, last good", no_active_router, "last-good", A),
    ("no active router, all", no_active_router, "all", site.BOTH),
    ("no active router, nodata", no_active_router, "nodata", ""),
    ("preemption", preemption),
    ("leaving", leaving),
    ("restart", restart),
]


def main():
    netlab.needed("keepalived")
    return 1 if netlab.side_by_side(SCENARIOS, at_most=4, seconds=300) else 0


if __name__ == "__main__":
    sys.exit(main())
