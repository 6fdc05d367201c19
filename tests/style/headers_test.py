"""Checks that every header compiles alone and twice, with clang.

The headers of the system are precompiled once: without that, they are nearly all of the time. With it, a missing
include of a standard header is not seen here; std_includes.py looks for those.
"""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPILER = "clang++-19"
ROOMS = ("zone", "server", "tools", "tests")
SYSTEM = re.compile(r"^#include (<[^>]+>)", re.MULTILINE)
ONLY_SOME_MACHINES = {"<emmintrin.h>"}


def flags(build):
    """The definitions and folders of a source that includes from every room."""
    commands = json.loads((Path(build) / "compile_commands.json").read_text())
    command = next(each["command"] for each in commands if "server_test" in each["command"])
    return [word for word in shlex.split(command) if re.match(r"-(D|I|isystem|std=|march=)", word)]


def compiled(words, source, output=()):
    done = subprocess.run(
        [COMPILER, *words, "-x", "c++" if not output else "c++-header", source, *output],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return "" if done.returncode == 0 else done.stderr


def main():
    if not shutil.which(COMPILER):
        print(f"skipped: {COMPILER} is not installed")
        return 77
    headers = sorted(path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*.h"))
    system = {name for header in headers for name in SYSTEM.findall((ROOT / header).read_text())} - ONLY_SOME_MACHINES
    # The templates that the headers of the system need are instantiated once, in the precompiled header.
    words = [*flags(os.environ["WAYMARK_BUILD"]), "-Wall", "-Wextra", "-Werror", "-Wno-deprecated-declarations"]
    words.append("-fpch-instantiate-templates")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "system.h").write_text("".join(f"#include {name}\n" for name in sorted(system)))
        pch = f"{folder}/system.pch"
        assert not (errors := compiled(words, f"{folder}/system.h", ["-o", pch])), errors
        words += ["-fsyntax-only", "-include-pch", pch]

        def check(header):
            twice = Path(folder) / (str(header).replace("/", "_") + ".cpp")
            twice.write_text(f'#include "{header}"\n' * 2)
            return compiled(words, twice)

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = [errors for errors in pool.map(check, headers) if errors]
    print("\n".join(found) or f"{len(headers)} headers compile alone")
    return 1 if found or len(headers) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
