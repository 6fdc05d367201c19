"""The command line: what each subcommand prints, refuses and returns, as a person or a script meets it."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import support
from support import run

ZONES = str(support.SOURCE / "zones-example")
COMMANDS = ("serve", "check", "explain", "fmt", "diff", "query", "health", "status", "failover", "drain", "freeze", "simulate", "events", "probe", "stamp-reflect", "completion", "version")
OK, PROBLEMS, USAGE, UNREACHABLE, REFUSED = 0, 1, 2, 3, 4
BROKEN = """$TTL 300
@    IN SOA ns hostmaster 1 7200 3600 1209600 300
@    IN NS  ns
ns   IN A   192.0.2.1
www  IN A   192.0.2.256
mail IN AAA 2001:db8::1
"""
CLEAN = BROKEN.replace(".256", ".25").replace("AAA ", "AAAA ")


def clean_environment():
    return {key: value for key, value in os.environ.items() if not key.startswith("WAYMARK_")}


def expect(code, *arguments, says=(), env=None, cwd=None, text=None):
    """The command ends with `code` and says each of `says` somewhere; its standard output."""
    got, out, err = run(*arguments, env=dict(clean_environment(), **(env or {})), cwd=cwd, input=text)
    shown = f"waymark {' '.join(map(str, arguments))}: {got}\n{out}\n{err}"
    assert got == code, f"expected exit code {code}: {shown}"
    for words in says:
        assert words in out + err, f"expected {words!r}: {shown}"
    return out


def test_help():
    expect(USAGE, says=["Usage: waymark COMMAND"])
    general = expect(OK, "--help")
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", general, re.M), command
        expect(OK, command, "--help", says=["Examples:", f"waymark {command}", "Exit codes:"])
        assert expect(OK, "help", command) == expect(OK, command, "--help")
    expect(OK, "--version", says=["waymark 0."])


def test_did_you_mean():
    expect(USAGE, "serv", says=["unknown command `serv`", "did you mean `serve`"])
    expect(USAGE, "help", "chek", says=["did you mean `check`"])
    expect(USAGE, "serve", "--lisen", "127.0.0.1:1", ZONES, says=["did you mean `--listen`"])
    expect(USAGE, "check", "--formt=json", ZONES, says=["did you mean `--format`"])
    expect(USAGE, "query", "www.example.com", "AAA", says=["did you mean `AAAA`"])
    expect(USAGE, "query", "www.example.com", "+shrt", says=["did you mean `+short`"])
    expect(USAGE, "zzzzzzz", says=["unknown command `zzzzzzz`"])


def test_check(folder):
    broken, clean = folder / "broken.example.zone", folder / "clean.example.zone"
    broken.write_text(BROKEN)
    clean.write_text(CLEAN)
    expect(OK, "check", ZONES, says=["example.com."])
    expect(PROBLEMS, "check", broken, says=[f"{broken}:5:", f"{broken}:6:", "AAAA", "2 errors"])
    short = expect(PROBLEMS, "check", "--format", "short", broken)
    assert re.search(rf"^{re.escape(str(broken))}:5:\d+: error: .*\[Z\d+\]$", short, re.M), short
    lines = [json.loads(line) for line in expect(PROBLEMS, "check", "--json", broken, clean).splitlines()]
    assert sum("code" in line for line in lines) >= 2 and lines[-1]["zone"] == "clean.example.", lines
    stats = expect(OK, "check", "--stats", clean)
    assert "5 sets" in stats and "AAAA 1" in stats, stats
    with_stats = json.loads(expect(OK, "check", "--stats", "--json", clean).splitlines()[-1])
    assert with_stats["types"]["A"] == 2 and with_stats["serial"] == 1, with_stats
    unproved = folder / "unproved.example.zone"
    unproved.write_text(CLEAN + "@ NSEC3PARAM 1 0 0 -\n")
    expect(OK, "check", unproved, says=["warning[Z121]", "unproved.example. has no chain of NSEC3 records", "0 errors, 1 warning"])
    with support.Waymark(unproved) as server:
        assert "signed with NSEC3" in server.process.output(), server.process.output()
    signature = "@ RRSIG SOA 13 2 300 {} 20250101000000 1 @ AAAA\n"
    for days, says in ((-9, "ended"), (2, "ends"), (9, None)):
        end = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + days * 86400))
        unproved.write_text(CLEAN + signature.format(end))
        words = [] if says is None else ["warning[Z122]", f"the first, of unproved.example. SOA, {says} on {end[:4]}-{end[4:6]}-{end[6:8]}"]
        assert ("Z122" in expect(OK, "check", unproved, says=words)) == (says is not None)
        with support.Waymark(unproved) as server:
            assert ("signatures have ended" in server.process.output()) == (days < 0), (days, server.process.output())
    shutil.copy(clean, folder / "site.txt")
    expect(USAGE, "check", folder / "site.txt", says=["--zone NAME="])
    expect(OK, "check", "--zone", f"clean.example={folder / 'site.txt'}")
    expect(USAGE, "check", "--zone", "clean.example", says=["NAME=FILE"])
    expect(USAGE, "check", says=["--zone NAME=FILE"])
    expect(OK, "check", env={"WAYMARK_ZONES": f"{ZONES},{clean}"}, says=["clean.example."])
    expect(PROBLEMS, "check", "--zone", f"x.example={folder / 'absent'}", says=["absent"])
    assert "\x1b[" in expect(PROBLEMS, "check", broken, env={"CLICOLOR_FORCE": "1"})
    assert "\x1b[" not in expect(PROBLEMS, "check", broken, env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"})


def test_configuration(folder):
    """waymark.toml: strict, with a place and a suggestion; the command line goes before it."""
    (folder / "own").mkdir()
    (folder / "own/own.example.zone").write_text(CLEAN)
    good, bad = folder / "good.toml", folder / "bad.toml"
    good.write_text('[server]\nzones = "own"\nlisten = "127.0.0.1:1"\n')
    bad.write_text('[server]\nlistne = "127.0.0.1:53"\n')
    expect(OK, "check", good, says=["configuration, ok", "own.example."])
    expect(PROBLEMS, "check", bad, says=[f"{bad}:2:1", "listen"])
    expect(USAGE, "serve", "-c", bad, says=["listen", "1 error"])
    expect(USAGE, "serve", "-c", folder / "absent.toml", says=["absent.toml"])
    code = re.search(r"error\[(C\d+)\]", expect(PROBLEMS, "check", bad))
    expect(OK, "explain", code[1], says=[f"{code[1]} (error)"])
    with support.Waymark("--config", str(good)) as server:
        assert server.ask("www.own.example").rcode == support.NOERROR


def test_explain():
    out = expect(OK, "explain", "shop.example.net", "TXT", ZONES, says=["status: NOERROR", "wildcard *.example.net."])
    assert re.search(r"example\.net\.zone:\d+:\d+: \*\.example\.net\. TXT", out), out
    shown = json.loads(expect(OK, "explain", "www.example.com", ZONES, "--json"))
    assert shown["message"]["RCODE"] == 0 and any("alias" in step for step in shown["because"]), shown
    assert {origin["type"] for origin in shown["from"]} == {"CNAME", "A"}, shown["from"]
    expect(OK, "explain", "www.example.com", env={"WAYMARK_ZONES": ZONES}, says=["192.0.2.80"])
    expect(OK, "explain", "nothing.example.com", ZONES, says=["NXDOMAIN", "negative"])
    expect(REFUSED, "explain", "www.example.edu", ZONES, says=["no zone of ours"])
    expect(USAGE, "explain", "www.example.com", says=["no zones"])
    title = expect(OK, "explain", "Z025")
    assert title.startswith("Z025 ("), title
    assert json.loads(expect(OK, "explain", "Z025", "--json"))["code"] == "Z025"
    expect(USAGE, "explain", "Z999", says=["no fault Z999"])


def test_fmt(folder):
    untidy = folder / "tidy.example.zone"
    untidy.write_text(CLEAN + "x    300    in a 192.0.2.7    ;kept\n")
    expect(PROBLEMS, "fmt", "--check", untidy, says=[str(untidy)])
    once = expect(OK, "fmt", untidy, says=["kept"])
    assert expect(OK, "fmt", "-", text=untidy.read_text()) == once
    os.chmod(untidy, 0o640)
    owner = (12345, 12346) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(untidy, *owner)
    expect(OK, "fmt", "-w", untidy)
    after = untidy.stat()
    assert untidy.read_text() == once and after.st_mode & 0o777 == 0o640 and (after.st_uid, after.st_gid) == owner, after
    expect(OK, "fmt", "--check", untidy)
    records = expect(OK, "fmt", "--canonical", untidy)
    assert "x.tidy.example." in records and "192.0.2.7" in records
    assert expect(OK, "fmt", "--canonical", "--zone", "tidy.example", "-", text=records) == records
    expect(USAGE, "fmt", "--canonical", "-", text=records, says=["--zone NAME"])
    expect(PROBLEMS, "fmt", "-", text='a TXT "never closed\n')
    for zone in Path(ZONES).glob("*.zone"):
        tidy = expect(OK, "fmt", zone)
        assert expect(OK, "fmt", "-", text=tidy) == tidy, zone


def test_diff(folder):
    before, after = folder / "old.txt", folder / "new.txt"
    before.write_text(CLEAN)
    after.write_text(CLEAN.replace(" 1 7200", " 2 7200").replace("192.0.2.25\n", "192.0.2.26\n"))
    same = ("--zone", "clean.example")
    assert expect(OK, "diff", *same, before, before) == ""
    lines = expect(PROBLEMS, "diff", *same, before, after).splitlines()
    assert [line[0] for line in lines] == ["-", "+", "-", "+"], lines
    assert "- www.clean.example.\t300\tIN\tA\t192.0.2.25" in lines, lines
    shown = json.loads(expect(PROBLEMS, "diff", *same, "--json", before, after))
    assert shown["from_serial"] == 1 and shown["to_serial"] == 2 and len(shown["added"]) == 2, shown
    expect(USAGE, "diff", before, after, says=["--zone NAME"])
    expect(USAGE, "diff", *same, before, folder / "absent")


def test_query(server):
    here = ("@127.0.0.1", "-p", server.port)
    assert expect(OK, "query", "ns1.example.com", *here, "+short") == "192.0.2.1\n"
    expect(OK, "query", "example.com", "MX", *here, "+tcp", says=["status: NOERROR", "(TCP)", "10 mx1.example.com."])
    expect(OK, "query", "-x", "192.0.2.80", *here, "+short", says=["example.com."])
    expect(OK, "query", "-x", "2001:db8::80", *here, "+short", says=["example.com."])
    expect(OK, "query", "example.com", *here, "+dnssec", "+bufsize=4096", "+norec", says=["flags: do", "flags: qr aa;"])
    expect(OK, "query", "example.com", *here, "+noedns", says=["ADDITIONAL: 0"])
    shown = json.loads(expect(OK, "query", "www.example.com", "AAAA", *here, "--json"))
    assert shown["QNAME"] == "www.example.com." and shown["QTYPEname"] == "AAAA" and shown["AA"] == 1, shown
    assert shown["answerRRs"][-1]["rdataAAAA"] == "2001:db8::80", shown
    assert json.loads(expect(OK, "query", "example.com", "TXT", *here, "+json"))["RCODEname"] == "NOERROR"
    expect(OK, "query", "no.such.example.com", *here, says=["NXDOMAIN"])
    expect(REFUSED, "query", "www.example.edu", *here, says=["REFUSED"])
    expect(OK, "query", "example.com", "SOA", env={"WAYMARK_LISTEN": f"127.0.0.1:{server.port},[::1]:1"}, says=["2026112201"])
    free = support.free_port()
    expect(UNREACHABLE, "query", "example.com", "@127.0.0.1", "-p", free, "+timeout=1", "+tries=1", says=["cannot be reached"])
    expect(UNREACHABLE, "query", "example.com", "@127.0.0.1", "-p", free, "+tcp", "+timeout=1", says=["cannot be reached"])
    expect(USAGE, "query", "a..b", *here, says=["not a name"])
    expect(USAGE, "query", says=["name"])
    expect(USAGE, "query", "example.com", "+bufsize=1", says=["512"])
    expect(USAGE, "query", "-x", "192.0.2", says=["not an IPv4"])


def test_health(server):
    address = f"127.0.0.1:{server.port}"
    expect(OK, "health", address, says=["healthy (UDP"])
    expect(OK, "health", address, "--tcp", "--name", "example.com", says=["healthy (TCP"])
    assert expect(OK, "health", "-q", env={"WAYMARK_LISTEN": f"0.0.0.0:{server.port}"}) == ""
    expect(PROBLEMS, "health", address, "--name", "example.edu", says=["unhealthy: REFUSED"])
    expect(UNREACHABLE, "health", f"127.0.0.1:{support.free_port()}", "--timeout", "200", says=["cannot be reached"])
    expect(USAGE, "health", "127.0.0.1:port", says=["not a server's address"])


def test_serve_refuses(server, folder):
    expect(USAGE, "serve", says=["no zones to serve"])
    expect(USAGE, "serve", ZONES, "--listen", "nowhere", says=["nowhere"])
    expect(USAGE, "serve", ZONES, "--workers", "many", says=["--workers"])
    expect(USAGE, "serve", ZONES, "--log-format", "xml", says=["xml"])
    expect(PROBLEMS, "serve", ZONES, "--listen", f"127.0.0.1:{server.port}", says=["in use"])
    broken = folder / "only.example.zone"
    broken.write_text(BROKEN)
    expect(PROBLEMS, "serve", broken, "--listen", f"127.0.0.1:{support.free_port()}", says=[f"{broken}:5:"])


def test_options_first(folder):
    """Options may stand before what the command is given; each takes one value and may be repeated."""
    (folder / "first.txt").write_text(CLEAN)
    named = ("--zone", f"first.example={folder / 'first.txt'}")
    expect(OK, "check", *named, ZONES, says=["first.example.", "example.com."])
    expect(OK, "explain", *named, "www.first.example", "A", ZONES, says=["192.0.2.25"])
    with support.Waymark(*named, "--listen", f"127.0.0.1:{support.free_port()}", ZONES) as server:
        assert server.ask("www.first.example").rcode == server.ask("www.example.com").rcode == support.NOERROR


def test_limits(folder):
    """Texts that would not fit into a message are refused as they are in the file; a folder without zones is named."""
    listen = ("--listen", f"127.0.0.1:{support.free_port()}")
    for option, most in (("--nsid", 128), ("--identity", 255), ("--version-text", 255)):
        expect(USAGE, "serve", ZONES, *listen, option, "x" * (most + 1), says=[f"{option} has at most {most} octets"])
    (folder / "empty").mkdir()
    expect(USAGE, "check", folder / "empty", says=["no zone in", "empty", "NAME.zone"])
    expect(PROBLEMS, "serve", folder / "empty", *listen, says=["no zone to serve in", "empty"])
    expect(USAGE, "check", ZONES, "--limit", "-1", says=["--limit"])


def test_full_disk(server):
    """What was not printed to its end is no success, and a complaint that nobody can hear is no crash."""
    here = ("@127.0.0.1", "-p", str(server.port))
    with open("/dev/full", "w") as full:
        for arguments in (("check", ZONES), ("fmt", f"{ZONES}/example.com.zone"), ("fmt", "--canonical", f"{ZONES}/campus.example.zone"),
                          ("version",), ("--help",), ("query", "example.com", *here)):
            done = subprocess.run([support.BINARY, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20)
            assert done.returncode == PROBLEMS and "standard output" in done.stderr, (arguments, done)
        done = subprocess.run([support.BINARY, "check", "absent.zone"], stdout=full, stderr=full, timeout=20)
        assert done.returncode == USAGE, done


def test_nobody_reads_the_log(folder):
    """A server goes on answering where its log cannot be written: the disk is full, the reader has gone, or there never was one."""
    for way in ("full", "gone", "closed"):
        (folder / way).mkdir()
        zone = folder / way / "clean.example.zone"
        zone.write_text(CLEAN)
        port = support.free_port()
        command = [support.BINARY, "serve", str(folder / way), "--listen", f"127.0.0.1:{port}"]
        if way == "closed":
            command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", *command]
        with open("/dev/full", "w") as full:
            to = subprocess.PIPE if way == "gone" else full
            child = subprocess.Popen(command, stdout=to, stderr=to, env=clean_environment(), preexec_fn=support.die_with_parent)
        try:
            if way == "gone":
                child.stdout.close()
                child.stderr.close()
            asked = support.query("www.clean.example")
            support.wait_until(lambda: support.udp("127.0.0.1", port, asked, timeout=0.2, tries=1), 10, f"{way}: it answers")
            for content in (BROKEN, CLEAN.replace("www  IN", "more IN A 192.0.2.7\nwww  IN")):
                zone.write_text(content)
                child.send_signal(signal.SIGHUP)
                time.sleep(0.3)   # so that it is not the second file that the first signal finds
            more = support.query("more.clean.example")
            support.wait_until(lambda: support.Reply(support.udp("127.0.0.1", port, more)).rcode == support.NOERROR, 10, f"{way}: it reloads")
        finally:
            child.send_signal(signal.SIGTERM)
            code = child.wait(20)
        assert code == OK, (way, code)


def test_first_lines(server):
    """The dig line that serve prints is answered."""
    support.need("dig")
    said = server.process.output()
    assert re.search(r"^waymark 0\.\S+  ready in \d+ ms$", said, re.M), said
    assert re.search(r"example\.com\. +serial 2026112201 +\d+ records", said), said
    line = re.search(r"^  try +(dig .*)$", said, re.M)
    assert line, said
    done = subprocess.run([*line[1].split(), "+short"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and done.stdout.strip(), (line[1], done)


def test_environment(folder):
    """A container has no command line: everything by environment, and a log for machines."""
    with support.Waymark(env={"WAYMARK_ZONES": ZONES, "WAYMARK_WORKERS": "1", "WAYMARK_LOG_FORMAT": "json",
                              "WAYMARK_NSID": "here"}) as server:
        assert server.ask("www.example.com").rcode == support.NOERROR
        expect(OK, "query", "example.com", "@127.0.0.1", "-p", server.port, "+nsid", says=["NSID", '"here"'])
        lines = server.process.output().splitlines()
    ready = [json.loads(line) for line in lines if '"ready"' in line]
    assert ready and ready[0]["workers"] == 1 and len(ready[0]["zones"]) == 7, lines
    assert all(json.loads(line) for line in lines)


def test_completion():
    for shell in ("bash", "zsh", "fish"):
        script = expect(OK, "completion", shell)
        for command in COMMANDS:
            assert command in script, (shell, command)
        if program := shutil.which(shell):
            subprocess.run([program, "-n"], input=script, text=True, check=True, timeout=20)
        else:
            print(f"{shell} is not installed: its script is not parsed")
    for typed, wanted in ((["waymark", "ch"], "check"), (["waymark", "serve", "--li"], "--listen"),
                          (["waymark", "check", "--format", "j"], "json"), (["waymark", "completion", "f"], "fish")):
        words = " ".join(f"'{word}'" for word in typed)
        script = f"{expect(OK, 'completion', 'bash')}\nCOMP_WORDS=({words}); COMP_CWORD={len(typed) - 1}; _waymark; echo \"${{COMPREPLY[*]}}\""
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=20, check=True)
        assert done.stdout.split() == [wanted], (typed, done.stdout)
    script = expect(OK, "completion", "bash")
    for command in COMMANDS:
        for option in re.findall(r"^ +(?:-\w,)?(--[\w-]+)", expect(OK, command, "--help"), re.M):
            assert option in script, (command, option)
    expect(USAGE, "completion", "csh")
    expect(USAGE, "completion")


def test_version():
    shown = json.loads(expect(OK, "version", "--json"))
    assert shown["version"] in expect(OK, "version") and shown["compiler"], shown


def test_manual():
    """The manual page renders without a warning and knows every command."""
    page = support.SOURCE / "docs/waymark.1"
    man = support.need("man")
    done = subprocess.run([man, "--warnings", "-l", str(page)], capture_output=True, text=True, timeout=30,
                          env=dict(os.environ, MANWIDTH="100", LC_ALL="C.UTF-8", MANPAGER="cat"))
    assert done.returncode == 0 and not done.stderr, done.stderr
    for command in COMMANDS:
        assert f"waymark {command}" in done.stdout, command


def main():
    failed = 0
    with tempfile.TemporaryDirectory(prefix="waymark-cli-") as name, support.Waymark(ZONES) as server:
        given = {"server": server, "folder": Path(name)}
        tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
        for name, test in tests:
            try:
                test(**{word: given[word] for word in test.__code__.co_varnames[:test.__code__.co_argcount]})
                print(f"{name}: ok")
            except Exception:  # all of them are told of, as a zone file's faults are
                failed += 1
                print(f"{name}: failed\n{traceback.format_exc()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
