"""Completion in real shells. bash, zsh and fish each run on a terminal, load the script of `waymark completion`, and
receive a line and the tab key. The test compares the completed line, or the list that the shell prints below it.
"""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback
from pathlib import Path

import support

WAIT = 15  # seconds for a shell to react; much more than it needs
QUIET = 0.4  # seconds without output: the output is complete
PROMPT = "READY>"

# (line, line after the tab key): each completion is the only candidate.
COMPLETED = [
    ("waymark che", "waymark check "),
    ("waymark stamp", "waymark stamp-reflect "),
    ("waymark help ev", "waymark help events "),
    ("waymark serve --li", "waymark serve --listen "),
    ("waymark serve --log-level w", "waymark serve --log-level warning "),
    ("waymark serve --log-format=j", "waymark serve --log-format=json "),
    ("waymark check --format sh", "waymark check --format short "),
    ("waymark completion f", "waymark completion fish "),
    ("waymark probe st", "waymark probe stamp "),
    ("waymark query www.example.com AAA", "waymark query www.example.com AAAA "),
    ("waymark query www.example.com +dn", "waymark query www.example.com +dnssec "),
    ("waymark query +tc", "waymark query +tcp "),
    ("waymark query @127.0.0.1 www.example.com HTT", "waymark query @127.0.0.1 www.example.com HTTPS "),
    ("waymark explain www.example.com CNA", "waymark explain www.example.com CNAME "),
    ("waymark probe dns 192.0.2.53 --type TLS", "waymark probe dns 192.0.2.53 --type TLSA "),
    ("waymark fmt exam", "waymark fmt example.com.zone "),
    ("waymark check exam", "waymark check example.com.zone "),
    ("waymark check -q exam", "waymark check -q example.com.zone "),
    ("waymark explain www.example.com A exam", "waymark explain www.example.com A example.com.zone "),
    ("waymark serve fol", "waymark serve folder/"),
    ("waymark serve --images fol", "waymark serve --images folder/"),
    ("waymark serve -c set", "waymark serve -c settings.toml "),
    ("waymark serve --config set", "waymark serve --config settings.toml "),
    ("waymark serve --config=set", "waymark serve --config=settings.toml "),
    ("waymark check --zone example.org=exam", "waymark check --zone example.org=example.com.zone "),
    ("waymark bench -q que", "waymark bench -q queries.txt "),
    ("waymark diff example.com.zone exam", "waymark diff example.com.zone example.com.zone "),
    ("waymark serve --user daem", "waymark serve --user daemon "),
]
# (line, words that the list must contain, words that it must not contain)
LISTED = [
    ("waymark ", ["serve", "check", "query", "completion"], ["DIR", "example.com.zone"]),
    ("waymark probe ", ["icmp", "tcp", "http", "dns", "stamp"], ["KIND", "example.com.zone"]),
    ("waymark serve --log-level ", ["debug", "info", "warning", "error"], ["example.com.zone"]),
    ("waymark serve ", ["example.com.zone", "settings.toml", "folder"], ["DIR", "FILE"]),
    ("waymark query www.example.com +", ["+short", "+json", "+tcp", "+dnssec", "+bufsize="], ["example.com.zone"]),
    ("waymark query www.example.com MX", [], ["example.com.zone", "DIR"]),
    ("waymark health --", ["--name", "--timeout", "--tcp", "--port"], ["example.com.zone"]),
    ("waymark completion ", ["bash", "fish", "zsh"], ["example.com.zone"]),
]


class Terminal:
    """A shell on a pty of 200 columns, in a directory with files to complete."""

    def __init__(self, command, folder, script):
        environment = {
            "PATH": f"{Path(support.BINARY).parent}:{os.environ['PATH']}",
            "HOME": str(folder / "home"),
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
            "XDG_CONFIG_HOME": str(folder / "home"),
            "XDG_DATA_HOME": str(folder / "home"),
            "PS1": PROMPT,
        }
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 200, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder / "files",
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.read_until_quiet(first=3)
        for line in script:
            self.send(line + "\n")
            self.read_until_quiet()

    def send(self, text):
        os.write(self.master, text.encode())

    def read_until_quiet(self, first=WAIT):
        """All output until the shell is silent. The shell may take up to `first` seconds to begin."""
        out, patience = b"", first
        while select.select([self.master], [], [], patience)[0]:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                break
            if not piece:
                break
            out, patience = out + piece, QUIET
            # fish requests the terminal's type and waits for the reply
            if b"\x1b[c" in piece:
                self.send("\x1b[?1;2c")
        return plain(out.decode(errors="replace"))

    def tab(self, line, presses=1):
        """The output after `line` and this many presses of the tab key. The line is discarded afterwards."""
        self.send(line)
        self.read_until_quiet()
        shown = ""
        for _ in range(presses):
            self.send("\t")
            shown += self.read_until_quiet(first=3)
        return shown

    def forget(self):
        """Returns to an empty line. It sends no interrupt, because an interrupt would reach a running completion."""
        self.send("\x15")
        self.read_until_quiet(first=1)

    def listed(self, line):
        """The candidates that the shell lists at the end of the line."""
        if self.lists_by_command:  # fish lists candidates in its own pager
            self.send(f"complete -C '{line}'\n")
            return self.read_until_quiet()
        shown = self.tab(line, presses=2)
        self.forget()
        return shown

    def close(self):
        self.process.kill()
        self.process.wait(20)
        os.close(self.master)


