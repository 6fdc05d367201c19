"""Replies in a form that can be compared, and many queries at once over one UDP socket.

`decode` reads a whole message strictly: pointers only backwards, no trailing octets, no duplicate record. It returns
sections of (owner in lower case, type, class, TTL, RDATA), where names in RDATA are uncompressed and in lower case (RFC
4034 6.2).
"""
import select
import socket
import struct
import time
from collections import namedtuple

Record = namedtuple("Record", "owner type rrclass ttl rdata")
Message = namedtuple("Message", "ident flags rcode aa tc question answer authority additional opt")

# Layout of RDATA with names: a number is that many octets, n a name, s a string, * the rest.
NAMES_IN_RDATA = {
    2: "n",
    3: "n",
    4: "n",
    5: "n",
    6: "nn*",
    7: "n",
    8: "n",
    9: "n",
    12: "n",
    14: "nn",
    15: "2n",
    17: "nn",
    18: "2n",
    21: "2n",
    26: "2nn",
    33: "6n",
    35: "4sssn",
    36: "2n",
    39: "n",
    46: "99n*",
    47: "n*",
    64: "2n*",
    65: "2n*",
}
FOLD = bytes(range(65)) + bytes(range(97, 123)) + bytes(range(91, 256))


class Malformed(Exception):
    pass


def read_name(octets, at):
    """(name in lower case and uncompressed, offset after it)."""
    out, end, limit = b"", None, at
    while True:
        size = octets[at]
        if size >= 0xC0:
            pointer = (size & 0x3F) << 8 | octets[at + 1]
            end = at + 2 if end is None else end
            if pointer >= limit:
                raise Malformed("a compression pointer that does not point backwards")
            at = limit = pointer
        elif size > 63:
            raise Malformed(f"label type {size >> 6}")
        else:
            out += octets[at : at + 1 + size].translate(FOLD)
            at += 1 + size
            if len(out) > 255:
                raise Malformed("a name over 255 octets")
            if size == 0:
                return out, at if end is None else end


def read_rdata(octets, at, size, rrtype):
    layout, end = NAMES_IN_RDATA.get(rrtype), at + size
    if end > len(octets):
        raise Malformed("rdata after the end of the message")
    if layout is None:
        return octets[at:end]
    out = b""
    for part in layout:
        if part == "n":
            name, at = read_name(octets, at)
            out += name
        elif part == "s":
            out += octets[at : at + 1 + octets[at]]
            at += 1 + octets[at]
        elif part == "*":
            out += octets[at:end]
            at = end
        else:
            out += octets[at : at + int(part)]
            at += int(part)
    if at != end:
        raise Malformed(f"rdata of type {rrtype} does not match its length")
    return out


def decode(octets, twice_allowed=False):
    try:
        ident, flags, questions, *counts = struct.unpack_from("!HHHHHH", octets)
        at, question = 12, []
        for _ in range(questions):
            name, at = read_name(octets, at)
            question.append((name, *struct.unpack_from("!HH", octets, at)))
            at += 4
        sections, opt, rcode = [], None, flags & 15
        for count in counts:
            section = []
            for _ in range(count):
                owner, at = read_name(octets, at)
                rrtype, rrclass, ttl, size = struct.unpack_from("!HHIH", octets, at)
                record = Record(owner, rrtype, rrclass, ttl, read_rdata(octets, at + 10, size, rrtype))
                at += 10 + size
                if rrtype == 41:
                    if opt is not None or len(sections) != 2:
                        raise Malformed("OPT twice or outside the additional section")
                    opt, rcode = record, rcode | ttl >> 24 << 4
                else:
                    section.append(record)
            if len(set(section)) != len(section) and not twice_allowed:
                raise Malformed("a duplicate record in a section")
            sections.append(frozenset(section))
        if at != len(octets):
            raise Malformed(f"{len(octets) - at} octets after the last record")
    except (IndexError, struct.error) as error:
        raise Malformed("the message ends too early") from error
    return Message(ident, flags, rcode, bool(flags & 0x0400), bool(flags & 0x0200), tuple(question), *sections, opt)


class Asker:
    """Sends payloads to one server over one socket, `window` in flight. If the server does not answer for
    STALL_SECONDS, it is restarted where possible (`server.restart`), and the queries in flight are lost."""

    STALL_SECONDS = 8.0
    RESTARTS_MAX = 20

    def __init__(self, server, window=64, timeout=1.0, tries=8):
        self.server, self.window, self.timeout, self.tries = server, window, timeout, tries
        self.restarts = 0
        self.sock = None
        self.open()

    def open(self):
        self.close()
        self.sock = socket.socket(socket.AF_INET6 if ":" in self.server.address else socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.connect((self.server.address, self.server.port))
        self.sock.setblocking(False)

    def close(self):
        if self.sock:
            self.sock.close()

    def ask_all(self, payloads):
        """Replies (None: no reply) in the order of `payloads`. Each payload gets a new ID in its first two octets."""
        assert len(payloads) <= 65536
        replies, flying, upcoming = [None] * len(payloads), {}, iter(range(len(payloads)))
        exhausted, last_reply = False, time.monotonic()
        while True:
            while not exhausted and len(flying) < self.window:
                index = next(upcoming, None)
                if index is None:
                    exhausted = True
                else:
                    self.send(index, payloads[index])
                    flying[index] = (time.monotonic(), 1)
            if not flying:
                return replies
            if select.select([self.sock], [], [], self.timeout)[0]:
                self.receive(replies, flying)
                last_reply = time.monotonic()
            elif time.monotonic() - last_reply > self.STALL_SECONDS:
                self.revive()
                flying.clear()
                last_reply = time.monotonic()
            else:
                self.again(payloads, flying)

    def revive(self):
        self.restarts += 1
        if not hasattr(self.server, "restart") or self.restarts > self.RESTARTS_MAX:
            raise AssertionError(f"{type(self.server).__name__} no longer answers")
        self.server.restart()
        self.open()

    def send(self, index, payload):
        try:
            self.sock.send(struct.pack("!H", index) + payload[2:])
        except (BlockingIOError, ConnectionRefusedError):
            pass  # repeated after the timeout

    def receive(self, replies, flying):
        try:
            while flying:
                octets = self.sock.recv(65535)
                index = octets[0] << 8 | octets[1] if len(octets) >= 2 else -1
                if flying.pop(index, None) is not None:
                    replies[index] = octets
        except (BlockingIOError, ConnectionRefusedError):
            pass

    def again(self, payloads, flying):
        now = time.monotonic()
        for index, (sent, tries) in list(flying.items()):
            if now - sent >= self.timeout:
                if tries == self.tries:
                    del flying[index]
                else:
                    flying[index] = (now, tries + 1)
                    self.send(index, payloads[index])
