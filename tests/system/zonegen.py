"""Generates worlds of zones from a seed, and queries for them: every kind of node that RFC 1034 4.3.2 distinguishes.

A `World` is a dict of zones {apex: text}. BIND, NSD and Knot can serve all of them together; some are parents and
children of one another. `questions(world, rng, count)` queries existing names, and names beside and below them. Names
are absolute presentation text. The same seed gives the same bytes.
"""
import random
from dataclasses import dataclass, field

PLAIN = [
    "A",
    "AAAA",
    "TXT",
    "MX",
    "SRV",
    "PTR",
    "CAA",
    "NAPTR",
    "SSHFP",
    "TLSA",
    "LOC",
    "HINFO",
    "RP",
    "AFSDB",
    "URI",
    "SVCB",
    "HTTPS",
    "TYPE65280",
    "TYPE777",
    "OPENPGPKEY",
    "EUI48",
]
ASKED = [
    "A",
    "A",
    "AAAA",
    "AAAA",
    "NS",
    "SOA",
    "CNAME",
    "MX",
    "TXT",
    "DS",
    "DNAME",
    "SRV",
    "SVCB",
    "HTTPS",
    "PTR",
    "NAPTR",
    "CAA",
]
ASKED_ODD = [
    "ANY",
    "RRSIG",
    "NSEC",
    "NSEC3",
    "DNSKEY",
    "TYPE65280",
    "TYPE777",
    "TYPE0",
    "TYPE10",
    "TYPE128",
    "TYPE260",
    "TYPE32769",
    "TYPE65535",
    "LOC",
    "HINFO",
    "TLSA",
    "SSHFP",
    "RP",
    "URI",
    "TYPE99",
    "TYPE38",
    "TYPE30",
]
LABELS = [
    "www",
    "mail",
    "ns",
    "api",
    "a",
    "b",
    "c",
    "db",
    "x1",
    "host",
    "blog",
    "shop",
    "dev",
    "_tcp",
    "_sip",
    "web-1",
    "deep",
    "under",
]
ODD_LABELS = [
    "\\000",
    "sp\\032ace",
    "dot\\.ted",
    "back\\\\slash",
    "st*r",
    "\\200\\255",
    "UPPER",
    "MiXeD",
    "\\@at",
    "q\\\"uote",
    "semi\\;colon",
    "_under",
    "-dash",
    "0",
    "l" * 63,
    "\\009tab",
    "xn--bcher-kva",
    "(paren)".replace("(", "\\(").replace(")", "\\)"),
    "$dollar".replace("$", "\\$"),
]


@dataclass
class Zone:
    """A zone under construction. `kinds` records the kind of each owner, {owner: kind}, so that queries can select
    by kind."""

    apex: str
    records: dict = field(default_factory=dict)  # (owner in lower case, type) -> (owner, ttl, type, [rdata])
    kinds: dict = field(default_factory=dict)

    def under(self, label):
        return label + "." + self.apex if self.apex != "." else label + "."

    def add(self, owner, rrtype, rdata, ttl, kind="plain"):
        key = (owner.lower(), rrtype)
        if key in self.records:
            if rdata not in self.records[key][3]:
                self.records[key][3].append(rdata)
        else:
            self.records[key] = (owner, ttl, rrtype, [rdata])
        self.kinds.setdefault(owner, kind)

    def types_at(self, owner):
        return {rrtype for name, rrtype in self.records if name == owner.lower()}

    def blocked(self, owner):
        """True if a name must not get further data: it is an alias or a zone cut, or is at or below a DNAME."""
        low = owner.lower()
        for name, rrtype in self.records:
            if rrtype == "CNAME" and name == low:
                return True
            if rrtype == "DNAME" and (name == low or low.endswith("." + name)):
                return True
            if rrtype == "NS" and name != self.apex.lower() and (name == low or low.endswith("." + name)):
                return True
        return False

    def has_below(self, owner):
        return any(name.endswith("." + owner.lower()) for name, _ in self.records)

    def text(self):
        lines = []
        for owner, ttl, rrtype, rdatas in self.records.values():
            lines += [f"{owner} {ttl} IN {rrtype} {rdata}" for rdata in rdatas]
        soa = next(line for line in lines if " IN SOA " in line)
        lines.remove(soa)
        return "\n".join([soa] + lines) + "\n"


