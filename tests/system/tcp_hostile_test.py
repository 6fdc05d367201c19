"""1,500 hostile TCP connections, from the honest client's address and from others: one octet and then nothing, or pipelines
whose answers are never read; each opened anew when it is closed. Honest clients are all answered, p99 under 100 ms; UDP undisturbed.
"""
import resource
import selectors
import socket
import struct
import threading
import time

from support import SANITIZED, SOURCE, Waymark, memory_kib, query, scale, tcp_read, udp

CONNECTIONS = scale("HOSTILE", 1500)
SECONDS = scale("HOSTILE_SECONDS", 8)
NAME = "www.example.com"
OPEN_STATES = (1, 2)   # of TCP_INFO: established, connecting
P99_MS = 2000 if SANITIZED else 100


class Hostile(threading.Thread):
    """Keeps its connections open against the server's will, opening at most 2,000 a second."""

    def __init__(self, server, payload, sources):
        super().__init__(daemon=True)
        self.target, self.payload, self.sources = (server.address, server.port), payload, sources
        self.stop, self.opened, self.standing = threading.Event(), 0, 0

    def open(self, number):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.bind((self.sources[number % len(self.sources)], 0))
        sock.connect_ex(self.target)
        self.opened += 1
        return sock

    def run(self):
        selector, sockets = selectors.DefaultSelector(), []
        while not self.stop.is_set():
            time.sleep(0.01)
            for _ in range(20):
                if len(sockets) < CONNECTIONS:
                    sock = self.open(self.opened)
                    selector.register(sock, selectors.EVENT_WRITE)
                    sockets.append(sock)
            for key, _ in selector.select(0):
                try:
                    key.fileobj.send(self.payload)
                    selector.unregister(key.fileobj)
                except OSError:
                    selector.unregister(key.fileobj)
                    sockets.remove(key.fileobj)
                    key.fileobj.close()
            self.standing = max(self.standing, len(sockets))
            if len(sockets) == CONNECTIONS:   # find those that were closed by the server
                for sock in list(sockets):
                    if sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] not in OPEN_STATES:
                        sockets.remove(sock)
                        if sock.fileno() in selector.get_map():
                            selector.unregister(sock)
                        sock.close()
                time.sleep(0.05)
        for sock in sockets:
            sock.close()


def honest(server, seconds):
    """A TCP and a UDP question every 20 ms; the milliseconds of each."""
    over_tcp, over_udp, failures = [], [], []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        payload = query(NAME)
        begun = time.monotonic()
        try:
            with socket.create_connection((server.address, server.port), timeout=5) as sock:
                sock.sendall(struct.pack("!H", len(payload)) + payload)
                assert tcp_read(sock)[:2] == payload[:2]
            over_tcp.append((time.monotonic() - begun) * 1000)
        except (OSError, EOFError) as error:
            failures.append(f"tcp {error!r}")
        begun = time.monotonic()
        if udp(server.address, server.port, query(NAME), timeout=1, tries=1) is None:
            failures.append("udp no reply")
        over_udp.append((time.monotonic() - begun) * 1000)
        time.sleep(0.02)
    return sorted(over_tcp), sorted(over_udp), failures


def percentile(sorted_values, part):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * part))]


def story(server, name, payload, sources):
    before = memory_kib(server.pid)["rss"]
    hostile = Hostile(server, payload, sources)
    hostile.start()
    time.sleep(2)
    over_tcp, over_udp, failures = honest(server, SECONDS)
    during = memory_kib(server.pid)["rss"]
    hostile.stop.set()
    hostile.join(10)
    print(f"{name}: {hostile.opened} hostile opened, {hostile.standing} at once; honest tcp {len(over_tcp)} answered, {len(failures)} failed, "
          f"p50 {percentile(over_tcp, .5):.1f} ms p99 {percentile(over_tcp, .99):.1f} ms max {over_tcp[-1]:.1f}; "
          f"udp p99 {percentile(over_udp, .99):.1f} ms max {over_udp[-1]:.1f}; rss {before} -> {during} KiB")
    assert not failures, failures[:10]
    assert percentile(over_tcp, .99) < P99_MS
    assert percentile(over_udp, .99) < P99_MS
    assert SANITIZED or during < before + 128 * 1024
    print(f"ok {name}")


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    unread = (struct.pack("!H", len(query(NAME, "ANY"))) + query(NAME, "ANY")) * 4000
    same, others = ["127.0.0.1"], [f"127.0.{i // 250}.{i % 250 + 2}" for i in range(CONNECTIONS)]
    with Waymark(SOURCE / "zones-example") as server:
        story(server, "one octet, same address", b"\0", same)
        story(server, "never reading, same address", unread, same)
        story(server, "one octet, other addresses", b"\0", others)
        story(server, "never reading, other addresses", unread, others)


main()
