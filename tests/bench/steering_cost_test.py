"""The cost of a failover event with 10,000 managed names, from the changed health state to the published answer. For
each event the test measures instructions counted by callgrind, allocations, and allocated octets.

These figures do not depend on the machine's load, so the limits can be narrow. They apply to the most expensive event.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = int(os.environ.get("WAYMARK_NAMES", "10000"))
EVENTS = 40
# names that an event changes: instructions, allocations and octets of the most expensive event
LIMITS = {1: (2_100_000, 210, 2_100_000), 100: (15_000_000, 8_200, 3_700_000)}
WHAT = ("instructions", "allocations", "octets allocated")
PROGRAM = os.environ["STEERING_COST"]


def measure(touched):
    """([instructions of each event, ascending], allocations, octets)."""
    with tempfile.TemporaryDirectory() as folder:
        callgrind = [
            "valgrind",
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=count_me",
            "--dump-after=count_me",
            f"--callgrind-out-file={folder}/out",
        ]
        done = subprocess.run(
            [*callgrind, PROGRAM, "count", str(NAMES), str(touched), str(EVENTS)], capture_output=True, text=True
        )
        if done.returncode != 0:
            sys.exit(f"callgrind failed: {done.stderr[-2000:]}")
        dumps = [Path(folder, f"out.{number}").read_text(encoding="utf-8") for number in range(1, EVENTS + 1)]
    events, changed, allocations, octets = map(int, re.findall(r"\d+", done.stdout))
    assert events == EVENTS and changed > EVENTS / 2, done.stdout
    totals = [int(re.search(r"^(?:totals|summary): (\d+)", dump, re.MULTILINE)[1]) for dump in dumps]
    return sorted(totals), allocations, octets


def main():
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        sys.exit(77)
    over_limit = []
    for touched, limits in LIMITS.items():
        instructions, *allocated = measure(touched)
        assert instructions[0] > 1000, "callgrind counted almost nothing"
        print(
            f"{NAMES} managed names, {touched} touched by an event: median {instructions[EVENTS // 2]} instructions",
            flush=True,
        )
        for what, found, limit in zip(WHAT, (instructions[-1], *allocated), limits):
            print(f"  at most {found} {what}, limit {limit}", flush=True)
            if found > limit:
                over_limit.append(f"{found} {what} with {touched} touched, limit {limit}")
    assert not over_limit, "; ".join(over_limit)


main()
