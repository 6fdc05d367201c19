"""performance.py measures, saves the results, and writes a page and plots; this test uses small zones and short
loads. docs/performance.md and its plots must equal the script's output for docs/performance/results.json.
"""
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
COLUMNS = 120
SMALL = (
    "--rounds",
    "2",
    "--seconds",
    "0.2",
    "--delegations",
    "20000",
    "--zones",
    "50",
    "--questions",
    "2000",
    "--only",
    "Waymark",
)
PLOTS = {"small-udp.svg", "small-tcp.svg", "absent-udp.svg", "registry-udp.svg", "hosting-udp.svg", "loading.svg"}


def performance(*words):
    subprocess.run([sys.executable, str(SOURCE / "tests/bench/performance.py"), *map(str, words)], check=True)


def texts(page):
    """{name: text} of the page and its plots. The plots must be well-formed XML."""
    found = {"page": page.read_text()}
    for path in page.with_suffix("").glob("*.svg"):
        found[path.name] = path.read_text()
        assert xml.etree.ElementTree.fromstring(found[path.name]).tag == "{http://www.w3.org/2000/svg}svg", path
    assert set(found) == PLOTS | {"page"}, sorted(found)
    for name in PLOTS:
        assert f"/{name})" in found["page"], f"the page does not show {name}"
    too_long = [line for line in found["page"].splitlines() if len(line) > COLUMNS]
    assert not too_long, too_long
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        measured, again, committed = (Path(folder, name) / "performance.md" for name in ("measured", "again", "docs"))
        saved = Path(folder) / "results.json"
        performance("--build", os.environ["WAYMARK_BUILD"], "--save", saved, "--out", measured, *SMALL)
        performance("--from", saved, "--out", again)
        assert texts(measured) == texts(again), "the saved results do not give the same page"
        performance("--from", SOURCE / "docs/performance/results.json", "--out", committed)
        assert texts(committed) == texts(
            SOURCE / "docs/performance.md"
        ), "docs/performance.md is out of date: run tests/bench/performance.py --from docs/performance/results.json"
    print("page and plots are written, are well-formed, and come out the same from saved results")


if __name__ == "__main__":
    main()
