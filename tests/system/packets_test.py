"""Mutated packets over the socket: no crash, no answer to a response, every reply is complete and within its size
limit, and memory does not grow.

WAYMARK_PACKETS sets the number (a million; 200,000 in a sanitizer build) and WAYMARK_SEED the seed. packet_storm.cpp
sends the packets and checks the replies.
"""
import struct
import subprocess
import sys
from pathlib import Path

from support import SANITIZED, SOURCE, Waymark, memory_kib, query, scale, seed, tool

ROUNDS = 4
GROWTH_KIB = 2048  # after the first round; allocators keep some memory


def seeds():
    """Complete packets of many kinds; the first is the plain query that ends each batch."""
    cookie, nsid, padding = b"\0\x0a\0\x08abcdefgh", b"\0\3\0\0", b"\0\x0c\0\x10" + b"\0" * 16
    yield query("www.example.com", "A")
    for name in (
        "example.com",
        "www.example.com",
        "absent.example.com",
        "a.b.c.d.e.example.com",
        "sub.example.org",
        ".",
        "version.bind",
        "x" * 63 + ".example.com",
        "\\000\\255.example.com",
        "1.2.0.192.in-addr.arpa",
    ):
        for rrtype in ("A", "NS", "SOA", "TXT", "ANY", "DS", "AXFR", "IXFR", "TYPE0", "OPT"):
            yield query(name, rrtype)
        yield query(name, "MX", size=4096, do=True)
        yield query(name, "TXT", size=0)
        yield query(name, "A", size=1232, options=cookie + nsid + padding)
        yield query(name, "A", version=7)
        yield query(name, "TXT", rrclass=3)
        yield query(name, "A", rrclass=255)
    for opcode in range(16):
        yield query("example.com", "SOA", flags=opcode << 11)
    yield query("example.com", "SOA", flags=0x8400)
    plain = query("example.com", "A", size=1232)
    yield plain[:4] + b"\0\2" + plain[6:]
    yield plain + plain[-11:]
    yield b"\0\0\0\0\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1"
    yield b"\0\0\0\0\0\2\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1\xc0\x0c\0\1\0\1"
    yield b"\0\0\x28\0\0\1\0\1\0\1\0\1\7example\3com\0\0\6\0\1" + b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\1\2\3\4" * 3
    yield b"\0\0\0\0\0\1\0\0\0\0\0\1\3www\7example\3com\0\0\1\0\1" + b"\0\0\xfa\0\xff\0\0\0\0\0\x10" + b"\0" * 16


def main():
    count, number = scale("PACKETS", 200000 if SANITIZED else 1000000), seed()
    with Waymark(SOURCE / "zones-example") as server:
        path = Path(server.temporary.name) / "seeds"
        path.write_bytes(b"".join(struct.pack("!H", len(packet)) + packet for packet in seeds()))
        resident = []
        for part in range(ROUNDS):
            done = subprocess.run(
                [tool("packet_storm"), str(server.port), str(count // ROUNDS), str(number + part), path],
                capture_output=True,
                text=True,
            )
            print(done.stdout.strip())
            assert done.returncode == 0, f"packet_storm ended with {done.returncode} (seed {number + part})"
            assert server.process.running(), "the server ended"
            resident.append(memory_kib(server.pid)["rss"])
        print(f"resident after each round: {resident} KiB")
        assert SANITIZED or resident[-1] <= resident[0] + GROWTH_KIB, "memory grows"


if __name__ == "__main__":
    sys.exit(main())
