"""A site behind two routers, each on a separate line, for the failover tests: the routers, a DNS host, and a client.

    rtr-a 192.0.2.2   rtr-b 192.0.2.3   ns 192.0.2.53          on the switch "lan", with virtual router 192.0.2.1
    rtr-a 198.18.0.2  rtr-b 198.18.0.3  ns 198.18.0.53  client 198.18.0.9   on the switch "service": queries, never cut

    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.1)
        server = pair.serve()
        with pair.poll(server) as poller: ...

www.example.com is 203.0.113.10 on the line of rtr-a and 198.51.100.10 on that of rtr-b; in IPv6 2001:db8:a::10 and
2001:db8:b::10. The zone's own set has both.
"""
import contextlib
import json
import os
import subprocess

import adverts
import dns_clients
import netlab
import routers
import support

VIA_A, VIA_B = "203.0.113.10", "198.51.100.10"
VIA_A6, VIA_B6 = "2001:db8:a::10", "2001:db8:b::10"
BOTH = f"{VIA_B} {VIA_A}"
NAME = "www.example.com"
# source addresses of the routers' advertisements
ADDRESSES = {"rtr-a": ("192.0.2.2", "fe80::2"), "rtr-b": ("192.0.2.3", "fe80::3")}

ZONE = f"""$ORIGIN example.com.
$TTL 300
@    IN SOA ns hostmaster 1 7200 900 2419200 60
@       NS  ns
ns      A   198.18.0.53
www     A   {VIA_A}
        A   {VIA_B}
        AAAA {VIA_A6}
        AAAA {VIA_B6}
other   A   192.0.2.80
alias   CNAME www
"""

VIRTUAL_ROUTER = """
[vrrp.{name}]
vrid = {vrid}
family = "{family}"
interface = "eth0"
vips = {vips}
routers = {{ rtr-a = "{a}", rtr-b = "{b}" }}
{settings}
"""

ANSWER = """
[[record]]
name = "{owner}"
type = "{rrtype}"
policy = "failover"
ttl = {{ max = "30s", min = "1s" }}
{settings}
members = [
  {{ name = "via-a", address = "{a}", router = "{virtual_router}:rtr-a" }},
  {{ name = "via-b", address = "{b}", router = "{virtual_router}:rtr-b" }},
]
"""

QUICK_FLAP = 'flap = { transitions = 1000, within = "1s", stable = "1s" }'  # for a test that fails over repeatedly
QUICK_ANSWER = 'failback-delay = "0s"\ndampen = { transitions = 1000, within = "1s", hold = "1s" }'


def virtual_router(name="lan-gw", six=False, vrid=51, vips=None, settings=QUICK_FLAP):
    vips = vips or (["fe80::1:1", "2001:db8::1"] if six else ["192.0.2.1"])
    return VIRTUAL_ROUTER.format(
        name=name,
        vrid=vrid,
        family="ipv6" if six else "ipv4",
        vips=json.dumps(list(vips)),
        a="fe80::2" if six else "192.0.2.2",
        b="fe80::3" if six else "192.0.2.3",
        settings=settings,
    )


def answer(virtual_router="lan-gw", six=False, owner=NAME, settings=QUICK_ANSWER):
    return ANSWER.format(
        owner=owner,
        rrtype="AAAA" if six else "A",
        a=VIA_A6 if six else VIA_A,
        b=VIA_B6 if six else VIA_B,
        virtual_router=virtual_router,
        settings=settings,
    )


def said_of(answer, rrtype="A"):
    """The addresses of an answer in a command's output: sorted, or the zone's own set if that is served."""
    own = {"A": BOTH, "AAAA": f"{VIA_A6} {VIA_B6}"}[rrtype]
    return own if "the zone file's records" in answer["rule"] else " ".join(sorted(answer["addresses"]))


