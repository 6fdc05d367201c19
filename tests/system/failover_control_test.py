"""Failover over loopback, steered by files, through every command of the control socket; over restarts and kill -9."""
import json
import os
import socket
import stat
import threading

from steered import World, addresses, agree, answer_of, command, serial
from support import run, wait_until

A, B = ["203.0.113.10"], ["198.51.100.10"]
WWW = "www.example.com"


def until(server, wanted, seconds=10):
    wait_until(lambda: addresses(server, WWW) == wanted, seconds, f"{WWW} is {wanted}", server.process)


def evidence_moves_the_answer(world, server):
    until(server, A)
    before = serial(server)
    took = agree(server, world.control, WWW, [f"{WWW}:via-a"], lambda: world.set("via-a", "down"))
    assert serial(server) > before, "a changed answer has a later serial"
    assert addresses(server, "alias.example.com") == B, "a chain sees the steered set"
    print(f"file to dig: {took * 1000:.0f} ms")
    events = command(world.control, "events", "-n", "100")
    assert events, "events are told"
    line = f"{WWW}/A 203.0.113.10 -> 198.51.100.10"
    assert line in server.process.output(), "the log has the line"
    world.set("via-a", "up")
    until(server, A)


def orders(world, server):
    control = world.control
    command(control, "failover", WWW, "--to", "via-b")
    until(server, B)
    assert answer_of(control, WWW)["state"] == "forced"
    command(control, "failover", WWW, "--to", "auto")
    until(server, A)
    command(control, "drain", f"{WWW}:via-a", "--for", "2s")
    until(server, B)
    until(server, A)  # it ends by itself
    command(control, "freeze", WWW)
    world.set("via-a", "down")
    wait_until(lambda: answer_of(control, WWW)["members"][0]["state"] == "down", 10, "via-a is down", server.process)
    assert addresses(server, WWW) == A, "frozen"
    command(control, "freeze", WWW, "--undo")
    until(server, B)
    world.set("via-a", "up")
    until(server, A)
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
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "a stranger looks and does not order"
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
    for key in ("mode", "generation", "virtual_routers", "links", "answers", "checks", "orders", "alarms", "counters"):
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
        server.process.kill()
        world.set("via-a", "up")
        server.start()
        assert addresses(server, WWW) == B, "the first answer after kill -9 is the last one before it"
        assert command(world.control, "status")["steering"]["orders"][0]["order"] == "freeze"
        command(world.control, "freeze", "--all", "--undo")
        until(server, A)


def observe():
    world = World(steering='mode = "observe"')
    with world.serve() as server:
        both = sorted(A + B)
        assert addresses(server, WWW) == both
        world.set("via-a", "down")
        wait_until(lambda: "would answer" in server.process.output() and "-> 198.51.100.10" in server.process.output(), 10, "it says what it would answer", server.process)
        assert addresses(server, WWW) == both and serial(server) == 1, "nothing is changed"


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
        evidence_moves_the_answer(world, server)
        shape(world)
        orders(world, server)
        hostile_and_many(world)
        rights(world)
    assert not world.control.exists(), "the socket goes with the server"
    restarts(World())
    observe()
    reload_moves_by_cost()
    code, _, _ = run("status", "--socket", world.control)
    assert code == 3, "no server"


main()
