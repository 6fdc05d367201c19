"""Common parts of all system tests: the real binary on free loopback ports, queries over raw sockets, an orderly end.

    with Waymark("zones-example/") as server:
        reply = server.ask("www.example.com", "A")

A test is a program: exit code 0 is passed, any exception is failed, and `skip(why)` ends it with 77. Each process of a
test is ended by its process ID. Its files are in a temporary directory that is removed with it.
"""
import ctypes
import fcntl
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(os.environ.get("WAYMARK_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("WAYMARK_BINARY", str(SOURCE / "build/release/tools/waymark"))
SANITIZED = os.environ.get("WAYMARK_SANITIZE", "") != ""
READY_SECONDS = 120  # a big zone on a busy machine; the end of the process is noticed at once
LIBC = ctypes.CDLL(None)
STOP_SECONDS = 20 if SANITIZED else 5

TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "HINFO": 13,
    "MX": 15,
    "TXT": 16,
    "RP": 17,
    "AFSDB": 18,
    "AAAA": 28,
    "LOC": 29,
    "SRV": 33,
    "NAPTR": 35,
    "DNAME": 39,
    "OPT": 41,
    "DS": 43,
    "SSHFP": 44,
    "RRSIG": 46,
    "NSEC": 47,
    "DNSKEY": 48,
    "NSEC3": 50,
    "NSEC3PARAM": 51,
    "TLSA": 52,
    "OPENPGPKEY": 61,
    "SVCB": 64,
    "HTTPS": 65,
    "EUI48": 108,
    "IXFR": 251,
    "AXFR": 252,
    "ANY": 255,
    "URI": 256,
    "CAA": 257,
}
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, YXDOMAIN, NOTAUTH, BADVERS = 0, 1, 2, 3, 4, 5, 6, 9, 16
QR, AA, TC, RD, RA, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010


def skip(why):
    print(f"skipped: {why}", flush=True)
    sys.exit(77)


def need(*programs):
    """The paths of the programs; skips the test if one is missing."""
    paths = []
    for program in programs:
        path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if not path:
            skip(f"{program} is not installed")
        paths.append(path)
    return paths[0] if len(paths) == 1 else paths


def seed():
    """The seed of this run, which is printed. WAYMARK_SEED repeats a run."""
    value = int(os.environ.get("WAYMARK_SEED", "20251122"))
    print(f"seed {value} (WAYMARK_SEED)")
    return value


def scale(name, default):
    """A size from the environment (WAYMARK_<name>), or the default."""
    return int(os.environ.get(f"WAYMARK_{name}", default))


def tool(name):
    """The path of a test program that is built beside the binary."""
    return Path(BINARY).resolve().parents[1] / "tests" / name


def free_port(address="127.0.0.1"):
    """A port that is free for UDP and TCP. WAYMARK_TEST_PORTS=FROM-TO limits the choice."""
    low, _, high = os.environ.get("WAYMARK_TEST_PORTS", "20000-32000").partition("-")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(2000):
        port = random.SystemRandom().randint(int(low), int(high))
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as udp, socket.socket(family, socket.SOCK_STREAM) as tcp:
                udp.bind((address, port))
                tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tcp.bind((address, port))
                return port
        except OSError:
            continue
    raise RuntimeError("no free port")


# --- messages -----------------------------------------------------------------------------------------------------


def wire_name(name):
    """A name in presentation form (with \\X and \\DDD) as octets; bytes are taken as they are."""
    if isinstance(name, bytes):
        return name
    out, label, i = b"", b"", 0
    text = name.encode("latin-1")
    while i < len(text):
        octet = text[i : i + 1]
        if octet == b"\\":
            if text[i + 1 : i + 4].isdigit():
                label += bytes([int(text[i + 1 : i + 4])])
                i += 4
            else:
                label += text[i + 1 : i + 2]
                i += 2
            continue
        i += 1
        if octet == b".":
            out += (bytes([len(label)]) + label) if label else b""
            label = b""
        else:
            label += octet
    if label:
        out += bytes([len(label)]) + label
    return out + b"\0"


def type_number(name):
    if isinstance(name, int):
        return name
    return TYPES[name] if name in TYPES else int(name.removeprefix("TYPE"))


def query(name, rrtype="A", ident=None, flags=0, rrclass=1, size=None, do=False, options=b"", version=0):
    """A query as octets; with `size` it has an OPT record."""
    ident = random.randrange(65536) if ident is None else ident
    edns = size is not None or do or options or version
    out = struct.pack("!HHHHHH", ident, flags, 1, 0, 0, 1 if edns else 0)
    out += wire_name(name) + struct.pack("!HH", type_number(rrtype), rrclass)
    if edns:
        out += b"\0" + struct.pack(
            "!HHBBHH", 41, 1232 if size is None else size, 0, version, 0x8000 if do else 0, len(options)
        )
        out += options
    return out


def full_pipe():
    """A pipe that takes nothing more: the end to read, and the end to write, which blocks."""
    read_end, write_end = os.pipe()
    flags = fcntl.fcntl(write_end, fcntl.F_GETFL)
    fcntl.fcntl(write_end, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        while True:
            os.write(write_end, b"\n" * 4096)
    except BlockingIOError:
        fcntl.fcntl(write_end, fcntl.F_SETFL, flags)
    return read_end, write_end


def udp(address, port, payload, timeout=3.0, tries=3):
    """The reply to `payload`, or None. The query is repeated if no reply arrives, as clients do."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout / tries)
        sock.connect(socket.getaddrinfo(address, port, family)[0][4])  # with the interface of fe80::1%eth0
        for _ in range(tries):
            try:
                sock.send(payload)
                while True:
                    reply = sock.recv(65535)
                    if reply[:2] == payload[:2]:
                        return reply
            except (socket.timeout, ConnectionRefusedError):
                continue
    return None


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError(f"connection closed after {len(data)} of {count} octets")
        data += piece
    return data


def tcp_read(sock):
    return read_exactly(sock, struct.unpack("!H", read_exactly(sock, 2))[0])


def tcp(address, port, payload, timeout=5.0):
    with socket.create_connection((address, port), timeout=timeout) as sock:
        sock.sendall(struct.pack("!H", len(payload)) + payload)
        return tcp_read(sock)


class Reply:
    """The header of a reply, its octets, and on demand the whole message as parsed by dnspython."""

    def __init__(self, octets):
        self.octets = octets
        self.ident, self.flags, self.questions, self.answers, self.authorities, self.additionals = struct.unpack(
            "!HHHHHH", octets[:12]
        )
        self.rcode = self.flags & 15

    def __getattr__(self, name):  # sections and EDNS of the parsed message
        if name.startswith("_"):
            raise AttributeError(name)
        import dns.message

        self.__dict__["parsed"] = dns.message.from_wire(self.octets)
        return self.parsed if name == "parsed" else getattr(self.parsed, name)

    def has(self, bit):
        return bool(self.flags & bit)


# --- processes ----------------------------------------------------------------------------------------------------


def die_with_parent():
    """In the child: SIGKILL if the test ends without having stopped it (PR_SET_PDEATHSIG)."""
    LIBC.prctl(1, signal.SIGKILL)


class Process:
    """A child in a temporary directory, ended by SIGTERM. Its output is kept for the report of a failure."""

    def __init__(self, command, directory, env=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.log_path = self.directory / "output.log"
        self.log = open(self.log_path, "wb")
        self.command = [str(word) for word in command]
        self.child = subprocess.Popen(
            self.command,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=self.directory,
            env=dict(os.environ, **(env or {})),
            preexec_fn=die_with_parent,
        )

    @property
    def pid(self):
        return self.child.pid

    def output(self):
        return self.log_path.read_text(errors="replace")

    def running(self):
        return self.child.poll() is None

    def kill(self):
        self.child.kill()
        self.child.wait()
        self.log.close()

    def stop(self, seconds=STOP_SECONDS):
        """Ends the process by SIGTERM and returns its exit code. If it does not end in time, it is killed and the
        test fails."""
        if self.running():
            self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(
                f"{self.command[0]} did not end {seconds} s after SIGTERM\n{self.output()[-3000:]}"
            ) from None
        finally:
            self.log.close()


def wait_until(condition, seconds, what, process=None):
    """Waits until `condition()` holds. Fails if the time is over or the process has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        if process is not None and not process.running():
            raise AssertionError(
                f"{process.command[0]} ended with {process.child.returncode} before {what}\n{process.output()[-4000:]}"
            )
        time.sleep(0.02)
    tail = f"\n{process.output()[-4000:]}" if process is not None else ""
    raise AssertionError(f"{what}: not within {seconds} s{tail}")


class Waymark:
    """`waymark serve` with these arguments on a free port of 127.0.0.1 (and ::1 if requested), ready when entered.

    The end of the block ends it by SIGTERM and requires exit code 0 and, in a sanitizer build, no report.
    """

    def __init__(self, *arguments, zones=None, listen=("127.0.0.1",), workers=None, env=None):
        self.temporary = tempfile.TemporaryDirectory(prefix="waymark-test-")
        self.address = listen[0]
        self.port = free_port(self.address)
        command = [BINARY, "serve", *arguments]
        for name, path in (zones or {}).items():
            command += ["--zone", f"{name}={path}"]
        for address in listen:
            command += ["--listen", f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}"]
        if workers:
            command += ["--workers", str(workers)]
        self.command = [str(word) for word in command]
        self.env = dict(env or {})
        named = [Path(path) for word, path in zip(arguments, arguments[1:]) if word in ("-c", "--config")]
        if not any(re.search(r"^(state|control) *=", path.read_text(), re.M) for path in named):
            self.env.setdefault("WAYMARK_CONTROL", f"{self.temporary.name}/control.sock")  # not that of the host
        self.process = None

    def start(self):
        self.process = Process(self.command, self.temporary.name, self.env)
        probe = query(".", "SOA", ident=1)
        wait_until(
            lambda: udp(self.address, self.port, probe, timeout=0.2, tries=1) is not None,
            READY_SECONDS,
            "it answered",
            self.process,
        )
        return self

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            if self.process and self.process.running():
                self.process.kill()
            raise

    def __exit__(self, kind, error, trace):
        try:
            code = self.process.stop()
            output = self.process.output()
            if kind is not None:
                print(f"--- output of the server ---\n{output[-6000:]}")
            else:
                assert code == 0, f"exit code {code} after SIGTERM\n{output[-6000:]}"
                for mark in ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:"):
                    assert mark not in output, output[-6000:]
        finally:
            self.temporary.cleanup()

    @property
    def pid(self):
        return self.process.pid

    def ask(self, name, rrtype="A", transport="udp", **how):
        """Sends a query over UDP or TCP. Returns the Reply, which must arrive and must echo the ID."""
        return self.send(query(name, rrtype, **how), transport)

    def send(self, payload, transport="udp"):
        octets = tcp(self.address, self.port, payload) if transport == "tcp" else udp(self.address, self.port, payload)
        assert octets is not None, f"no reply to {payload.hex()}"
        assert octets[:2] == payload[:2], "the reply has another ID"
        return Reply(octets)

    def silent(self, payload, seconds=0.4):
        """True if no reply arrives within the time."""
        return udp(self.address, self.port, payload, timeout=seconds, tries=1) is None

    def hangup(self):
        self.process.child.send_signal(signal.SIGHUP)


def run(*arguments, seconds=60, **how):
    """Runs the waymark command to its end. Returns (exit code, stdout, stderr)."""
    done = subprocess.run(
        [BINARY, *[str(word) for word in arguments]], capture_output=True, text=True, timeout=seconds, **how
    )
    return done.returncode, done.stdout, done.stderr


def memory_kib(pid):
    """Memory in use in KiB: {'rss': resident, 'anonymous': the part of it without a file, 'pss': proportional}."""
    found = {}
    names = {"Rss:": "rss", "Anonymous:": "anonymous", "Pss:": "pss", "Pss_Anon:": "pss_anonymous"}
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup:
            word = line.split()
            if word[0] in names:
                found[names[word[0]]] = int(word[1])
    return found
