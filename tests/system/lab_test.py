"""Tests the lab itself, without the server: its faults have the described effect, its routers fail over, and the lab
leaves nothing behind.

A failure here is a fault of the lab or of the machine. It makes all other figures of the failover tests worthless.
"""
import os
import socket
import sys
import time

import adverts
import netlab
import routers
import support

FRAMES = 200


def received(sender, receiver, address, count=1):
    """The number of `count` datagrams that arrive."""
    with receiver.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear, sender.socket(
        socket.AF_INET, socket.SOCK_DGRAM
    ) as mouth:
        ear.bind((address, 9999))
        ear.settimeout(0.3)
        for _ in range(count):
            try:
                mouth.sendto(b"x", (address, 9999))
            except OSError:
                pass
        arrived_count = 0
        try:
            while arrived_count < count:
                arrived_count += len(ear.recv(16))
        except OSError:
            pass
        return arrived_count


def carrier(host, interface="eth0"):
    return "LOWER_UP" in host.run("ip", "link", "show", interface)


def faults():
    with netlab.Lab() as lab:
        switch = lab.switch("lan")
        a, b, c = (lab.host(name).plug(switch, "eth0", f"192.0.2.{number}/24") for number, name in enumerate("abc", 2))
        assert received(a, b, "192.0.2.3") == 1 and received(a, c, "192.0.2.4") == 1
        switch.disable(a)
        assert received(a, b, "192.0.2.3") == 0 and carrier(a), "a disabled port is silent and keeps its carrier"
        switch.enable(a)
        assert received(a, b, "192.0.2.3") == 1
        switch.pull(a)
        support.wait_until(lambda: not carrier(a), 2, "an unplugged cable has no carrier")
        switch.push(a)
        support.wait_until(lambda: received(a, b, "192.0.2.3") == 1, 2, "a plugged cable carries")
        switch.drop("ip protocol udp", a, b)
        assert received(a, b, "192.0.2.3") == 0 and received(a, c, "192.0.2.4") == 1, "one wire is cut"
        other = lab.switch("other")
        other.drop("ip protocol udp")
        switch.repair()
        assert received(a, b, "192.0.2.3") == 1, "a fault affects one switch only"
        switch.lose(30, "ip protocol udp")
        arrived = received(a, b, "192.0.2.3", FRAMES)
        assert 0.55 * FRAMES < arrived < 0.85 * FRAMES, f"{arrived} of {FRAMES} arrived at 30 % loss"
        print(f"faults: silent port, unplugged cable, cut wire; {arrived} of {FRAMES} arrived at 30 % loss")


def advertisements():
    """The advertisements of adverts.py equal keepalived's, octet for octet."""
    with netlab.Lab() as lab:
        switch = lab.switch("lan")
        a = lab.host("a").plug(switch, "eth0", "192.0.2.2/24")
        ear = lab.host("ear").plug(switch, "eth0", "192.0.2.9/24")
        with ear.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(adverts.ETHER_IPV4)) as wire:
            wire.settimeout(5)
            for version, interval in ((2, 1), (3, 0.5)):
                router = routers.Keepalived(lab, a, routers.Instance(priority=200, version=version, interval=interval))
                router.start()
                packet = wire.recv(2048)
                while packet[9] != adverts.PROTOCOL or packet[20] >> 4 != version:
                    packet = wire.recv(2048)
                expected = adverts.message(
                    version=version,
                    priority=200,
                    interval=interval if version == 2 else round(interval * 100),
                    source="192.0.2.2",
                    target=adverts.GROUP4,
                )
                assert packet[20:] == expected, (packet.hex(), expected.hex())
                router.end()
    print("advertisements: v2 and v3 equal keepalived's")


def failover(kind):
    """The backup holds the address after each fault, and the first router takes it back."""
    with netlab.Lab() as lab:
        switch = lab.switch("lan")
        a, b = (lab.host(name).plug(switch, "eth0", f"192.0.2.{number}/24") for number, name in enumerate("ab", 2))
        if kind == "frr":
            first = routers.Frr(lab, a, priority=200, interval_ms=100)
        else:
            first = routers.Keepalived(lab, a, routers.Instance(priority=200, interval=0.1, vmac=kind == "vmac"))
        second = routers.Keepalived(lab, b, routers.Instance(priority=100, interval=0.1))
        second.start()
        first.start()
        time.sleep(1)
        support.wait_until(lambda: not second.has("192.0.2.1"), 5, "the first router is active")
        began = {
            "cut": lambda: switch.disable(a),
            "stop": lambda: first.stop(),
            "kill": lambda: first.kill(),
            "vmac": lambda: switch.pull(a),
            "frr": lambda: first.shutdown(),
        }[kind]()
        support.wait_until(lambda: second.has("192.0.2.1"), 5, "the second router is active")
        print(f"failover after {kind}: the backup has the address after {1e3 * (netlab.now() - began):.0f} ms")
        if kind == "kill":
            assert first.has("192.0.2.1"), "a killed router keeps its address"
        if kind in ("cut", "vmac"):
            (switch.enable if kind == "cut" else switch.push)(a)
        elif kind != "frr":
            first.restart()
        if kind != "frr":
            support.wait_until(lambda: not second.has("192.0.2.1"), 5, "the first router takes it back", first.process)


def split_brain():
    with netlab.Lab() as lab:
        switch = lab.switch("lan")
        a, b = (lab.host(name).plug(switch, "eth0", f"192.0.2.{number}/24") for number, name in enumerate("ab", 2))
        first, second = (
            routers.Keepalived(lab, host, routers.Instance(priority=priority, interval=0.1))
            for host, priority in ((a, 200), (b, 100))
        )
        first.start()
        second.start()
        support.wait_until(lambda: first.has("192.0.2.1"), 5, "the first router is active")
        netlab.split(switch, a, b)
        support.wait_until(lambda: first.has("192.0.2.1") and second.has("192.0.2.1"), 5, "both are active")
        switch.repair()
        support.wait_until(lambda: first.has("192.0.2.1") and not second.has("192.0.2.1"), 5, "one is active again")
    print("split brain: created and repaired")


def main():
    netlab.needed("keepalived", "tcpdump")
    before = set(os.listdir("/proc"))
    kinds = ["cut", "stop", "kill", "vmac", *(["frr"] if os.path.exists("/usr/lib/frr/vrrpd") else [])]
    scenarios = [("faults", faults), ("advertisements", advertisements), ("split brain", split_brain)]
    failed = netlab.side_by_side(
        [*scenarios, *((f"failover {kind}", failover, kind) for kind in kinds)], at_most=4, seconds=100
    )
    left = [name for name in os.listdir("/proc") if name.isdigit() and name not in before and routers_of(name)]
    assert not left, f"left behind: {left}"
    return 1 if failed else 0


def routers_of(pid):
    """True if a process that this test started is a router."""
    try:
        with open(f"/proc/{pid}/environ") as environment, open(f"/proc/{pid}/comm") as name:
            return f"WAYMARK_LAB={os.getpid()}" in environment.read() and name.read().strip() in (
                "keepalived",
                "zebra",
                "vrrpd",
            )
    except OSError:
        return False


if __name__ == "__main__":
    os.environ["WAYMARK_LAB"] = str(os.getpid())
    sys.exit(main())
