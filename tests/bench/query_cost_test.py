"""The cost of a query from octets to octets, in batches of 32: instructions counted by callgrind, and no allocations.

Instructions do not depend on the machine's load, so the limits can be narrow. callgrind has no instructions for
SHA-1: about 3,500 of those of signed-registry are hashes in plain code.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

# Instructions for each query.
LIMITS = {"small": 1340, "small-nx": 1450, "tld": 1950, "signed-registry": 9900, "hosting": 1810}
PROGRAM = os.environ["QUERY_COST"]


def main():
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                "valgrind",
                "--tool=callgrind",
                "--collect-atstart=no",
                "--toggle-collect=count_me",
                "--dump-after=count_me",
                f"--callgrind-out-file={folder}/out",
                PROGRAM,
                "count",
                "all",
                *sys.argv[1:],
            ],
            capture_output=True,
            text=True,
            timeout=550,
        )
        if done.returncode != 0:
            sys.exit(f"callgrind failed: {done.stderr[-2000:]}")
        measured = re.findall(r"(\S+): (\d+) queries, \d+ octets, (\d+) allocations", done.stdout)
        totals = []
        for number in range(1, len(measured) + 1):
            with open(f"{folder}/out.{number}", encoding="utf-8") as dump:
                totals.append(int(re.search(r"^(?:totals|summary): (\d+)", dump.read(), re.MULTILINE)[1]))
    assert [name for name, _, _ in measured] == list(LIMITS), f"unexpected workloads: {measured}"
    failed = []
    for (name, queries, allocations), instructions in zip(measured, totals):
        each = instructions / int(queries)
        print(
            f"{name:9} {each:6.0f} instructions a query, at most {LIMITS[name]}; "
            f"{allocations} allocations in {queries} queries"
        )
        assert each > 50, "callgrind counted almost nothing"
        if each > LIMITS[name] or allocations != "0":
            failed.append(name)
    assert not failed, f"over the limit: {', '.join(failed)}"


main()