@dataclass
class World:
    zones: dict  # apex -> Zone

    def texts(self):
        return {apex: zone.text() for apex, zone in self.zones.items()}


class Maker:
    """Fills one zone. `others` are the apexes of the world, as targets in other zones."""

    def __init__(self, zone, rng, others):
        self.zone, self.rng, self.others = zone, rng, others
        self.names = []

    def label(self):
        if self.rng.random() < 0.12:
            return self.rng.choice(ODD_LABELS)
        if self.rng.random() < 0.1:
            return "*"
        return self.rng.choice(LABELS) + (str(self.rng.randrange(30)) if self.rng.random() < 0.5 else "")

    def fresh(self, depth=None):
        depth = depth or self.rng.choice([1, 1, 1, 2, 2, 3, 5])
        base = self.rng.choice(self.names) if self.names and self.rng.random() < 0.3 else self.zone.apex
        for _ in range(depth):
            longer = self.label() + "." + base if base != "." else self.label() + "."
            if len(longer) > 200 or longer.count(".") > 60:
                break
            base = longer
        return base

    def place(self, depth=None):
        """A name that may have data, or None."""
        for _ in range(12):
            name = self.fresh(depth)
            if not self.zone.blocked(name) and name != self.zone.apex:
                return name
        return None

    def target(self):
        """A target: a name in this zone, an absent one, one covered by a wildcard, one in another zone, or one
        outside all zones."""
        pick = self.rng.random()
        if pick < 0.45 and self.names:
            return self.rng.choice(self.names)
        if pick < 0.6:
            return self.fresh(1)
        if pick < 0.7 and self.names:
            return "absent." + self.rng.choice(self.names).removeprefix("*.")
        if pick < 0.85:
            other = self.rng.choice(self.others)
            return self.rng.choice(LABELS) + "." + other if other != "." else "a."
        return self.rng.choice(["elsewhere.invalid.", "ns.outside.invalid.", "."]) if pick < 0.97 else self.zone.apex

    def address(self):
        return f"192.0.{self.rng.randrange(256)}.{self.rng.randrange(256)}"

    def address6(self):
        return f"2001:db8:{self.rng.randrange(65536):x}::{self.rng.randrange(1, 65536):x}"

    def string(self, most=60):
        size = self.rng.choice([0, 1, 5, 20, most, min(255, most * 4)])
        return '"' + "".join(self.rng.choice("abcdefghij KLMNOP=:+/.-_0123456789") for _ in range(size)) + '"'

    def digest(self, octets):
        return "".join(f"{self.rng.randrange(256):02x}" for _ in range(octets))

    def host(self):
        return self.target() if self.rng.random() < 0.95 else self.zone.apex

    def rdata(self, rrtype):
        r = self.rng
        table = {
            "A": self.address,
            "AAAA": self.address6,
            "TXT": lambda: " ".join(self.string() for _ in range(r.choice([1, 1, 2, 5]))),
            "MX": lambda: f"{r.randrange(100)} {self.host()}",
            "SRV": lambda: f"{r.randrange(9)} {r.randrange(99)} {r.randrange(65536)} {self.host()}",
            "PTR": self.host,
            "CAA": lambda: f'{r.choice([0, 128])} {r.choice(["issue", "iodef"])} "ca{r.randrange(9)}.invalid"',
            "NAPTR": lambda: f'{r.randrange(99)} {r.randrange(99)} "{r.choice("ASU")}" "SIP+D2U" "" {self.host()}',
            "SSHFP": lambda: f"4 2 {self.digest(32)}",
            "TLSA": lambda: f"3 1 1 {self.digest(32)}",
            "LOC": lambda: (
                f"{r.randrange(89)} {r.randrange(59)} {r.randrange(59)}.000 N 10 0 0.000 E "
                f"{r.randrange(900)}.00m 1m 100m 10m"
            ),
            "HINFO": lambda: '"PC" "OS"',
            "RP": lambda: f"{self.host()} {self.host()}",
            "AFSDB": lambda: f"1 {self.host()}",
            "URI": lambda: f'{r.randrange(9)} 1 "https://u{r.randrange(99)}.invalid/"',
            "SVCB": lambda: f"{r.randrange(1, 9)} {self.host()} alpn=h2 port={r.randrange(1, 65536)}",
            "HTTPS": lambda: r.choice(
                [
                    f"0 {self.host()}",
                    "1 . alpn=h2,h3 ipv4hint=192.0.2.1",
                    f"{r.randrange(1, 5)} {self.host()} port=8443",
                ]
            ),
            "TYPE65280": lambda: f"\\# {(n := r.randrange(1, 40))} {self.digest(n)}",
            "TYPE777": lambda: "\\# 0" if r.random() < 0.3 else "\\# 2 0bad",
            "OPENPGPKEY": lambda: "mQENBFVHm5sBCADc",
            "EUI48": lambda: "00-00-5e-00-53-" + self.digest(1),
        }
        return table[rrtype]()

    def ttl(self):
        return self.rng.choice([0, 1, 60, 300, 3600, 86400, 604800])

    # One method for each kind of node. ------------------------------------------------------------------------

    def apex(self):
        z, r = self.zone, self.rng
        minimum = r.choice([0, 30, 300, 7200])
        z.add(
            z.apex,
            "SOA",
            f"{z.under('ns')} {z.under('hostmaster')} {r.randrange(1, 2**31)} 7200 3600 1209600 {minimum}",
            self.ttl() or 60,
            "apex",
        )
        ttl = self.ttl() or 60
        z.add(z.apex, "NS", z.under("ns"), ttl, "apex")
        z.add(z.under("ns"), "A", self.address(), 300)
        self.names.append(z.under("ns"))
        if r.random() < 0.5:
            z.add(z.under("ns"), "AAAA", self.address6(), 300)
        for extra in range(r.choice([0, 1, 1, 3, 12])):
            z.add(
                z.apex,
                "NS",
                r.choice(
                    [
                        f"ns{extra}.outside.invalid.",
                        z.under(f"n{extra}"),
                        f"ns{extra}." + r.choice(self.others).lstrip("."),
                    ]
                ),
                ttl,
                "apex",
            )
        if r.random() < 0.5:
            z.add(z.under("n1"), "A", self.address(), 120)
        for rrtype in r.sample(["A", "AAAA", "MX", "TXT", "CAA", "HTTPS"], r.randrange(5)):
            ttl = self.ttl()
            for _ in range(r.choice([1, 1, 3])):
                z.add(z.apex, rrtype, self.rdata(rrtype), ttl, "apex")

    def plain(self, name=None, kind="plain"):
        name = name or self.place()
        if not name:
            return
        for rrtype in self.rng.sample(PLAIN, self.rng.choice([1, 1, 2, 4])):
            ttl = self.ttl()
            for _ in range(self.rng.choice([1, 1, 2, 5])):
                self.zone.add(name, rrtype, self.rdata(rrtype), ttl, kind)
        self.names.append(name)

    def wildcard(self):
        base = self.place(self.rng.choice([1, 2, 3])) if self.rng.random() < 0.7 else self.zone.apex
        if not base or base.count(".") > 50:
            return
        name = "*." + base if base != "." else "*."
        if self.zone.blocked(name):
            return
        if self.rng.random() < 0.2:
            if not self.zone.types_at(name):
                self.zone.add(name, "CNAME", self.target(), self.ttl(), "wildcard")
            return
        self.plain(name, "wildcard")

    def empty(self):
        """Empty non-terminals: names that have only other names below them."""
        base = self.place(self.rng.choice([1, 2]))
        if base:
            self.plain(f"leaf{self.rng.randrange(9)}.mid.ent{self.rng.randrange(9)}." + base, "below-empty")

    def cname(self, name=None, target=None):
        name = name or self.place(self.rng.choice([1, 1, 2]))
        if name and not self.zone.types_at(name) and not self.zone.blocked(name) and name != self.zone.apex:
            self.zone.add(name, "CNAME", target or self.target(), self.ttl(), "cname")
            self.names.append(name)

    def chain(self):
        """A chain of CNAMEs: to data, to nothing, into another zone, or a loop."""
        tag, steps = self.rng.randrange(1000), self.rng.choice([2, 3, 5, 9])
        at = [self.zone.under(f"chain{tag}-{i}") for i in range(steps)]
        end = self.rng.choice([self.target(), at[0], at[-1], "absent." + self.zone.apex.lstrip(".")])
        for i, name in enumerate(at):
            self.cname(name, at[i + 1] if i + 1 < steps else end)

    def dname(self):
        name = self.place(self.rng.choice([1, 2]))
        if (
            not name
            or self.zone.has_below(name)
            or "CNAME" in self.zone.types_at(name)
            or name.startswith("*")
            or "*" in name.split(".")
        ):
            return
        self.zone.add(name, "DNAME", self.target(), self.ttl(), "dname")
        self.names.append("sub." + name)

    def dname_chain(self):
        tag = self.rng.randrange(1000)
        at = [self.zone.under(f"dn{tag}-{i}") for i in range(self.rng.choice([2, 3, 4]))]
        end = self.rng.choice(
            [self.zone.apex, at[0], "outside.invalid.", ("l" * 60 + ".") * 3 + self.zone.apex.lstrip(".")]
        )
        for i, name in enumerate(at):
            if not self.zone.types_at(name):
                self.zone.add(name, "DNAME", at[i + 1] if i + 1 < len(at) else end, self.ttl(), "dname")

    def cut(self):
        """A delegation: its servers are in the child, in this zone, or elsewhere; sometimes with DS and occluded
        data."""
        name = self.place(self.rng.choice([1, 1, 2]))
        if not name or self.zone.types_at(name) or self.zone.has_below(name) or "*" in name.split("."):
            return
        r, ttl = self.rng, self.ttl()
        for i in range(r.choice([1, 2, 2, 4, 13])):
            kind = r.random()
            if kind < 0.45:
                server = f"ns{i}." + name
                if r.random() < 0.9:
                    self.glue(server)
            elif kind < 0.7:
                server = self.zone.under(f"sib{r.randrange(4)}")
                if not self.zone.types_at(server) and r.random() < 0.8 and not self.zone.blocked(server):
                    self.zone.add(server, "A", self.address(), 300)
            else:
                server = r.choice([f"ns{i}.outside.invalid.", "ns." + r.choice(self.others).lstrip(".")])
            self.zone.add(name, "NS", server, ttl, "cut")
        if r.random() < 0.4:
            ttl = self.ttl()
            for _ in range(r.choice([1, 2])):
                self.zone.add(name, "DS", f"{r.randrange(65536)} 13 2 {self.digest(32)}", ttl, "cut")
        if r.random() < 0.3:
            self.zone.add("hidden." + name, "TXT", self.rdata("TXT"), 60, "occluded")
        self.names.append(name)

    def glue(self, server):
        if self.rng.random() < 0.9:
            self.zone.add(server, "A", self.address(), 300, "glue")
        if self.rng.random() < 0.5:
            self.zone.add(server, "AAAA", self.address6(), 300, "glue")

    def big(self):
        """RRsets around and above the sizes that UDP carries."""
        name = self.place(1)
        if not name or self.zone.types_at(name):
            return
        kind, count = self.rng.choice(
            [("A", 25), ("A", 70), ("A", 250), ("TXT", 6), ("TXT", 20), ("MX", 30), ("AAAA", 40)]
        )
        ttl = self.ttl()
        for i in range(count):
            rdata = {
                "A": f"198.51.{i // 250}.{i % 250}",
                "AAAA": f"2001:db8::{i + 1:x}",
                "TXT": f'"{i} {"t" * 180}"',
                "MX": f"{i} {self.zone.under(f'mx{i}')}",
            }[kind]
            self.zone.add(name, kind, rdata, ttl, "big")
        self.names.append(name)


