"""An unmanaged name costs the same with and without managed names beside it: instructions for each query, counted by
callgrind.

Instructions do not depend on the machine's load, so the limits can be narrow.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SLACK = 0.005  # of the instructions without managed names
CHOICE_MAX = 500  # additional instructions for each query of a name with a choice
PROGRAM = os.environ["CHOICE_COST"]


def instructions(questions, zone):
    """Instructions for each query."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                "--collect-atstart=no",
                "--toggle-collect=count_me",
                f"--callgrind-out-file={folder}/out",
                PROGRAM,
                "count",
                questions,
                zone,
            ],
            capture_output=True,
            text=True,
            timeout=280,
        )
    if done.returncode != 0:
        sys.exit(f"callgrind failed: {done.stderr[-2000:]}")
    collected = int(re.search(r"Collected : (\d+)", done.stderr)[1])
    queries = int(re.match(r"(\d+) queries", done.stdout)[1])
    assert collected > 100 * queries, f"only {collected} instructions: nothing was counted"
    return collected / queries


def main():
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        sys.exit(77)
    without, unmanaged = instructions("unmanaged", "without"), instructions("unmanaged", "with")
    managed, choice = instructions("managed", "with"), instructions("choice", "with")
    print(
        f"instructions a query: {without:.0f} without managed names, {unmanaged:.0f} beside them, "
        f"{managed:.0f} of one, {choice:.0f} with a choice"
    )
    assert abs(unmanaged - without) <= SLACK * without, "managed names make unmanaged names slower"
    assert abs(managed - without) <= SLACK * without, "a managed name without a choice costs more"
    assert choice - without <= CHOICE_MAX, "a choice costs more than its limit"


main()
