"""Names that nobody manages cost what they cost without managed names beside them: instructions a query, counted by callgrind.

Instructions do not depend on the machine's load, so that this gate can be narrow."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SLACK = 0.005  # of the instructions without managed names
CHOICE_MAX = 500  # instructions more, a query, for a name with a choice
PROGRAM = os.environ["CHOICE_COST"]


def instructions(questions, zone):
    """Instructions a query."""
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
        f"instructions a query: {without:.0f} without managed names, {unmanaged:.0f} beside them, {managed:.0f} of one, {choice:.0f} with a choice"
    )
    assert abs(unmanaged - without) <= SLACK * without, "names that nobody manages pay for those that somebody does"
    assert (
        abs(managed - without) <= SLACK * without
    ), "a managed name that is the same for all costs more than any other"
    assert choice - without <= CHOICE_MAX, "a choice costs more than its allowance"


main()