def fill(zone, rng, others, size):
    maker = Maker(zone, rng, others)
    maker.apex()
    steps = [
        (maker.plain, 10),
        (maker.wildcard, 4),
        (maker.empty, 3),
        (maker.cname, 4),
        (maker.chain, 2),
        (maker.dname, 2),
        (maker.dname_chain, 1),
        (maker.cut, 4),
        (maker.big, 1),
    ]
    for step in rng.choices([s for s, _ in steps], [w for _, w in steps], k=size):
        step()
    return maker


def delegate(parent, child, rng):
    """The zone cut in a served parent for a served child, with glue if the child's servers need it."""
    if parent.blocked(child.apex) or "CNAME" in parent.types_at(child.apex):
        return
    for owner, rrtype in list(parent.records):
        if owner == child.apex.lower() and rrtype not in ("NS", "DS"):
            del parent.records[owner, rrtype]
    parent.add(child.apex, "NS", child.under("ns"), 3600, "cut")
    parent.add(child.under("ns"), "A", "192.0.2.53", 300, "glue")
    if rng.random() < 0.5:
        parent.add(child.apex, "DS", "12345 13 2 " + "ab" * 32, 3600, "cut")


def world(seed, families):
    """Zones without the root: `families` of a parent with child and grandchild or alone, reverse zones, deep and
    long ones."""
    rng = random.Random(seed)
    apexes = []
    for i in range(families):
        apexes.append(f"z{i}.test.")
        if i % 3 == 0:
            apexes += [f"child.z{i}.test."]
        if i % 6 == 0:
            apexes += [f"grand.child.z{i}.test.", f"deep.er.z{i}.test."]
    apexes += [f"{i}.168.192.in-addr.arpa." for i in range(4)] + [
        "0/25.2.0.192.in-addr.arpa.",
        "8.b.d.0.1.0.0.2.ip6.arpa.",
    ]
    apexes += [
        ".".join("abcdefghijklmnop") + ".deep.test.",
        ("l" * 60 + ".") * 3 + "long.test.",
        "_tcp.under.test.",
        "xn--bcher-kva.test.",
    ]
    return finish(rng, apexes)


