"""Several lines to a site, probed at their far ends. The test checks which line's address the server answers when lines
fail, lose packets, or have a lower cost.

Cuts and losses are real (nftables); classes of links are labels on virtual cables.
"""
import contextlib
import json
import socket
import sys
import time

import dns_clients
import netlab
import relay
import site_of_lines
import site_of_two as site
import support

A, B, C = "203.0.113.10", "198.51.100.10", "192.0.2.10"
INTERVAL = 0.1  # between two probes
FALL = RISE = 3
TICK = 1.0  # between two decisions on quality
SLACK = 0.3
QUICK = 'failback-delay = "0s"\ndampen = { transitions = 1000, within = "1s", hold = "1s" }'
WEIGHED = 10_000
ALLOWED = (A, B, f"{B} {A}")


def two(settings, policy="failover", more=("", ""), owner=site.NAME):
    return site_of_lines.answer(
        [("a", A, f'link = "isp-a"{more[0]}'), ("b", B, f'link = "isp-b"{more[1]}')], owner, policy, settings
    )


def two_lines(lab, settings, policy="failover", targets=1, link_settings="", more=("", "")):
    lines = site_of_lines.Lines(lab, "isp-a", "isp-b")
    links = lines.link("isp-a", "internet", 10, link_settings, targets) + lines.link(
        "isp-b", "internet", 20, link_settings, targets
    )
    return lines, lines.serve(links + two(settings, policy, more))


def link_down():
    """A line that is cut leaves the answer within `fall` probe intervals. It returns after `rise` intervals and the
    failback delay."""
    delay = 2.0
    with netlab.Lab() as lab:
        lines, server = two_lines(lab, f'failback-delay = "{delay:.0f}s"')
        with lines.poll(server) as poller:
            poller.wait(A, 5)
            time.sleep(delay + 1)
            server.foretell(B, "isp-a")
            began = lines.cut("isp-a")
            came = poller.wait(B, 5, since=began)
            gone = came - began - netlab.machine.between(began, came)
            server.agrees(B)
            began = lines.mend("isp-a")
            came = poller.wait(A, 10, since=began)
            back, held_up = came - began, netlab.machine.between(began, came)
            time.sleep(0.5)
            server.agrees(A)
            print(
                f"line down: {gone * 1e3:.0f} ms; back: {back * 1e3:.0f} ms with a failback delay of {delay:.0f} s",
                flush=True,
            )
            assert gone <= (FALL + 1) * INTERVAL + SLACK, gone
            assert delay <= back <= delay + (RISE + 1) * INTERVAL + SLACK + held_up, (back, held_up)
            assert [what for came, what in poller.changes if came >= began] == [A], poller.changes


def reliability():
    """Two of three targets must answer: with one dead target nothing changes, with two the line is down."""
    with netlab.Lab() as lab:
        lines, server = two_lines(lab, QUICK, targets=3, link_settings="reliability = 2")
        with lines.poll(server) as poller:
            poller.wait(A, 5)
            time.sleep(0.5)
            first, second, _ = lines.targets("isp-a")
            before = len(poller.changes)
            server.foretell(B, "isp-a")
            lines.cut("isp-a", first)
            time.sleep(2)
            assert len(poller.changes) == before and poller.answer == A, poller.changes
            server.foretell(B, "isp-a")
            began = lines.cut("isp-a", second)
            gone = poller.wait(B, 5, since=began) - began
            server.agrees(B)
            print(f"reliability 2 of 3: one target dead, nothing; two, {gone * 1e3:.0f} ms", flush=True)


def all_down():
    """All lines are cut: the last good answer for its hold time, then all addresses. The answer is never empty and
    never SERVFAIL."""
    with netlab.Lab() as lab:
        lines, server = two_lines(lab, QUICK + '\nall-down-hold = "3s"')
        with lines.poll(server) as poller:
            poller.wait(A, 5)
            server.foretell(f"{B} {A}", "isp-a", "isp-b")
            lines.cut("isp-a")
            poller.wait(B, 5)
            server.foretell(f"{B} {A}", "isp-b")
            began = lines.cut("isp-b")
            then_all = poller.wait(f"{B} {A}", 10, since=began) - began
            server.agrees(f"{B} {A}")
            lines.mend("isp-b")
            poller.wait(B, 5, since=began)
            server.agrees(B)
            print(
                f"all lines down: the last good answer, then all after {then_all:.2f} s; back with the first line",
                flush=True,
            )
            assert then_all >= 3, then_all
            assert all(what in ALLOWED for _, what in poller.changes), poller.changes


