"""Proofs of non-existence from zones that BIND's tools have signed with NSEC and NSEC3, with and without opt-out.

The test sends the same queries with DO to BIND, NSD, Knot and Waymark. If the three peers agree on the rcode or a
section, Waymark must return the same. If they do not agree, Waymark must return the same as one of them. delv validates
a sample of Waymark's answers alone.
"""
import contextlib
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import peers
import wire
from support import Waymark, need, query, seed, tcp

ZONE = """$TTL 3600
@ SOA ns1 hostmaster 2026112301 7200 3600 1209600 300
@ NS ns1
@ NS ns2.elsewhere.test.
@ MX 10 mail
ns1 A 192.0.2.1
mail A 192.0.2.2
www A 192.0.2.3
www AAAA 2001:db8::3
deep.er.and.deeper TXT "at the end of empty names"
*.wild A 192.0.2.4
*.wild TXT "a wildcard"
near.wild A 192.0.2.5
*.holes.wild TXT "below a wildcard's parent"
child.*.hollow A 192.0.2.6
alias CNAME www
to-wild CNAME any.wild
to-nothing CNAME absent
out CNAME www.elsewhere.test.
*.aliases CNAME absent
moved DNAME wild
plain NS ns.plain
ns.plain A 192.0.2.7
lame NS ns.elsewhere.test.
secure NS ns.secure
secure DS 4711 13 2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
ns.secure A 192.0.2.8
beneath.empty NS ns.elsewhere.test.
UPPER A 192.0.2.9
"""
# name of the zone: options for signing it
SIGNED = {
    "nsec.test.": [],
    "hashed.test.": ["-3", "-", "-H", "0"],
    "salted.test.": ["-3", "aabbccdd", "-H", "12"],
    "optout.test.": ["-3", "beef", "-H", "1", "-A"],
}
NAMES = [
    "",
    "www",
    "WWW",
    "ns1",
    "absent",
    "x.absent",
    "x.www",
    "y.x.www",
    "er.and.deeper",
    "and.deeper",
    "deeper",
    "deep.er.and.deeper",
    "x.er.and.deeper",
    "wild",
    "any.wild",
    "two.any.wild",
    "near.wild",
    "x.near.wild",
    "holes.wild",
    "x.holes.wild",
    "*.wild",
    "*.holes.wild",
    "hollow",
    "*.hollow",
    "x.hollow",
    "child.*.hollow",
    "child.x.hollow",
    "alias",
    "to-wild",
    "to-nothing",
    "out",
    "aliases",
    "x.aliases",
    "moved",
    "x.moved",
    "near.moved",
    "y.holes.moved",
    "plain",
    "www.plain",
    "ns.plain",
    "lame",
    "a.b.lame",
    "secure",
    "www.secure",
    "empty",
    "beneath.empty",
    "x.beneath.empty",
    "upper",
    "x.upper",
    "*",
    "zzz",
    "0",
    "-",
]
TYPES = ["A", "AAAA", "TXT", "NS", "DS", "MX", "CNAME", "SOA", "DNSKEY", "NSEC", "NSEC3PARAM"]
RANDOM_NAMES = 150
VALIDATED = [
    "www A",
    "absent A",
    "x.absent TXT",
    "www TXT",
    "er.and.deeper A",
    "any.wild A",
    "any.wild MX",
    "two.any.wild A",
    "x.hollow A",
    "x.er.and.deeper A",
    "ns1 MX",
    "zzz NS",
    "secure DS",
    "x.www A",
    "*.wild A",
]
SECTIONS = ("rcode", "answer", "authority")


