"""The command line: what each subcommand prints, what it rejects, and which exit code it returns."""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import commands
import support
from commands import BROKEN, CLEAN, OK, PROBLEMS, REFUSED, UNREACHABLE, USAGE, clean_environment, expect
from support import run

ZONES = str(support.SOURCE / "zones-example")
COMMANDS = (
    "serve",
    "check",
    "explain",
    "fmt",
    "diff",
    "journal",
    "query",
    "health",
    "bench",
    "status",
    "failover",
    "drain",
    "freeze",
    "simulate",
    "events",
    "changes",
    "reload",
    "probe",
    "stamp-reflect",
    "completion",
    "version",
)


def test_help():
    expect(USAGE, want=["Usage: waymark COMMAND"])
    general = expect(OK, "--help")
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", general, re.M), command
        expect(OK, command, "--help", want=["Examples:", f"waymark {command}", "Exit codes:"])
        assert expect(OK, "help", command) == expect(OK, command, "--help")
    expect(OK, "--version", want=["waymark 0."])


def test_help_form():
    """Each help text has at most 80 columns, one empty line between groups, ranges as 0-99, and no terms of the
    library."""
    for command in ("--help", *COMMANDS):
        shown = expect(OK, *([command] if command == "--help" else [command, "--help"]))
        assert "\n\n\n" not in shown and shown.endswith("\n") and not shown.endswith("\n\n"), shown
        long = [line for line in shown.split("Examples:")[0].splitlines() if len(line) > 80 or line != line.rstrip()]
        assert not long, (command, long)
        for word in ("INT", "UINT", "TEXT:", " in [", "FLOAT", "REQUIRED", "Excludes"):
            assert word not in shown, (command, word)
    assert re.search(r"--absent PERCENT .*?\(default:\s+0;\s+range:\s+0-99\)", expect(OK, "bench", "--help"), re.S)
    assert re.search(r"-p, --port PORT +Port of the server", expect(OK, "health", "--help"))


def options_in_help(command):
    """The flags and the environment variables of a command."""
    shown = expect(OK, command, "--help").split("\nExamples:")[0]
    flags = set()
    for line in re.findall(r"^ {2}(?: {4})?(-.*)", shown, re.M):
        flags |= set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", line.split("  ")[0]))
    return flags, set(re.findall(r"\[env:\s+(\w+)\]", shown))


def test_help_and_manual():
    """The help of each command and its section of the manual page list the same options and variables."""
    page = expect(OK, "manual")
    environment = page.split(".Sh ENVIRONMENT")[1].split(".Sh ")[0]
    for command in COMMANDS:
        flags, variables = options_in_help(command)
        section = (
            page.split(f".Ss waymark {command}".replace("-", "\\-") + "\n")[1]
            .split(".Ss ")[0]
            .split(".Sh ")[0]
            .replace("\\-", "-")
        )
        tags = [re.sub(r" Ar .*", "", line) for line in re.findall(r"^\.It (Fl .*)$", section, re.M)]
        there = {"-" + flag for tag in tags for flag in re.findall(r"Fl (\S+)", tag)}
        assert there == flags - {"-h", "--help"}, (command, there ^ flags)
        assert set(re.findall(r"^\.Ev (\w+) \.$", section, re.M)) == variables, command
        assert all(f".It Ev {variable}\n" in environment for variable in variables), (command, variables)
    assert ".It Ev NO_COLOR" in environment


def test_did_you_mean_probe():
    expect(USAGE, "probe", "icpm", "192.0.2.1", want=["did you mean `icmp`"])
    expect(
        USAGE,
        "serve",
        ZONES,
        "--log-level",
        "warnin",
        want=["--log-level: expected debug, info, warning, error, found `warnin`", "did you mean `warning`"],
    )
    expect(USAGE, "bench", "x.", "--absent", "100", want=["--absent: expected a number in 0-99, found `100`"])
    expect(USAGE, "drain", "isp-a", "--up", "--down", want=["only one of"])
    expect(USAGE, "failover", "www.example.com", want=["--to is required"])