class Server:
    """`waymark serve` with this configuration in a host of the lab. This class writes the `[server]` table.

    `user`: the user that the server becomes. `rights`: its rights, as arguments of setpriv (without them, all of
    root's).
    """

    count = 0

    def __init__(self, lab, host, listen, configuration, zones=None, user=None, rights=(), extra=""):
        Server.count += 1
        self.host, self.listen, self.rights, self.starts = host, listen, rights, 0
        self.directory = lab.directory / f"waymark-{Server.count}"
        self.state = self.directory / "state"
        self.state.mkdir(parents=True)
        self.state.chmod(0o777)
        for apex, text in (zones or {"example.com": ZONE}).items():
            (self.directory / f"{apex}.zone").write_text(text)
        self.configuration = self.directory / "waymark.toml"
        self.extra, self.user = extra, user
        self.configure(configuration)
        self.process = None
        lab.endings.callback(self.end)

    def configure(self, configuration):
        addresses = [self.listen] if isinstance(self.listen, str) else self.listen
        endpoints = json.dumps([f"[{address}]:53" if ":" in address else f"{address}:53" for address in addresses])
        lines = ["[server]", f"listen = {endpoints}", 'zones = ["."]', f'state = "{self.state}"', "workers = 1"]
        lines += [f'user = "{self.user}"'] if self.user else []
        self.configuration.write_text("\n".join([*lines, self.extra, configuration]) + "\n")

    @property
    def address(self):
        return self.listen if isinstance(self.listen, str) else self.listen[0]

    def start(self, seconds=30):
        self.starts += 1
        self.over = False
        began = netlab.now()
        words = [support.BINARY, "serve", "-c", self.configuration]
        if self.rights:
            words = ["setpriv", *self.rights, *words]
        self.process = self.host.start(self.directory / f"run-{self.starts}", *words)
        support.wait_until(
            lambda: dns_clients.ask(self.host, self.address, "example.com", "SOA", timeout=0.2, tries=1) is not None,
            seconds,
            "the server answers",
            self.process,
        )
        self.started_in = netlab.now() - began
        return self

    def stop(self):
        self.over = True
        assert (
            self.process.running()
        ), f"the server ended by itself with {self.process.child.returncode}\n{self.process.output()[-4000:]}"
        code = self.process.stop()
        assert code == 0, f"exit code {code}\n{self.process.output()[-4000:]}"

    def kill(self):
        self.process.kill()
        self.over = True

    def end(self):
        if self.process and not self.over:
            self.stop()

    def reload(self):
        self.process.child.send_signal(1)

    def log(self):
        return self.process.output()

    def command(self, *words, check=True):
        """Runs a command that uses the server's control socket. Returns its standard output."""
        done = subprocess.run(
            self.host.command(support.BINARY, *words, "--socket", self.state / "control.sock"),
            capture_output=True,
            text=True,
            timeout=20,
            env=dict(os.environ, NO_COLOR="1"),
        )
        assert (
            not check or done.returncode == 0
        ), f"waymark {' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def status(self):
        """The server's status of failover."""
        return json.loads(self.command("status", "--json"))["steering"]

    def simulated(self, *failed, owner=NAME, rrtype="A"):
        """The answers of `waymark simulate` now and if these fail: (before, after), in a poller's form."""
        words = [word for each in failed for word in ("--fail", each)]
        answers = json.loads(self.command("simulate", "--json", *words))["records"]
        course = next(each for each in answers if each["name"] == f"{owner}/{rrtype}")
        return tuple(said_of(course[when], rrtype) for when in ("before", "after"))

    def predict(self, *failed, owner=NAME, rrtype="A"):
        return self.simulated(*failed, owner=owner, rrtype=rrtype)[1]

    def foretell(self, answer, *failed, owner=NAME, rrtype="A", picked=False):
        """Before `failed` fail in reality: simulate, explain, status and a query agree on the current answer, and
        simulate predicts the answer that the test will receive."""
        before, after = self.simulated(*failed, owner=owner, rrtype=rrtype)
        self.agrees(before, owner, rrtype, picked)
        assert after == answer, f"{' and '.join(failed)} fail: simulate predicts {after!r}, not {answer!r}"

    def explains(self, owner=NAME, rrtype="A"):
        """The answer by `waymark explain`, in the same form; status must report the same."""
        explained = json.loads(self.command("explain", "--json", owner, rrtype))["steering"]["records"][0]
        status = next(each for each in self.status()["records"] if each["name"] == f"{owner}/{rrtype}")
        assert explained["rule"] and status["rule"], (explained, status)
        by_explain, by_status = [said_of(answer, rrtype) for answer in (explained, status)]
        return by_explain if by_explain == by_status else f"{by_explain!r} by explain and {by_status!r} by status"

    def answers(self, owner=NAME, rrtype="A"):
        """The answer to a query."""
        return dns_clients.addresses_of(dns_clients.ask(self.host, self.address, owner, rrtype))

    def agrees(self, answer, owner=NAME, rrtype="A", picked=False):
        """Explain, status and a query report this answer. The check waits a moment, because the answer and the
        reports come from two threads. `picked`: a client gets one of the addresses."""
        support.wait_until(lambda: self.explains(owner, rrtype) == answer, 5, f"explain reports {answer!r} for {owner}")
        given = self.answers(owner, rrtype)
        assert (
            given in answer.split() if picked else given == answer
        ), f"{owner} is {given!r}, but explain reports {answer!r}"

    def virtual_router(self, name="lan-gw"):
        """The server's state of a virtual router."""
        return next(router for router in self.status()["virtual_routers"] if router["name"] == name)


