"""The sources of VRRP evidence with a real kernel: packet socket, groups, netlink and FIFO, in separate namespaces.

The namespaces of an observer and a router are on one wire, with advertisements made by hand. The test skips without
root.
"""
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import netlab  # noqa: E402
from support import need, skip, tool  # noqa: E402

OBSERVER, ROUTER = f"vrl{os.getpid()}o", f"vrl{os.getpid()}r"

SENDER = r"""
import socket, struct, sys, time
def csum(d):
    t = sum(struct.unpack("!%dH" % (len(d) // 2), d))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
source, target, vip = sys.argv[1:4]
priority, count, ttl, leaves = map(int, sys.argv[4:8])
INTERVAL = 100   # the advertised second; the script sends ten times as often, because a busy machine delays some
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)
s.bind((source, 0))
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, ttl)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
def message(p):
    m = struct.pack("!BBBBHH", 0x31, 51, p, 1, INTERVAL, 0) + socket.inet_aton(vip)
    pseudo = socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!BBH", 0, 112, len(m))
    return m[:6] + struct.pack("!H", csum(pseudo + m)) + m[8:]
for i in range(count):
    s.sendto(message(priority), (target, 0))
    time.sleep(0.1)
if leaves:
    s.sendto(message(0), (target, 0))
"""


def run(*words):
    subprocess.run(words, check=True, timeout=20)


def inside(namespace, *words):
    run("ip", "netns", "exec", namespace, *words)


def send(namespace, source, priority=200, target="224.0.0.18", count=10, ttl=255, vip="192.0.2.1", leaves=False):
    numbers = (str(int(number)) for number in (priority, count, ttl, leaves))
    inside(namespace, "/usr/bin/python3", "-c", SENDER, source, target, vip, *numbers)