def test_did_you_mean():
    expect(USAGE, "serv", want=["unknown command `serv`", "did you mean `serve`"])
    expect(USAGE, "help", "chek", want=["did you mean `check`"])
    expect(USAGE, "serve", "--lisen", "127.0.0.1:1", ZONES, want=["did you mean `--listen`"])
    expect(USAGE, "check", "--formt=json", ZONES, want=["did you mean `--format`"])
    expect(USAGE, "query", "www.example.com", "AAA", want=["did you mean `AAAA`"])
    expect(USAGE, "query", "www.example.com", "+shrt", want=["did you mean `+short`"])
    expect(USAGE, "zzzzzzz", want=["unknown command `zzzzzzz`"])


def test_check(folder):
    broken, clean = folder / "broken.example.zone", folder / "clean.example.zone"
    broken.write_text(BROKEN)
    clean.write_text(CLEAN)
    expect(OK, "check", ZONES, want=["example.com."])
    expect(PROBLEMS, "check", broken, want=[f"{broken}:5:", f"{broken}:6:", "AAAA", "2 errors"])
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
    expect(
        OK,
        "check",
        unproved,
        want=["warning[Z121]", "unproved.example. has no chain of NSEC3 records", "0 errors, 1 warning in 1 of 1 file"],
    )
    with support.Waymark(unproved) as server:
        assert "its NSEC3 records cannot prove negative answers" in server.process.output(), server.process.output()
    signature = "@ RRSIG SOA 13 2 300 {} 20250101000000 1 @ AAAA\n"
    for days, want in ((-9, "ended"), (2, "ends"), (9, None)):
        end = time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + days * 86400))
        unproved.write_text(CLEAN + signature.format(end))
        words = (
            []
            if want is None
            else ["warning[Z122]", f"the first, of unproved.example. SOA, {want} on {end[:4]}-{end[4:6]}-{end[6:8]}"]
        )
        assert ("Z122" in expect(OK, "check", unproved, want=words)) == (want is not None)
        with support.Waymark(unproved) as server:
            assert ("signatures have expired" in server.process.output()) == (days < 0), (days, server.process.output())
    shutil.copy(clean, folder / "site.txt")
    expect(USAGE, "check", folder / "site.txt", want=["--zone NAME="])
    expect(OK, "check", "--zone", f"clean.example={folder / 'site.txt'}")
    expect(USAGE, "check", "--zone", "clean.example", want=["NAME=FILE"])
    expect(USAGE, "check", want=["--zone NAME=FILE"])
    expect(OK, "check", env={"WAYMARK_ZONES": f"{ZONES},{clean}"}, want=["clean.example."])
    comma = folder / "a,b"
    comma.mkdir()
    shutil.copy(clean, comma)
    expect(OK, "check", comma, want=["clean.example."])
    expect(OK, "check", "--zone", f"clean.example={comma / clean.name}", want=["clean.example."])
    expect(OK, "check", env={"WAYMARK_ZONES": str(comma).replace(",", "\\,")}, want=["clean.example."])
    expect(USAGE, "check", env={"WAYMARK_ZONE": "clean.example"}, want=["NAME=FILE"])
    expect(PROBLEMS, "check", "--zone", f"x.example={folder / 'absent'}", want=["absent"])
    assert "\x1b[" in expect(PROBLEMS, "check", broken, env={"CLICOLOR_FORCE": "1"})
    assert "\x1b[" not in expect(PROBLEMS, "check", broken, env={"CLICOLOR_FORCE": "0"})
    assert "\x1b[" not in expect(PROBLEMS, "check", broken, env={"CLICOLOR_FORCE": "1", "NO_COLOR": "1"})