def root_world(seed):
    """The served root, with zones below it: no name is outside."""
    rng = random.Random(seed)
    apexes = [
        ".",
        "arpa.",
        "in-addr.arpa.",
        "2.0.192.in-addr.arpa.",
        "test.",
        "example.test.",
        "a.example.test.",
        "org.",
        "b.org.",
        "lone.deep.net.",
    ]
    return finish(rng, apexes)


def finish(rng, apexes):
    zones = {apex: Zone(apex) for apex in apexes}
    for apex, zone in zones.items():
        fill(zone, rng, apexes, rng.choice([4, 12, 25, 40]))
    for apex in apexes:  # zone cuts in the nearest served parent
        parents = [p for p in apexes if p != apex and (p == "." or apex.endswith("." + p))]
        if parents:
            parent = zones[max(parents, key=len)]
            for owner, rrtype in list(parent.records):  # the parent keeps only glue of the child's data
                if owner == apex.lower() or owner.endswith("." + apex.lower()):
                    del parent.records[owner, rrtype]
            delegate(parent, zones[apex], rng)
    for zone in zones.values():
        address_servers(zone)
    return World(zones)


def address_servers(zone):
    """Gives an address to each name server of the zone that has a name in it, because BIND does not load the zone
    otherwise. If no address is possible, removes the server."""
    key = (zone.apex.lower(), "NS")
    owner, ttl, rrtype, servers = zone.records[key]
    kept = []
    for server in servers:
        low = server.lower()
        inside = zone.apex == "." or low == zone.apex.lower() or low.endswith("." + zone.apex.lower())
        if inside and not zone.types_at(low) & {"A", "AAAA"}:
            if zone.blocked(low) or zone.types_at(low):
                continue
            zone.add(server, "A", "192.0.2.54", 300)
        kept.append(server)
    zone.records[key] = (owner, ttl, rrtype, kept or ["ns.outside.invalid."])


