"""BIND, NSD, Knot and Waymark serve the same generated zones and receive the same queries.

If the three peers agree on the rcode, AA, TC or a section, Waymark must return the same. Only a rule of
differential_explained.toml permits a difference. Each rule has a predicate in known_differences.py and a section of an
RFC as its reason. For any other difference the test prints query, zone and replies, and fails.

WAYMARK_QUESTIONS (50,000; 10,000 in a sanitizer build) sets the number of queries, and WAYMARK_SEED repeats a run.
WAYMARK_PEERS_ONLY=1 shows where the peers agree.
"""
import contextlib
import os
import random
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

import known_differences
import peers
import wire
import zonegen
from support import SANITIZED, Waymark, query, scale, seed, wire_name

FIELDS = ("rcode", "aa", "tc", "answer", "authority", "additional")
CHUNK = 4096
SHOWN = 12


def text(name):
    """A wire-format name as readable text."""
    import dns.name

    return dns.name.from_wire(name, 0)[0].to_text()


def show_record(record):
    import dns.rdata
    import dns.rdatatype

    rdata = dns.rdata.from_wire(record.rrclass, record.type, record.rdata, 0, len(record.rdata))
    return f"{text(record.owner)} {record.ttl} {dns.rdatatype.to_text(record.type)} {rdata}"[:160]


def show(message):
    if message is None:
        return "    no reply"
    out = [f"    rcode {message.rcode} aa {int(message.aa)} tc {int(message.tc)}"]
    for section in FIELDS[3:]:
        out += [f"      {section}: {show_record(record)}" for record in sorted(getattr(message, section))[:14]]
    return "\n".join(out)


def decode(octets, label, question, apexes):
    if octets is None:
        return None
    try:
        # Knot repeats the records of a loop
        return normal(wire.decode(octets, twice_allowed=label != "waymark"), apexes)
    except wire.Malformed as error:
        raise AssertionError(f"{label} sent a malformed reply to {question}: {error}: {octets.hex()}") from None


def normal(message, apexes):
    """The message without the data that servers may add to a complete answer (RFC 1034 4.3.2 step 6, RFC 1035
    4.1.1): the zone's own NS RRset, and addresses that no record of the answer or authority names."""
    authority = message.authority
    if message.aa and message.answer and all(record.type == 2 and record.owner in apexes for record in authority):
        authority = frozenset()
    named = known_differences.targets(message.answer | authority)
    additional = frozenset(record for record in message.additional if record.owner in named)
    return message._replace(authority=authority, additional=additional)


class Judge:
    """Compares replies, counts results, and keeps the differences that no rule explains."""

    def __init__(self, world, table):
        self.zones = sorted(
            ((wire_name(apex.lower()), zone) for apex, zone in world.zones.items()), key=lambda row: -len(row[0])
        )
        self.rules = [(rule, getattr(known_differences, rule["name"])) for rule in table]
        self.agreed, self.explained, self.questions, self.unexplained = Counter(), Counter(), 0, []

    def zone_of(self, name):
        name = name.lower()
        return next((zone for apex, zone in self.zones if name.endswith(apex)), None)

    def see(self, question, theirs, ours):
        self.questions += 1
        for name in FIELDS:
            values = [getattr(reply, name) for reply in theirs]
            if any(value != values[0] for value in values[1:]):
                continue
            self.agreed[name] += 1
            if ours is None or getattr(ours, name) == values[0]:
                continue
            case = known_differences.Case(question, name, theirs[0], ours, self.zone_of)
            rule = next((rule for rule, holds in self.rules if holds(case)), None)
            if rule:
                self.explained[rule["name"]] += 1
            else:
                self.unexplained.append(case)

    def report(self):
        print(
            f"{self.questions} questions over {len(self.zones)} zones; fields on which the peers agree: "
            + ", ".join(f"{name} {self.agreed[name]}" for name in FIELDS)
        )
        for name, count in sorted(self.explained.items()):
            print(f"  explained {name}: {count}")
        print(f"  unexplained: {len(self.unexplained)}")
        kinds = Counter((case.field, case.question[1]) for case in self.unexplained)
        for (name, rrtype), count in kinds.most_common(20):
            print(f"    {name} {rrtype}: {count}")
        first = {(case.field, case.question[1]): case for case in reversed(self.unexplained)}  # one of each kind
        for case in list(first.values())[:SHOWN]:
            print(
                f"\n  {case.field} differs: {case.question}\n"
                f"   peers\n{show(case.theirs)}\n   waymark\n{show(case.ours)}"
            )
            print(excerpt(case))


