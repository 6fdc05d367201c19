"""RDATA of each type, in text, through `waymark fmt --canonical` and through BIND's named-compilezone gives the same
octets.

The rows are those of tests/zone/field_rdata_text_test.cpp. BIND reads each row as written in the test and as Waymark
prints it. Both must give the same records in BIND. The sets below list the types that BIND does not know.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

# Types that are newer than the installed BIND, or that have no text form in it.
UNKNOWN_TO_BIND = {"DSYNC", "HHIT", "BRID", "RESINFO", "WALLET", "CLA", "IPN", "UINFO", "UID", "GID", "UNSPEC"}
# Obsolete types that BIND refuses to load, and types with which BIND treats the zone as signed.
REFUSED_BY_BIND = {"MD", "MF", "SIG", "KEY", "NXT", "RRSIG"}
# An IPSECKEY without gateway and key, and service parameters that are newer than BIND.
REFUSED_ROWS = {
    ("IPSECKEY", "10 0 0 ."),
    (
        "HTTPS",
        '1 . alpn="h2" no-default-alpn ech=AQID dohpath="/dns-query{?dns}" ohttp tls-supported-groups=29,23 key65280',
    ),
}
HEAD = "$TTL 60\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def rows(source_dir):
    path = os.path.join(source_dir, "tests/zone/field_rdata_text_test.cpp")
    pattern = r'\{"([A-Z0-9-]+)", "((?:[^"\\]|\\.)*)",\s*"[0-9a-f ]*",\s*"'
    with open(path, encoding="ascii") as source:
        for kind, text in re.findall(pattern, source.read()):
            yield kind, re.sub(r"\\(.)", r"\1", text)


def compiled(tool, text):
    """The records as BIND prints them, or None and BIND's error message."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "in"), os.path.join(folder, "out")
        with open(path, "w", encoding="latin-1") as zone:
            zone.write(text)
        run = subprocess.run(
            [
                tool,
                "-k",
                "ignore",
                "-n",
                "ignore",
                "-m",
                "ignore",
                "-M",
                "ignore",
                "-r",
                "ignore",
                "-S",
                "ignore",
                "-i",
                "none",
                "-o",
                out,
                "example",
                path,
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if run.returncode != 0:
            return None, run.stdout + run.stderr
        with open(out, encoding="latin-1") as result:
            return sorted(line.split(maxsplit=4)[3:] for line in result if " SOA " not in line), ""


def main():
    tool = shutil.which("named-compilezone") or shutil.which("named-compilezone", path="/usr/sbin:/usr/bin")
    waymark = os.environ.get("WAYMARK_BINARY")
    if not tool:
        skip("named-compilezone is not installed")
    if not waymark:
        skip("WAYMARK_BINARY is not set")
    compared, differences = 0, []
    for kind, text in rows(os.environ["WAYMARK_SOURCE_DIR"]):
        if kind in UNKNOWN_TO_BIND | REFUSED_BY_BIND or (kind, text) in REFUSED_ROWS or kind == "SOA":
            continue
        written = f"{HEAD}x {kind} {text}\n"
        theirs, complaint = compiled(tool, written)
        with tempfile.NamedTemporaryFile("w", suffix=".zone", encoding="latin-1") as zone:
            zone.write(written)
            zone.flush()
            ours = subprocess.run(
                [waymark, "fmt", "--canonical", "--zone", "example", zone.name],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        if ours.returncode != 0:
            differences.append(f"{kind} {text}: waymark: {ours.stdout}{ours.stderr}")
            continue
        again, complaint_again = compiled(tool, ours.stdout)
        if theirs is None or again is None:
            differences.append(f"{kind} {text}: BIND: {complaint}{complaint_again}")
        elif theirs != again:
            differences.append(f"{kind} {text}:\n  {theirs}\n  {again}")
        compared += 1
    for difference in differences:
        print(difference)
    print(f"{compared} records compared, {len(differences)} differences")
    sys.exit(1 if differences or compared < 100 else 0)


main()
