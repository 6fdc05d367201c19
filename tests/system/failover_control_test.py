"""Failover over loopback, driven by files, with every command of the control socket; across restarts and kill -9."""
import json
import os
import socket
import stat
import subprocess
import threading
import time

from steered import World, addresses, agree, record_of, command, serial
from support import BINARY, die_with_parent, run, wait_until

A, B = ["203.0.113.10"], ["198.51.100.10"]
RESERVE = 256  # serials that the server reserves at once
WWW = "www.example.com"


def until(server, wanted, seconds=10):
    wait_until(lambda: addresses(server, WWW) == wanted, seconds, f"{WWW} is {wanted}", server.process)


def agreed(world, server, wanted):
    """Waits as `until` does; then status and explain report the same addresses."""
    until(server, wanted)
    reported = [record_of(world.control, WWW), command(world.control, "explain", WWW, "A")["steering"]["records"][0]]
    assert all(sorted(each["addresses"]) == wanted for each in reported), reported


def evidence_moves_the_answer(world, server):
    until(server, A)
    before = serial(server)
    took = agree(server, world.control, WWW, [f"{WWW}:via-a"], lambda: world.set("via-a", "down"))
    assert serial(server) > before, "a changed answer has a higher serial"
    assert addresses(server, "alias.example.com") == B, "a CNAME leads to the steered set"
    print(f"file to dig: {took * 1000:.0f} ms")
    events = command(world.control, "events", "-n", "100")
    assert events, "there are events"
    line = f"{WWW}/A 203.0.113.10 -> 198.51.100.10"
    assert line in server.process.output(), "the log contains the line"
    world.set("via-a", "up")
    until(server, A)


def orders(world, server):
    control = world.control
    command(control, "failover", WWW, "--to", "via-b")
    agreed(world, server, B)
    assert record_of(control, WWW)["state"] == "forced"
    command(control, "failover", WWW, "--to", "auto")
    agreed(world, server, A)
    command(control, "drain", f"{WWW}:via-a", "--for", "5s")
    agreed(world, server, B)
    agreed(world, server, A)  # the override expires
    command(control, "freeze", WWW)
    world.set("via-a", "down")
    wait_until(lambda: record_of(control, WWW)["members"][0]["state"] == "down", 10, "via-a is down", server.process)
    assert addresses(server, WWW) == A, "frozen"
    command(control, "freeze", WWW, "--undo")
    agreed(world, server, B)
    world.set("via-a", "up")
    agreed(world, server, A)
    assert "did you mean" in command(control, "failover", "ww.example.com", "--to", "via-b", expect=2)
    assert "did you mean" in command(control, "failover", WWW, "--to", "via-c", expect=2)
    command(control, "freeze", WWW, "--undo", expect=1)


def line_of(path, line):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(str(path))
        client.sendall(line)
        return json.loads(client.makefile("rb").readline())


