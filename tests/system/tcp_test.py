"""TCP as in the RFCs (1035 4.2.2, 7766): frames split at any octet, pipelines, half-closed clients, timeouts,
malformed frames.
"""
import os
import signal
import socket
import struct
import threading
import time

from lateness import Lateness
from support import SANITIZED, SOURCE, Waymark, query, tcp_read

NAME = "www.example.com"
GRACE = 1.5 if SANITIZED else 0.4  # seconds by which a timeout may be late, in addition to the machine's delay
machine = Lateness()


def framed(payload):
    return struct.pack("!H", len(payload)) + payload


def connect(server):
    sock = socket.create_connection((server.address, server.port), timeout=15)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def lateness_since(begun):
    return machine.between(begun, time.monotonic())


def closed_after(sock, begun):
    """Seconds until the server closed the connection."""
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - begun


def cut_anywhere(server):
    payload = framed(query(NAME, ident=7))
    for at in range(len(payload) + 1):
        with connect(server) as sock:
            sock.sendall(payload[:at])
            time.sleep(0.002)
            sock.sendall(payload[at:])
            assert tcp_read(sock)[:2] == b"\0\x07", at


def pipelines(server):
    for count in (2, 33, 700, 3000):
        with connect(server) as sock:
            sock.sendall(b"".join(framed(query(NAME, ident=i)) for i in range(count)))
            seen = {struct.unpack("!H", tcp_read(sock)[:2])[0] for _ in range(count)}
            assert seen == set(range(count)), (count, len(seen))


def late_reader(server):
    """Answers that wait until the client reads arrive complete and once each."""
    count, payload = 4000, b""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        sock.settimeout(15)
        sock.connect((server.address, server.port))
        for i in range(count):
            payload += framed(query(NAME, "ANY", ident=i))
        writer = threading.Thread(target=sock.sendall, args=(payload,))
        writer.start()
        # meanwhile the server's buffers fill; much less than the half second after which it closes the connection
        time.sleep(0.05)
        seen = [struct.unpack("!H", tcp_read(sock)[:2])[0] for _ in range(count)]
        writer.join(10)
        assert sorted(seen) == list(range(count))


def half_closed(server):
    with connect(server) as sock:
        sock.sendall(framed(query(NAME, ident=9)))
        sock.shutdown(socket.SHUT_WR)
        assert tcp_read(sock)[:2] == b"\0\x09"
        assert sock.recv(1) == b""


def nonsense(server):
    for frame in (b"\0\0", b"\0\x01x", b"\0\x0b" + b"x" * 11):
        with connect(server) as sock:
            begun = time.monotonic()
            sock.sendall(frame)
            took = closed_after(sock, begun)
            assert took < GRACE + lateness_since(begun), frame
    with connect(server) as sock:  # the largest frame, followed by a small one
        giant = query(NAME, ident=5)
        giant += b"\xff" * (65535 - len(giant))
        sock.sendall(framed(giant) + framed(query(NAME, ident=6)))
        first, second = tcp_read(sock), tcp_read(sock)
        assert first[:2] == b"\0\x05", first[:12].hex()
        assert second[:2] == b"\0\x06"
    with connect(server) as sock:  # a response gets no answer; the next query does
        answer = bytearray(query(NAME, ident=5))
        answer[2] |= 0x80
        sock.sendall(framed(bytes(answer)) + framed(query(NAME, ident=6)))
        assert tcp_read(sock)[:2] == b"\0\x06"


def timeouts(server):
    """All at once: nothing sent, half a message, one octet at a time, idle after a message."""
    begun = time.monotonic()
    silent, half, idle = connect(server), connect(server), connect(server)
    half.sendall(b"\0")
    idle.sendall(framed(query(NAME, ident=1)))
    tcp_read(idle)
    took = closed_after(half, begun)
    assert 0.4 < took < 0.5 + GRACE + lateness_since(begun), f"half a message: {took:.2f} s"
    with connect(server) as slow:
        started = time.monotonic()
        try:
            for octet in framed(query(NAME, ident=1)):
                slow.send(bytes([octet]))
                time.sleep(0.1)
            raise AssertionError("the server waited for a message of one octet at a time")
        except OSError:
            assert time.monotonic() - started < 1.5 + GRACE + lateness_since(started)
    took = closed_after(silent, begun)
    assert 1.8 < took < 2.0 + GRACE + lateness_since(begun), f"nothing sent: {took:.2f} s"
    took = closed_after(idle, begun)
    assert 9.5 < took < 10 + GRACE + lateness_since(begun), f"idle: {took:.2f} s"


def never_reading(server):
    """The server closes the connection when it cannot write for 500 ms, and only after its answers have filled all
    buffers."""
    with connect(server) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(5)
        begun = time.monotonic()
        try:
            while time.monotonic() - begun < 10:
                sock.sendall(framed(query(NAME, "ANY", ident=1)) * 500)
            raise AssertionError("the server kept a client that never reads for 10 s")
        except OSError:
            pass


def stop_answers_all(server):
    """All questions that arrived before SIGTERM are answered, also those of clients that were not accepted yet and of
    late readers; then the connection is closed without a reset, and the server ends within 2 s."""
    with connect(server) as pipeline, connect(server) as late, connect(server) as talker, connect(server):
        os.kill(server.process.pid, signal.SIGSTOP)
        questions = b"".join(framed(query(NAME, ident=i)) for i in range(300))
        for sock in (pipeline, late, talker):
            sock.sendall(questions)
        unaccepted = connect(server)
        unaccepted.sendall(questions)
        os.kill(server.process.pid, signal.SIGTERM)
        begun = time.monotonic()
        os.kill(server.process.pid, signal.SIGCONT)
        time.sleep(0.2)
        talker.sendall(framed(query(NAME, ident=1)))  # after the end of the server's side
        for sock in (pipeline, unaccepted, talker, late):
            seen = [struct.unpack("!H", tcp_read(sock)[:2])[0] for _ in range(300)]
            assert sorted(seen) == list(range(300))
            rest = b"".join(iter(lambda: sock.recv(4096), b""))
            # Where the machine is slow, the server's side has not ended yet when the talker's last question comes.
            last = sock is talker and rest[2:4] == b"\0\1" and len(rest) == 2 + int.from_bytes(rest[:2], "big")
            assert rest == b"" or last, f"more than the answers: {rest!r}"
            sock.close()
        server.process.child.wait(5)
        took = time.monotonic() - begun
        assert took < 2 + lateness_since(begun), f"the end took {took:.2f} s"


def main():
    machine.start()
    with Waymark(SOURCE / "zones-example") as server:
        stop_answers_all(server)
        print("ok stop_answers_all")
    with Waymark(SOURCE / "zones-example") as server:
        for test in (cut_anywhere, pipelines, late_reader, half_closed, nonsense, timeouts, never_reading):
            test(server)
            assert server.ask(NAME, transport="tcp").rcode == 0
            print(f"ok {test.__name__}")


main()