def excerpt(case):
    """The zone's lines that contain the queried name or one of its suffixes below the apex."""
    if case.zone is None:
        return "   (no zone)"
    asked = case.question[0].lower()
    lines = [
        line
        for line in case.zone.text().splitlines()
        if asked.endswith(line.split(" ")[0].lower().removeprefix("*."))
        and " IN SOA " not in line
        or line.lower().split(" ")[0].endswith(asked)
    ]
    return "   zone\n" + "\n".join("    " + line[:150] for line in lines[:20])


def payload(question):
    name, rrtype, size, do = question
    return query(name, rrtype, ident=0, size=size, do=do)


def compare(label, world, rng, count, table, with_ours):
    judge, silent = Judge(world, table), Counter()
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="waymark-zones-")))
        files = {}
        for number, (apex, lines) in enumerate(world.texts().items()):
            files[apex] = directory / f"{number}.zone"
            files[apex].write_text(lines)
        servers = [stack.enter_context(peer(files)) for peer in peers.ALL]
        if with_ours:
            servers.append(stack.enter_context(Waymark(zones=files)))
        askers = [wire.Asker(server) for server in servers]
        names = [peer.label for peer in peers.ALL] + ["waymark"]
        asked, apexes = zonegen.questions(world, rng, count), {wire_name(apex.lower()) for apex in world.zones}
        for start in range(0, count, CHUNK):
            chunk = asked[start : start + CHUNK]
            payloads = [payload(question) for question in chunk]
            columns = [asker.ask_all(payloads) for asker in askers]
            for row, question in enumerate(chunk):
                replies = [decode(column[row], name, question, apexes) for column, name in zip(columns, names)]
                theirs = replies[: len(peers.ALL)]
                if None in theirs:
                    silent.update(name for name, reply in zip(names, replies) if reply is None)
                    continue
                if with_ours:
                    assert replies[-1] is not None, f"waymark did not answer {question}"
                    check_ours(question, columns[-1][row], replies[-1])
                judge.see(question, theirs, replies[-1] if with_ours else None)
        for asker in askers:
            asker.close()
    print(f"== {label}" + (f"; questions without a reply: {dict(silent)}" if silent else ""))
    judge.report()
    return judge


def check_ours(question, octets, reply):
    """Checks that hold for each reply of Waymark, independent of the peers."""
    name, _, size, do = question
    limit = min(max(size or 512, 512), 1232)
    assert len(octets) <= limit, f"{len(octets)} octets, more than {limit}, for {question}"
    asked = wire_name(name)
    assert octets[12 : 12 + len(asked)] == asked, f"the reply changes the case of the question: {question}"
    assert (reply.opt is not None) == (size is not None), f"OPT in only one of query and reply: {question}"
    assert reply.opt is None or bool(reply.opt.ttl & 0x8000) == do, f"DO is not copied: {question}"


def main():
    rng = random.Random(seed())
    count = scale("QUESTIONS", 10000 if SANITIZED else 50000)
    with_ours = not os.environ.get("WAYMARK_PEERS_ONLY")
    table = tomllib.loads((Path(__file__).parent / "differential_explained.toml").read_text())["rule"]
    judges = [
        compare(
            "zones of families, reverse, deep and long",
            zonegen.world(rng.random(), 120),
            rng,
            count * 9 // 10,
            table,
            with_ours,
        ),
        compare(
            "the root and zones below it",
            zonegen.root_world(rng.random()),
            rng,
            count - count * 9 // 10,
            table,
            with_ours,
        ),
    ]
    zones, asked = sum(len(judge.zones) for judge in judges), sum(judge.questions for judge in judges)
    unexplained = sum(len(judge.unexplained) for judge in judges)
    print(f"\n{zones} zones, {asked} questions, {unexplained} unexplained differences")
    assert zones >= 200 and asked >= count * 0.95
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
