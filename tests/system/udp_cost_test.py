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


def main():
    strace = need("strace")
    with tempfile.TemporaryDirectory() as directory, Waymark(SOURCE / "zones-example", workers=1) as server:
        threads = {Path(task, "comm").read_text().strip(): task.name for task in Path(f"/proc/{server.pid}/task").iterdir()}
        report = Path(directory, "calls")
        tracer = subprocess.Popen([strace, "-c", "-p", threads["udp-0"], "-o", report], stderr=subprocess.PIPE, text=True)
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
        assert answered >= QUERIES and total / answered <= CALLS_MAX
    print("ok")


main()