def sign(folder, apex, how):
    """The path of the signed zone file, and of the trust anchor."""
    folder.mkdir()
    plain = folder / "plain"
    plain.write_text(ZONE)
    keys = [
        subprocess.run(
            [need("dnssec-keygen"), "-q", "-a", "ECDSAP256SHA256", *role, "-K", folder, apex],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for role in ([], ["-f", "KSK"])
    ]
    signed = folder / f"{apex}signed"
    subprocess.run(
        [need("dnssec-signzone"), "-q", "-S", "-z", "-K", folder, "-o", apex, "-f", signed, *how, plain],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    key = (folder / f"{keys[1]}.key").read_text().split("DNSKEY", 1)[1].split(None, 3)
    anchor = folder / "anchor"
    anchor.write_text(
        f'trust-anchors {{ "{apex}" static-key {key[0]} {key[1]} {key[2]} "{"".join(key[3].split())}"; }};\n'
    )
    folder.chmod(0o755)
    return signed, anchor


def hashed_owners(signed):
    return [
        line.split()[0].split(".")[0]
        for line in signed.read_text().splitlines()
        if "\tNSEC3\t" in line and not line.startswith((" ", "\t"))
    ]


def questions(apex, signed, pick):
    names = [
        *NAMES,
        *(
            "".join(pick.choices("abcdefghijklmnopqrstuvwxyz0123456789-", k=pick.randint(1, 12)))
            for _ in range(RANDOM_NAMES)
        ),
    ]
    names += [f"{pick.choice(names)}.{pick.choice(NAMES)}".strip(".") for _ in range(RANDOM_NAMES)]
    asked = [(f"{name}.{apex}" if name else apex, rrtype) for name in NAMES for rrtype in TYPES]
    asked += [(f"{name}.{apex}", pick.choice(TYPES)) for name in names[len(NAMES) :]]
    # The owners of NSEC3 records are not names of the zone, and no names exist below them (RFC 5155 7.2.8).
    asked += [
        (f"{name}.{apex}", rrtype)
        for owner in hashed_owners(signed)[:8]
        for name in (owner, f"x.{owner}")
        for rrtype in ("A", "TXT")
    ]
    return asked


def seen(octets):
    """The compared parts of a reply. The zone's own NS RRset beside an answer is excluded, because servers may add
    or omit it."""
    message = wire.decode(octets, twice_allowed=True)
    authority = message.authority
    if message.answer and message.aa:
        authority = frozenset(
            record
            for record in authority
            if record.type != 2 and not (record.type == 46 and record.rdata[:2] == b"\0\2")
        )
    return {"rcode": message.rcode, "answer": message.answer, "authority": authority}


def show(reply):
    import dns.name
    import dns.rdatatype

    lines = [f"rcode {reply['rcode']}"]
    for section in SECTIONS[1:]:
        lines += sorted(
            f"  {section} {dns.name.from_wire(record.owner, 0)[0]} {record.ttl} "
            f"{dns.rdatatype.to_text(record.type)} {record.rdata.hex()[:60]}"
            for record in reply[section]
        )
    return "\n    ".join(lines)


def compare(ports, apex, asked, tally):
    wrong = []
    for name, rrtype in asked:
        payload = query(name, rrtype, do=True)
        replies = {label: seen(tcp("127.0.0.1", port, payload)) for label, port in ports.items()}
        ours = replies.pop("waymark")
        for section in SECTIONS:
            theirs = {label: one[section] for label, one in replies.items()}
            agreed = len(set(theirs.values())) == 1
            like = [label for label, value in theirs.items() if value == ours[section]]
            tally[section, "agreed" if agreed else "split"] += 1
            if not like:
                wrong.append(
                    f"{apex} {name} {rrtype}: {section} differs from {'the peers' if agreed else 'each peer'}\n"
                    f"  waymark {show(ours)}\n  bind    {show(replies['bind'])}\n  knot    {show(replies['knot'])}"
                )
    return wrong


def validate(port, apex, anchor):
    for row in VALIDATED:
        name, rrtype = row.split()
        done = subprocess.run(
            [need("delv"), "@127.0.0.1", "-p", str(port), "-a", anchor, f"+root={apex}", f"{name}.{apex}", rrtype],
            capture_output=True,
            text=True,
            timeout=30,
        )
        output = done.stdout + done.stderr
        # With opt-out it is not certain that no name nearer than the wildcard exists (RFC 5155 12.2).
        assert "fully validated" in output or (
            "-A" in SIGNED[apex] and "any.wild" in name and "unsigned answer" in output
        ), f"{apex} {row}: delv reports\n{output}"


def main():
    need("named", "nsd", "knotd")
    pick = random.Random(seed())
    with tempfile.TemporaryDirectory(prefix="waymark-proofs-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        signed, anchors = {}, {}
        for apex, how in SIGNED.items():
            signed[apex], anchors[apex] = sign(folder / apex.rstrip("."), apex, how)
        tally, wrong = Counter(), []
        with contextlib.ExitStack() as stack:
            ours = stack.enter_context(Waymark(zones=signed))
            ports = {"waymark": ours.port} | {peer.label: stack.enter_context(peer(signed)).port for peer in peers.ALL}
            for apex in SIGNED:
                asked = questions(apex, signed[apex], pick)
                wrong += compare(ports, apex, asked, tally)
                validate(ours.port, apex, anchors[apex])
                print(f"{apex:14} {len(asked)} questions, {len(VALIDATED)} answers validated")
    for difference in wrong[:12]:
        print(difference)
    print(dict(tally))
    assert not wrong, f"{len(wrong)} differences"
    assert all(tally[section, "agreed"] > 9 * tally[section, "split"] for section in SECTIONS), "too few agreements"


if __name__ == "__main__":
    sys.exit(main())
