"""Under load the UDP path makes at most 0.1 system calls a query: batches in, batches out."""
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from support import SOURCE, Waymark, need, query, skip

QUERIES = 60_000
WINDOW = 256
CALLS_MAX = 0.1
ATTEMPTS = 5


def flood(server):
    """Keeps a window of questions in flight from one socket; returns how many answers came."""
    payloads = [query("www.example.com", ident=i) for i in range(WINDOW)]
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    sock.connect((server.address, server.port))
    answered = 0
    while answered < QUERIES:
        for payload in payloads:
            sock.send(payload)
        sock.settimeout(0.5)
        try:
            for _ in range(WINDOW):
                sock.recv(4096)
                answered += 1
        except socket.timeout:
            continue
    return answered


def calls_a_query(server, strace, thread, directory):
    """System calls of the worker's thread over one flood, by its answers."""
    report = Path(directory, "calls")
    tracer = subprocess.Popen([strace, "-c", "-p", thread, "-o", report], stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    if tracer.poll() is not None:
        skip(f"strace cannot attach: {tracer.stderr.read().strip()}")
    answered = flood(server)
    tracer.terminate()
    tracer.wait(10)
    calls = {line.split()[-1]: int(re.split(r"\s+", line.strip())[3]) for line in report.read_text().splitlines() if re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+\d+", line)}
    calls.pop("total", None)
    total = sum(calls.values())
    print(f"{answered} answers, system calls {calls}: {total / answered:.3f} a query")
    assert answered >= QUERIES and total > 0
    return total / answered


def main():
    strace = need("strace")
    with tempfile.TemporaryDirectory() as directory, Waymark(SOURCE / "zones-example", workers=1) as server:
        threads = {Path(task, "comm").read_text().strip(): task.name for task in Path(f"/proc/{server.pid}/task").iterdir()}
        # Batches are as large as the load makes them: a sender that was held up by others is given another chance.
        assert any(calls_a_query(server, strace, threads["udp-0"], directory) <= CALLS_MAX for _ in range(ATTEMPTS))
    print("ok")


main()
