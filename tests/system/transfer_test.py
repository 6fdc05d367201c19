"""Zone transfers (AXFR, IXFR) from Waymark: dig, kdig and `waymark query` read whole zones, and BIND, NSD and
Knot are secondaries that follow a failover when they refresh the zone, configured as docs/secondaries.md shows.
"""
import random
import re
import socket
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from pages import Page
from peers import Knotd, Named, Nsd
from steered import ZONE, World, addresses, serial
from support import SOURCE, Waymark, need, query, run, seed, udp, wait_until, wire_name

A, B = ["203.0.113.10"], ["198.51.100.10"]
SECRET = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
REFRESH = 2  # seconds, of the SOA, as on the page
FOLLOWS = 15  # seconds for a secondary: BIND and Knot spread their refreshes
PAGE = Page(SOURCE / "docs/secondaries.md")


def shown(argument, language="text"):
    """A block of the page."""
    return next(b.text for b in PAGE.blocks() if (b.language, b.argument) == (language, argument))


def records(text):
    """The records of a master file or of dig, sorted: owner, TTL, type and RDATA. The SOA once."""
    lines = (line.split(None, 4) for line in text.splitlines() if line and not line.startswith(";"))
    return sorted({(owner.lower(), ttl, rrtype, " ".join(rdata.split())) for owner, ttl, _, rrtype, rdata in lines})


def canonical(path, origin):
    code, out, err = run("fmt", "--canonical", "--zone", origin, path)
    assert code == 0, err
    return records(out)


def large_zone(path):
    chosen = random.Random(seed())
    names = [f"h{i}" if i % 7 else f"MiXed{i}.sub{i % 50}" for i in range(30_000)]
    lines = [f"{name} A 10.{i >> 16}.{i >> 8 & 255}.{i & 255}\n" for i, name in enumerate(names)]
    lines += [f'many TXT "{chosen.random()}"\n' for _ in range(2000)]
    lines += ["cut NS ns.cut\nns.cut A 192.0.2.1\nocculted.cut A 192.0.2.2\n*.wild MX 5 mail\n"]
    head = "$ORIGIN big.example.\n$TTL 300\n@ SOA ns h 1 3600 600 86400 60\n@ NS ns\nns A 192.0.2.53\n"
    path.write_text(head + "".join(lines))


def test_dig_and_kdig(dig, kdig):
    with tempfile.TemporaryDirectory(prefix="waymark-transfer-") as directory:
        path = Path(directory)
        large_zone(path / "big.example.zone")
        (path / "waymark.toml").write_text(
            f"""[server]
zones = ["big.example.zone"]
control = "control.sock"
[key."backup.example"]
algorithm = "hmac-sha256"
secret = "{SECRET}"
[acl.backup]
keys = "backup.example"
operations = "transfer"
[[zone]]
name = "big.example"
acl = "backup"
"""
        )
        expected = canonical(path / "big.example.zone", "big.example")
        assert len(expected) > 32_000, len(expected)
        with Waymark("-c", path / "waymark.toml") as server:
            for program, switches in ((dig, ["+noall", "+answer"]), (kdig, ["+noall", "+answer"])):
                words = [program, f"@{server.address}", "-p", str(server.port), "big.example", "AXFR", *switches]
                begun = time.monotonic()
                done = subprocess.run(
                    [*words, "-y", f"hmac-sha256:backup.example:{SECRET}"], capture_output=True, text=True, timeout=60
                )
                took = time.monotonic() - begun
                assert records(done.stdout) == expected, (program, len(records(done.stdout)), done.stderr[-500:])
                print(f"{Path(program).name}: {len(expected)} records in {took * 1e3:.0f} ms")
                refused = subprocess.run(words, capture_output=True, text=True, timeout=60)
                assert not records(refused.stdout), refused.stdout[:500]
            words = ["query", "big.example", "AXFR", f"@{server.address}:{server.port}"]
            code, out, err = run(*words, "-y", f"hmac-sha256:backup.example:{SECRET}")
            assert code == 0 and records(out) == expected and not err, (code, out[-300:], err)
            code, out, err = run(*words)
            assert code == 4 and "REFUSED" in out and "Prohibited" in out, (code, out, err)
            code, out, err = run(*words, "-y", f"hmac-sha256:other.example:{SECRET}")
            assert code == 1 and "BADKEY" in err, (code, out, err)


def rr(owner, rrtype, rdata):
    return wire_name(owner) + struct.pack("!HHIH", rrtype, 1, 300, len(rdata)) + rdata