class Pair:
    """Two keepalived routers on the LAN; rtr-a has the higher priority."""

    def __init__(self, lab, interval=1.0, version=3, six=False, instances=None, fifo_for=None, start=True, **what):
        self.lab, self.interval, self.six = lab, interval, six
        self.lan, self.service = lab.switch("lan"), lab.switch("service")
        self.a = lab.host("rtr-a").plug(self.lan, "eth0", "192.0.2.2/24", "2001:db8::2/64", "fe80::2/64")
        self.b = lab.host("rtr-b").plug(self.lan, "eth0", "192.0.2.3/24", "2001:db8::3/64", "fe80::3/64")
        self.ns = lab.host("ns").plug(self.lan, "eth0", "192.0.2.53/24", "2001:db8::53/64", "fe80::53/64")
        self.ear = lab.enter(contextlib.closing(adverts.Ear(self.ns)))
        self.client = lab.host("client").plug(self.service, "eth1", "198.18.0.9/24")
        for number, host in ((2, self.a), (3, self.b), (53, self.ns)):
            host.plug(self.service, "eth1", f"198.18.0.{number}/24")
        vips = ("fe80::1:1", "2001:db8::1") if six else ("192.0.2.1",)
        instances = instances or (
            lambda priority, host: [routers.Instance(priority, vips, interval=interval, version=version, **what)]
        )
        self.first = routers.Keepalived(lab, self.a, *instances(200, self.a), fifo_for=fifo_for)
        self.second = routers.Keepalived(lab, self.b, *instances(100, self.b), fifo_for=fifo_for)
        if start:
            self.start()

    def start(self):
        self.second.start()
        self.first.start()
        support.wait_until(
            lambda: self.first.has("2001:db8::1" if self.six else "192.0.2.1"),
            10 * self.interval + 5,
            "rtr-a is active",
            self.first.process,
        )

    def said_active(self, since, by=None, vrid=51, times=1, six=None):
        """The instant of the first advertisement after `since` in which rtr-b, or `by`, is active; with `times` the
        instant of a later one. `six`: over IPv6 alone, or over IPv4 alone; the two families may have the same VRID."""
        addresses = ADDRESSES["rtr-a" if by is self.a else "rtr-b"]
        if six is not None:
            addresses = [address for address in addresses if (":" in address) == six]
        support.wait_until(
            lambda: len(self.ear.active(since, addresses, vrid)) >= times, 10, "the lab receives the advertisement"
        )
        return self.ear.active(since, addresses, vrid)[times - 1]

    def lateness(self, came, since, by=None, vrid=51, six=None):
        """The delay of the answer after the new active router's first advertisement, minus the machine's delay."""
        spoke = self.said_active(since, by, vrid, six=six)
        return came - spoke - netlab.machine.between(spoke, came)

    def serve(self, configuration=None, at=None, **how):
        """A server on `at` (by default ns) with the pair's usual configuration, which steers www.example.com."""
        host = at or self.ns
        listen = {"ns": "198.18.0.53", "rtr-a": "198.18.0.2", "rtr-b": "198.18.0.3"}[host.name]
        configuration = configuration or virtual_router(six=self.six) + answer(six=self.six)
        return Server(self.lab, host, listen, configuration, **how).start()

    def poll(self, server, owner=NAME, rrtype=None, period=None):
        return dns_clients.Poller(
            self.client,
            server.address,
            owner,
            rrtype or ("AAAA" if self.six else "A"),
            period=period or (0.002 if self.interval < 1 else 0.005),
        )
