"""Links and routers change all the time, and nobody reads the log. Every decision is published in time, `status`
answers each second, every query is answered, memory stays, and SIGTERM ends the server.

The log is a pipe to a program that does not read, and is full from the start. Routers change by lines in a keepalived
notify FIFO: this test measures from the write of the line to the first answer that shows it. Links change by files. The
server measures all of them from the cause to the publication (`publication_times` of the status).

WAYMARK_FLAP_SECONDS=3600 is the long form. WAYMARK_FLAP_COMMAND="nice -n -15" stands before the server.
"""
import json
import os
import shlex
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path

import lateness
from support import BINARY, SANITIZED, die_with_parent, free_port, full_pipe, memory_kib, query, scale, udp, wait_until

SECONDS = scale("FLAP_SECONDS", 3)
ROUTERS, LINKS = 2, 4
NAMES = 5  # for each router and link
ROUND = 0.2  # seconds: in each, one router and one link change
PUBLISHED = 0.005 * (5 if SANITIZED else 1)  # seconds, 99 % of the decisions
ANSWER = 1.0  # seconds for any answer
STATUS = 0.5  # seconds for a status, on a machine that does other work too
END = 2.0  # seconds from SIGTERM to the end
GROWTH = 2048  # KiB that the memory may grow after a tenth of the time: the allocator's own
FILLED = 300  # seconds until events, journals and histories have reached their limits
FILLING = 6144  # KiB that they take until then, at most
QUICK = 'failback-delay = "0s"\ndampen = { transitions = 1000, within = "1m", hold = "1s" }'
A, B = "203.0.113.10", "198.51.100.10"

ZONE = "$ORIGIN example.com.\n$TTL 60\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\n"


def configuration(directory):
    names, text = [], f'[server]\nstate = "{directory}/state"\n'
    for gw in range(ROUTERS):
        text += f"""
[vrrp.gw-{gw}]
vrid = {51 + gw}
interface = "lo"
vips = ["192.0.2.{101 + gw}"]
routers = {{ rtr-a = "192.0.2.2", rtr-b = "192.0.2.3" }}
sources = ["fifo"]
local-router = "rtr-a"
fifo = "{directory}/notify"
fifo-instance = "VI_{gw}"
flap = {{ transitions = 1000, within = "1s", stable = "1s" }}
"""
    for link in range(LINKS):
        text += f"""
[monitor.path-{link}]
type = "file"
file = "{directory}/path-{link}"
interval = "100ms"
timeout = "10h"
fall = 1
rise = 1
"""
    for kind, count in (("router", ROUTERS), ("link", LINKS)):
        for each in range(count * NAMES):
            name = f"{kind}-{each // NAMES}-{each % NAMES}"
            names.append(name)
            of = [f', router = "gw-{each // NAMES}:rtr-{x}"' for x in "ab"]
            if kind == "link":
                of = [f', monitor = "path-{each // NAMES}"', ""]
            # One name of each has the damping of every day: it stays where it is.
            settings = "" if each % NAMES == NAMES - 1 else QUICK
            text += f"""
[[record]]
name = "{name}.example.com"
type = "A"
{settings}
members = [ {{ name = "a", address = "{A}"{of[0]} }}, {{ name = "b", address = "{B}"{of[1]} }} ]
"""
    zone = ZONE + "".join(f"{name} A {A}\n{name} A {B}\n" for name in names)
    return text, zone


def unread_log():
    """The write end of a full pipe to a program that does not read, and this program."""
    read_end, write_end = full_pipe()
    reader = subprocess.Popen(["sleep", str(SECONDS + 1000)], stdin=read_end, preexec_fn=die_with_parent)
    os.close(read_end)
    return write_end, reader


class Status:
    """One request to the control socket: sent first, read later."""

    def __init__(self, path):
        self.began = time.monotonic()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(5)
        self.socket.connect(str(path))
        self.socket.sendall(b'{"command":"status"}\n')

    def read(self):
        text = b""
        while not text.endswith(b"\n"):
            text += self.socket.recv(1 << 20) or b"\n"
        self.socket.close()
        return time.monotonic() - self.began, json.loads(text)