def plain(text):
    text = re.sub(r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)", "", text)
    text = re.sub(r"\x1b\[[0-9;?>=]*[A-Za-z]|\x1b[=>()][0-9A-B]?", "", text)
    return text.replace("\r", "").replace("\x07", "").replace("\x0f", "")


def line_after(terminal, line):
    """The command line after the tab key. A key binding of the shell writes it to a file."""
    terminal.out.unlink(missing_ok=True)
    terminal.tab(line)
    terminal.send("\x07")  # see the scripts of SHELLS
    deadline = time.monotonic() + WAIT
    while not terminal.out.exists() and time.monotonic() < deadline:
        terminal.read_until_quiet(first=0.1)
    time.sleep(0.02)
    shown = terminal.out.read_text() if terminal.out.exists() else "(nothing)"
    terminal.forget()
    return shown


def shells(folder):
    """{name: (command, set-up lines)}"""
    out = folder / "line"
    return {
        "bash": (
            ["bash", "--norc", "--noprofile", "-i"],
            [
                "bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'; "
                "bind 'set page-completions off'; bind 'set completion-query-items 0'",
                f"write_line() {{ printf %s \"$READLINE_LINE\" > {out}.new; mv {out}.new {out}; }}; "
                "bind -x '\"\\C-g\": write_line'",
                "source <(waymark completion bash)",
            ],
        ),
        "zsh": (
            ["zsh", "-f", "-i"],
            [
                "PS1='READY>'; unsetopt zle_bracketed_paste; LISTMAX=1000; autoload -Uz compinit; compinit -u -D; "
                "zstyle ':completion:*' menu no; setopt no_auto_menu no_beep",
                f"write_line() {{ printf %s \"$BUFFER\" > {out}.new; mv {out}.new {out} }}; "
                "zle -N write_line; bindkey '^G' write_line",
                "source <(waymark completion zsh)",
            ],
        ),
        "fish": (
            ["fish", "--no-config", "-i"],
            [
                "function fish_prompt; echo 'READY>'; end; set -g fish_autosuggestion_enabled 0; set -g fish_greeting",
                f"function write_line; commandline | string join \\n > {out}.new; mv {out}.new {out}; end; "
                "bind \\cg write_line",
                "waymark completion fish | source",
            ],
        ),
    }


def check_shell(name, command, script, folder):
    terminal = Terminal(command, folder, script)
    terminal.out = folder / "line"
    terminal.lists_by_command = name == "fish"
    faults = []
    try:
        for line, wanted in COMPLETED:
            got = line_after(terminal, line).rstrip("\n")
            if got != wanted:
                faults.append(f"{name}: {line!r} became {got!r}, not {wanted!r}")
        for line, there, absent in LISTED:
            shown = terminal.listed(line)
            faults += [f"{name}: {line!r} does not list {word!r}: {shown!r}" for word in there if word not in shown]
            faults += [
                f"{name}: {line!r} lists {word!r}: {shown!r}"
                for word in absent
                if re.search(rf"(?<![\w|]){re.escape(word)}(?![\w|])", shown)
            ]
    finally:
        terminal.close()
    return faults


def check_words():
    """The queries of the scripts, without a shell."""

    def offered(*words):
        code, out, err = support.run("complete", *words)
        assert code == 0 and not err, (words, code, err)
        return [line.split("\t")[0] for line in out.splitlines()]

    assert "serve" in offered("") and "manual" not in offered("") and "complete" not in offered("")
    assert offered("query", "x.", "aaa") == ["aaaa"]
    assert offered("query", "--port", "") == [] and offered("nonsense", "") == []
    assert offered("check", "--zone", "x.example") == [] and offered("check", "--zone", "x.example=") == [":files"]
    assert offered("health", "") == [] and offered("diff", "a", "b", "") == []
    assert offered("diff", "a", "") == [":files"] and offered("probe", "icmp", "") == []
    assert offered("serve", "--user", "") == [":users"] and offered("serve", "--images=") == [":folders"]


def main():
    check_words()
    faults, ran = [], 0
    with tempfile.TemporaryDirectory(prefix="waymark-complete-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        (folder / "files/folder").mkdir(parents=True)
        for file in ("example.com.zone", "settings.toml", "queries.txt"):
            (folder / "files" / file).write_text("")
        for shell, (command, script) in shells(folder).items():
            try:
                subprocess.run([shell, "-c", "true"], timeout=20, capture_output=True)
            except FileNotFoundError:
                print(f"{shell} is not installed")
                continue
            try:
                found = check_shell(shell, command, script, folder)
            except Exception:  # continue with the other shells
                found = [f"{shell}: {traceback.format_exc()}"]
            print(f"{shell}: {len(COMPLETED) + len(LISTED)} lines, {len(found)} faults")
            faults += found
            ran += 1
    print("\n".join(faults))
    if ran == 0:
        support.skip("no shell is installed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
