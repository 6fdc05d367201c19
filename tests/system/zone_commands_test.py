"""Commands that read zone files: what becomes of paths that name no zone, pipes, and names in any character set."""
import json
import os
import re
import resource
import subprocess
import sys

import commands
import support
from commands import BROKEN, CLEAN, OK, PROBLEMS, REFUSED, UNREACHABLE, USAGE, expect
from support import run

ZONES = str(support.SOURCE / "zones-example")
ODD_QUESTIONS = ("AXFR", "IXFR", "ANY", "MAILB", "OPT", "CH TXT", "CLASS255", "CLASS5", "TYPE65280")


def in_shell(command):
    """Runs a line of bash, in which `waymark` is the command. Returns the exit code and the output."""
    line = f"waymark() {{ {support.BINARY} \"$@\"; }}; {command}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def at(server):
    return f"@127.0.0.1:{server.port}"


def lines_of(code, *arguments, **settings):
    return [json.loads(line) for line in expect(code, *arguments, **settings).splitlines()]


def test_strays(folder):
    """A path that names no zone is an error; all other zones are checked."""
    place = folder / "strays"
    place.mkdir()
    for name in ("a..b.zone", "dup.zone", "DUP.zone", "clean.example.zone"):
        (place / name).write_text(CLEAN)
    absent = folder / "absent.zone"
    out = expect(PROBLEMS, "check", place, absent, want=["zone clean.example. serial 1", "zone DUP. serial 1"])
    errors = [line for line in out.splitlines() if line.startswith("error[Z124]: path names no zone: ")]
    assert len(errors) == 3 and "3 errors, 0 warnings in 3 of 5 files" in out, out
    assert any("a..b.zone" in line for line in errors) and any(f"cannot read {absent}" in line for line in errors), out
    lines = lines_of(PROBLEMS, "check", "--json", place, absent)
    assert [line["severity"] for line in lines if line.get("code") == "Z124"] == ["error"] * 3, lines
    assert [line["zone"] for line in lines if "zone" in line] == ["DUP.", "clean.example."], lines
    (folder / "empty").mkdir()
    expect(USAGE, "check", folder / "empty", want=["there is no zone in", "NAME.zone"])


def test_character_sets(folder):
    """UTF-8 passes in a UTF-8 locale. No name can forge a line of text, and JSON has one name for one file."""
    for name, utf8, ascii_form in (
        ("b\u00fcro \u65e5\u672c", "b\u00fcro \u65e5\u672c", r"b\195\188ro \230\151\165\230\156\172"),
        ("a\nb\x1b[31m", r"a\010b\027[31m", r"a\010b\027[31m"),
        ("odd\udcff", r"odd\255", r"odd\255"),
        ("hidden\u202e", r"hidden\226\128\174", r"hidden\226\128\174"),
    ):
        place = folder / name
        place.mkdir()
        broken, clean = place / "broken.example.zone", place / "clean.example.zone"
        broken.write_text(BROKEN + 'txt TXT "\u00e9" x y z "\u00e9"oops(\n', encoding="utf-8")
        clean.write_text(CLEAN)
        for locale, shown in (("C.UTF-8", utf8), ("en_US.utf8", utf8), ("C", ascii_form)):
            out = expect(PROBLEMS, "check", broken, clean, env={"LC_ALL": locale})
            assert f"{folder}/{shown}/broken.example.zone:5:" in out, (locale, out)
            assert f"{folder}/{shown}/clean.example.zone: zone clean.example." in out, (locale, out)
            assert ("\u00e9" in out) == (locale != "C"), out
            expect(USAGE, "diff", place / "absent", clean, env={"LC_ALL": locale}, want=[f"{folder}/{shown}/absent"])
        lines = lines_of(PROBLEMS, "check", "--json", broken, clean)
        named = {line["file"].rpartition("/")[0] for line in lines}
        assert named == {f"{folder}/{name}".replace("\udcff", "\ufffd")}, lines


def test_caret():
    """The caret stands below the text, also behind wide characters."""
    text = 'a 5 TXT "\u65e5\u672c" \\300\n'
    out = expect(PROBLEMS, "check", "--zone", "x.example=-", text=text, env={"LANG": "C.UTF-8"})
    line, caret = out.splitlines()[3:5]
    assert line.index("\\300") + 2 == caret.index("^"), out


def test_pipes(folder):
    old, new = folder / "pipe.example.zone", folder / "new.txt"
    old.write_text(CLEAN)
    new.write_text(CLEAN.replace("192.0.2.25\n", "192.0.2.26\n"))
    code, out = in_shell(f"waymark diff --zone pipe.example <(cat {old}) {new}")
    assert code == PROBLEMS and out.count("\n") == 2 and "192.0.2.26" in out, (code, out)
    assert in_shell(f"waymark diff {old} - < {old}") == (OK, "")
    code, out = in_shell(f"waymark explain www.pipe.example --zone pipe.example=<(cat {old})")
    assert code == OK and re.search(r"/dev/fd/\d+:5:1: www\.pipe\.example\. A", out), out
    expect(OK, "check", "--zone", "pipe.example=-", text=CLEAN, want=["<stdin>: zone pipe.example. serial 1"])
    expect(PROBLEMS, "check", "--zone", "pipe.example=-", text=BROKEN, want=["<stdin>:5:"])
    expect(USAGE, "check", "-", text=CLEAN, want=["--zone NAME=-"])
    expect(USAGE, "diff", "-", "-", "--zone", "pipe.example", text=CLEAN, want=["only one"])
    expect(OK, "explain", "www.pipe.example", "--zone", "pipe.example=-", text=CLEAN, want=["<stdin>:5:1:"])


