"""A zone of 100,000 names is reloaded 100 times under steady load. Every query gets a correct answer, and memory does
not grow. A broken file between the reloads changes nothing. All zones of a reload change at the same moment.

Each version of the zone has its number in the serial and in every address, so the test detects an answer that mixes two
versions.
"""
import os
import socket
import struct
import tempfile
import threading
import time
from pathlib import Path

from support import SANITIZED, Waymark, memory_kib, query, scale, udp, wait_until

NAMES = scale("RELOAD_NAMES", 5_000 if SANITIZED else 100_000)
RELOADS = scale("RELOADS", 10 if SANITIZED else 100)
GROWTH_MAX = 1.5  # if every version remained, the factor would be fifty


def zone_text(version):
    address = f"10.{version // 250}.{version % 250}.1"
    head = f"$TTL 300\n@ SOA ns h {version} 1 1 1 1\n@ NS ns\nns A {address}\n"
    return head + "".join(f"h{i} A {address}\n" for i in range(NAMES))


def replace(path, text):
    path.with_suffix(".new").write_text(text)
    os.rename(path.with_suffix(".new"), path)


def serial(server, zone="big"):
    reply = server.ask(zone, "SOA")
    return reply.answer[0][0].serial if reply.answer else None


class Load(threading.Thread):
    """Sends queries one after the other. Each must be answered within a second, and is not repeated."""

    def __init__(self, server, number):
        super().__init__(daemon=True)
        self.server, self.number, self.stop = server, number, threading.Event()
        self.asked = self.lost = self.wrong = self.backwards = 0
        self.slowest = 0.0

    def run(self):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(1)
        sock.connect((self.server.address, self.server.port))
        last, i = 0, self.number
        while not self.stop.is_set():
            i = (i * 48271 + 11) % 2147483647
            payload = query(f"h{i % NAMES}.big", ident=i & 0xFFFF)
            begun = time.monotonic()
            self.asked += 1
            sock.send(payload)
            try:
                reply = sock.recv(4096)
            except socket.timeout:
                self.lost += 1
                continue
            self.slowest = max(self.slowest, time.monotonic() - begun)
            a, b, c, d = reply[-4:]
            version = b * 250 + c
            if (
                reply[:2] != payload[:2]
                or reply[3] & 15
                or struct.unpack("!H", reply[6:8])[0] != 1
                or (a, d) != (10, 1)
            ):
                self.wrong += 1
            elif version < last:
                self.backwards += 1
            last = version
            time.sleep(0.0005)


def main():
    with tempfile.TemporaryDirectory(prefix="waymark-reload-") as name:
        directory = Path(name)
        big, small = directory / "big.zone", directory / "small.zone"
        replace(big, zone_text(1))
        replace(small, zone_text(1)[:200].rsplit("\n", 1)[0] + "\n")
        with Waymark(directory, workers=1) as server:
            loads = [Load(server, number) for number in (1, 2)]
            for load in loads:
                load.start()
            # after each reload; one or two versions are live at that moment, so the test compares the minima
            memory = []
            for version in range(2, RELOADS + 2):
                replace(big, zone_text(version))
                server.hangup()
                wait_until(lambda: serial(server) == version, 30, f"the answer has version {version}", server.process)
                if version == RELOADS // 2:
                    broken = zone_text(version + 1).splitlines(keepends=True)
                    broken[NAMES // 2] = "h1 A 10.0.0.256\n"
                    replace(big, "".join(broken))
                    server.hangup()
                    wait_until(
                        lambda: f"serving the old version, serial {version}" in server.process.output(),
                        30,
                        "the log reports the broken file",
                        server.process,
                    )
                    assert serial(server) == version
                memory.append(memory_kib(server.pid)["anonymous"])
            quarter = RELOADS // 4
            settled, grown = min(memory[quarter : 2 * quarter]), min(memory[-quarter:])
            for load in loads:
                load.stop.set()
            for load in loads:
                load.join(5)
            asked, lost = sum(load.asked for load in loads), sum(load.lost for load in loads)
            wrong, backwards = sum(load.wrong for load in loads), sum(load.backwards for load in loads)
            print(
                f"{RELOADS} reloads of {NAMES} names: {asked} asked, {lost} unanswered, {wrong} wrong, "
                f"{backwards} older than before, "
                f"slowest {max(load.slowest for load in loads) * 1000:.0f} ms; memory {settled} -> {grown} KiB"
            )
            assert asked > RELOADS and lost == 0 and wrong == 0 and backwards == 0
            assert grown < settled * GROWTH_MAX
            small.unlink()
            replace(directory / "new.zone", "$TTL 300\n@ SOA ns h 7 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n")
            server.hangup()
            wait_until(lambda: server.ask("new", "SOA").rcode == 0, 10, "the new zone is served", server.process)
            assert server.ask("small", "SOA").rcode == 5, "a query for a removed zone gets REFUSED"
    print("ok")


main()
