"""A site on several lines, each with targets at its far end, for the tests of multihoming and of paths.

    ns 198.18.0.53 -- "service" -- client 198.18.0.9, and any address of 10.0.0.0/8 and 100.64.0.0/10
    ns 172.31.1.1 -- "line-1" -- far-1 172.31.1.11, .12, .13       one switch a line: cut it, or lose packets on it
    ns 172.31.2.1 -- "line-2" -- far-2 ...

The test gives each line its name. The server probes a line from an interface of the same name.
"""
import ipaddress
import json
import random
import socket

import dns_clients
import netlab
import site_of_two
import support

CLIENT, SERVER = "198.18.0.9", "198.18.0.53"
MONITOR = """
[monitor.ping]
type = "icmp"
interval = "{interval}ms"
timeout = "{timeout}ms"
fall = {fall}
rise = 3
window = "{window}s"
"""


class Lines:
    def __init__(self, lab, *names):
        self.lab, self.names = lab, names
        self.service = lab.switch("service")
        self.ns = lab.host("ns").plug(self.service, "eth1", f"{SERVER}/24")
        self.client = lab.host("client").plug(self.service, "eth1", f"{CLIENT}/24")
        for network in ("10.0.0.0/8", "100.64.0.0/10"):  # the client has every address of these networks
            self.client.run("ip", "route", "add", "local", network, "dev", "lo")
            self.ns.run("ip", "route", "add", network, "via", CLIENT)
        self.switches, self.far = {}, {}
        for number, name in enumerate(names, 1):
            self.switches[name] = lab.switch(f"line-{number}")
            self.ns.plug(self.switches[name], name, f"172.31.{number}.1/24")
            self.far[name] = lab.host(f"far-{number}").plug(
                self.switches[name], "eth0", *(f"172.31.{number}.{last}/24" for last in (11, 12, 13))
            )

    def targets(self, name):
        number = self.names.index(name) + 1
        return [f"172.31.{number}.{last}" for last in (11, 12, 13)]

    def link(self, name, link_class, cost, settings="", targets=1):
        """The `[link.NAME]` table of a line."""
        return (
            f'\n[link.{name}]\nclass = "{link_class}"\ncost = {cost}\nmonitor = "ping"\ndevice = "{name}"\n'
            f"targets = {json.dumps(self.targets(name)[:targets])}\n{settings}\n"
        )

    def cut(self, name, target=None):
        """Drops all return packets of the line, or of one target on it. Returns the instant."""
        return self.switches[name].drop(f"ip saddr {target}" if target else "meta protocol ip")

    def lose(self, name, percent):
        """Loses this percentage of the round trips."""
        return self.switches[name].lose(percent, "ip protocol icmp icmp type echo-reply")

    def lose_one_of(self, name, number):
        """Loses exactly one of this number of round trips."""
        return self.switches[name].drop(f"ip protocol icmp icmp type echo-reply numgen inc mod {number} < 1")

    def mend(self, name):
        return self.switches[name].repair()

    def serve(self, configuration, interval=100, timeout=80, window=5, fall=3, **how):
        monitor = MONITOR.format(interval=interval, timeout=timeout, window=window, fall=fall)
        return site_of_two.Server(self.lab, self.ns, SERVER, monitor + configuration, **how).start()

    def poll(self, server, owner=site_of_two.NAME, period=0.005):
        return dns_clients.Poller(self.client, server.address, owner, period=period)

    def ask(self, server, owner=site_of_two.NAME, rrtype="A", source=CLIENT):
        return dns_clients.addresses_of(dns_clients.ask(self.client, server.address, owner, rrtype, source=source))

    def census(self, server, clients, owner=site_of_two.NAME, network="10.0.0.0/8", seed=0):
        """{client: answer} of this number of clients of the network, each in a separate /24 if there are enough."""
        base, size = ipaddress.ip_network(network).network_address, ipaddress.ip_network(network).num_addresses // 256
        # a smaller number of clients is a prefix of a larger one
        slots = random.Random(seed).sample(range(size), size)[:clients]
        addresses = [str(base + slot * 256 + 1) for slot in slots]
        found = {}
        self.client.inside(
            lambda: found.update((address, ask_from(address, server.address, owner)) for address in addresses)
        )
        return found


def ask_from(source, server, owner):
    """The answer to this client, through a thread inside its host."""
    question = support.query(owner, ident=7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.bind((source, 0))
        for _ in range(3):
            try:
                sock.sendto(question, (server, 53))
                return dns_clients.read_answer(sock.recv(4096), len(question))[0]
            except OSError:
                continue
    return "silent"


def answer(members, owner=site_of_two.NAME, policy="failover", settings='failback-delay = "0s"', view=None, rrtype="A"):
    """A `[[record]]` with members [(name, address, additional keys)]."""
    lines = [
        f'{{ name = "{name}", address = "{address}"{", " + more if more else ""} }},' for name, address, more in members
    ]
    return "\n".join(
        [
            "",
            "[[record]]",
            f'name = "{owner}"',
            f'type = "{rrtype}"',
            *([f'view = "{view}"'] if view else []),
            f'policy = "{policy}"',
            'ttl = { max = "30s", min = "1s" }',
            settings,
            "members = [",
            *lines,
            "]",
            "",
        ]
    )