def watch(seconds, sources, during, *more, as_nobody=False):
    """The lines that the monitor prints while `during` runs, without their times."""
    command = ["ip", "netns", "exec", OBSERVER]
    if as_nobody:
        command += [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=-all",
            "--bounding-set=-all",
        ]
    command += [str(tool("vrrp_monitor")), "wire", str(seconds), sources, "192.0.2.1", "192.0.2.2,192.0.2.3", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    ended = threading.Timer(seconds + 20, process.kill)
    ended.start()
    try:
        head = []
        for line in process.stdout:
            head.append(line)
            if line.split(maxsplit=1)[1].startswith("ready"):
                break
        time.sleep(0.2)
        during()
        rest, _ = process.communicate()
    finally:
        ended.cancel()
    assert process.returncode == 0, process.returncode
    lines = [
        line.split(" ", 1)[1].strip() if line[0].isdigit() else line.strip()
        for line in "".join(head).splitlines() + rest.splitlines()
    ]
    print("  " + "\n  ".join(lines), flush=True)
    return lines


def states(lines):
    return [line.split(" | ")[0] for line in lines if " | " in line]


def counted(lines, what):
    return int(next((line.split()[2] for line in lines if line.startswith(f"why {what} ")), 0))


def make_wire(pause=0.5):
    run("ip", "link", "add", "wire", "netns", OBSERVER, "type", "veth", "peer", "name", "wire", "netns", ROUTER)
    for namespace, addresses in ((OBSERVER, ["192.0.2.2/24"]), (ROUTER, ["192.0.2.3/24", "192.0.2.66/24"])):
        for address in addresses:
            run("ip", "-n", namespace, "address", "add", address, "dev", "wire")
        run("ip", "-n", namespace, "link", "set", "wire", "up")
        run("ip", "-n", namespace, "link", "set", "lo", "up")
    time.sleep(pause)


def receives_another():
    lines = watch(9, "passive", lambda: send(ROUTER, "192.0.2.3", count=10, leaves=True))
    assert states(lines) == ["ACTIVE b", "RELEASING b", "NO_ACTIVE -"], states(lines)
    assert "accepted 11 lost 0 outgoing 0" in lines


def receives_its_own():
    lines = watch(4, "passive", lambda: send(OBSERVER, "192.0.2.2"))
    assert states(lines)[0] == "ACTIVE a", states(lines)
    assert "accepted 10 lost 0 outgoing 10" in lines


def rejects():
    def during():
        send(ROUTER, "192.0.2.3", count=3)
        send(ROUTER, "192.0.2.66", priority=254, count=3)
        send(ROUTER, "192.0.2.3", priority=254, count=2, ttl=254)
        send(ROUTER, "192.0.2.3", priority=254, count=4, vip="192.0.2.9")
        send(ROUTER, "192.0.2.3", priority=254, count=5, target="192.0.2.2")

    lines = watch(8, "passive", during)
    assert [counted(lines, what) for what in ("source", "ttl", "vips", "destination")] == [3, 2, 4, 5]
    assert states(lines)[0] == "ACTIVE b" and "accepted 3 lost 0 outgoing 0" in lines


def receives_unicast():
    lines = watch(4, "passive", lambda: send(ROUTER, "192.0.2.3", target="192.0.2.2"), "unicast")
    assert states(lines)[0] == "ACTIVE b" and "accepted 10 lost 0 outgoing 0" in lines


def follows_netlink():
    def during():
        run("ip", "-n", OBSERVER, "address", "add", "192.0.2.1/32", "dev", "wire")
        time.sleep(0.3)
        run("ip", "-n", ROUTER, "link", "set", "wire", "down")
        time.sleep(0.3)
        run("ip", "-n", ROUTER, "link", "set", "wire", "up")
        time.sleep(0.3)
        run("ip", "-n", OBSERVER, "address", "del", "192.0.2.1/32", "dev", "wire")

    lines = watch(5, "netlink", during, "local=a", as_nobody=True)
    assert states(lines) == ["ACTIVE b", "ACTIVE a", "ACTIVE b", "ACTIVE a", "FLAPPING b"], states(lines)


def reports_the_missing_right():
    lines = watch(1, "passive", lambda: None, as_nobody=True)
    assert any(
        line.startswith("fault wire: packet socket: Operation not permitted (CAP_NET_RAW") for line in lines
    ) and not states(lines), lines


def follows_the_fifo():
    with tempfile.TemporaryDirectory() as directory:
        fifo, snapshot = f"{directory}/notify", f"{directory}/keepalived.json"
        os.mkfifo(fifo)
        held = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        os.write(held, b'INSTANCE "VI_1" MASTER 200\n')
        Path(snapshot).write_text('[{"data":{"iname":"VI_1","state":1}}]')

        def during():
            os.write(held, b'GROUP "VG" MASTER 0\nINSTANCE "VI_2" FAULT 0\nINSTANCE "VI_1" MAS')
            time.sleep(0.1)
            os.write(held, b'TER 200\n')
            time.sleep(0.2)
            os.write(held, b'INSTANCE "VI_1" STOP 200\n')
            os.unlink(fifo)  # as keepalived does when it is reloaded
            os.mkfifo(fifo)
            anew.append(os.open(fifo, os.O_RDWR | os.O_NONBLOCK))
            os.write(anew[0], b'INSTANCE "VI_1" MASTER 200\n')

        anew = []
        lines = watch(4, "fifo", during, "local=a", f"fifo={fifo}", f"snapshot={snapshot}")
        assert states(lines) == ["ACTIVE b", "ACTIVE a", "ACTIVE b", "ACTIVE a"], states(lines)
        os.close(held)
        os.close(anew[0])
        os.unlink(fifo)

        def appears():
            os.mkfifo(fifo)
            writer = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
            os.write(writer, b'INSTANCE "VI_1" MASTER 200\n')
            time.sleep(3)
            os.close(writer)

        lines = watch(5, "fifo", appears, "local=a", f"fifo={fifo}")
        assert (
            any("No such file" in line for line in lines)
            and f"recovered {fifo}" in lines
            and states(lines) == ["ACTIVE a"]
        ), lines


def survives_a_removed_interface():
    def during():
        send(ROUTER, "192.0.2.3", count=3)
        run("ip", "-n", OBSERVER, "link", "del", "wire")
        time.sleep(0.5)
        make_wire()
        time.sleep(1)
        send(ROUTER, "192.0.2.3", count=3)
        for _ in range(21):  # one more than the memberships of a socket
            run("ip", "-n", OBSERVER, "link", "del", "wire")
            make_wire(0.15)
        groups = subprocess.run(
            ["ip", "-n", OBSERVER, "maddress", "show", "dev", "wire"], capture_output=True, text=True, check=True
        ).stdout
        assert "224.0.0.18" in groups and "ff02::12" in groups, groups

    lines = watch(12, "passive", during)
    assert states(lines)[:3] == ["ACTIVE b", "UNKNOWN -", "ACTIVE b"], states(lines)
    assert "fault wire: no such interface" in lines and "recovered wire" in lines


def main():
    need("ip", "setpriv")
    if os.geteuid() != 0:
        skip("network namespaces take root")
    if subprocess.run(["ip", "netns", "add", OBSERVER], capture_output=True).returncode != 0:
        skip("no network namespaces here")
    try:
        os.setpriority(os.PRIO_PROCESS, 0, netlab.PRIORITY)
        run("ip", "netns", "add", ROUTER)
        make_wire()
        for test in (
            receives_another,
            receives_its_own,
            rejects,
            receives_unicast,
            follows_netlink,
            reports_the_missing_right,
            follows_the_fifo,
            survives_a_removed_interface,
        ):
            print(test.__name__, flush=True)
            test()
    finally:
        for namespace in (OBSERVER, ROUTER):
            subprocess.run(["ip", "netns", "delete", namespace], capture_output=True)


if __name__ == "__main__":
    main()