def weights():
    """Weights of 70 to 30, met within two percent of the clients. Each client gets the same line each time. If one
    line fails, all clients get the other."""
    with netlab.Lab() as lab:
        lines, server = two_lines(lab, QUICK, "weighted", more=(", weight = 70", ", weight = 30"))
        with lines.poll(server) as poller:
            support.wait_until(lambda: poller.answer in (A, B), 5, "one address is picked")
            first, second = lines.census(server, WEIGHED), None
            share = sum(what == A for what in first.values()) / len(first)
            sample = dict(list(first.items())[:500])
            second = lines.census(server, 500)
            print(f"weights 70 to 30: {share:.2%} of {len(first)} clients to the first", flush=True)
            assert abs(share - 0.70) <= 0.02, share
            assert all(first[client] == what for client, what in second.items()) and set(second) == set(
                sample
            ), "a client got another line"
            server.foretell(A, "isp-b", picked=True)
            lines.cut("isp-b")
            support.wait_until(
                lambda: set(lines.census(server, 200).values()) == {A}, 5, "all clients get the working line"
            )
            server.agrees(A)
            lines.mend("isp-b")
            support.wait_until(lambda: lines.census(server, 500) == second, 5, "each client gets its first line again")
            server.agrees(f"{B} {A}", picked=True)


def weights_by_query():
    """Without sticky clients, the share holds over the queries of one client."""
    with netlab.Lab() as lab:
        lines, server = two_lines(lab, QUICK + '\nsticky = "none"', "weighted", more=(", weight = 70", ", weight = 30"))
        with lines.poll(server, period=0) as poller:
            support.wait_until(lambda: poller.answer in (A, B), 5, "one address is picked")
            found = lines.client.inside(
                lambda: [
                    site_of_lines.ask_from(site_of_lines.CLIENT, server.address, site.NAME) for _ in range(WEIGHED)
                ]
            )
            share = sum(what == A for what in found) / len(found)
            server.foretell(B, "isp-a", picked=True)
            print(f"weights 70 to 30, any client: {share:.2%} of {len(found)} queries to the first", flush=True)
            assert abs(share - 0.70) <= 0.02, share


def views():
    """Closed clients get the closed address. The public view returns neither that address nor the default view's."""
    configuration = '''
[view.closed]
clients = ["10.0.0.0/8"]
[view.public]
clients = ["0.0.0.0/0"]
'''
    with netlab.Lab() as lab:
        lines = site_of_lines.Lines(lab, "vpn")
        links = lines.link("vpn", "ip-vpn", 10)
        zone = {"example.com": site.ZONE + "erp A 10.20.0.10\n"}
        answers = site_of_lines.answer([("vpn", "10.20.0.10", 'link = "vpn"')], "erp.example.com", view="closed")
        answers += (
            '\n[[record]]\nname = "erp.example.com"\ntype = "A"\nview = "public"\npolicy = "static"\nmembers = []\n'
        )
        server = lines.serve(configuration + links + answers, zones=zone)
        for source, expected in (("10.1.2.3", "10.20.0.10"), (site_of_lines.CLIENT, ""), ("100.64.1.1", "")):
            support.wait_until(
                lambda: lines.ask(server, "erp.example.com", source=source) == expected,
                5,
                f"{source} gets {expected!r}",
            )
            reply = dns_clients.ask(lines.client, server.address, "erp.example.com", source=source)
            assert reply.rcode == support.NOERROR, reply.rcode
            explained = json.loads(server.command("explain", "--json", "erp.example.com", "A", "--client", source))[
                "steering"
            ]["clients"][0]
            assert " ".join(explained["addresses"]) == expected, explained
            wide = dns_clients.ask(lines.client, server.address, "erp.example.com", "ANY", source=source)
            assert expected or b"\x0a\x14\x00\x0a" not in wide.octets, "an ANY response contains the closed address"
        print("views: the closed address to closed clients, NODATA to public clients", flush=True)