def recased(name, rng):
    """Letters in random case; escapes are unchanged."""
    out, i = "", 0
    while i < len(name):
        if name[i] == "\\":
            step = 4 if name[i + 1 : i + 2].isdigit() else 2
            out += name[i : i + step]
            i += step
        else:
            out += name[i].swapcase() if rng.random() < 0.5 else name[i]
            i += 1
    return out


def neighbour(owner, apex, rng):
    """A name near an owner: the same name, below it, beside it, above it, or a name that its wildcard covers."""
    pick = rng.random()
    if pick < 0.45:
        name = owner
    elif pick < 0.65:
        name = rng.choice(["absent.", "q.w.", "www.", "*.", "\\000.", "zz9.", "a.b.c.d."]) + owner.lstrip(".")
    elif pick < 0.8:
        name = rng.choice(["absent.", "0.", "zzz.", "*.", "www9."]) + (
            owner.split(".", 1)[1].lstrip(".") if "\\." not in owner else apex.lstrip(".")
        )
    elif pick < 0.9:
        name = owner.split(".", 1)[1] if "\\." not in owner and owner.count(".") > 1 else owner
    elif owner.startswith("*."):
        name = rng.choice(["covered.", "x.y.", "mail.", "*.x."]) + owner[2:]
    else:
        name = f"r{rng.randrange(10**6)}." + apex.lstrip(".")
    return name if name else "."


