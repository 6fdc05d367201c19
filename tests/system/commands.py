"""For tests of commands: runs a command, compares its exit code and output, and runs all tests of a file."""
import os
import tempfile
import traceback
from pathlib import Path

import support
from support import run

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


def expect(code, *arguments, want=(), env=None, cwd=None, text=None):
    """The command ends with `code` and prints each of `want`. Returns its standard output."""
    got, out, err = run(*arguments, env=dict(clean_environment(), **(env or {})), cwd=cwd, input=text)
    shown = f"waymark {' '.join(map(str, arguments))}: {got}\n{out}\n{err}"
    assert got == code, f"expected exit code {code}: {shown}"
    for words in want:
        assert words in out + err, f"expected {words!r}: {shown}"
    return out


def run_tests(names, zones):
    """Runs each `test_*` in `names`. An argument `server` is a server with `zones`, `folder` an empty folder."""
    failed = 0
    with tempfile.TemporaryDirectory(prefix="waymark-cli-") as name, support.Waymark(zones) as server:
        given = {"server": server, "folder": Path(name)}
        for name, test in [(name, test) for name, test in names.items() if name.startswith("test_")]:
            try:
                test(**{word: given[word] for word in test.__code__.co_varnames[: test.__code__.co_argcount]})
                print(f"{name}: ok")
            except Exception:  # report all failures
                failed += 1
                print(f"{name}: failed\n{traceback.format_exc()}")
    return 1 if failed else 0
