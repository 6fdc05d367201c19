"""The predicates of differential_explained.toml: each decides whether its rule explains a difference."""
from dataclasses import dataclass

import wire
from support import type_number, wire_name

TARGET_AT = {2: 0, 15: 2, 33: 6, 18: 2, 36: 2, 64: 2, 65: 2, 21: 2}  # type -> octets before the target's name
ADDRESSES = {1, 28}


def targets(records):
    """The names that records point to for addresses (RFC 1035 3.3.9, RFC 2782, RFC 9460 5). An SVCB target of "."
    means the owner."""
    found = set()
    for record in records:
        if record.type in TARGET_AT:
            name = record.rdata[TARGET_AT[record.type] :]
            end = wire.read_name(name, 0)[1]
            found.add(record.owner if name[:end] == b"\0" else name[:end])
        elif record.type == 35:
            found.add(record.rdata[naptr_target(record.rdata) :])
    return found


def naptr_target(rdata):
    """The offset of a NAPTR's replacement: after two numbers and three strings."""
    at = 4
    for _ in range(3):
        at += 1 + rdata[at]
    return at


@dataclass
class Case:
    """One field of one reply in which Waymark differs from the common result of the three peers."""

    question: tuple
    field: str
    theirs: wire.Message
    ours: wire.Message
    zone_of: object  # a name's closest served zone, or None

    @property
    def zone(self):
        return self.zone_of(wire_name(self.question[0]))


def chain_end(message, name):
    """The target of the CNAME chain from `name` in the answer section; None for a loop."""
    aliases = {record.owner: record.rdata for record in message.answer if record.type == 5}
    name = name.translate(wire.FOLD)
    for _ in range(len(aliases) + 1):
        if name not in aliases:
            return name
        name = aliases[name]
    return None


def sections_of_a_truncated_reply(case):
    return case.field in ("answer", "authority", "additional") and case.ours.tc and case.theirs.tc


def chain_into_another_zone(case):
    """The peers' chain ends where it leaves its zone. Waymark's chain starts with the same records and continues in
    another served zone."""
    end = chain_end(case.theirs, wire_name(case.question[0]))
    if (
        end is None
        or not case.theirs.answer
        or case.theirs.authority
        or case.theirs.rcode
        or not case.theirs.answer <= case.ours.answer
    ):
        return False
    return case.zone_of(end) is not None and case.zone_of(end) is not case.zone


def held(zone):
    """The (owner, type) sets that the zone file contains."""
    if not hasattr(zone, "held"):
        zone.held = {(wire_name(owner).translate(wire.FOLD), type_number(rrtype)) for owner, rrtype in zone.records}
    return zone.held


def stands_in(zone, record):
    """True if the zone has the record's set at its name or at a wildcard above it."""
    name = record.owner
    while (name, record.type) not in held(zone):
        if name == b"\0":
            return False
        name = name[1 + name[0] :]
        if (b"\1*" + name, record.type) in held(zone):
            return True
    return name == record.owner


def more_addresses(case):
    """Waymark returns all of the peers' records and additional addresses. These belong to names that the answer or
    referral points to, and are in the zone."""
    extra = case.ours.additional - case.theirs.additional
    named = targets(case.ours.answer | case.ours.authority)
    return (
        case.field == "additional"
        and case.theirs.additional <= case.ours.additional
        and case.zone is not None
        and all(record.type in ADDRESSES and record.owner in named for record in extra)
        and all(stands_in(case.zone_of(record.owner), record) for record in extra)
    )


def truncated_for_lack_of_glue(case):
    """A referral without room for all in-domain glue: Waymark sets TC, the peers omit glue without TC."""
    cuts = {record.owner for record in case.ours.authority if record.type == 2}
    if case.field not in ("tc", "authority", "additional") or not case.ours.tc or case.theirs.tc or len(cuts) != 1:
        return False
    cut, given = cuts.pop(), {(record.owner, record.type) for record in case.ours.additional}
    inside = {record.rdata for record in case.ours.authority if record.type == 2 and record.rdata.endswith(cut)}
    parent = case.zone_of(cut[1 + cut[0] :])
    return any(
        (server, rrtype) in held(parent) and (server, rrtype) not in given for server in inside for rrtype in ADDRESSES
    )
