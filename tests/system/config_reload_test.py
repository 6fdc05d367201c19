"""The configuration of a running server. The server refuses to start if the configuration contradicts the zones. At
SIGHUP it reads the configuration again: steered names change, and zones are added and removed. The log lists the
settings that need a restart. A configuration with errors changes nothing, and the log gives the place of each error.
"""
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
    return (
        f'[[record]]\nname = "{name}"\ntype = "A"\npolicy = "all"\nttl.max = "7s"\n'
        f'members = [{{ name = "one", address = "{address}" }}]\n'
    )


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


def logs(server, words):
    wait_until(lambda: words in server.process.output(), 10, f"the log contains: {words}", server.process)


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
        logs(server, "[server] workers has changed: it takes effect after a restart")
        logs(server, "[server] nsid has changed: it takes effect after a restart")
        site.configure(record("www.example.com", "203.0.113.4") + "polcy = 1\n")
        server.hangup()
        logs(server, f"{site.config}:11:1: error: unknown key")
        logs(server, "keeping the running configuration")
        assert address(server, "www.example.com") == ["203.0.113.2"]
        site.configure(record("www.example.com", "203.0.113.5") + record("nowhere.example.com", "203.0.113.6"))
        server.hangup()
        # the zones do not contain this name; the other name is managed
        logs(server, "cannot manage nowhere.example.com A: ")
        answers(server, "www.example.com", ["203.0.113.5"])
        site.configure(record("www.example.com", "203.0.113.5"))
        server.hangup()
        answers(server, "www.example.com", ["203.0.113.5"])
        answers(server, "app.example.com", ["192.0.2.80"])  # no longer managed: the zone file's record


def test_zones(site):
    """At SIGHUP the server adds a zone, removes it, and reads it from another file. Errors leave the zones
    unchanged."""
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
        wait_until(lambda: server.ask("www.example.net").rcode == REFUSED, 10, "the zone is removed", server.process)
        assert server.ask("www.example.com").rcode == NOERROR
        assert "restart" not in server.process.output(), server.process.output()


def test_refused(site):
    for name, place, code in (
        ("ns.example.com", "6:8", "C302"),
        ("nowhere.example.com", "6:8", "C301"),
        ("www.example.net", "6:8", "C303"),
    ):
        site.configure(record(name, "203.0.113.1"))
        exit_code, _, output = run(
            "serve", "-c", site.config, "--listen", "127.0.0.1:0", env=dict(os.environ, NO_COLOR="1")
        )
        assert (
            exit_code == 2
            and f"error[{code}]" in output
            and f"waymark.toml:{place}" in output
            and "zones contradict" in output
        ), (exit_code, output)
        exit_code, output, _ = run("check", site.config, "--format", "short")
        assert exit_code == 1, (exit_code, output)
        assert f"waymark.toml:{place}: error" in output and f"[{code}]" in output, output


for test in (test_reload, test_zones, test_refused):
    with tempfile.TemporaryDirectory(prefix="waymark-config-") as temporary:
        test(Site(temporary))
        print(f"{test.__name__}: ok", flush=True)