def test_diff_names(folder):
    first, second = folder / "first.example.zone", folder / "second.example.zone"
    first.write_text(CLEAN + "m MX 10 Mail.Example.NET.\n")
    second.write_text(CLEAN.replace("www ", "WWW ") + "M MX 10 mail.example.net.\n")
    expect(USAGE, "diff", first, second, want=["first.example. and second.example. are two zones"])
    assert expect(OK, "diff", "--zone", "first.example", first, second) == ""


def test_explain_is_the_answer(server):
    """For all types and classes, `explain` and the server give the same status and flags."""
    for words in map(str.split, ODD_QUESTIONS):
        code, asked, _ = run("query", "www.example.com", *words, at(server), "+tcp", "+norec")
        explained = run("explain", "www.example.com", *words, ZONES)
        heads = [re.search(r"status: \w+|(?<=flags:)[^;]*", out).group() for out in (asked, explained[1])]
        flags = [re.search(r"flags:([^;]*)", out).group(1).split() for out in (asked, explained[1])]
        assert heads[0] == heads[1] and flags[0] == flags[1], (words, asked, explained)
        assert (explained[0] == REFUSED) == ("REFUSED" in asked), (words, code, explained)


def test_bench_refuses(server):
    bench = ("bench", at(server), "-d", "0.1")
    for words, want in (
        (["www.example.com", "CH", "TXT"], "class IN only"),
        (["www.example.com", "A", "MX"], "a second type"),
        (["www.example.com", "--dnssec", "--no-edns"], "needs EDNS"),
        (["www.example.com", "--absent", "5"], "needs --zone"),
        (["www.example.com", "--tcp", "--together"], "for UDP"),
        (["www.example.com", "--per-connection", "5"], "needs --tcp"),
        (["www.example.com", "--threads", "64", "--ports", "1024"], "65536 sockets"),
        (["www.example.com", "--rate", "nan"], "expected a number"),
        (["www.example.com", "--seed", "-1"], "expected a number"),
    ):
        expect(USAGE, *bench, *words, want=[want])
    expect(OK, *bench, "-q", "-", text="www.example.com A\n", want=["median"])
    silent = ("bench", "@127.0.0.1", "-p", "9", "www.example.com", "-d", "0.1", "--timeout", "0.1", "--ports", "1")
    expect(UNREACHABLE, *silent, want=["latency    no answer"])
    assert json.loads(expect(UNREACHABLE, *silent, "--json"))["latency_ns"] == {}


def test_fmt_writes(folder):
    long_name = folder / ("x" * 245 + ".zone")
    long_name.write_text("a  A 192.0.2.1\n")
    expect(OK, "fmt", "-w", long_name)
    assert long_name.read_text() == "a  A  192.0.2.1\n"
    fixed = folder / "fixed.zone"
    fixed.write_text("a   A 192.0.2.1\n")
    fixed.chmod(0o444)
    expect(PROBLEMS, "fmt", "-w", fixed, want=["read-only", "chmod u+w"])
    assert fixed.read_text() == "a   A 192.0.2.1\n"


def test_quiet_and_strict(folder):
    warned = folder / "warned.example.zone"
    warned.write_text(CLEAN + "#x A 192.0.2.1\n")
    assert "Z207" not in expect(OK, "check", "-q", warned)
    expect(PROBLEMS, "check", "-q", "--strict", warned, want=["warning[Z207]"])


def test_large_rrset(folder):
    """A record set that no message can hold is an error of `check`; the server answers SERVFAIL for it alone."""
    zone = folder / "large.example.zone"
    zone.write_text(CLEAN + "".join(f'big TXT "{i:0250}"\n' for i in range(300)))
    expect(PROBLEMS, "check", zone, want=["error[Z111]", "1 error, 0 warnings in 1 of 1 file"])
    with support.Waymark(zone) as server:
        expect(OK, "query", "www.large.example", at(server), want=["status: NOERROR"])
        expect(PROBLEMS, "query", "big.large.example", "TXT", at(server), want=["status: SERVFAIL"])
    expect(OK, "explain", "big.large.example", "TXT", zone, want=["status: SERVFAIL", "error[Z111]"])


def test_lack_of_memory(folder):
    """A zone that needs too much memory is an error; the other zones are checked."""
    large = folder / "a.example.zone"
    large.write_text(CLEAN + "".join(f"$GENERATE 0-999999 h{i}-$ TXT $-{i}\n" for i in range(3)))
    small = folder / "b.example.zone"
    small.write_text(CLEAN)
    limit = 320 << 20
    done = subprocess.run(
        [support.BINARY, "check", large, small],
        capture_output=True,
        text=True,
        timeout=60,
        env=commands.clean_environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert done.returncode == PROBLEMS and "not enough memory for the zone" in done.stdout, done
    assert "zone b.example. serial 1" in done.stdout, done


def test_variables(folder):
    zone = folder / "clean.example.zone"
    zone.write_text(CLEAN)
    words = "WAYMARK_LISTN is ignored; did you mean WAYMARK_LISTEN?"
    wrong = expect(OK, "check", zone, env={"WAYMARK_LISTN": "x"}, want=[words])
    assert "WAYMARK" not in wrong
    _, _, silent = run("check", str(zone), env=dict(os.environ))
    assert silent == "", silent


if __name__ == "__main__":
    sys.exit(commands.run_tests(globals(), ZONES))