def test_configuration(folder):
    """waymark.toml: errors have a place and a suggestion; the command line overrides the file."""
    (folder / "own").mkdir()
    (folder / "own/own.example.zone").write_text(CLEAN)
    good, bad = folder / "good.toml", folder / "bad.toml"
    good.write_text('[server]\nzones = "own"\nlisten = "127.0.0.1:1"\n')
    bad.write_text('[server]\nlistne = "127.0.0.1:53"\n')
    expect(OK, "check", good, want=["configuration, ok", "own.example."])
    expect(PROBLEMS, "check", bad, want=[f"{bad}:2:1", "listen"])
    expect(USAGE, "serve", "-c", bad, want=["listen", "1 error"])
    expect(USAGE, "serve", "-c", folder / "absent.toml", want=["absent.toml"])
    code = re.search(r"error\[(C\d+)\]", expect(PROBLEMS, "check", bad))
    expect(OK, "explain", code[1], want=[f"{code[1]} (error)"])
    with support.Waymark("--config", str(good)) as server:
        assert server.ask("www.own.example").rcode == support.NOERROR
    expect(OK, "explain", "www.own.example", "-c", good, want=["192.0.2.25", ";; SOURCE:"])


def test_dry_start(folder):
    """`check` finds what the start would, and the start refuses what `check` calls an error."""
    (folder / "dry").mkdir()
    (folder / "dry/own.example.zone").write_text(CLEAN)
    config = folder / "dry/waymark.toml"
    for keys, code, words in (
        ('workers = 1', "C404", "no zones"),
        ('zones = "."\nuser = "no-such-user"', "C402", "no-such-user"),
        ('zones = "."\nlisten = ["0.0.0.0:1", "127.0.0.1:1"]', "C229", "overlap"),
        ('zones = "."\nstate = "none/state"', "C403", "cannot be created"),
        (f'zones = "."\ncontrol = "{"x" * 104}"', "C230", "control socket"),
    ):
        config.write_text(f"[server]\n{keys}\n")
        expect(PROBLEMS, "check", config, want=[code, words])
        listen = () if "listen" in keys else ("--listen", "127.0.0.1:0")
        got, out, err = run("serve", "-c", config, *listen, env=clean_environment())
        assert got == USAGE, (keys, got, out, err)
    config.write_text("[server]\nworkers = 1\n")
    expect(OK, "check", config, folder / "dry", want=["configuration, ok"])
    program = '[monitor.m]\ntype = "exec"\ncommand = ["./check"]\n[[record]]\nname = "www.own.example"\ntype = "A"\n'
    member = 'members = [{ name = "a", address = "192.0.2.1", monitor = "m" }]\n'
    config.write_text(f'[server]\nzones = "."\nstate = "state"\n{program}{member}')
    expect(OK, "check", config, want=["warning[C401]", "cannot run", "dry/check: No such file", "configuration, ok"])
    expect(PROBLEMS, "check", "--strict", config)


