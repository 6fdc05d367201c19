"""What the README shows is what happens: every `$ command` of its console blocks runs against the example zones, and prints
what stands below it. GOLDEN_UPDATE=1 writes what was printed into the README; the diff is for review.

    $ waymark query www.example.com +short     runs, with the server of this test in the place of port 5300
    ...                                        stands for any number of lines
    # a comment                                is left alone

Commands that build, start or stay (./serve.sh, docker, waymark serve) are shown and not run here: other tests do.
"""
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import support

README = support.SOURCE / "README.md"
NOT_RUN = ("./serve.sh", "./test.sh", "sudo tools/lab.sh", "docker ", "waymark serve", "source ", "man ", "cmake", "kill")
SHOWN_PORT = "5300"
WRITTEN = ("/tmp/a.example.zone", "/tmp/next.zone")  # by the commands shown


def blocks(text):
    """(start, end) of the inside of each console block."""
    return [(match.start(1), match.end(1)) for match in re.finditer(r"```console\n(.*?)```", text, re.S)]


def steps(block):
    """[(command line or None, [lines printed])]"""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and not line.startswith("# "):
            found[-1][1].append(line)
        else:
            found.append((None, [line]))
    return found


def printed(command, port):
    """What the command prints, standard error included, with the README's port."""
    env = dict(os.environ, PATH=f"{Path(support.BINARY).parent}:{os.environ['PATH']}:/usr/sbin", NO_COLOR="1",
               WAYMARK_LISTEN=f"127.0.0.1:{port}", LC_ALL="C.UTF-8")
    ported = re.sub(rf"(-p |127\.0\.0\.1:){SHOWN_PORT}\b", rf"\g<1>{port}", command)
    done = subprocess.run(["bash", "-c", ported], cwd=support.SOURCE, env=env, capture_output=True, text=True, timeout=30)
    out = re.sub(rf"(?<=127\.0\.0\.1[:#]){port}\b", SHOWN_PORT, done.stdout + done.stderr)
    return steady(out).splitlines()


def steady(text):
    """The same at every run: ids, times and measured figures get fixed values; tabs become the spaces that a page shows."""
    text = re.sub(r"\bid: \d+", "id: 4711", text)
    text = re.sub(r'"ID":\d+', '"ID":4711', text)
    text = re.sub(r"Query time: \d+", "Query time: 0", text)
    text = re.sub(r"in \d+\.\d ms", "in 0.3 ms", text)
    text = re.sub(r"gcc [\d.]+|clang [\d.]+", "gcc 12.2.0", text)
    return "\n".join(line.expandtabs().rstrip() for line in text.splitlines())


def agrees(shown, got):
    """Line by line, with "..." for any number of lines."""
    if not shown:
        return not got
    if shown[0] == "...":
        return any(agrees(shown[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and shown[0].rstrip() == got[0] and agrees(shown[1:], got[1:])


def main():
    support.need("dig")
    text = README.read_text()
    update = os.environ.get("GOLDEN_UPDATE") == "1"
    ran, faults = 0, []
    with support.Waymark(str(support.SOURCE / "zones-example")) as server:
        for start, end in reversed(blocks(text)):
            lines = []
            for command, shown in steps(text[start:end]):
                if command is None:
                    lines += shown
                    continue
                lines.append(f"$ {command}")
                if command.startswith(NOT_RUN):
                    lines += shown
                    continue
                got = printed(command, server.port)
                ran += 1
                while shown and not shown[-1]:
                    shown.pop()
                if not agrees(shown, got):
                    faults.append(f"$ {command}\n  shown:\n    " + "\n    ".join(shown) + "\n  printed:\n    " + "\n    ".join(got))
                lines += shown if agrees(shown, got) else got
            text = text[:start] + "\n".join(lines) + "\n" + text[end:]
    for path in WRITTEN:
        Path(path).unlink(missing_ok=True)
    if update:
        README.write_text(text)
        print(f"{len(faults)} outputs rewritten")
        return 0
    print(f"{ran} commands of the README ran, {len(faults)} printed something else")
    for fault in faults:
        print(fault)
    return 1 if faults or ran < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
