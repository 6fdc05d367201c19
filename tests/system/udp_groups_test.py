"""Traffic of a front-end: many queries from one port, sent and answered together, reach their client one by one and
complete.

The test sends the queries in one system call, and the kernel splits them (UDP_SEGMENT). The server answers queries of
equal size in the same way, and after a while it also receives them together (UDP_GRO). In each case there is one
datagram for each query, with its ID, its question and the correct answer, from the queried address.
"""
import socket
import struct
import tempfile
from pathlib import Path

from support import SOURCE, Waymark, query, skip

SOL_UDP, UDP_SEGMENT, UDP_GRO = 17, 103, 104
ROUNDS, TOGETHER = 1500, 32
NAMES = (
    "www.example.com",
    "ns1.example.com",
    "example.com",
    "mail.example.com",
    "xyz.example.com",
)  # answers of several sizes


def client(address):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.settimeout(5)
    return sock


def send_together(sock, payloads, to):
    """One send for all of `payloads`, which have the same length."""
    segment = struct.pack("=H", len(payloads[0]))
    sock.sendmsg([b"".join(payloads)], [(SOL_UDP, UDP_SEGMENT, segment)], 0, to)


def flood(server, address, names):
    """Rounds of queries, all at once. Returns the number of answers, one for each query."""
    to = (address, server.port)
    expected = {name: server.ask(name, "A") for name in names}
    answered = 0
    with client(address) as sock:
        for start in range(0, ROUNDS * TOGETHER, TOGETHER):
            asked = {(start + i) & 0xFFFF: names[(start + i) % len(names)] for i in range(TOGETHER)}
            by_length = {}
            for ident, name in asked.items():
                by_length.setdefault(len(name), []).append(query(name, "A", ident=ident, size=1232))
            for payloads in by_length.values():
                send_together(sock, payloads, to)
            while asked:
                answer, sender = sock.recvfrom(65535)
                assert sender[:2] == to, f"a reply from {sender} to a query to {to}"
                ident = struct.unpack_from("!H", answer)[0]
                name = asked.pop(ident)  # one answer for each query
                assert (
                    answer[12 : 12 + len(name) + 6] == query(name, "A")[12 : 12 + len(name) + 6]
                ), "another question's answer"
                counts = struct.unpack_from("!HHH", answer, 6)
                want = expected[name]
                assert counts[:2] == (want.answers, want.authorities), f"{name}: {counts}"
                answered += 1
    return answered


def sends(server):
    """The number of sends for 32 answers to one port. A client with UDP_GRO receives each send as the server made
    it."""
    payloads = [query(NAMES[0], "A", ident=ident, size=1232) for ident in range(TOGETHER)]
    with client(server.address) as sock:
        sock.setsockopt(SOL_UDP, UDP_GRO, 1)
        send_together(sock, payloads, (server.address, server.port))
        octets, size, seen = 0, len(server.ask(NAMES[0], "A", size=1232).octets), 0
        while octets < TOGETHER * size:
            octets += len(sock.recv(1 << 16))
            seen += 1
    return seen


def main():
    probe = client("127.0.0.1")
    try:
        probe.setsockopt(SOL_UDP, UDP_SEGMENT, 512)
    except OSError as error:
        skip(f"no UDP_SEGMENT here: {error}")
    probe.close()
    with Waymark(SOURCE / "zones-example", workers=1) as server:
        print(flood(server, server.address, NAMES), "answers to one port, of several sizes")
        print(flood(server, server.address, NAMES[:1]), "answers to one port, of one size")
        together = sends(server)
        assert together <= TOGETHER // 4, together
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "waymark.toml"
        config.write_text(f'[server]\nzones = ["{SOURCE / "zones-example"}"]\nsend-together = "none"\n')
        with Waymark("--config", config, workers=1) as server:
            print(flood(server, server.address, NAMES), "answers to one port, each sent alone")
            alone = sends(server)
            assert alone == TOGETHER, alone
    print(f"{TOGETHER} answers to one port: {together} sends, {alone} with send-together = none")
    with Waymark(SOURCE / "zones-example", workers=1, listen=("0.0.0.0",)) as server:
        for address in ("127.0.0.1", "127.0.0.77"):
            print(flood(server, address, NAMES[:2]), f"answers from {address} of a wildcard socket")
    print("ok")


main()
