"""Tests the user documentation (README, its translation and docs/*.md) by the rules that pages.py describes.

Each page runs in its own copy of zones-example. A server that a page starts (`./serve.sh`, `waymark serve ...`) runs
until the end of the page, on free ports. The test replaces 5300 and similar ports in commands and configurations, and
replaces them back in the output. /tmp and /usr/local are folders of the test. `sudo` and `pidof` are stand-ins.

DOCS_UPDATE=1 writes the actual output into the pages; review the diff.
"""
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pages
import support

PORT = re.compile(r"(?<=127\.0\.0\.1:)53\d\d\b|(?<=-p )53\d\d\b|(?<=127\.0\.0\.1#)53\d\d\b")
FOLDERS = {
    "/tmp/": "tmp/",
    "/usr/local": "prefix",
    "/srv/zones": "copy/zones-example",
}  # the test's folders for a page's folders
LEAST_COMMANDS = 60
SECONDS = 30
LOOKS = re.compile(
    r"waymark (query|status|events|explain) "
)  # these commands show a change of a running server soon, not at once
SOON = 15
UPDATE = os.environ.get("DOCS_UPDATE") == "1"

# Parts that differ from run to run, in the page and in the output.
VOLATILE = [
    (r"\bid: \d+", "id: N"),
    (r'"ID":\d+', '"ID":N'),
    (r"Query time: \d+", "Query time: N"),
    (r"\b(in|latency|jitter) \d+(\.\d+)? ms\b", r"\1 N ms"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+Z?", "TIME"),
    (r"\bup \d+(\.\d+)? (ms|s|min), process \d+", "up N s, process N"),
    (r"queries_udp \d+, answers \d+", "queries_udp N, answers N"),
    (r"\bfor \d+(\.\d+)? (ms|s)\b", "for N s"),
    (r" {2,}\d+(\.\d+)? (ms|s|min)( {2,}|$)", "  N s  "),
    (r"^(  \S+/A+ .*|TIME  answer .*)TTL \d+$", r"\1TTL N"),  # low for half a minute after a change
    (r"^  workers  \d+", "  workers  N"),
    (r"(gcc|clang) [\d.]+", "gcc N"),
]


def steady(line):
    for pattern, fixed in VOLATILE:
        line = re.sub(pattern, fixed, line)
    return line.rstrip()


def agrees(shown, got):
    """Compares line by line; "..." matches any number of lines."""
    if not shown:
        return not got
    if shown[0] == "...":
        return any(agrees(shown[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and steady(shown[0]) == steady(got[0]) and agrees(shown[1:], got[1:])


def nearest(line, lines, start):
    """The index at or after `start` of the line that is most similar to this one."""
    candidates = list(range(start, len(lines)))
    return max(
        candidates, key=lambda i: difflib.SequenceMatcher(None, steady(line), steady(lines[i])).ratio(), default=start
    )


def rewritten(shown, got):
    """The actual output with the page's gaps. Each gap stands between the lines that are most similar to its
    neighbours."""
    out, at = [], 0
    for i, line in enumerate(shown):
        if line != "...":
            continue
        if i > 0:
            end = nearest(shown[i - 1], got, at) + 1
            out, at = out + got[at:end], end
        out.append("...")
        at = nearest(shown[i + 1], got, at) if i + 1 < len(shown) else len(got)
    return out + got[at:]


class Background:
    """A process that a page starts and leaves running: a server, or a command with `&`. Its first lines are its
    output."""

    def __init__(self, session, command, number):
        self.serves = command.startswith("waymark serve")
        words = "env -u WAYMARK_LISTEN " + command if " -c " in command else command  # the file sets the address
        self.process = support.Process(
            ["bash", "-c", f"cd {session.copy} && exec {words}"], session.root / f"server-{number}", session.env
        )
        support.wait_until(
            lambda: self.is_ready() or not self.process.running(), support.READY_SECONDS, f"`{command}` is ready"
        )

    def is_ready(self):
        return "\n  try " in self.process.output() if self.serves else self.process.output() != ""

    def stop(self):
        serves = self.serves and self.process.running()  # a page may show a start that fails
        code = self.process.stop()
        assert code == 0 or not serves, f"exit code {code}\n{self.process.output()}"


class Session:
    """The folders, ports and servers that a page's commands share."""

    def __init__(self, root):
        self.root = Path(root)
        self.copy = self.root / "copy"
        self.ports, self.servers, self.changes = {}, [], False
        self.copy.mkdir()
        (self.root / "tmp").mkdir()
        shutil.copytree(support.SOURCE / "zones-example", self.copy / "zones-example")
        (self.copy / "build").mkdir()
        (self.copy / "build" / "release").symlink_to(Path(support.BINARY).resolve().parents[1])
        for path in (self.copy / "zones-example").rglob("*.toml"):
            path.write_text(self.here(path.read_text()))
        self.shim("sudo", 'exec "$@"')
        self.shim("pidof", f"cat {self.root}/pid")
        binary_folder = Path(support.BINARY).resolve().parent
        path = f"{self.root}/bin:{self.root}/prefix/bin:{binary_folder}:{os.environ['PATH']}:/usr/sbin"
        self.env = dict(
            os.environ,
            PATH=path,
            NO_COLOR="1",
            LC_ALL="C.UTF-8",
            COLUMNS="120",
            WAYMARK_LISTEN=f"127.0.0.1:{self.port('5300')}",
        )

    def shim(self, name, line):
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def port(self, shown):
        if shown not in self.ports:
            self.ports[shown] = str(support.free_port())
        return self.ports[shown]

    def here(self, text):
        """The text with the page's ports and folders replaced by the test's."""
        text = PORT.sub(lambda match: self.port(match[0]), text)
        for shown, folder in FOLDERS.items():
            text = text.replace(shown, f"{self.root}/{folder}")
        return text

    def there(self, text):
        for shown, port in self.ports.items():
            text = re.sub(rf"(?<=[:# ]){port}\b", shown, text)
        for shown, folder in FOLDERS.items():
            text = text.replace(f"{self.root}/{folder}", shown)
        return text.replace(f"{self.copy}/", "")

    def run(self, command):
        """The command's output, as the page would show it."""
        if command.startswith(("./serve.sh", "waymark serve")) or command.endswith(" &"):
            line = self.here(re.sub(r"^\./serve\.sh$", "waymark serve zones-example/", command.removesuffix(" &")))
            self.servers.append(Background(self, line, len(self.servers)))
            self.changes = self.changes or " -c " in line
            pids = [str(server.process.pid) for server in self.servers if server.process.running()]
            (self.root / "pid").write_text("\n".join(pids))
            out = self.servers[-1].process.output()
        else:
            self.changes = self.changes or command.startswith("kill ")
            done = subprocess.run(
                ["bash", "-c", self.here(command)],
                cwd=self.copy,
                env=self.env,
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
            out = done.stdout + done.stderr
        return "\n".join(line.expandtabs().rstrip() for line in self.there(out).splitlines()).rstrip("\n").splitlines()

    def stop(self):
        for server in self.servers:
            server.stop()


class Checked:
    """A page, its executed commands, and its faults."""

    def __init__(self, page):
        self.page = page
        self.ran, self.delegated, self.files, self.faults = 0, {}, 0, []
        self.text = page.text
        if page.name in pages.GENERATED:
            return
        with tempfile.TemporaryDirectory(prefix="waymark-docs-") as root:
            session = Session(root)
            try:
                new = [(block, self.block(session, block)) for block in page.blocks()]
            finally:
                session.stop()
        for block, text in reversed(new):
            self.text = self.text[: block.start] + text + self.text[block.end :]

    def fault(self, block, what):
        self.faults.append(f"{self.page.name}:{block.line}: {what}")

    def block(self, session, block):
        """Tests a block. Returns its text, with the actual output where it differs."""
        if block.is_commands and not block.argument:
            return self.commands(session, block)
        if block.is_commands and block.argument in pages.DELEGATED:
            commands = {step.command for step in pages.steps(block.text) if step.command}
            self.delegated[block.argument] = self.delegated.get(block.argument, 0) + len(commands)
            if block.argument == "ci" and not commands <= pages.CI_COMMANDS:
                self.fault(block, f"no test runs {commands - pages.CI_COMMANDS}")
        elif block.language in ("toml", "dns", "ini") and block.argument:
            self.excerpt(block)
        elif block.language == "toml":
            self.configuration(session, block)
        elif block.language == "text" and block.argument in pages.OF_PEERS:
            self.files += 1
        elif block.language not in ("text", "ini") or block.argument:
            self.fault(block, f"unknown fence ```{block.language} {block.argument}: see the list in pages.py")
        return block.text

    def commands(self, session, block):
        lines = []
        for step in pages.steps(block.text):
            lines += step.source
            shown = list(step.shown)
            while shown and not shown[-1]:
                shown.pop()
            if step.command is None:
                lines += shown
                continue
            got = session.run(step.command)
            end = time.monotonic() + (SOON if session.changes and LOOKS.match(step.command) else 0)
            while not agrees(shown, got) and time.monotonic() < end and not UPDATE:
                time.sleep(0.2)
                got = session.run(step.command)
            self.ran += 1
            if agrees(shown, got):
                lines += shown
                continue
            self.fault(
                block,
                f"$ {step.command}\n  shown:\n    " + "\n    ".join(shown) + "\n  printed:\n    " + "\n    ".join(got),
            )
            lines += rewritten(shown, got)
        return "\n".join(lines) + "\n"

    def excerpt(self, block):
        path = support.SOURCE / block.argument
        if not path.is_file():
            self.fault(block, f"no file {block.argument}")
            return
        text, at = path.read_text(), 0
        for piece in re.split(r"^\.\.\.\n", block.text, flags=re.M):
            found = text.find(piece.strip("\n"), at)
            if found < 0:
                self.fault(block, f"not in {block.argument}, in this order:\n{piece}")
                return
            at = found + len(piece.strip("\n"))
        self.files += 1

    def configuration(self, session, block):
        path = session.copy / "zones-example" / "shown.toml"
        path.write_text(session.here(block.text))
        got = session.run("waymark check --quiet zones-example/shown.toml")
        path.unlink()
        self.files += 1
        if got:
            self.fault(block, "`waymark check` reports\n" + "\n".join(got))


def form(page):
    """Faults of a page's form: long lines and broken links."""
    faults = []
    if page.name not in pages.GENERATED:
        for number, line in enumerate(page.text.splitlines(), 1):
            if len(line) > pages.MOST_COLUMNS:
                faults.append(f"{page.name}:{number}: {len(line)} columns, {pages.MOST_COLUMNS} at most")
    for link in page.links():
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        path = page.path.parent / target if target else page.path
        if not path.exists():
            faults.append(f"{page.name}: broken link {link}")
        elif anchor and anchor not in pages.Page(path.resolve()).anchors():
            faults.append(f"{page.name}: no heading for {link}")
    return faults


def main():
    support.need("dig", "named-compilezone")
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        checked = list(pool.map(Checked, pages.user_pages()))
    if UPDATE:
        for each in checked:
            if each.text != each.page.text:
                each.page.path.write_text(each.text)
                print(f"{each.page.name}: rewritten, review the diff")
    faults = [fault for each in checked for fault in each.faults] + [
        fault for page in pages.all_pages() for fault in form(page)
    ]
    ran = sum(each.ran for each in checked)
    delegated = {word: sum(each.delegated.get(word, 0) for each in checked) for word in pages.DELEGATED}
    for fault in faults:
        print(fault)
    others = ", ".join(f"{count} by {pages.DELEGATED[word]}" for word, count in delegated.items())
    print(
        f"{len(checked)} pages: {ran} commands ran here ({others}), "
        f"{sum(each.files for each in checked)} configurations checked, "
        f"{len(faults)} faults, {time.monotonic() - began:.1f} s"
    )
    assert all(delegated.values()), f"no blocks of a kind are left: {delegated}"
    return 1 if faults or ran < LEAST_COMMANDS else 0


if __name__ == "__main__":
    sys.exit(main())
