"""A name server with an address on each of two uplinks. The queried address answers, and by its own uplink.

    client -- 192.0.2.0/24, 2001:db8:c::/64 -- core =+= isp-a: 198.51.100.0/24, 2001:db8:a::/64 =+= name server
                                                     +== isp-b: 203.0.113.0/24, 2001:db8:b::/64 ==+

The name server's default route uses isp-a. Rules by source address send packets from isp-b's address over isp-b. This
works only for a server that answers from the queried address. dig accepts no answer from another address.
"""
import socket
import sys

import netlab
import support

ADDRESSES = ("198.51.100.53", "203.0.113.53", "2001:db8:a::53", "2001:db8:b::53")
ZONE = """$ORIGIN example.
@ 300 IN SOA ns hostmaster 1 7200 3600 1209600 60
@ 300 IN NS ns
ns 300 IN A 198.51.100.53
www 60 IN A 192.0.2.80
"""


def build(lab):
    """Builds the client and the name server, with two uplinks between them."""
    lan, isp_a, isp_b = lab.switch("lan"), lab.switch("ispa"), lab.switch("ispb")
    core = lab.host("core")
    core.plug(lan, "lan0", "192.0.2.1/24", "2001:db8:c::1/64")
    core.plug(isp_a, "a0", "198.51.100.1/24", "2001:db8:a::1/64").plug(
        isp_b, "b0", "203.0.113.1/24", "2001:db8:b::1/64"
    )
    core.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    client = lab.host("client").plug(lan, "eth0", "192.0.2.2/24", "2001:db8:c::2/64")
    client.run("ip", "route", "add", "default", "via", "192.0.2.1")
    client.run("ip", "-6", "route", "add", "default", "via", "2001:db8:c::1")
    server = lab.host("ns")
    server.plug(isp_a, "eth0", "198.51.100.53/24", "2001:db8:a::53/64").plug(
        isp_b, "eth1", "203.0.113.53/24", "2001:db8:b::53/64"
    )
    for family, gateway, other, other_gateway in (
        ("-4", "198.51.100.1", "203.0.113.53", "203.0.113.1"),
        ("-6", "2001:db8:a::1", "2001:db8:b::53", "2001:db8:b::1"),
    ):
        server.run("ip", family, "route", "add", "default", "via", gateway)
        server.run("ip", family, "route", "add", "default", "via", other_gateway, "table", "100")
        server.run("ip", family, "rule", "add", "from", other, "table", "100")
    return client, server, isp_a


def dig(client, address, *how):
    """The output of dig for www. dig accepts only an answer from the queried address."""
    return client.run(
        "dig", f"@{address}", "www.example.", "A", "+short", "+tries=1", "+time=2", *how, check=False
    ).split()


def source_of_answer(client, address):
    """The source address of an answer to a datagram, which may be any address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with client.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(2)
        sock.sendto(support.query("www.example."), (address, 53))
        return sock.recvfrom(4096)[1][0]


def answers_from_queried_address(client, addresses):
    for address in addresses:
        assert source_of_answer(client, address) == address, f"a query to {address} got an answer from another address"
        for how in ("+notcp", "+tcp"):
            assert dig(client, address, how) == ["192.0.2.80"], f"{address} {how}"


def scenario(name, listen):
    with netlab.Lab() as lab:
        client, server, isp_a = build(lab)
        zone = lab.directory / "example.zone"
        zone.write_text(ZONE)
        words = [word for address in listen for word in ("--listen", address)]
        process = server.start(lab.directory / "server", support.BINARY, "serve", "--zone", f"example={zone}", *words)
        support.wait_until(lambda: dig(client, ADDRESSES[0]) == ["192.0.2.80"], 10, "it answers", process)
        answers_from_queried_address(client, ADDRESSES)
        # Without the first uplink the second uplink's addresses still answer: their answers never used the first one.
        isp_a.disable(server)
        answers_from_queried_address(client, [ADDRESSES[1], ADDRESSES[3]])
        assert process.stop() == 0
    print(f"{name}: {len(ADDRESSES)} addresses answer, UDP and TCP, each from itself over its own uplink")


def main():
    netlab.needed("dig")
    return netlab.side_by_side(
        [
            ("wildcard", scenario, "wildcard", ["*:53"]),
            ("each address", scenario, "each address", [f"[{a}]:53" if ":" in a else f"{a}:53" for a in ADDRESSES]),
        ],
        seconds=100,
    )


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