def fits(name):
    """True for a name within the limits of RFC 1035 2.3.4; each escape counts for more than it needs."""
    from support import wire_name

    return len(wire_name(name)) <= 255 and all(len(label) <= 63 for label in name.replace("\\.", "_").split("."))


def questions(world_, rng, count):
    """`count` queries (name, type, size or None, do), spread evenly over zones and kinds of nodes."""
    sets = []
    for apex, zone in world_.zones.items():
        by_kind = {}
        for owner, kind in zone.kinds.items():
            by_kind.setdefault(kind, []).append((owner, kind))
        held = {}
        for owner, rrtype in zone.records:
            held.setdefault(owner, []).append(rrtype)
        sets.append((apex, list(by_kind.values()), held))
    out = []
    while len(out) < count:
        apex, kinds, held = sets[len(out) % len(sets)]
        owner, kind = rng.choice(rng.choice(kinds))
        name = (
            neighbour(owner, apex, rng)
            if rng.random() < 0.97
            else rng.choice(["nowhere.invalid.", "test.", ".", "invalid.", "x.z0.test.invalid."])
        )
        if not fits(name):
            continue
        pick = rng.random()
        if pick < 0.35 and held.get(owner.lower()):
            rrtype = rng.choice(held[owner.lower()])
        elif pick < 0.85:
            rrtype = rng.choice(ASKED)
        else:
            rrtype = rng.choice(ASKED_ODD)
        if rng.random() < 0.3:
            name = recased(name, rng)
        do = rng.random() < 0.3
        size = rng.choice([None, 512, 1232, 1232, 4096])
        out.append((name, rrtype, 1232 if do and size is None else size, do))
    return out