class Site:
    def __init__(self, directory):
        self.directory = Path(directory)
        (self.directory / "state").mkdir(mode=0o700)
        os.mkfifo(self.directory / "notify")
        self.fifo = os.open(self.directory / "notify", os.O_RDWR | os.O_NONBLOCK)
        self.up = {("router", gw): True for gw in range(ROUTERS)} | {("link", link): True for link in range(LINKS)}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(ANSWER)
        self.asked = 0
        for link in range(LINKS):
            self.write_link(link)
        text, zone = configuration(directory)
        (self.directory / "example.com.zone").write_text(zone)
        (self.directory / "waymark.toml").write_text(text)

    def start(self, log):
        port = free_port()
        self.socket.connect(("127.0.0.1", port))
        command = shlex.split(os.environ.get("WAYMARK_FLAP_COMMAND", "")) + [BINARY, "serve"]
        command += ["-c", self.directory / "waymark.toml", "--listen", f"127.0.0.1:{port}"]
        command += ["--zone", f"example.com={self.directory}/example.com.zone"]
        child = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent)
        probe = query(".", "SOA")
        wait_until(
            lambda: udp("127.0.0.1", port, probe, timeout=0.1, tries=1) or child.poll() is not None, 20, "it answers"
        )
        return child

    def write_link(self, link):
        path = self.directory / f"path-{link}"
        path.with_suffix(".new").write_text("up\n" if self.up["link", link] else "down\n")
        path.with_suffix(".new").rename(path)

    def write_router(self, gw):
        os.write(self.fifo, f'INSTANCE "VI_{gw}" {"MASTER" if self.up["router", gw] else "BACKUP"} 100\n'.encode())

    def turn(self, kind, which):
        self.up[kind, which] = not self.up[kind, which]
        (self.write_router if kind == "router" else self.write_link)(which)

    def answer(self, name):
        """The octets of the answer. Raises socket.timeout without one."""
        self.asked += 1
        ident = self.asked & 0xFFFF
        self.socket.send(query(f"{name}.example.com", ident=ident))
        while True:
            octets = self.socket.recv(4096)
            if struct.unpack("!H", octets[:2])[0] == ident:
                assert octets[3] & 15 == 0 and octets[6:8] != b"\0\0", octets.hex()
                return octets

    def shows(self, kind, which, number=0):
        octets = self.answer(f"{kind}-{which}-{number}")
        wanted, other = (A, B) if self.up[kind, which] else (B, A)
        return socket.inet_aton(wanted) in octets and socket.inet_aton(other) not in octets

    def time_to_show(self, gw):
        """(began, ended): from the line in the FIFO to the first answer."""
        began = time.monotonic()
        self.turn("router", gw)
        while not self.shows("router", gw):
            assert time.monotonic() < began + 5, f"gw-{gw}: a decision was not published within 5 s"
        return began, time.monotonic()


def p99(values):
    """Of fewer than 100 values the second largest: the machine may delay one."""
    return sorted(values)[min(len(values) * 99 // 100, len(values) - 2)]


def flap(site, child, machine):
    times, late, statuses, early, number = [], [], [], None, 0
    began = time.monotonic()
    next_status = next_report = began
    published = {}
    while time.monotonic() < began + SECONDS:
        assert child.poll() is None, child.returncode
        status = Status(site.directory / "state/control.sock") if time.monotonic() >= next_status else None
        site.turn("link", number % LINKS)
        at = site.time_to_show(number % ROUTERS)
        times.append(at[1] - at[0])
        late.append(min(times[-1], machine.between(*at)))
        if status is not None:
            took, reply = status.read()
            statuses.append(took)
            published = reply["server"]["publication_times"]
            next_status += 1
        site.answer("ns")
        if early is None and time.monotonic() > began + SECONDS / 10:
            early = memory_kib(child.pid)["rss"]
        if time.monotonic() > next_report + 300:
            next_report += 300
            print(f"{time.monotonic() - began:.0f} s: {site.asked} answers, {published}", flush=True)
        number += 1
        time.sleep(max(0.0, began + number * ROUND - time.monotonic()))
    return times, late, statuses, early, published


def all_shown(site):
    return all(site.shows(kind, which, n) for kind, which in site.up for n in range(NAMES - 1))


def main():
    log, reader = unread_log()
    with tempfile.TemporaryDirectory(prefix="waymark-flapping-") as directory, lateness.Lateness() as machine:
        site = Site(directory)
        child = site.start(log)
        try:
            for gw in range(ROUTERS):
                site.write_router(gw)
            wait_until(lambda: all_shown(site), 5, "the first decisions")
            times, late, statuses, early, published = flap(site, child, machine)
            wait_until(lambda: all_shown(site), 1, "the last decisions")
            memory = memory_kib(child.pid)["rss"]
            begun = time.monotonic()
            child.send_signal(signal.SIGTERM)
            child.wait(10)
            ended = time.monotonic() - begun
        finally:
            child.kill()
            child.wait()
            reader.kill()
            reader.wait()
            os.close(log)
    own = [each - delay for each, delay in zip(times, late)]
    print(
        f"{SECONDS} s, {published['count']} publications, {site.asked} queries, all answered\n"
        f"line in the FIFO to answer, {len(times)}: p99 {p99(times) * 1e3:.2f} ms, longest {max(times) * 1e3:.2f} ms; "
        f"without the machine's delay p99 {p99(own) * 1e3:.2f} ms, longest {max(own) * 1e3:.2f} ms\n"
        f"cause to publication, as the server says: median {published['median'] * 1e3:.2f} ms, "
        f"p99 {published['p99'] * 1e3:.2f} ms, longest {published['longest'] * 1e3:.2f} ms\n"
        f"{len(statuses)} times status: p99 {p99(statuses) * 1e3:.1f} ms, longest {max(statuses) * 1e3:.1f} ms\n"
        f"memory: {early} KiB after a tenth, {memory} KiB at the end; end {ended:.2f} s after SIGTERM",
        flush=True,
    )
    assert published["count"] >= SECONDS * 5, published
    assert p99(own) < PUBLISHED, p99(own)
    assert published["p99" if published["count"] > 1000 else "median"] < PUBLISHED + p99(late), published
    assert max(statuses) < STATUS, max(statuses)
    fills = 10 * END < SECONDS < 10 * FILLED  # the first measurement is neither at the start nor behind their growth
    assert memory <= early + GROWTH + (FILLING if fills else 0), (early, memory)
    assert ended < END and child.returncode == 0, (ended, child.returncode)


main()
