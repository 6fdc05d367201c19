"""The predicates of differential_explained.toml: each says of one difference whether its rule explains it."""
from dataclasses import dataclass

import wire

TARGET_AT = {2: 0, 15: 2, 33: 6, 18: 2, 36: 2, 64: 2, 65: 2, 21: 2}  # type -> octets before the target's name
ADDRESSES = {1, 28}


def targets(records):
    """The names that records point to for addresses (RFC 1035 3.3.9, RFC 2782, RFC 9460 5); a SVCB target of . is the owner."""
    found = set()
    for record in records:
        if record.type in TARGET_AT:
            name = record.rdata[TARGET_AT[record.type]:]
            end = wire.read_name(name, 0)[1]
            found.add(record.owner if name[:end] == b"\0" else name[:end])
        elif record.type == 35:
            found.add(record.rdata[naptr_target(record.rdata):])
    return found


def naptr_target(rdata):
    """Where a NAPTR's replacement begins: behind two numbers and three strings."""
    at = 4
    for _ in range(3):
        at += 1 + rdata[at]
    return at


@dataclass
class Case:
    """One field of one reply in which Waymark differs from what the three peers agree on."""
    question: tuple
    field: str
    theirs: wire.Message
    ours: wire.Message
    zone: object
    all_theirs: list


def sections_of_a_truncated_reply(case):
    """Both are truncated: what is left in the sections is not for use."""
    return case.field in ("answer", "authority", "additional") and case.ours.tc and case.theirs.tc
