"""Under load the UDP path makes at most 0.1 system calls a query: batches in, batches out."""
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

from support import BINARY, SOURCE, Waymark, need, skip

SECONDS = "2"
ANSWERS_MIN = 20_000  # fewer are no load
CALLS_MAX = 0.1
ATTEMPTS = 5


def flood(server):
    """As many questions as are answered, from 32 ports of two senders; returns how many answers came."""
    done = subprocess.run(
        [
            BINARY,
            "bench",
            f"@{server.address}:{server.port}",
            "--json",
            "-d",
            SECONDS,
            "--threads",
            "2",
            "--ports",
            "16",
            "www.example.com",
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return json.loads(done.stdout)["answered"]


def calls_a_query(server, strace, thread, directory):
    """System calls of the worker's thread over one flood, by its answers; many where too few were answered."""
    report = Path(directory, "calls")
    tracer = subprocess.Popen([strace, "-c", "-p", thread, "-o", report], stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    if tracer.poll() is not None:
        skip(f"strace cannot attach: {tracer.stderr.read().strip()}")
    answered = flood(server)
    tracer.terminate()
    tracer.wait(10)
    calls = {
        line.split()[-1]: int(re.split(r"\s+", line.strip())[3])
        for line in report.read_text().splitlines()
        if re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+\d+", line)
    }
    calls.pop("total", None)
    total = sum(calls.values())
    print(f"{answered} answers, system calls {calls}: {total / answered:.3f} a query")
    assert total > 0
    return total / answered if answered >= ANSWERS_MIN else float("inf")


def main():
    strace = need("strace")
    with tempfile.TemporaryDirectory() as directory, Waymark(SOURCE / "zones-example", workers=1) as server:
        threads = {
            Path(task, "comm").read_text().strip(): task.name for task in Path(f"/proc/{server.pid}/task").iterdir()
        }
        # Batches are as large as the load makes them: senders that were held up by others are given another chance.
        assert any(calls_a_query(server, strace, threads["udp-0"], directory) <= CALLS_MAX for _ in range(ATTEMPTS))
    print("ok")


main()