def preference():
    """One setting, `prefer`, selects the order of the same lines: by quality or by cost. A line below the class
    floor is never in the answer, even if all others are down."""
    with netlab.Lab() as lab:
        lines = site_of_lines.Lines(lab, "ipvpn", "inetvpn", "plain")
        links = (
            lines.link("ipvpn", "ip-vpn", 100)
            + lines.link("inetvpn", "internet-vpn", 10)
            + lines.link("plain", "internet", 1)
        )
        members = [("ipvpn", A, 'link = "ipvpn"'), ("inetvpn", B, 'link = "inetvpn"')]
        plain = ("plain", C, 'link = "plain"')
        floor = '\nmin-class = ["ip-vpn", "internet-vpn"]\nall-down = "nodata"'
        zone = {"example.com": site.ZONE + f"q A {A}\nc A {A}\nany A {A}\n"}
        configuration = links + site_of_lines.answer(
            members, "q.example.com", settings=QUICK + '\nprefer = "quality"' + floor
        )
        configuration += site_of_lines.answer(members, "c.example.com", settings=QUICK + '\nprefer = "cost"' + floor)
        configuration += site_of_lines.answer(
            [*members, plain], "any.example.com", settings=QUICK + '\nprefer = "cost"'
        )
        server = lines.serve(configuration, zones=zone)
        expect(lines, server, "q", A, "quality first")
        expect(lines, server, "c", B, "cost first")
        expect(lines, server, "any", C, "the lowest cost, without a floor")
        server.foretell(B, "ipvpn", owner="q.example.com")
        server.foretell("", "ipvpn", "inetvpn", owner="q.example.com")
        server.foretell(C, "ipvpn", "inetvpn", owner="any.example.com")
        lines.cut("ipvpn")
        expect(lines, server, "q", B, "quality, the best line is cut")
        lines.cut("inetvpn")
        expect(lines, server, "q", "", "never below the floor")
        expect(lines, server, "c", "", "never below the floor")
        expect(lines, server, "any", C, "the lowest cost, without a floor")
        lines.mend("ipvpn")
        expect(lines, server, "c", A, "the expensive line is up again")
        beneath = site_of_lines.answer([*members, plain], "q.example.com", settings=QUICK + floor)
        server.configure(site_of_lines.MONITOR.format(interval=100, timeout=80, window=5, fall=3) + links + beneath)
        code, output, _ = support.run("check", server.configuration)
        assert code == 1 and "min-class" in output, "check rejects a member below the floor"
        print(
            "preference: quality and cost order the same lines; no answer below the floor; "
            "check rejects a member below the floor",
            flush=True,
        )


def expect(lines, server, owner, answer, what, seconds=10, source=site_of_lines.CLIENT):
    found = []

    def holds():
        found.append(lines.ask(server, f"{owner}.example.com", source=source))
        return found[-1] == answer

    try:
        support.wait_until(holds, seconds, what)
        server.agrees(answer, f"{owner}.example.com")
    except AssertionError:
        raise AssertionError(
            f"{what}: {owner} is {found[-1]!r} and not {answer!r}\n{server.command('status', check=False)}"
        ) from None


SLAS = '''
[sla.voice]
loss = { bad = "3%", good = "1%" }
latency = { bad = "150ms", good = "100ms" }
windows = { bad = 3, good = 5 }
[sla.bulk]
loss = { bad = "60%", good = "50%" }
windows = { bad = 3, good = 5 }
'''


def sla_site(lab, links="", answers="", settings=QUICK, members=None, **how):
    """MPLS is expensive, SD-WAN is cheap; sip is voice and backup is bulk over the same lines. `fall` is so high
    that a lossy line does not go down by chance."""
    lines = site_of_lines.Lines(lab, "mpls", "sdwan", "atm")
    links = (
        lines.link("mpls", "mpls", 100)
        + lines.link("sdwan", "sd-wan", 20)
        + lines.link("atm", "atm", 1000, "last-resort = true")
    )
    members = members or [("sdwan", A, 'link = "sdwan"'), ("mpls", B, 'link = "mpls"'), ("atm", C, 'link = "atm"')]
    configuration = SLAS + links
    for owner, sla in (("sip", "voice"), ("backup", "bulk")):
        configuration += site_of_lines.answer(
            members, f"{owner}.example.com", "lowest-cost-sla", settings + f'\nsla = "{sla}"'
        )
    zone = {"example.com": site.ZONE + f"sip A {A}\nbackup A {A}\n"}
    return lines, lines.serve(configuration, interval=50, timeout=40, window=4, fall=12, zones=zone, **how)


