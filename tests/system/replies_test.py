"""Which replies `query` and `health` take: those to their own question."""
import socket
import sys
import threading

import commands
import support
from commands import OK, PROBLEMS, UNREACHABLE, expect


class FakeServer:
    """A UDP server on loopback that replies to each query with the messages that `replies` makes of it."""

    def __init__(self, replies):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = ("@127.0.0.1", "-p", self.socket.getsockname()[1])
        self.replies = replies
        self.thread = threading.Thread(target=self.serve)

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(65535)
            if not query:
                return
            for reply in self.replies(query):
                self.socket.sendto(reply, client)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


def reply_to(query, flags=0x8400, name=None, rrtype=None, ident=None, questions=1):
    """A reply without records to a query for www.example.com."""
    end = query.index(0, 12) + 1
    question = (name or query[12:end]) + (rrtype or query[end : end + 2]) + query[end + 2 : end + 4]
    header = (ident or query[:2]) + flags.to_bytes(2, "big") + questions.to_bytes(2, "big") + bytes(6)
    return header + (question if questions else b"")


def other_questions(query):
    """Replies that must be ignored: another ID, name, type or opcode, no question, and a query."""
    return [
        reply_to(query, ident=bytes([query[0] ^ 1, query[1]])),
        reply_to(query, name=b"\3www\7example\3net\0"),
        reply_to(query, rrtype=b"\0\x41"),
        reply_to(query, flags=0xA400),
        reply_to(query, questions=0),
        reply_to(query, flags=0x0400),
        query[:11],
    ]


def test_foreign_replies():
    """query and health ignore replies to other questions (RFC 5452 9.1) and count them."""
    question = ("query", "www.example.com", "+timeout=1", "+tries=1")
    health = ("health", "--name", "www.example.com", "--timeout", "500")
    with FakeServer(lambda query: other_questions(query) + [reply_to(query, name=b"\3WWW\7eXample\3com\0")]) as server:
        expect(OK, *question, *server.address, want=["status: NOERROR"])
        expect(PROBLEMS, *health, *server.address, want=["without an authoritative SOA"])
    with FakeServer(other_questions) as server:
        expect(UNREACHABLE, *question, *server.address, want=["ignored 7 replies to another question"])
        expect(UNREACHABLE, *health, *server.address, want=["replies to another question"])
    with FakeServer(lambda query: [reply_to(query, flags=0x8401, questions=0)]) as server:
        expect(PROBLEMS, *question, *server.address, want=["status: FORMERR"])


def test_truncated_reply_without_tcp():
    with FakeServer(lambda query: [reply_to(query, flags=0x8600)]) as server:
        expect(
            UNREACHABLE,
            "query",
            "www.example.com",
            *server.address,
            want=["sent a truncated reply over UDP and cannot be reached over TCP: Connection refused"],
        )
        expect(OK, "query", "www.example.com", *server.address, "+ignore", want=["status: NOERROR", "tc"])


if __name__ == "__main__":
    sys.exit(commands.run_tests(globals(), str(support.SOURCE / "zones-example")))