class Primary:
    """Answers each connection with the messages of a row, and closes it."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.messages = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.listener.accept()
            with connection:
                request = connection.recv(512)[2:]
                for number, (flags, sections) in enumerate(self.messages):
                    question = request[12 : 12 + len(wire_name("example.")) + 4] if number == 0 else b""
                    head = struct.pack("!HHHHHH", 0, flags, number == 0, len(sections), 0, 0)
                    message = request[:2] + head[2:] + question + b"".join(sections)
                    connection.sendall(struct.pack("!H", len(message)) + message)


def test_query_needs_a_whole_zone():
    soa = rr("example.", 6, wire_name("ns.") + wire_name("a.") + struct.pack("!IIIII", 7, 1, 1, 1, 1))
    later = rr("example.", 6, wire_name("ns.") + wire_name("a.") + struct.pack("!IIIII", 8, 1, 1, 1, 1))
    ns = rr("example.", 2, wire_name("ns."))
    good = 0x8400
    rows = (
        ("one message", [(good, [soa, ns, soa])], 0, ""),
        ("three messages", [(good, [soa]), (good, [ns]), (good, [soa])], 0, ""),
        ("an empty message", [(good, [soa, ns]), (good, []), (good, [soa])], 0, ""),
        ("no end", [(good, [soa, ns])], 1, "2 records came"),
        ("no SOA", [(good, [ns, soa])], 1, "the first record is not an SOA"),
        ("another SOA", [(good, [soa, ns, later])], 1, "a second SOA"),
        ("records behind the end", [(good, [soa, ns, soa, ns])], 1, "behind the end"),
        ("an error behind", [(good, [soa, ns]), (good | 2, [])], 1, "message 2 reports an error"),
        ("half a record", [(good, [soa, ns]), (good, [ns[:-1]])], 1, "message 2 is malformed"),
        ("an error", [(0x8405, [])], 4, ""),
    )
    primary = Primary()
    for what, messages, expected, words in rows:
        primary.messages = messages
        code, out, err = run("query", "example", "AXFR", f"@127.0.0.1:{primary.port}")
        assert code == expected and words in err, (what, code, out, err)
        assert expected != 0 or out.count("SOA") == 2, (what, out)


class Secondary:
    """Mixed into a peer: it gets example.com from the primary on `port`, with the configuration that the page shows."""

    file = ""  # of the page
    primary = ""  # the address of the primary

    def __init__(self, port):
        self.primary = self.primary.format(port)
        super().__init__({"example.com.": None})

    def command(self):
        words = super().command()
        path = self.directory / self.file
        own = re.split(r"^zone\b", path.read_text(), maxsplit=1, flags=re.M)[0]
        path.write_text(own + shown(self.file).replace("192.0.2.53", self.primary))
        return words


class NamedSecondary(Secondary, Named):
    file, primary = "named.conf", "127.0.0.1 port {}"


class NsdSecondary(Secondary, Nsd):
    file, primary = "nsd.conf", "127.0.0.1@{}"


class KnotSecondary(Secondary, Knotd):
    file, primary = "knot.conf", "127.0.0.1@{}"


def follows(peer, expected):
    """Whether the secondary answers with these addresses."""
    reply = udp(peer.address, peer.port, query("www.example.com", "A"), timeout=0.2, tries=1)
    return reply is not None and all(bytes(map(int, each.split("."))) in reply for each in expected)


def test_secondaries():
    world = World(zone=ZONE.replace(" 1 3600 600 ", f" 1 {REFRESH} {REFRESH} "))
    rules = shown("", "toml").split("\n\n", 1)[1].replace("192.0.2.54", "127.0.0.1")
    with open(world.config, "a") as config:
        config.write(rules)
    with world.serve() as server:
        wait_until(lambda: addresses(server, "www.example.com") == A, 5, "the first decision")
        with NamedSecondary(server.port) as bind, NsdSecondary(server.port) as nsd, KnotSecondary(server.port) as knot:
            for now, other, word in ((A, B, "down"), (B, A, "up")):
                for peer in (bind, nsd, knot):
                    wait_until(lambda: follows(peer, now), FOLLOWS, f"{peer.label} serves {now}", peer.process)
                before = serial(server)
                begun = time.monotonic()
                world.set("via-a", word)
                wait_until(lambda: addresses(server, "www.example.com") == other, 5, "the failover")
                assert serial(server) > before
                for peer in (bind, nsd, knot):
                    wait_until(lambda: follows(peer, other), FOLLOWS, f"{peer.label} follows", peer.process)
                    print(f"{peer.label} follows after {time.monotonic() - begun:.1f} s")


if __name__ == "__main__":
    test_dig_and_kdig(need("dig"), need("kdig"))
    test_query_needs_a_whole_zone()
    test_secondaries()
