"""Under load the UDP path needs at most 0.1 system calls a query, because it receives and sends in batches."""
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

from support import BINARY, SOURCE, Waymark, need, skip

SECONDS = "2"
ANSWERS_MIN = 20_000  # fewer answers are not a load
CALLS_MAX = 0.1
ATTEMPTS = 5


def flood(server):
    """Sends queries as fast as answers arrive, from 32 ports of two senders. Returns the number of answers."""
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
    """System calls of the worker's thread per answer of one flood; infinite if there were too few answers."""
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
        # The load determines the size of a batch. Other programs may delay the senders, so there are several attempts.
        assert any(calls_a_query(server, strace, threads["udp-0"], directory) <= CALLS_MAX for _ in range(ATTEMPTS))
    print("ok")


main()