def sla():
    """Loss on the cheap line: voice leaves it after three bad windows and returns after five good ones; bulk stays.
    The ATM line is used only if all others are down."""
    with netlab.Lab() as lab:
        lines, server = sla_site(lab)
        expect(lines, server, "sip", A, "voice uses the cheap line")
        expect(lines, server, "backup", A, "bulk uses the cheap line")
        for failed, left in ((("sdwan",), B), (("sdwan", "mpls"), C)):
            server.foretell(left, *failed, owner="backup.example.com")
        began = lines.lose_one_of("sdwan", 20)  # five percent
        expect(lines, server, "sip", B, "voice leaves the lossy line", 15)
        left = netlab.now() - began
        expect(lines, server, "backup", A, "bulk stays on the lossy line")
        began = lines.mend("sdwan")
        expect(lines, server, "sip", A, "voice comes back", 20)
        back = netlab.now() - began
        print(f"SLA: voice left after {left:.1f} s of loss and was back {back:.1f} s after it; bulk stayed", flush=True)
        assert left >= 2 * TICK, left
        assert back >= 4 * TICK, back
        server.foretell(B, "sdwan", owner="sip.example.com")
        lines.cut("sdwan")
        expect(lines, server, "backup", B, "bulk uses the expensive line")
        expect(lines, server, "sip", B, "and voice")
        lines.cut("mpls")
        expect(lines, server, "backup", C, "the last resort")
        expect(lines, server, "sip", C, "the last resort")
        lines.mend("mpls")
        expect(lines, server, "backup", B, "the last resort is no longer used")
        print("last resort: used when all others were down, and only then", flush=True)


def none_meets(if_none, expected):
    """Every line violates the SLA; the `if-none` setting decides."""
    with netlab.Lab() as lab:
        lines, server = sla_site(lab, settings=QUICK + f'\nif-none = "{if_none}"')
        expect(lines, server, "sip", A, "voice uses the cheap line")
        lines.lose("mpls", 20)
        lines.lose("sdwan", 45)
        if if_none != "last-resort":
            lines.lose("atm", 45)
        expect(lines, server, "sip", expected, f"no line meets the SLA, {if_none}", 20)
        print(f"no line meets the SLA, {if_none}: {expected or 'NODATA'}", flush=True)


class Paths:
    """MPLS and SD-WAN with a relay on each. The test sets the relay's delay, jitter and loss, and STAMP (RFC 8762)
    measures them."""

    def __init__(self, lab, answers, slas, interval=150):
        self.lines = site_of_lines.Lines(lab, "mpls", "sdwan")
        self.relays = {}
        for name in ("mpls", "sdwan"):
            far, address = self.lines.far[name], self.lines.targets(name)[0]
            far.start(
                lab.directory / f"reflector-{name}",
                support.BINARY,
                "stamp-reflect",
                "--listen",
                "127.0.0.1:8620",
                "--allow",
                "127.0.0.0/8",
            )
            self.relays[name] = lab.enter(contextlib.closing(relay.Relay(far, address, 862, 8620)))
        self.relays["mpls"].be(0.030)
        self.relays["sdwan"].be(0.005)
        self.zone = {"example.com": site.ZONE + "".join(f"{owner} A {A}\n" for owner in answers)}
        monitor = site_of_lines.MONITOR.format(interval=interval, timeout=interval - 5, window=9, fall=20)
        monitor = monitor.replace('"icmp"', '"stamp"')
        members = [("sdwan", A, 'link = "sdwan"'), ("mpls", B, 'link = "mpls"')]
        self.rest = (
            monitor
            + slas
            + "".join(
                site_of_lines.answer(members, f"{owner}.example.com", policy, f'{QUICK}\nsla = "{sla}"')
                for owner, (policy, sla) in answers.items()
            )
        )
        self.server = site.Server(
            lab, self.lines.ns, site_of_lines.SERVER, self.configuration(mpls=100, sdwan=20), zones=self.zone
        ).start()

    def configuration(self, **costs):
        return (
            "".join(
                self.lines.link(name, {"mpls": "mpls", "sdwan": "sd-wan"}[name], cost) for name, cost in costs.items()
            )
            + self.rest
        )

    def expect(self, owner, answer, what, seconds=30):
        expect(self.lines, self.server, owner, answer, what, seconds)

    def stays(self, seconds, what, **answers):
        """These names keep these answers for this time."""
        end = netlab.now() + seconds
        while netlab.now() < end:
            for owner, answer in answers.items():
                found = self.lines.ask(self.server, f"{owner}.example.com")
                assert (
                    found == answer
                ), f"{what}: {owner} is {found!r} and not {answer!r}\n{self.server.command('status', check=False)}"
            time.sleep(0.1)


