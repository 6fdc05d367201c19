"""The configuration at work: refused at the start where the zones contradict it; read again at SIGHUP: what is steered
changes, zones come and go, what needs a restart is told, and what has faults changes nothing and is logged with its place."""
import os
import tempfile
from pathlib import Path

from support import NOERROR, REFUSED, Waymark, run, wait_until

ZONE = """$ORIGIN example.com.
$TTL 300
@   SOA ns hostmaster 1 3600 600 86400 300
    NS  ns
ns  A   192.0.2.53
www A   192.0.2.80
app A   192.0.2.80
"""


def record(name, address):
    return f'[[record]]\nname = "{name}"\ntype = "A"\npolicy = "all"\nttl.max = "7s"\nmembers = [{{ name = "one", address = "{address}" }}]\n'


class Site:
    def __init__(self, directory):
        self.path = Path(directory)
        (self.path / "state").mkdir(mode=0o700)
        (self.path / "example.com.zone").write_text(ZONE)
        self.config = self.path / "waymark.toml"

    def configure(self, steering, server=""):
        self.config.write_text(f'[server]\nzones = ["example.com.zone"]\nstate = "state"\n{server}\n{steering}')


def address(server, name):
    reply = server.ask(name)
    assert reply.rcode == NOERROR, reply
    return [item.to_text() for rrset in reply.answer for item in rrset]


def answers(server, name, expected):
    wait_until(lambda: address(server, name) == expected, 10, f"{name} is {expected}", server.process)


def says(server, words):
    wait_until(lambda: words in server.process.output(), 10, f"the log says: {words}", server.process)


def test_reload(site):
    site.configure(record("www.example.com", "203.0.113.1"))
    with Waymark("-c", site.config) as server:
        answers(server, "www.example.com", ["203.0.113.1"])
        site.configure(
            record("www.example.com", "203.0.113.2") + record("app.example.com", "203.0.113.3"),
            "workers = 2\nnsid = \"x\"",
        )
        server.hangup()
        answers(server, "www.example.com", ["203.0.113.2"])
        answers(server, "app.example.com", ["203.0.113.3"])
        says(server, "[server] workers has changed: it takes effect after a restart")
        says(server, "[server] nsid has changed: it takes effect after a restart")
        site.configure(record("www.example.com", "203.0.113.4") + "polcy = 1\n")
        server.hangup()
        says(server, f"{site.config}:11:1: error: unknown key")
        says(server, "keeping the running configuration")
        assert address(server, "www.example.com") == ["203.0.113.2"]
        site.configure(record("www.example.com", "203.0.113.5") + record("nowhere.example.com", "203.0.113.6"))
        server.hangup()
        says(server, "cannot manage nowhere.example.com A: ")  # the zones have no such name; the other name is managed
        answers(server, "www.example.com", ["203.0.113.5"])
        site.configure(record("www.example.com", "203.0.113.5"))
        server.hangup()
        answers(server, "www.example.com", ["203.0.113.5"])
        answers(server, "app.example.com", ["192.0.2.80"])  # managed no more: the zone file's own


def test_zones(site):
    """A zone that the file names, names no more, or finds elsewhere, at SIGHUP; faults leave the zones as they were."""
    other = site.path / "other.txt"
    other.write_text(ZONE.replace("example.com", "example.net"))
    named = f'[[zone]]\nname = "example.net"\nfile = "{other}"\n'
    site.configure("")
    with Waymark("-c", site.config) as server:
        assert server.ask("www.example.net").rcode == REFUSED
        site.configure(named)
        server.hangup()
        wait_until(lambda: server.ask("www.example.net").rcode == NOERROR, 10, "the zone is served", server.process)
        other.write_text(ZONE.replace("example.com", "example.net").replace("app A   192.0.2.80", "app A 192.0.2.81"))
        site.configure(named + "polcy = 1\n")
        server.hangup()
        answers(server, "app.example.net", ["192.0.2.81"])
        site.configure("")
        server.hangup()
        wait_until(lambda: server.ask("www.example.net").rcode == REFUSED, 10, "the zone is gone", server.process)
        assert server.ask("www.example.com").rcode == NOERROR
        assert "restart" not in server.process.output(), server.process.output()


def test_refused(site):
    for name, place, code in (
        ("ns.example.com", "6:8", "C302"),
        ("nowhere.example.com", "6:8", "C301"),
        ("www.example.net", "6:8", "C303"),
    ):
        site.configure(record(name, "203.0.113.1"))
        exit_code, _, said = run(
            "serve", "-c", site.config, "--listen", "127.0.0.1:0", env=dict(os.environ, NO_COLOR="1")
        )
        assert (
            exit_code == 2
            and f"error[{code}]" in said
            and f"waymark.toml:{place}" in said
            and "zones contradict" in said
        ), (exit_code, said)
        exit_code, said, _ = run("check", site.config, "--format", "short")
        assert exit_code == 1 and f"waymark.toml:{place}: error" in said and f"[{code}]" in said, (exit_code, said)


for test in (test_reload, test_zones, test_refused):
    with tempfile.TemporaryDirectory(prefix="waymark-config-") as temporary:
        test(Site(temporary))
        print(f"{test.__name__}: ok", flush=True)
