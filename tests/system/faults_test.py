"""Calls of the system fail, one after another: allocations, threads, opens, writes, syncs, sockets. In each scenario
the nth call fails, for many n; and all calls from the nth on, for a moment; and all allocations from the nth on, for a
second. The server must not end or hang, must answer throughout, and must do what it was asked to do once the fault is
over.

WAYMARK_POINTS=100000 tries every call. The default tries the first ones, and then fewer and fewer. Names of scenarios
as arguments run these only.
"""
import signal
import subprocess
import sys
import time

import faulty
from steered import World, addresses, command
from support import BINARY, free_port, query, scale, udp, wait_until

A, B = ["203.0.113.10"], ["198.51.100.10"]
ANSWER = 2.0  # seconds for any answer
BURST = 8  # allocations that fail one after another: the reserve of the server has more blocks
MOMENT = 0.03  # seconds that all calls fail
SHORTAGE = 1.0  # seconds without any memory
AGAIN = 0.2  # seconds until a command is repeated
SETTLED = 5.0  # seconds in which all is as it should be, after the fault


def points(seen, most):
    """Of the calls 1 to `seen`: the first ones, then wider and wider steps, at most about `most` of them."""
    first = min(most // 2, seen)
    rest = most - first
    wide = (first + (seen - first) * ((i + 1) / rest) ** 2 for i in range(rest))
    return sorted({*range(1, first + 1), *(int(n) for n in wide)})


class Faulty:
    """A steered server whose calls fail on demand."""

    def __init__(self):
        self.world = World()
        self.faults = faulty.Faults(self.world.path)
        self.server = self.world.serve(env=self.faults.env, workers=1)
        self.number = 0
        self.tried = 0

    def __enter__(self):
        self.server.start()
        wait_until(lambda: self.addresses() == A, SETTLED, "the first decision")
        return self

    def __exit__(self, kind, error, trace):
        self.faults.disarm()
        self.server.__exit__(kind, error, trace)

    def addresses(self):
        return addresses(self.server, "www.example.com")

    def answers(self):
        reply = self.server.ask("ns.example.com")
        assert reply.rcode == 0 and reply.answers == 1, reply.rcode
        assert self.server.process.running(), self.server.process.output()[-2000:]

    def until(self, condition, what, act=None):
        """Waits for `condition`, asking all the while; repeats `act` now and then, as a person would."""
        end, again = time.monotonic() + SETTLED, time.monotonic() + AGAIN
        while not condition():
            self.answers()
            assert time.monotonic() < end, f"{what}\n{self.server.process.output()[-3000:]}"
            if act and time.monotonic() > again:
                act()
                again = time.monotonic() + AGAIN
            time.sleep(0.002)


def reload(it):
    it.number += 1
    zone = it.world.path / "example.com.zone"
    text = "".join(line for line in zone.read_text().splitlines(True) if not line.startswith("n "))
    zone.write_text(text + f'n TXT "{it.number}"\n')
    it.server.hangup()
    now = str(it.number).encode()

    def loaded():
        answer = it.server.ask("n.example.com", "TXT")
        return answer.answers == 1 and now in answer.octets

    return loaded, it.server.hangup


def failover(it):
    it.number += 1
    to = B if it.number % 2 else A
    it.world.set("via-a", "down" if to == B else "up")
    return lambda: it.addresses() == to, None


def save(it):
    it.number += 1
    to = B if it.number % 2 else A

    clients = []

    def order():
        words = ["drain", "www.example.com:via-a", "--down" if to == B else "--undo", "--socket", str(it.world.control)]
        clients.append(subprocess.Popen([BINARY, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    order()
    # Whatever the clients are told, none of them waits for ever.
    return lambda: it.addresses() == to and all(client.poll() is not None for client in clients), order


def storm(it, kind, nth, count, act):
    """Arms the fault, acts, and waits for what `act` asks for."""
    it.faults.arm(kind, nth, count)
    done, again = act(it)
    end = time.monotonic() + MOMENT
    while time.monotonic() < end and not it.faults.reached():
        it.answers()
    it.faults.disarm()
    it.until(done, f"{act.__name__}: call {nth} of kind {kind} failed, {count} in all", again)
    it.tried += 1


def shortage(it, nth, act):
    """No allocation succeeds from the nth on, for a second, and the server is asked all the while."""
    it.faults.arm("allocation", nth, faulty.FOREVER)
    done, again = act(it)
    end = time.monotonic() + SHORTAGE
    while time.monotonic() < end:
        it.answers()
        time.sleep(0.002)
    it.faults.disarm()
    it.until(done, f"{act.__name__}: no memory from allocation {nth} on", again)
    it.tried += 1


def scenario(act, kinds, most):
    with Faulty() as it:
        for kind in kinds:
            before = it.faults.seen(kind)
            it.until(act(it)[0], "without a fault")
            seen = it.faults.seen(kind) - before
            chosen = points(seen, most)
            for nth in chosen:
                storm(it, kind, nth, 1, act)
                storm(it, kind, nth, BURST if kind == "allocation" else faulty.FOREVER, act)
            print(f"{act.__name__}: {kind}: {2 * len(chosen)} points of {seen} calls", flush=True)
            if kind != "allocation":
                continue
            chosen = points(seen, max(most // 12, 1))
            for nth in chosen:
                shortage(it, nth, act)
            print(f"{act.__name__}: no memory for a second: from {len(chosen)} points of {seen} on", flush=True)
        command(it.world.control, "status")


def start_and_stop(kinds, most):
    """The start reports an error or serves; the end ends."""
    world = World()
    faults = faulty.Faults(world.path)
    port = free_port()
    words = [BINARY, "serve", "-c", world.config, "--zone", f"example.com={world.path}/example.com.zone"]
    words += ["--listen", f"127.0.0.1:{port}", "--workers", "1"]
    probe = query("ns.example.com", "A", ident=7)

    def attempt(kind, nth, count, while_ending):
        log = open(world.path / "log", "w+b")
        if not while_ending:
            faults.arm(kind, nth, count)
        child = subprocess.Popen(words, stdout=log, stderr=log, env={**faults.env})
        try:
            end = time.monotonic() + 10
            while child.poll() is None and udp("127.0.0.1", port, probe, timeout=0.03, tries=1) is None:
                assert time.monotonic() < end, "it neither answers nor ends"
            if while_ending:
                faults.arm(kind, nth, count)
            else:
                faults.disarm()
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            child.wait(4)
        finally:
            faults.disarm()
            child.kill()
            child.wait()
            log.seek(0)
            text = log.read().decode(errors="replace")
            log.close()
        told = f"{kind} {nth} {count} {while_ending}: exit code {child.returncode}\n{text[-2000:]}"
        # A server that ends because of an error takes SIGTERM for the second signal.
        assert child.returncode in (0, 1, 2, 3, 5, 128 + signal.SIGTERM), told
        assert child.returncode in (0, 128 + signal.SIGTERM) or "waymark:" in text or while_ending, told

    for kind in kinds:
        before = faults.seen(kind)
        attempt("none", 0, 0, False)
        seen = faults.seen(kind) - before
        chosen = points(seen, most)
        for nth in chosen:
            attempt(kind, nth, 1, False)
            attempt(kind, nth, BURST if kind == "allocation" else faulty.FOREVER, False)
        ending = points(min(seen, 200), most // 3 + 1)
        for nth in ending:
            attempt(kind, nth, BURST if kind == "allocation" else faulty.FOREVER, True)
        print(f"start and end: {kind}: {2 * len(chosen) + len(ending)} points of {seen} calls", flush=True)


if __name__ == "__main__":
    MOST = scale("POINTS", 12)
    ALL = ("allocation", "thread", "open", "write", "sync", "socket")
    for act in (reload, failover, save):
        if act.__name__ in (sys.argv[1:] or [act.__name__]):
            scenario(act, ALL, MOST)
    if "start_and_stop" in (sys.argv[1:] or ["start_and_stop"]):
        start_and_stop(ALL, MOST)