# Values on the cheap line: one between the two bounds of voice, one beyond the bad bound. Then the bounds of voice and
# of bulk, and the milliseconds between probes. The bounds of time are far apart, because a busy machine adds to the
# relay's delay.
MEASURES = {
    "latency": (
        dict(delay=0.120),
        dict(delay=0.240),
        "latency = { bad = \"180ms\", good = \"60ms\" }",
        "latency = { bad = \"700ms\", good = \"600ms\" }",
        300,
    ),
    "jitter": (
        dict(delay=0.005, jitter=0.085),
        dict(delay=0.005, jitter=0.200),
        "jitter = { bad = \"140ms\", good = \"45ms\" }",
        "jitter = { bad = \"600ms\", good = \"500ms\" }",
        300,
    ),
    "loss": (
        dict(delay=0.005, one_lost_of=25),
        dict(delay=0.005, one_lost_of=8),
        "loss = { bad = \"7%\", good = \"1%\" }",
        "loss = { bad = \"30%\", good = \"20%\" }",
        150,
    ),
}


def brown_out(measure):
    """One measure of the cheap line gets worse. Between the two bounds nothing changes, in either direction. Beyond
    the bad bound voice leaves after three windows, and within the good bound it returns after five. Bulk stays, and
    best-quality takes the better line."""
    between, bad, of_voice, of_bulk, interval = MEASURES[measure]
    windows = "windows = { bad = 3, good = 5 }\n"
    slas = f"[sla.voice]\n{of_voice}\n{windows}[sla.bulk]\n{of_bulk}\n{windows}"
    answers = {
        "sip": ("lowest-cost-sla", "voice"),
        "backup": ("lowest-cost-sla", "bulk"),
        "fast": ("best-quality", "bulk"),
        "first": ("failover", "voice"),
    }
    with netlab.Lab() as lab:
        paths = Paths(lab, answers, slas, interval)
        path = paths.relays["sdwan"]
        for owner in answers:
            paths.expect(owner, A, "the cheap line is the better one")
        for failed, left in (("sdwan", B), ("mpls", A)):
            for owner in answers:
                paths.server.foretell(left, failed, owner=f"{owner}.example.com")
        path.be(**between)
        paths.stays(8, f"{measure} between the bounds", sip=A, backup=A, first=A)
        path.be(**bad)
        began = netlab.now()
        paths.expect("sip", B, "voice leaves the line")
        left = netlab.now() - began
        paths.expect("first", B, "failover with the same SLA class leaves it too")
        paths.expect("fast", B, "best-quality takes the better line")
        paths.expect("backup", A, "bulk stays")
        path.be(**between)
        paths.stays(8, f"{measure} between the bounds again", sip=B, backup=A, first=B)
        path.be(0.005)
        began = netlab.now()
        paths.expect("sip", A, "voice comes back", 40)
        back = netlab.now() - began
        paths.expect("fast", A, "best-quality too")
        print(
            f"{measure}: voice left after {left:.1f} s and was back {back:.1f} s after it was good again; bulk stayed",
            flush=True,
        )
        assert left >= 2 * TICK and back >= 4 * TICK, (left, back)


def cost_change():
    """The answer is the cheaper line that meets the SLA. A reload that swaps the costs changes the answer, and the
    measurements continue."""
    slas = '[sla.voice]\nlatency = { bad = "60ms", good = "40ms" }\n'
    with netlab.Lab() as lab:
        paths = Paths(lab, {"sip": ("lowest-cost-sla", "voice")}, slas)
        paths.expect("sip", A, "the cheap line")
        time.sleep(2)
        known = {link["name"]: link["quality"]["samples"] for link in paths.server.status()["links"]}
        assert all(samples > 3 for samples in known.values()), known
        paths.server.configure(paths.configuration(mpls=10, sdwan=20))
        began = netlab.now()
        paths.server.reload()
        paths.expect("sip", B, "the other line is cheaper now", 5)
        print(f"cost change on reload: {netlab.now() - began:.2f} s", flush=True)
        links = paths.server.status()["links"]
        assert all(
            link["quality"]["samples"] >= known[link["name"]] for link in links
        ), links  # an unchanged probe keeps its samples
        paths.server.foretell(A, "mpls", owner="sip.example.com")


