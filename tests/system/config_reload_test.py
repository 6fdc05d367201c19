"""The configuration of a running server. With strict-start it refuses to start if the configuration contradicts the
zones. At SIGHUP it reads the configuration again: steered names change, and zones are added and removed. The log lists
the settings that need a restart. A configuration with errors changes nothing, and the log gives the place of each
error. `waymark reload` does the same and prints it.
"""
import json
import os
import socket
import tempfile
from pathlib import Path

from support import NOERROR, REFUSED, Waymark, query, run, tcp_read, wait_until

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


def ask_from(server, source, transport="udp"):
    """The RCODE of a query from this address of the loopback interface."""
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    payload = query("www.example.com", do=True)
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(5)
        sock.bind((source, 0))
        sock.connect(("127.0.0.1", server.port))
        if transport == "udp":
            sock.send(payload)
            return sock.recv(4096)[3] & 15
        sock.sendall(len(payload).to_bytes(2, "big") + payload)
        return tcp_read(sock)[3] & 15


def test_access_rules(site):
    """Access rules select clients and transports, over the sockets. A reload changes them; a misspelled zone is
    reported."""
    rules = (
        '[acl.lab]\naction = "deny"\nclients = "127.0.0.9"\n[acl.office]\nclients = "127.0.0.8/31"\n'
        '[acl.stream]\nclients = "127.0.0.7"\ntransports = "tcp"\n'
        '[[zone]]\nname = "example.com"\nacl = ["lab", "office", "stream"]\n'
    )
    expected = {  # source: udp, tcp
        "127.0.0.8": (NOERROR, NOERROR),
        "127.0.0.9": (REFUSED, REFUSED),
        "127.0.0.7": (REFUSED, NOERROR),
        "127.0.0.1": (REFUSED, REFUSED),
    }
    site.configure(rules)
    with Waymark("-c", site.config) as server:
        for source, rcodes in expected.items():
            got = tuple(ask_from(server, source, transport) for transport in ("udp", "tcp"))
            assert got == rcodes, f"{source}: {got}, not {rcodes}"
        _, output, _ = run("status", "-c", site.config, "--json")
        assert json.loads(output)["server"]["counters"]["prohibited"] == 5, output
        site.configure("")
        server.hangup()
        wait_until(lambda: ask_from(server, "127.0.0.9") == NOERROR, 10, "the rules are gone", server.process)
        site.configure(rules)
        server.hangup()
        wait_until(lambda: ask_from(server, "127.0.0.9") == REFUSED, 10, "the rules are back", server.process)
        assert ask_from(server, "127.0.0.8") == NOERROR
        site.configure(rules.replace("example.com", "exmaple.com"))
        server.hangup()
        logs(server, "exmaple.com. has no zone file")


def test_refused(site):
    for name, place, code in (
        ("ns.example.com", "6:8", "C302"),
        ("nowhere.example.com", "6:8", "C301"),
        ("www.example.net", "6:8", "C303"),
    ):
        site.configure(record(name, "203.0.113.1"), "strict-start = true")
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


def test_command(site):
    """`waymark reload` waits for the end, prints what the log gets, and fails with the places of what was refused."""
    site.configure(record("www.example.com", "203.0.113.1"))
    zone = site.path / "example.com.zone"
    with Waymark("-c", site.config) as server:
        def reload(code, *wanted):
            got, out, err = run("reload", "-c", site.config)
            assert got == code, (got, out, err)
            for words in wanted:
                assert words in out, (words, out)
                # the log shows a place in another form
                assert words in server.process.output() or ": error: " in words, (words, server.process.output())

        reload(0, "1 unchanged")
        zone.write_text(ZONE.replace(" 1 3600", " 2 3600") + "new A 192.0.2.81\n")
        reload(0, "zone example.com. loaded", "1 loaded")
        assert address(server, "new.example.com") == ["192.0.2.81"], "it is served when the command ends"
        code, out, _ = run("changes", "example.com", "-c", site.config)  # by failover and by the file
        assert code == 0 and "+ new.example.com.\t" in out and "+ www.example.com.\t7" in out, (code, out)
        code, out, _ = run("changes", "example.com", "--since", "2", "-c", site.config)
        assert code == 0 and "+ new.example.com.\t" in out and "www.example.com." not in out, (code, out)
        code, _, err = run("changes", "example.com", "--since", "77", "-c", site.config)
        assert code != 0 and "the changes since serial 77 are not known" in err, (code, err)
        code, _, err = run("changes", "example.org", "-c", site.config)
        assert code != 0 and "no zone example.org. is served" in err, (code, err)
        zone.write_text(ZONE + "bad A 192.0.2.999\n")
        reload(1, f"{zone}:8:15: error: malformed IPv4 address", "serving the old version")
        zone.write_text(ZONE.replace(" 1 3600", " 3 3600"))
        site.configure(record("www.example.com", "203.0.113.2") + "polcy = 1\n")
        reload(1, f"{site.config}:11:1: error: unknown key", "keeping the running configuration")
        site.configure(record("nowhere.example.com", "203.0.113.2"), "workers = 2")
        reload(1, "[server] workers has changed", f"{site.config}:6:8: error: no default records in the zone")
        wait_until(
            lambda: "suspended" in run("status", "-c", site.config)[1], 10, "status says so", server.process
        )
        site.configure(record("www.example.com", "203.0.113.3"))
        reload(0)
        code, out, _ = run("reload", "--json", "-c", site.config)
        assert code == 0 and '"refused":false' in out, out


def test_asked_address(site):
    """`explain --client --to` gives the answer for a client that asks this address of the server."""
    inside = record("www.example.com", "203.0.113.1").replace('policy = "all"', 'policy = "all"\nview = "inside"')
    site.configure('[view.inside]\nlisten = "127.0.0.1"\n' + inside + record("www.example.com", "203.0.113.2"))
    with Waymark("-c", site.config) as server:
        answers(server, "www.example.com", ["203.0.113.1"])

        def explained(*to):
            words = ("www.example.com", "A", "-c", site.config, "--client", "10.0.0.1", *to)
            code, out, err = run("explain", *words, "--json")
            assert code == 0, (out, err)
            return json.loads(out)["steering"]["clients"][0]

        assert explained("--to", "127.0.0.1")["addresses"] == ["203.0.113.1"]
        assert explained("--to", "127.0.0.1")["view"] == "inside"
        assert explained("--to", "192.0.2.1")["addresses"] == ["203.0.113.2"]
        assert explained()["addresses"] == ["203.0.113.2"]
        code, _, err = run("explain", "www.example.com", "A", "-c", site.config, "--client", "10.0.0.1", "--to", "x")
        assert code == 2 and "`x` is not an address" in err, (code, err)


for test in (test_reload, test_zones, test_access_rules, test_refused, test_command, test_asked_address):
    with tempfile.TemporaryDirectory(prefix="waymark-config-") as temporary:
        test(Site(temporary))
        print(f"{test.__name__}: ok", flush=True)