def rights(world):
    assert stat.S_IMODE(os.stat(world.control).st_mode) == 0o660
    if os.geteuid() != 0:
        return
    world.path.chmod(0o755)
    world.state.chmod(0o755)
    world.control.chmod(0o666)
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        looks = line_of(world.control, b'{"command":"status"}\n')
        asks = line_of(world.control, b'{"command":"freeze","subject":"*"}\n')
        os._exit(0 if looks["ok"] and asks.get("error") == "not-permitted" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "an unprivileged user can read but not change"
    world.state.chmod(0o700)


def hostile_and_many(world):
    for line in (b"\n", b"{}\n", b'{"command":"stauts"}\n', b"[" * 60000 + b"\n", b"\xff\xfe\n", b"x" * 70000 + b"\n"):
        reply = line_of(world.control, line)
        assert reply["ok"] is False and reply["message"], reply
    faults = []

    def ask():
        try:
            for _ in range(20):
                assert command_line(world)["ok"]
        except Exception as fault:  # pylint: disable=broad-except
            faults.append(fault)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def command_line(world):
    return line_of(world.control, b'{"command":"status"}\n')


def shape(world):
    status = command(world.control, "status")
    for key in ("pid", "started", "uptime", "addresses", "zones", "counters"):
        assert key in status["server"], key
    for key in (
        "mode",
        "generation",
        "virtual_routers",
        "links",
        "records",
        "checks",
        "overrides",
        "alarms",
        "counters",
    ):
        assert key in status["steering"], key
    assert status["server"]["zones"][0]["apex"] == "example.com."
    code, out, _ = run("status", "--socket", world.control, env=dict(os.environ, NO_COLOR="1"))
    assert code == 0 and "www.example.com/A" in out and "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 100, out


def restarts(world):
    with world.serve() as server:
        until(server, A)
        world.set("via-a", "down")
        until(server, B)
        command(world.control, "freeze", "*")
        last = serial(server)
        server.process.kill()
        world.set("via-a", "up")
        server.start()
        assert 0 < serial(server) - last <= RESERVE + 1, "the serial goes on behind the reserved ones"
        assert addresses(server, WWW) == B, "the first answer after kill -9 equals the last one before it"
        assert command(world.control, "status")["steering"]["overrides"][0]["override"] == "freeze"
        command(world.control, "freeze", "--all", "--undo")
        until(server, A)
        assert serial(server) > last


def suspended():
    """The zone's next file does not contain a managed name. An alarm reports it, and ends when the name is in the
    zone again."""
    world = World()
    path = world.path / "example.com.zone"
    whole = path.read_text()
    with world.serve() as server:
        until(server, A)
        path.write_text(
            "\n".join(line for line in whole.splitlines() if "203.0.113.10" not in line and "198.51.100.10" not in line)
            + "\n"
        )
        server.hangup()
        wait_until(
            lambda: any(
                alarm["key"].startswith("suspended/")
                for alarm in command(world.control, "status")["steering"]["alarms"]
            ),
            10,
            "the alarm is raised",
            server.process,
        )
        _, out, _ = run("status", "--socket", world.control, env=dict(os.environ, NO_COLOR="1"))
        assert "cannot manage www.example.com A: " in out and "serving the zone file's records" in " ".join(
            out.split()
        ), out
        path.write_text(whole)
        server.hangup()
        wait_until(
            lambda: not command(world.control, "status")["steering"]["alarms"], 10, "the alarm ends", server.process
        )
        until(server, A)


def without_a_server(world):
    """simulate and explain use only the configuration, without a server."""
    code, out, err = run("simulate", "--offline", "-c", world.config, "--fail", f"{WWW}:via-a", "--json")
    assert code == 0, err
    course = json.loads(out)["records"][0]
    assert course["before"]["addresses"] == A and course["after"]["addresses"] == B, course
    zone = f"example.com={world.path / 'example.com.zone'}"
    code, out, err = run("explain", WWW, "A", "--zone", zone, "-c", world.config, "--json")
    assert code == 0, err
    steered = json.loads(out)["steering"]
    assert "configuration" in steered["source"] and not steered["records"][0]["addresses"], steered


def follows(world, server):
    """events --follow prints each event when it occurs, until the command is ended."""
    child = subprocess.Popen(
        [BINARY, "events", "--follow", "--json", "-n", "1", "--socket", world.control],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )
    try:
        time.sleep(0.3)
        began = time.monotonic()
        world.set("via-a", "down")
        for line in child.stdout:
            event = json.loads(line)
            if (event["kind"], event["subject"], event["to"]) == ("record", f"{WWW}/A", B[0]):
                break
        else:
            raise AssertionError("events --follow ended")
        assert time.monotonic() - began < 5
    finally:
        child.kill()
        child.wait()
    world.set("via-a", "up")
    until(server, A)


class Serials:
    """Queries the zone and its serial continuously. The serial never decreases, and one serial never has two
    contents."""

    def __init__(self, server):
        self.server, self.content, self.faults, self.ending = server, {}, [], threading.Event()
        self.last = 0
        self.thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        assert not self.faults, self.faults
        assert len(self.content) > 5, self.content

    def _watch(self):
        while not self.ending.is_set():
            try:
                before, answer, after = serial(self.server), addresses(self.server, WWW), serial(self.server)
            except Exception:  # pylint: disable=broad-except
                continue  # the server restarts
            if before < self.last:
                self.faults.append(f"{before} after {self.last}")
            self.last = max(self.last, after)
            if before == after and self.content.setdefault(before, answer) != answer:
                self.faults.append(f"{before} with {self.content[before]} and with {answer}")


def observe():
    world = World(steering='mode = "observe"')
    with world.serve() as server:
        both = sorted(A + B)
        assert addresses(server, WWW) == both
        world.set("via-a", "down")
        wait_until(
            lambda: "would serve" in server.process.output() and "-> 198.51.100.10" in server.process.output(),
            10,
            "the log contains the answer that it would give",
            server.process,
        )
        assert addresses(server, WWW) == both and serial(server) == 1, "the answer and the serial do not change"


def reload_moves_by_cost():
    links = '[link.isp-a]\nclass = "internet"\ncost = {0}\n[link.isp-b]\nclass = "internet"\ncost = {1}\n'
    world = World(answer='prefer = "cost"', links=links.format(10, 20))
    with world.serve() as server:
        until(server, A)
        world.configure(answer='prefer = "cost"', links=links.format(30, 20))
        server.hangup()
        until(server, B)


def main():
    world = World()
    with world.serve() as server:
        with Serials(server):
            evidence_moves_the_answer(world, server)
            shape(world)
            orders(world, server)
            follows(world, server)
        hostile_and_many(world)
        rights(world)
    assert not world.control.exists(), "the server removes its socket"
    without_a_server(world)
    restarts(World())
    suspended()
    observe()
    reload_moves_by_cost()
    code, _, _ = run("status", "--socket", world.control)
    assert code == 3, "exit code without a server"


main()