def migration():
    """A quarter of the clients moves, then half. A client that has moved does not move back."""
    with netlab.Lab() as lab:
        lines = site_of_lines.Lines(lab, "mpls", "sdwan")
        links = lines.link("mpls", "mpls", 100) + lines.link("sdwan", "sd-wan", 20)

        def configuration(percent):
            return (
                site_of_lines.MONITOR.format(interval=100, timeout=80, window=5, fall=3)
                + links
                + site_of_lines.answer(
                    [("mpls", A, 'link = "mpls"'), ("sdwan", B, 'link = "sdwan"')],
                    settings=QUICK + f'\nmigrate = {{ from = "mpls", to = "sdwan", percent = {percent} }}',
                )
            )

        server = site.Server(lab, lines.ns, site_of_lines.SERVER, configuration(25)).start()
        support.wait_until(lambda: lines.ask(server) in (A, B), 5, "a line is picked")
        moved = set()
        for percent in (25, 50, 100):
            server.configure(configuration(percent))
            server.reload()
            support.wait_until(
                lambda: share_of(lines, server, 400) > (percent - 12) / 100, 10, f"{percent} percent after the reload"
            )
            found = lines.census(server, 4000)
            share = sum(what == B for what in found.values()) / len(found)
            print(f"migration: {share:.1%} of the clients at {percent} percent", flush=True)
            assert abs(share - percent / 100) <= 0.03, share
            now_moved = {client for client, what in found.items() if what == B}
            assert moved <= now_moved, "a client went back"
            server.foretell(B, "mpls", picked=True)
            moved = now_moved


def share_of(lines, server, clients):
    found = lines.census(server, clients, seed=1)
    return sum(what == B for what in found.values()) / clients


def dscp():
    """Probes have the configured DSCP."""
    with netlab.Lab() as lab:
        lines = site_of_lines.Lines(lab, "mpls")
        monitor = site_of_lines.MONITOR.format(interval=100, timeout=80, window=5, fall=3).replace(
            "rise = 3", 'rise = 3\ndscp = "ef"'
        )
        server = site.Server(
            lab,
            lines.ns,
            site_of_lines.SERVER,
            monitor + lines.link("mpls", "mpls", 1) + site_of_lines.answer([("mpls", A, 'link = "mpls"')]),
        )
        with lines.far["mpls"].socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800)) as wire:
            wire.settimeout(5)
            server.start()
            packet = wire.recv(2048)
            while packet[9] != 1:
                packet = wire.recv(2048)
            print(f"DSCP: echo requests with a traffic class of {packet[1]:#04x}", flush=True)
            assert packet[1] == 0xB8, packet[1]


def symmetric():
    """The server answers a query from the queried address, on either line."""
    with netlab.Lab() as lab:
        lines = site_of_lines.Lines(lab, "isp-a", "isp-b")
        own = ["172.31.1.1", "172.31.2.1"]
        site.Server(lab, lines.ns, own, "").start()
        for name, address in zip(lines.names, own):
            # The client's socket does not receive a reply from another address.
            reply = dns_clients.ask(lines.far[name], address, site.NAME)
            assert reply is not None and reply.rcode == support.NOERROR, (name, reply)
        print("symmetric: each reply comes from the queried address, on both lines", flush=True)


SCENARIOS = [
    ("weights", weights),
    ("weights by query", weights_by_query),
    ("line down", link_down),
    ("reliability", reliability),
    ("all down", all_down),
    ("views", views),
    ("preference", preference),
    ("SLA", sla),
    *((f"brown-out, {measure}", brown_out, measure) for measure in MEASURES),
    ("cost change", cost_change),
    ("SLA best effort", none_meets, "best-effort", B),
    ("SLA nodata", none_meets, "nodata", ""),
    ("SLA last resort", none_meets, "last-resort", C),
    ("migration", migration),
    ("DSCP", dscp),
    ("symmetric", symmetric),
]


def main():
    netlab.needed()
    return 1 if netlab.side_by_side(SCENARIOS, at_most=6, seconds=400) else 0


if __name__ == "__main__":
    sys.exit(main())
