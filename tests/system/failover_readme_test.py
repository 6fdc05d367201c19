"""The README's lab, as a person follows it: what it prints is what the page shows, but for the milliseconds and the seconds of
TTL; then its other faults. Skips where the lab is up already: it is somebody's."""
import os
import re
import subprocess
import sys

import netlab
import readme_test
import support

LAB = str(support.SOURCE / "tools/lab.sh")
SECONDS = 60
SLOWEST = {"fail": 3750 + 400, "kill": 3750 + 400, "stop": 750 + 400}  # ms; the last term is dig's own start, in a namespace


def lab(word):
    done = subprocess.run([LAB, word], capture_output=True, text=True, timeout=SECONDS,
                          env=dict(os.environ, WAYMARK_BINARY=support.BINARY, NO_COLOR="1"))
    assert done.returncode == 0, f"lab.sh {word}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def steady(text):
    """Without what differs from run to run."""
    text = re.sub(r"after \d+ ms", "after N ms", text)
    return [re.sub(r"^(\S+\.) \d+ IN", r"\1 TTL IN", " ".join(line.split())) for line in text.splitlines()]


def shown():
    """[(word, [lines])] of the README's steps with the lab."""
    text = readme_test.README.read_text()
    found = []
    for start, end in readme_test.blocks(text):
        found += [(command.split()[-1], lines) for command, lines in readme_test.steps(text[start:end])
                  if command and command.startswith("sudo tools/lab.sh")]
    return found


def milliseconds(printed):
    return int(re.search(r"after (\d+) ms", printed)[1])


def main():
    netlab.needed("keepalived", "dig")
    if "waymark-lab-switch" in subprocess.run(["ip", "netns"], capture_output=True, text=True).stdout:
        support.skip("a lab is up")
    steps = shown()
    assert [word for word, _ in steps] == ["up", "dig", "fail", "dig", "heal", "down"], steps
    try:
        for word, lines in steps:
            printed = lab(word)
            assert steady(printed) == steady("\n".join(lines)), f"lab.sh {word} printed\n{printed}\nthe README shows\n" + "\n".join(lines)
            if word in SLOWEST:
                assert milliseconds(printed) <= SLOWEST[word], printed
        lab("up")
        for word in ("kill", "stop"):
            printed = lab(word)
            print(f"{word}: {milliseconds(printed)} ms")
            assert milliseconds(printed) <= SLOWEST[word], printed
            assert "198.51.100.10" in lab("dig")
            assert "rtr-b" in lab("status")
            assert "203.0.113.10" in lab("heal")
    finally:
        lab("down")
    left = subprocess.run(["ip", "netns"], capture_output=True, text=True).stdout
    assert "waymark-lab" not in left, left
    print(f"{len(steps)} steps of the README, and its other faults, as shown")
    return 0


if __name__ == "__main__":
    sys.exit(main())
