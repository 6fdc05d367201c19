"""Real, generated and example zones. `waymark fmt --canonical` prints the same record set as named-compilezone, and
the server returns the records of the file. 0 records lost, 0 changed.
"""
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

import wire
import zonegen
from support import NOERROR, NXDOMAIN, SOURCE, Waymark, need, query, run, seed, udp, wire_name

COMPILE = [
    "-q",
    "-f",
    "text",
    "-F",
    "text",
    "-s",
    "full",
    "-i",
    "none",
    "-k",
    "ignore",
    "-m",
    "ignore",
    "-n",
    "ignore",
    "-r",
    "ignore",
    "-M",
    "ignore",
    "-S",
    "ignore",
    "-o",
    "-",
]


def records_of(lines):
    """Lines with one record each (absolute owner, TTL, class, type and RDATA) as a set of (owner, TTL, type,
    canonical octets)."""
    found = set()
    for line in lines.splitlines():
        if not line or line.startswith(";"):
            continue
        owner, ttl, _, rrtype, rdata = (line.split(None, 4) + [""])[:5]
        number = dns.rdatatype.from_text(rrtype)
        value = dns.rdata.from_text(dns.rdataclass.IN, number, rdata, origin=dns.name.root, relativize=False)
        found.add((wire_name(owner).translate(wire.FOLD), int(ttl), number, value.to_digestable()))
    return found


def compiled(apex, path):
    done = subprocess.run(
        [need("named-compilezone"), *COMPILE, apex, str(path)],
        capture_output=True,
        text=True,
        cwd=path.parent,
        timeout=60,
    )
    assert done.returncode == 0, f"named-compilezone {apex} {path}: {done.stdout[-500:]}{done.stderr[-500:]}"
    return records_of(done.stdout)


def canonical(apex, path):
    code, out, err = run("fmt", "--canonical", "--zone", apex, path, cwd=path.parent)
    assert code == 0, f"waymark fmt --canonical --zone {apex} {path} ended with {code}: {err[-1500:]}"
    return records_of(out)


def compare(apex, path):
    """Checks that both programs print the same records. Returns their number."""
    theirs, ours = compiled(apex, path), canonical(apex, path)
    lost, added = theirs - ours, ours - theirs
    assert (
        not lost and not added
    ), f"{apex} ({path}): {len(lost)} lost {sorted(lost)[:3]}, {len(added)} added {sorted(added)[:3]}"
    return len(theirs)


def root_zone():
    path = SOURCE / "tests/system/zones/root.zone"
    code, out, err = run("check", "--zone", f".={path}")
    assert code == 0, f"waymark check of the root zone ended with {code}: {out[-1500:]}{err[-1500:]}"
    print(f"root.zone: {compare('.', path)} records, 0 lost, 0 changed")
    served_root(path, random.Random(seed()))


def served_root(path, rng):
    """Referrals for delegated names, data at the apex, NXDOMAIN for absent names."""
    records = compiled(".", path)
    servers = {}
    for owner, _, rrtype, rdata in records:
        if rrtype == 2:
            servers.setdefault(owner, set()).add(rdata)
    with Waymark(zones={".": path}) as server:
        for owner in rng.sample(sorted(servers), 400):
            reply = wire.decode(udp(server.address, server.port, query(b"\3www" + owner, "A", size=1232)))
            where = reply.answer if owner == b"\0" else reply.authority
            if owner != b"\0":
                assert reply.rcode == NOERROR and not reply.aa, owner
                assert {record.rdata for record in where if record.type == 2} == servers[owner], owner
        apex = wire.decode(udp(server.address, server.port, query(".", "NS", size=1232)))
        assert apex.aa and {record.rdata for record in apex.answer} == servers[b"\0"]
        for _ in range(100):
            name = f"www.zz{rng.randrange(10**9)}x."
            reply = wire.decode(udp(server.address, server.port, query(name, "A")))
            assert reply.rcode == NXDOMAIN and reply.aa and {record.type for record in reply.authority} == {6}, name
    print("root.zone: 400 referrals, the apex and 100 absent names match the file")


def generated():
    records = zones = 0
    with tempfile.TemporaryDirectory(prefix="waymark-zones-") as directory:
        for world in (zonegen.world(random.Random(seed()).random(), 120), zonegen.root_world(seed())):
            for number, (apex, text) in enumerate(world.texts().items()):
                path = Path(directory) / f"{number}.zone"
                path.write_text(text)
                records += compare(apex, path)
                zones += 1
    print(f"generated: {zones} zones, {records} records, 0 lost, 0 changed")


def examples():
    for path in sorted((SOURCE / "zones-example").glob("*.zone")):
        print(f"{path.name}: {compare(path.name.removesuffix('.zone') + '.', path)} records, 0 lost, 0 changed")


def main():
    need("named-compilezone")
    examples()
    root_zone()
    generated()


if __name__ == "__main__":
    sys.exit(main())
