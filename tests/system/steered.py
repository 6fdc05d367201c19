"""A steered server whose monitors read files. Tests change the files, and the commands must report the same as the
answer.

    world = World(state)                      # monitors of type file: world.set("via-a", "down")
    with world.serve() as server: ...
    agree(server, world.control, "www.example.com", ["lan-gw:rtr-a"], break_it)
"""
import json
import subprocess
import tempfile
import time
from pathlib import Path

from support import BINARY, Waymark, run, wait_until

ZONE = """$ORIGIN example.com.
$TTL 300
@    SOA ns hostmaster 1 3600 600 86400 300
     NS  ns
ns   A   192.0.2.53
www  30 A 203.0.113.10
     30 A 198.51.100.10
alias CNAME www
"""


def addresses(server, name, rrtype="A"):
    """The addresses in the answer, ascending."""
    reply = server.ask(name, rrtype)
    return sorted(item.to_text() for rrset in reply.answer if rrset.rdtype in (1, 28) for item in rrset)


def serial(server, zone="example.com"):
    return server.ask(zone, "SOA").answer[0][0].serial


def command(control, *words, expect=0):
    """Runs a command of the control socket with --json. Returns its object."""
    code, out, err = run(*words, "--json", "--socket", control)
    assert code == expect, f"waymark {' '.join(map(str, words))}: exit {code}, not {expect}\n{out}{err}"
    return json.loads(out.splitlines()[0]) if out.strip() else err


def record_of(control, name, rrtype="A"):
    """The status of the answer `name`/`rrtype` without a view."""
    found = command(control, "status", f"{name}/{rrtype}")["steering"]["records"]
    return found[0]


def agree(server, control, name, fail, break_it, rrtype="A", seconds=30):
    """Fails `fail` in a simulation, then in reality with `break_it()`: simulate, explain, status and the answer must
    agree.

    Returns the seconds from the fault to the changed answer.
    """
    simulated = command(control, "simulate", *[word for each in fail for word in ("--fail", each)])
    course = next(each for each in simulated["records"] if each["name"] == f"{name}/{rrtype}")
    before, after = sorted(course["before"]["addresses"]), sorted(course["after"]["addresses"])
    assert addresses(server, name, rrtype) == before, (addresses(server, name, rrtype), before)
    begun = time.monotonic()
    break_it()
    wait_until(
        lambda: addresses(server, name, rrtype) == after, seconds, f"{name} is {after}, as simulated", server.process
    )
    took = time.monotonic() - begun
    status = record_of(control, name, rrtype)
    assert sorted(status["addresses"]) == after and status["chosen"] == course["after"]["members"], status
    explained = command(control, "explain", name, rrtype)["steering"]["records"][0]
    assert sorted(explained["addresses"]) == after, explained
    return took


class World:
    """A zone, a configuration and the files of its monitors, in a separate directory."""

    def __init__(self, steering="", answer="", zone=ZONE, links=""):
        self.temporary = tempfile.TemporaryDirectory(prefix="waymark-steered-")
        self.path = Path(self.temporary.name)
        self.state = self.path / "state"
        self.state.mkdir(mode=0o700)
        self.control = self.state / "control.sock"
        (self.path / "example.com.zone").write_text(zone)
        self.config = self.path / "waymark.toml"
        self.configure(steering, answer, links)
        self.set("via-a", "up")
        self.set("via-b", "up")

    def configure(self, steering="", answer="", links=""):
        monitors = "".join(
            f'[monitor.{name}]\ntype = "file"\nfile = "{self.path}/{name}"\n'
            'interval = "100ms"\ntimeout = "30m"\nfall = 1\nrise = 1\n'
            for name in ("via-a", "via-b")
        )
        link_a, link_b = (', link = "isp-a"', ', link = "isp-b"') if links else ("", "")
        self.config.write_text(
            f"""[server]
state = "{self.state}"
[steering]
{steering}
{monitors}{links}
[[record]]
name = "www.example.com"
type = "A"
failback-delay = "0s"
dampen = {{ transitions = 1000, within = "1m", hold = "1s" }}
{answer}
members = [
  {{ name = "via-a", address = "203.0.113.10", monitor = "via-a"{link_a} }},
  {{ name = "via-b", address = "198.51.100.10", monitor = "via-b"{link_b} }},
]
"""
        )

    def set(self, name, word):
        temporary = self.path / f"{name}.new"
        temporary.write_text(word + "\n")
        temporary.rename(self.path / name)

    def serve(self, **how):
        return Waymark("-c", self.config, zones={"example.com": self.path / "example.com.zone"}, **how)
