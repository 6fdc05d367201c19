"""Checks the form of the tree: clang-format, 120 columns, no old names, includes of std, and the size of rooms.

`clang-format-19 -i FILE` corrects the format. A room is a folder of zone/, server/ or tools/. A header and its source
are one module.
"""
import itertools
import os
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import std_includes

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 120
MAX_MODULES, MIN_LINES = 15, 20
SHORT_FOR_A_REASON = {"zone/diagnostic/codes.h": "the three tables of codes share it"}
# These files have wide lines: inputs of tests, and records as servers print them.
WIDE = re.compile(
    r"corpus/|tests/system/zones/|\.(golden|zone|json|svg|txt)$|^LICENSE$|^docs/waymark\.(1|toml\.5)$|\.ja\.md$"
)
URL_OR_TABLE = re.compile(r"https?://|^\|")
OLD_NAMES = re.compile(
    r"\b(Keeper|Conductor|OrderBook|Scribe|Remembered|AnswerTrack|AnswerOptions|LaidSet|Laying|UdpCourier|TcpCourier|"
    r"Farewell|least_entitled|note_crowd|send_apart|Narrator|OwnerRun|BodyTable|LeafMaker|HashChain|KeptName|"
    r"Relocatable|Follower|deny_name|deny_type|deny_nearer|Whereabouts|DeskOptions|hold_back|lay_over|write_down)\b|"
    r"\[\[answer\]\]|\[\[answer\.members\]\]|"
    r"\b(zone/(express|fault)|server/(folder|rules|reply|policy))/")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def text_of(name):
    return (ROOT / name).read_bytes().decode("utf-8", "replace")


def unformatted(names):
    def run(part):
        command = ["clang-format-19", "--dry-run", "-Werror", *part]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return [line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line]

    parts = [names[start : start + 50] for start in range(0, len(names), 50)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sorted(set(itertools.chain.from_iterable(pool.map(run, parts))))


def faults():
    names = tracked()
    sources = [name for name in names if name.endswith((".h", ".cpp"))]
    for name in unformatted(sources):
        yield f"{name}: run clang-format-19 -i"
    for name in names:
        if name.endswith((".svg", ".pcap")) or name == "tests/style/form_test.py":
            continue
        for number, line in enumerate(text_of(name).splitlines(), 1):
            if len(line) > COLUMNS and not WIDE.search(name) and not URL_OR_TABLE.search(line):
                yield f"{name}:{number}: {len(line)} columns"
            if OLD_NAMES.search(line):
                yield f"{name}:{number}: old name: {OLD_NAMES.search(line)[0]}"
    headers = {name: text_of(name) for name in sources if name.endswith(".h")}
    for name, used, header in std_includes.lacking(headers):
        yield f"{name}: std::{used} needs #include <{header}>"
    rooms = defaultdict(lambda: defaultdict(list))
    for name in sources:
        parts = name.split("/")
        if parts[0] in ("zone", "server", "tools") and len(parts) == 3:
            rooms["/".join(parts[:2])][parts[2].split(".")[0]].append(name)
    assert len(rooms) > 20, rooms.keys()
    for room, modules in sorted(rooms.items()):
        if len(modules) > MAX_MODULES:
            yield f"{room}: {len(modules)} modules, at most {MAX_MODULES}"
        for files in modules.values():
            lines = sum(len(text_of(name).splitlines()) for name in files)
            if lines < MIN_LINES and files[0] not in SHORT_FOR_A_REASON:
                yield f"{files[0]}: {lines} lines; move them to a neighbour"


def main():
    found = list(faults())
    print("\n".join(found[:200]) or f"{len(tracked())} files have the correct form")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
