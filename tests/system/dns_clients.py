"""DNS clients of the lab: one sends the same query every few milliseconds and records each change of the answer with
its instant (netlab's clock); the other sends single queries from any host and address.
"""
import socket
import threading
import time

import netlab
import support


class Poller:
    """Sends one query again and again from a host, and records each change of the answer with the instant of its
    arrival.

    `changes` is [(instant, answer)]. An answer is the sorted addresses as text, joined by spaces, or "rcode 2" for that
    rcode, or "" for an empty answer. It is "silent" if no reply arrives within `patience`.
    """

    def __init__(self, host, server, name, rrtype="A", port=53, period=0.002, patience=1.0):
        self.server, self.period, self.patience = (server, port), period, patience
        self.question = support.query(name, rrtype, ident=0)[2:]
        self.changes, self.latencies, self.ttls, self.asked = [], [], [], 0
        self.socket = host.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(patience)
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._poll, daemon=True)

    def __enter__(self):
        self.thread.start()
        support.wait_until(lambda: self.changes, 10, "the poller has a first answer")
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(5)
        self.socket.close()

    def _poll(self):
        ident, following = 0, netlab.now()
        while not self.ending.is_set():
            ident = (ident + 1) % 65536
            sent = netlab.now()
            answer, ttl = self._ask(ident)
            came = netlab.now()
            self.asked += 1
            self.latencies.append(came - sent)
            if ttl is not None and (not self.ttls or self.ttls[-1][1] != ttl):
                self.ttls.append((came, ttl))
            if not self.changes or self.changes[-1][1] != answer:
                self.changes.append((came, answer))
            following = max(following + self.period, came)
            netlab.sleep_until(following)

    def _ask(self, ident):
        payload = ident.to_bytes(2, "big") + self.question
        try:
            self.socket.sendto(payload, self.server)
            while True:
                reply = self.socket.recv(4096)
                if reply[:2] == payload[:2]:
                    return read_answer(reply, len(payload))
        except OSError:
            return "silent", None

    @property
    def answer(self):
        return self.changes[-1][1]

    def wait(self, answer, seconds, since=None):
        """The instant at which the answer became this one: of the current answer, or with `since` the first time
        after it."""
        end = netlab.now() + seconds
        while netlab.now() < end:
            changes = self.changes[-1:] if since is None else [change for change in self.changes if change[0] >= since]
            for came, what in changes:
                if what == answer:
                    return came
            time.sleep(0.001)
        raise AssertionError(f"not {answer!r} within {seconds} s: {self.since(since or 0)}")

    def since(self, instant):
        """The changes since this instant, as text."""
        return [
            f"+{came - instant:.3f} s {what!r}" if instant else what for came, what in self.changes if came >= instant
        ]


def read_answer(reply, question_octets):
    """The addresses of the answer section, sorted, and their TTL."""
    rcode, count = reply[3] & 15, int.from_bytes(reply[6:8], "big")
    if rcode:
        return f"rcode {rcode}", None
    addresses, ttl, at = [], None, question_octets
    for _ in range(count):
        while reply[at] and reply[at] < 0xC0:
            at += reply[at] + 1
        at += 2 if reply[at] >= 0xC0 else 1
        rrtype, length = int.from_bytes(reply[at : at + 2], "big"), int.from_bytes(reply[at + 8 : at + 10], "big")
        if rrtype in (1, 28):
            addresses.append(
                socket.inet_ntop(socket.AF_INET if rrtype == 1 else socket.AF_INET6, reply[at + 10 : at + 10 + length])
            )
            ttl = int.from_bytes(reply[at + 4 : at + 8], "big")
        at += 10 + length
    return " ".join(sorted(addresses)), ttl


def ask(host, server, name, rrtype="A", port=53, source=None, timeout=1.0, tries=3, **how):
    """Sends one query from a host. Returns a support.Reply, or None. `source` binds the client to an address of the
    host."""
    payload = support.query(name, rrtype, **how)
    with host.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        if source:
            sock.bind((source, 0))
        for _ in range(tries):
            try:
                sock.connect((server, port))  # a reply from another address does not count
                sock.send(payload)
                while True:
                    reply = sock.recv(65535)
                    if reply[:2] == payload[:2]:
                        return support.Reply(reply)
            except OSError:
                continue
    return None


def addresses_of(reply):
    """The addresses of a Reply, sorted and joined, or "rcode N" if the rcode is not NOERROR."""
    return read_answer(reply.octets, question_end(reply.octets))[0] if reply is not None else "silent"


def question_end(octets):
    at = 12
    while octets[at]:
        at += octets[at] + 1
    return at + 5
