"""Runs the `console lab` blocks of the user documentation in order. The output of tools/lab.sh must equal the page,
except for milliseconds and TTLs. The test skips if a lab is already up, because another user may need it.
"""
import os
import re
import subprocess
import sys

import netlab
import pages
import support

LAB = str(support.SOURCE / "tools/lab.sh")
SECONDS = 60
SLOWEST = {
    "fail": 3750 + 400,
    "kill": 3750 + 400,
    "stop": 750 + 400,
}  # ms; the last term is the start of dig in a namespace


def lab(word):
    began = netlab.now()
    done = subprocess.run(
        [LAB, word],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env=dict(os.environ, WAYMARK_BINARY=support.BINARY, NO_COLOR="1"),
    )
    assert done.returncode == 0, f"lab.sh {word}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    allowed = (SLOWEST.get(word, 0) / 1e3 + netlab.machine.between(began, netlab.now())) * 1e3
    assert word not in SLOWEST or milliseconds(done.stdout) <= allowed, f"{done.stdout}\nallowed: {allowed:.0f} ms"
    return done.stdout


def steady(text):
    """The text without the parts that differ from run to run."""
    text = re.sub(r"after \d+ ms", "after N ms", text)
    return [re.sub(r"^(\S+\.) \d+ IN", r"\1 TTL IN", " ".join(line.split())) for line in text.splitlines()]


def milliseconds(printed):
    return int(re.search(r"after (\d+) ms", printed)[1])


def main():
    netlab.needed("keepalived", "dig")
    if "waymark-lab-switch" in subprocess.run(["ip", "netns"], capture_output=True, text=True).stdout:
        support.skip("a lab is already up")
    followed = set()
    try:
        for page, step in pages.delegated("lab"):
            assert step.command.startswith("sudo tools/lab.sh "), f"{page}: {step.command}"
            word = step.command.split()[-1]
            printed, shown = lab(word), "\n".join(step.shown)
            assert steady(printed) == steady(shown), f"lab.sh {word} printed\n{printed}\n{page} shows\n{shown}"
            followed.add(word)
            if word in SLOWEST:
                print(f"{word}: {milliseconds(printed)} ms")
                assert "rtr-b" in lab("status")
        assert followed >= {"up", "dig", "fail", "stop", "kill", "heal", "down"}, followed
    finally:
        lab("down")
    left = subprocess.run(["ip", "netns"], capture_output=True, text=True).stdout
    assert "waymark-lab" not in left, left
    print(f"{len(pages.delegated('lab'))} commands printed the pages' output")
    return 0


if __name__ == "__main__":
    sys.exit(main())
