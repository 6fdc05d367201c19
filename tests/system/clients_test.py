"""dig, kdig, drill and dnspython query the real binary over UDP and TCP: reply sizes, options, reverse names, IPv6,
CHAOS.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from support import Waymark, need

ZONE = """$ORIGIN example.test.
$TTL 300
@      SOA   ns hostmaster 2024010101 7200 3600 1209600 60
       NS    ns
       NS    ns.elsewhere.invalid.
       MX    10 mail
       TXT   "v=spf1 mx -all"
ns     A     192.0.2.53
       AAAA  2001:db8::53
mail   A     192.0.2.25
www    CNAME web
web    A     192.0.2.80
       AAAA  2001:db8::80
*.wild TXT   "covered"
sub    NS    ns.sub
ns.sub A     192.0.2.99
big    TXT   {big}
new    TYPE65280 \\# 4 0a000001
_443._tcp.www TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""".replace(
    "{big}", " ".join('"' + letter * 200 + '"' for letter in "abcdefghij")
)
REVERSE = """$ORIGIN 2.0.192.in-addr.arpa.
$TTL 300
@  SOA ns.example.test. hostmaster.example.test. 1 7200 3600 1209600 60
   NS  ns.example.test.
80 PTR web.example.test.
"""


def client(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout} {done.stderr}"
    return done.stdout


def contains(output, *parts):
    for part in parts:
        assert part in output, f"no {part!r} in:\n{output}"


def truncated(output):
    assert re.search(r"[Ff]lags:[^;]*\btc\b", output), f"not truncated:\n{output}"


def lacks(output, *parts):
    for part in parts:
        assert part not in output, f"{part!r} in:\n{output}"


def dig_style(program, server):
    """The output that dig and kdig have in common."""

    def ask(*words):
        return client(need(program), "-p", server.port, f"@{server.address}", "+retry=1", *words)

    contains(ask("www.example.test", "A"), "status: NOERROR", "web.example.test.", "192.0.2.80")
    contains(ask("+tcp", "example.test", "MX"), "mail.example.test.", "192.0.2.25")
    contains(ask("absent.example.test", "A"), "status: NXDOMAIN", "SOA")
    contains(ask("x.y.wild.example.test", "TXT"), "covered")
    contains(ask("www.sub.example.test", "A"), "ns.sub.example.test.", "192.0.2.99")
    contains(ask("-x", "192.0.2.80"), "web.example.test.")
    contains(ask("elsewhere.invalid", "A"), "status: REFUSED")
    contains(ask("new.example.test", "TYPE65280"), "\\# 4", "0A000001")
    contains(ask("+dnssec", "example.test", "SOA"), "NOERROR", "do")
    truncated(ask("+bufsize=4096", "+ignore", "big.example.test", "TXT"))
    contains(ask("+bufsize=512", "big.example.test", "TXT"), "aaaaaaaa", "jjjjjjjj")  # retried over TCP
    contains(ask("+noedns", "example.test", "SOA"), "NOERROR")
    contains(ask("CH", "TXT", "version.bind"), "status: REFUSED")
    print(f"{program}: passed")


def dig_only(server):
    port = server.port
    out = client(
        need("dig"), "-p", port, f"@{server.address}", "+noall", "+comments", "+norecurse", "example.test", "SOA"
    )
    contains(out, "qr aa", "QUERY: 1, ANSWER: 1")
    out = client(need("dig"), "-p", port, f"@{server.address}", "+edns=1", "+noednsnegotiation", "example.test", "SOA")
    contains(out, "BADVERS")
    out = client(need("dig"), "-p", port, f"@{server.address}", "+ednsopt=65001:dead", "example.test", "SOA")
    contains(out, "NOERROR")
    lacks(out, "OPT=65001")
    contains(
        client(need("dig"), "-p", port, f"@{server.address}", "wWw.eXample.TesT", "AAAA"),
        "wWw.eXample.TesT.",
        "2001:db8::80",
    )
    out = client(need("dig"), "-p", port, f"@{server.address}", "+opcode=status", "example.test", "SOA")
    contains(out, "NOTIMP")
    out = client(
        need("dig"),
        "-p",
        port,
        f"@{server.address}",
        "+keepopen",
        "+tcp",
        "web.example.test",
        "A",
        "mail.example.test",
        "A",
    )
    contains(out, "192.0.2.80", "192.0.2.25")
    for size in (512, 700, 1232, 4096):
        out = client(
            need("dig"), "-p", port, f"@{server.address}", f"+bufsize={size}", "+ignore", "big.example.test", "TXT"
        )
        truncated(out)


def drill_checks(server):
    def ask(*words):
        return client(need("drill"), "-p", server.port, *words[:-2], words[-2], f"@{server.address}", words[-1])

    contains(ask("web.example.test", "A"), "NOERROR", "192.0.2.80")
    contains(ask("-t", "example.test", "NS"), "ns.example.test.", "ns.elsewhere.invalid.")
    contains(ask("-D", "example.test", "SOA"), "NOERROR", "do")
    contains(ask("absent.example.test", "A"), "NXDOMAIN")
    contains(client(need("drill"), "-p", server.port, "-x", "192.0.2.80", f"@{server.address}"), "web.example.test.")
    print("drill: passed")


def python_checks(server):
    where = {"where": server.address, "port": server.port, "timeout": 5}
    for ask in (dns.query.udp, dns.query.tcp):
        reply = ask(dns.message.make_query("www.example.test", "A"), **where)
        assert reply.rcode() == dns.rcode.NOERROR and reply.flags & dns.flags.AA
        assert [rrset.rdtype for rrset in reply.answer] == [dns.rdatatype.CNAME, dns.rdatatype.A]
    reply = dns.query.udp(dns.message.make_query("big.example.test", "TXT", use_edns=0, payload=1232), **where)
    assert reply.flags & dns.flags.TC
    reply, used_tcp = dns.query.udp_with_fallback(dns.message.make_query("big.example.test", "TXT"), **where)
    assert used_tcp and len(reply.answer[0][0].strings) == 10
    nsid = dns.message.make_query("example.test", "SOA", use_edns=0, options=[dns.edns.GenericOption(3, b"")])
    reply = dns.query.udp(nsid, **where)
    assert [option.data for option in reply.options if option.otype == 3] in ([], [b"ns-test"]), reply
    reply = dns.query.udp(dns.message.make_query("refused.invalid", "A", use_edns=0), **where)
    assert reply.rcode() == dns.rcode.REFUSED and any(
        option.otype == 15 for option in reply.options
    ), "no extended error (RFC 8914)"
    print("dnspython: passed")


def main():
    need("dig", "kdig", "drill")
    with tempfile.TemporaryDirectory(prefix="waymark-zones-") as directory:
        zone, reverse = Path(directory) / "example.test.zone", Path(directory) / "2.0.192.in-addr.arpa.zone"
        zone.write_text(ZONE)
        reverse.write_text(REVERSE)
        for address in ("127.0.0.1", "::1"):
            with Waymark(directory, listen=(address,)) as server:
                dig_style("dig", server)
                dig_style("kdig", server)
                dig_only(server)
                drill_checks(server)
                python_checks(server)


if __name__ == "__main__":
    sys.exit(main())
