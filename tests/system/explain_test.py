"""Serves each golden file. The output of `waymark explain` must equal the server's answer, and its trace must be the
one in the golden file.
"""
import json
import re
import tempfile
from pathlib import Path

import dns.rdatatype

from support import AA, SOURCE, Waymark, run

SECTIONS = (("answerRRs", "answer"), ("authorityRRs", "authority"), ("additionalRRs", "additional"))
QUESTIONS_MIN = 100  # fewer mean that the golden files were not read


class GoldenFile:
    def __init__(self, path):
        self.name = path.stem
        self.zones = {}  # apex: master file text
        self.asks = []  # (name, type, do, reason)
        self.has_choices = False
        block = None
        for line in path.read_text().splitlines():
            self.has_choices = self.has_choices or line.startswith("choice ")
            if line.startswith("zone "):
                block = self.zones.setdefault(line.split()[1], [])
            elif line.startswith("ask "):
                _, name, rrtype, *how = line.split()
                self.asks.append([name, rrtype, "do" in how, None])
                block = None
            elif line.startswith("  ") and block is not None:
                block.append(line[2:])
            elif (trace := re.fullmatch(r"  trace +(.*)", line)) and self.asks:
                self.asks[-1][3] = trace[1]

    def write(self, folder):
        """Writes the zone files. Returns the `--zone` arguments for them."""
        words = []
        for count, (apex, lines) in enumerate(self.zones.items()):
            file = Path(folder) / f"{count}.zone"
            file.write_text("\n".join(lines) + "\n")
            words += ["--zone", f"{apex}={file}"]
        return words


def record(owner, rrtype, ttl, rdata):
    return owner.lower(), rrtype, ttl, rdata.lower()


def explained(words, name, rrtype, do):
    code, out, err = run("explain", name, rrtype, *words, "--json", *(["--dnssec"] if do else []))
    # Exit code 1: a golden file has a zone that cannot be loaded.
    assert code in (0, 1, 4) and out, f"{name} {rrtype}: exit code {code}: {err}"
    return json.loads(out)


def explained_section(message, section):
    return sorted(record(r["NAME"], r["TYPE"], r["TTL"], r["RDATAHEX"]) for r in message[section] if r["TYPE"] != 41)


def served(reply, section):
    return sorted(
        record(rrset.name.to_text(), rrset.rdtype, rrset.ttl, rdata.to_wire().hex())
        for rrset in getattr(reply, section)
        for rdata in rrset
    )


def check(server, words, name, rrtype, do, reason):
    explanation = explained(words, name, rrtype, do)
    reply = server.ask(name, int(dns.rdatatype.from_text(rrtype)), transport="tcp", do=do)
    message = explanation["message"]
    assert message["RCODE"] == reply.rcode, f"{name} {rrtype}: explained {message['RCODE']}, served {reply.rcode}"
    assert bool(message["AA"]) == reply.has(AA), f"{name} {rrtype}: AA"
    for key, section in SECTIONS:
        left, right = explained_section(message, key), served(reply, section)
        assert left == right, f"{name} {rrtype} {section}:\n explained {left}\n served    {right}"
    assert " / ".join(explanation["trace"]) == reason, f"{name} {rrtype}: {explanation['trace']}, expected {reason}"


def main():
    asked = 0
    for path in sorted((SOURCE / "tests/golden").glob("*.golden")):
        golden = GoldenFile(path)
        if golden.has_choices:
            continue  # the golden test adds the choices itself: no zone file contains them
        with tempfile.TemporaryDirectory(prefix="waymark-explain-") as folder:
            words = golden.write(folder)
            with Waymark(*words) as server:
                for ask in golden.asks:
                    check(server, words, *ask)
                    asked += 1
        print(f"ok {golden.name}: {len(golden.asks)} questions")
    assert asked >= QUESTIONS_MIN, f"only {asked} questions"
    print(f"{asked} questions: explain and server agree")


main()