def test_socket_without_state(folder):
    """A server without `state` has a control socket that `waymark status` finds."""
    directory = Path(tempfile.mkdtemp(prefix="waymark-run-"))
    zone = directory / "own.example.zone"
    zone.write_text(CLEAN)
    user = ()
    if os.geteuid() == 0:
        user = (support.need("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups")
        os.chown(directory, 65534, 65534)
    environment = dict(clean_environment(), XDG_RUNTIME_DIR=str(directory))
    address = f"127.0.0.1:{support.free_port()}"
    server = support.Process([*user, support.BINARY, "serve", zone, "--listen", address], folder / "run", environment)
    try:
        socket_path = directory / "waymark/control.sock"
        support.wait_until(socket_path.exists, 20, "the socket exists", server)
        status = [*user, support.BINARY, "status"]
        done = subprocess.run(status, env=environment, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and address in done.stdout, (done, server.output())
    finally:
        assert server.stop() == 0, server.output()
        shutil.rmtree(directory)


def test_explain():
    out = expect(OK, "explain", "shop.example.net", "TXT", ZONES, want=["status: NOERROR", "wildcard *.example.net."])
    assert re.search(r"example\.net\.zone:\d+:\d+: \*\.example\.net\. TXT", out), out
    shown = json.loads(expect(OK, "explain", "www.example.com", ZONES, "--json"))
    assert shown["message"]["RCODE"] == 0 and any("CNAME to" in step for step in shown["trace"]), shown
    assert {origin["type"] for origin in shown["source"]} == {"CNAME", "A"}, shown["source"]
    expect(OK, "explain", "www.example.com", env={"WAYMARK_ZONES": ZONES}, want=["192.0.2.80"])
    expect(OK, "explain", "nothing.example.com", ZONES, want=["NXDOMAIN", ";; TRACE:", "no such name", ";; SOURCE:"])
    expect(REFUSED, "explain", "www.example.edu", ZONES, want=["no zone for this name"])
    expect(USAGE, "explain", "www.example.com", want=["no zones"])
    title = expect(OK, "explain", "Z025")
    assert title.startswith("Z025 ("), title
    assert json.loads(expect(OK, "explain", "Z025", "--json"))["code"] == "Z025"
    expect(USAGE, "explain", "Z999", want=["no code Z999"])


def test_explain_access(folder):
    """Which access rule decides for a client. No secret is needed for that."""
    config = folder / "rules.toml"
    config.write_text(
        f"""[server]
zones = "{ZONES}/example.com.zone"
[key.k]
secret-file = "/nonexistent"
[remote.backup]
addresses = "192.0.2.7"
key = "k"
transport = "tcp"
[acl.lab]
action = "deny"
clients = "10.9.0.0/16"
[acl.office]
clients = "10.0.0.0/8"
[acl.transfers]
remotes = "backup"
operations = "transfer"
[template.default]
acl = ["lab", "office", "transfers"]
"""
    )

    def access(client, *key):
        asked = ["explain", "example.com", "SOA", "-c", config, "--client", client, *key]
        shown = json.loads(expect(OK, *asked, "--json"))["access"]
        for row in shown:
            verdict = "allowed" if row["allowed"] else "refused"
            rule = f"by rule {row['rule']}" if row["rule"] else "no rule matches"
            line = f"{row['operation']} over {row['transport']}: {verdict}, {rule}"
            expect(OK, *asked, want=[line, f";; ACCESS of {client}", "to example.com."])
        return [(row["allowed"], row["rule"]) for row in shown]  # query by UDP and TCP, transfer by UDP and TCP

    nothing = (False, "")
    assert access("10.8.0.1") == [(True, "office"), (True, "office"), nothing, nothing]
    assert access("10.9.0.1") == [(False, "lab"), (False, "lab"), nothing, nothing]
    assert access("192.0.2.7") == [nothing] * 4
    assert access("192.0.2.7", "--key", "K.") == [nothing, nothing, nothing, (True, "transfers")]
    expect(USAGE, "explain", "example.com", "-c", config, "--client", "here", want=["not an address"])
    expect(USAGE, "explain", "example.com", "-c", config, "--client", "::1", "--key", "x", want=["no key `x`"])
    expect(USAGE, "explain", "example.com", ZONES, "--key", "k", want=["--key needs"])


def test_fmt(folder):
    untidy = folder / "tidy.example.zone"
    untidy.write_text(CLEAN + "x    300    in a 192.0.2.7    ;kept\n")
    expect(PROBLEMS, "fmt", "--check", untidy, want=[str(untidy)])
    once = expect(OK, "fmt", untidy, want=["kept"])
    assert expect(OK, "fmt", "-", text=untidy.read_text()) == once
    os.chmod(untidy, 0o640)
    owner = (12345, 12346) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
    os.chown(untidy, *owner)
    expect(OK, "fmt", "-w", untidy)
    after = untidy.stat()
    assert (
        untidy.read_text() == once and after.st_mode & 0o777 == 0o640 and (after.st_uid, after.st_gid) == owner
    ), after
    expect(OK, "fmt", "--check", untidy)
    records = expect(OK, "fmt", "--canonical", untidy)
    assert "x.tidy.example." in records and "192.0.2.7" in records
    assert expect(OK, "fmt", "--canonical", "--zone", "tidy.example", "-", text=records) == records
    expect(USAGE, "fmt", "--canonical", "-", text=records, want=["--zone NAME"])
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
    expect(USAGE, "diff", before, after, want=["--zone NAME"])
    expect(USAGE, "diff", *same, before, folder / "absent")


def test_query(server):
    here = ("@127.0.0.1", "-p", server.port)
    assert expect(OK, "query", "ns1.example.com", *here, "+short") == "192.0.2.1\n"
    expect(OK, "query", "example.com", "MX", *here, "+tcp", want=["status: NOERROR", "(TCP)", "10 mx1.example.com."])
    expect(OK, "query", "-x", "192.0.2.80", *here, "+short", want=["example.com."])
    expect(OK, "query", "-x", "2001:db8::80", *here, "+short", want=["example.com."])
    expect(OK, "query", "example.com", *here, "+dnssec", "+bufsize=4096", "+norec", want=["flags: do", "flags: qr aa;"])
    expect(OK, "query", "example.com", *here, "+noedns", want=["ADDITIONAL: 0"])
    shown = json.loads(expect(OK, "query", "www.example.com", "AAAA", *here, "--json"))
    assert shown["QNAME"] == "www.example.com." and shown["QTYPEname"] == "AAAA" and shown["AA"] == 1, shown
    assert shown["answerRRs"][-1]["rdataAAAA"] == "2001:db8::80", shown
    assert json.loads(expect(OK, "query", "example.com", "TXT", *here, "+json"))["RCODEname"] == "NOERROR"
    expect(OK, "query", "no.such.example.com", *here, want=["NXDOMAIN"])
    expect(REFUSED, "query", "www.example.edu", *here, want=["REFUSED"])
    expect(
        OK,
        "query",
        "example.com",
        "SOA",
        env={"WAYMARK_LISTEN": f"127.0.0.1:{server.port},[::1]:1"},
        want=["2026112201"],
    )
    free = support.free_port()
    expect(
        UNREACHABLE,
        "query",
        "example.com",
        "@127.0.0.1",
        "-p",
        free,
        "+timeout=1",
        "+tries=1",
        want=["cannot be reached"],
    )
    expect(
        UNREACHABLE, "query", "example.com", "@127.0.0.1", "-p", free, "+tcp", "+timeout=1", want=["cannot be reached"]
    )
    expect(USAGE, "query", "a..b", *here, want=["not a name"])
    expect(USAGE, "query", want=["name"])
    expect(USAGE, "query", "example.com", "+bufsize=1", want=["512"])
    expect(USAGE, "query", "-x", "192.0.2", want=["not an IPv4"])


def test_naming_a_server(server):
    """query, health and bench accept a server in the same forms: @ADDR[:PORT], -p PORT, a host name, or no name for
    the server on this host."""
    here, port = f"@127.0.0.1:{server.port}", str(server.port)
    load = ("-d", "0.2", "--ports", "1", "--window", "1")
    for command in (("query", "example.com"), ("health",), ("bench", "example.com", *load)):
        for named in (
            (here,),
            ("@127.0.0.1", "-p", port),
            ("@127.0.0.1", f"-p{port}"),
            ("@127.0.0.1", "--port", port),
            ("@localhost", "-p", port),
            (here, "-p", port),
        ):
            expect(OK, *command, *named)
        expect(OK, *command, env={"WAYMARK_LISTEN": f"127.0.0.1:{port}"})
        expect(OK, *command, "-p", port, env={"WAYMARK_LISTEN": "127.0.0.1:1"})
        for named, want in (
            ((here, "-p", "53"), "two different ports"),
            ((here, here), "two servers"),
            (("@127.0.0.1:port",), "not the address of a server"),
            (("@127.0.0.1:65536",), "not the address of a server"),
            (("-p", "0"), "1-65535"),
            (("@127.0.0.1", "-p", "many"), "found `many`"),
            (("--server", "127.0.0.1"), "unknown option `--server`"),
        ):
            expect(USAGE, *command, *named, want=[want])
    expect(USAGE, "health", f"127.0.0.1:{port}", want=[f"name the server as @127.0.0.1:{port}"])
    port = support.free_port("::1")
    with support.Waymark(ZONES, "--listen", f"[::1]:{port}"):
        for named in ((f"@[::1]:{port}",), ("@::1", "-p", port)):
            expect(OK, "query", "example.com", *named)


def test_columns(folder):
    """Records and questions have dig's columns in every section, for names and TTLs of any length."""
    support.need("dig")
    zone = folder / "columns.example.zone"
    lines = [
        "$TTL 300",
        "@ SOA ns hostmaster 1 7200 3600 1209600 300",
        "@ NS ns",
        "@ 2147483647 NS a.very.long.name.of.a.server.that.goes.on",
        "ns A 192.0.2.1",
        "a.very.long.name.of.a.server.that.goes.on 7 AAAA 2001:db8::1",
        "cut NS ns.cut",
        "ns.cut 2147483647 A 192.0.2.2",
        "@ 86400 MX 10 ns",
        "unknown TYPE65280 \\# 2 0102",
    ]
    names = ["n" * count for count in range(1, 40)]
    for count, label in enumerate(names):
        lines.append(f"{label} {10 ** (count % 10)} {'OPENPGPKEY AQID' if count % 4 == 0 else 'A 192.0.2.3'}")
    zone.write_text("\n".join(lines) + "\n")
    questions = [(f"{label}.columns.example", kind) for label in names for kind in ("A", "OPENPGPKEY")]
    questions += [
        ("columns.example", "NS"),
        ("columns.example", "MX"),
        ("www.cut.columns.example", "A"),
        ("unknown.columns.example", "TYPE65280"),
        ("no.such.columns.example", "AAAA"),
        ("elsewhere.example", "A"),
        (".", "NS"),
    ]
    with support.Waymark(str(zone), "--nsid", "here") as server:
        for count, (name, kind) in enumerate(questions):
            switches = (
                ("+norec", "+nsid", "+dnssec", "+noedns")[:1]
                if count % 3 == 0
                else ("+norec", "+nsid", "+dnssec")
                if count % 3 == 1
                else ("+norec", "+noedns")
            )
            ours = expect(
                REFUSED if name in ("elsewhere.example", ".") else OK,
                "query",
                name,
                kind,
                f"@127.0.0.1:{server.port}",
                *switches,
            )
            dig = subprocess.run(
                ["dig", "@127.0.0.1", "-p", str(server.port), name, kind, "+nocookie", "+nosplit", "+nocmd", *switches],
                capture_output=True,
                text=True,
                timeout=20,
            )
            assert dig.returncode == 0, dig
            assert message_lines(ours) == message_lines(dig.stdout), f"{name} {kind} {switches}\n{ours}\n{dig.stdout}"
            if switches != ("+norec",) or "cut" in name:
                continue
            explained = run("explain", name, kind, zone)[1]
            sections = re.compile(r"^;; (?:QUESTION|ANSWER|AUTHORITY|ADDITIONAL) SECTION:\n(?:.+\n)+", re.M)
            assert sections.findall(explained) == sections.findall(ours), (name, kind)


def message_lines(text):
    """dig's output from the header to the last record, without the ID."""
    text = re.sub(r"\bid: \d+", "id: 0", text.split(";; Query time")[0].replace(";; Got answer:\n", ""))
    return text.strip().splitlines()


def test_health(server):
    address = f"@127.0.0.1:{server.port}"
    expect(OK, "health", address, want=["healthy (UDP"])
    expect(OK, "health", address, "--tcp", "--name", "example.com", want=["healthy (TCP"])
    assert expect(OK, "health", "-q", env={"WAYMARK_LISTEN": f"0.0.0.0:{server.port}"}) == ""
    expect(PROBLEMS, "health", address, "--name", "example.edu", want=["unhealthy: REFUSED"])
    expect(UNREACHABLE, "health", f"@127.0.0.1:{support.free_port()}", "--timeout", "200", want=["cannot be reached"])


def test_serve_refuses(server):
    expect(USAGE, "serve", want=["no zones to serve"])
    expect(USAGE, "serve", ZONES, "--listen", "nowhere", want=["nowhere"])
    expect(USAGE, "serve", ZONES, "--workers", "many", want=["--workers"])
    expect(USAGE, "serve", ZONES, "--log-format", "xml", want=["xml"])
    expect(PROBLEMS, "serve", ZONES, "--listen", f"127.0.0.1:{server.port}", want=["in use"])


def test_options_first(folder):
    """Options may precede the operand; each takes one value and may be repeated."""
    (folder / "first.txt").write_text(CLEAN)
    named = ("--zone", f"first.example={folder / 'first.txt'}")
    expect(OK, "check", *named, ZONES, want=["first.example.", "example.com."])
    expect(OK, "explain", *named, "www.first.example", "A", ZONES, want=["192.0.2.25"])
    with support.Waymark(*named, "--listen", f"127.0.0.1:{support.free_port()}", ZONES) as server:
        assert server.ask("www.first.example").rcode == server.ask("www.example.com").rcode == support.NOERROR


def test_limits(folder):
    """The command rejects texts that do not fit into a message with the same error as in the file, and names a
    folder without zones."""
    listen = ("--listen", f"127.0.0.1:{support.free_port()}")
    for option, most in (("--nsid", 128), ("--identity", 255), ("--version-text", 255)):
        expect(USAGE, "serve", ZONES, *listen, option, "x" * (most + 1), want=[f"{option} has at most {most} octets"])
    (folder / "empty").mkdir()
    expect(USAGE, "check", folder / "empty", want=["no zone in", "empty", "NAME.zone"])
    expect(PROBLEMS, "serve", folder / "empty", *listen, want=["no zone to serve in", "empty"])
    expect(USAGE, "check", ZONES, "--limit", "-1", want=["--limit"])


def test_full_disk(server):
    """A command fails if it cannot write all of its output. It does not crash if it cannot write its error message."""
    here = ("@127.0.0.1", "-p", str(server.port))
    with open("/dev/full", "w") as full:
        for arguments in (
            ("check", ZONES),
            ("fmt", f"{ZONES}/example.com.zone"),
            ("fmt", "--canonical", f"{ZONES}/campus.example.zone"),
            ("version",),
            ("--help",),
            ("query", "example.com", *here),
        ):
            done = subprocess.run(
                [support.BINARY, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=20
            )
            assert done.returncode == PROBLEMS and "standard output" in done.stderr, (arguments, done)
        done = subprocess.run([support.BINARY, "check", "absent.zone"], stdout=full, stderr=full, timeout=20)
        assert done.returncode == USAGE, done


def test_unwritable_log(folder):
    """The server continues to answer if it cannot write its log: the disk is full, the reader has closed the pipe,
    or stderr is closed."""
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
            child = subprocess.Popen(
                command, stdout=to, stderr=to, env=clean_environment(), preexec_fn=support.die_with_parent
            )
        try:
            if way == "gone":
                child.stdout.close()
                child.stderr.close()
            asked = support.query("www.clean.example")
            support.wait_until(
                lambda: support.udp("127.0.0.1", port, asked, timeout=0.2, tries=1), 10, f"{way}: the server answers"
            )
            for content in (BROKEN, CLEAN.replace("www  IN", "more IN A 192.0.2.7\nwww  IN")):
                zone.write_text(content)
                child.send_signal(signal.SIGHUP)
                time.sleep(0.3)  # the first signal must not find the second file
            more = support.query("more.clean.example")
            support.wait_until(
                lambda: support.Reply(support.udp("127.0.0.1", port, more)).rcode == support.NOERROR,
                10,
                f"{way}: the server reloads",
            )
        finally:
            child.send_signal(signal.SIGTERM)
            code = child.wait(20)
        assert code == OK, (way, code)


def test_first_lines(server):
    """The dig command that serve prints gets an answer."""
    support.need("dig")
    output = server.process.output()
    assert re.search(r"^waymark 0\.\S+  ready in \d+ ms$", output, re.M), output
    assert re.search(r"example\.com\. +serial 2026112201 +\d+ records", output), output
    line = re.search(r"^  try +(dig .*)$", output, re.M)
    assert line, output
    done = subprocess.run([*line[1].split(), "+short"], capture_output=True, text=True, timeout=10)
    assert done.returncode == 0 and done.stdout.strip(), (line[1], done)


def test_environment(folder):
    """A container has no command line: the environment sets everything, and the log is for machines."""
    with support.Waymark(
        env={"WAYMARK_ZONES": ZONES, "WAYMARK_WORKERS": "1", "WAYMARK_LOG_FORMAT": "json", "WAYMARK_NSID": "here"}
    ) as server:
        assert server.ask("www.example.com").rcode == support.NOERROR
        expect(OK, "query", "example.com", "@127.0.0.1", "-p", server.port, "+nsid", want=["NSID", '"here"'])
        lines = server.process.output().splitlines()
    ready = [json.loads(line) for line in lines if '"ready"' in line]
    assert ready and ready[0]["workers"] == 1 and len(ready[0]["zones"]) == 7, lines
    assert all(json.loads(line) for line in lines)


def test_completion():
    """completion_test.py tests the scripts in real shells."""
    for shell in ("bash", "zsh", "fish"):
        script = expect(OK, "completion", shell)
        if program := shutil.which(shell):
            subprocess.run([program, "-n"], input=script, text=True, check=True, timeout=20)
    for command in COMMANDS:
        assert command in expect(OK, "complete", ""), command
        flags, _ = options_in_help(command)
        assert flags - {"-h"} == {
            line.split("\t")[0] for line in expect(OK, "complete", command, "-").splitlines()
        }, command
    expect(USAGE, "completion", "csh", want=["expected bash, zsh, fish"])
    expect(USAGE, "completion")


def test_version():
    shown = json.loads(expect(OK, "version", "--json"))
    assert shown["version"] in expect(OK, "version") and shown["compiler"], shown


def test_manual():
    """docs/waymark.1 equals the output of `waymark manual` and renders without a warning. GOLDEN_UPDATE=1 rewrites
    it."""
    page = support.SOURCE / "docs/waymark.1"
    made = expect(OK, "manual")
    if os.environ.get("GOLDEN_UPDATE") == "1":
        page.write_text(made)
    assert page.read_text() == made, "docs/waymark.1 differs from `waymark manual`; GOLDEN_UPDATE=1 rewrites it"
    man = support.need("man")
    done = subprocess.run(
        [man, "--warnings", "-l", str(page)],
        capture_output=True,
        text=True,
        timeout=30,
        env=dict(os.environ, MANWIDTH="100", LC_ALL="C.UTF-8", MANPAGER="cat"),
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    for command in COMMANDS:
        assert f"waymark {command}" in done.stdout, command
    if mandoc := shutil.which("mandoc"):
        lint = subprocess.run(
            [mandoc, "-T", "lint", "-W", "warning", str(page)], capture_output=True, text=True, timeout=30
        )
        assert lint.returncode == 0, lint.stdout


if __name__ == "__main__":
    sys.exit(commands.run_tests(globals(), ZONES))
