"""kill -9 at random moments of continuous failovers. No serial decreases or has two contents. The first answer after
a restart, within a second, has a serial behind the ones that were reserved. WAYMARK_KILLS sets the number of kills
(60).
"""
import random
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from lateness import Lateness
from support import SANITIZED, die_with_parent, free_port, query, scale, seed, tool, udp

KILLS = scale("KILLS", 60)
START_SECONDS_MAX = 4.0 if SANITIZED else 1.0
machine = Lateness()  # a delay of the machine does not count
FIRST = 0xCB000000
RESERVE = 256  # serials that the server reserves at once
ZONE = "$TTL 300\n@ SOA ns h {serial} 1 1 1 1\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.10\nother TXT \"{edition}\"\n"


def later(a, b):
    return a != b and (a - b) % 2**32 < 2**31


class Steerer:
    def __init__(self, program, port, directory):
        self.port = port
        self.begun = time.monotonic()
        self.child = subprocess.Popen(
            [program, f"127.0.0.1:{port}", f"example.={directory}/zone", f"{directory}/state"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,
            text=True,
            bufsize=1,
        )
        self.lines = []

    def tell(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def line(self):
        """The next line of the program's output. After its end the rest is still read."""
        return self.child.stdout.readline().split()

    def kill(self):
        self.child.kill()
        self.child.wait()


class Witness:
    """Keeps the content of every serial that was received or reported as published."""

    def __init__(self):
        self.content, self.last = {}, None

    def see(self, serial, number):
        assert (
            self.content.setdefault(serial, number) == number
        ), f"serial {serial}: decision {self.content[serial]}, now {number}"
        assert self.last is None or not later(self.last, serial), f"serial {serial} after {self.last}"
        self.last = serial

    def ask(self, port):
        """Queries the serial and the decision as one. Returns False if a change occurred in between."""
        before, number, after = serial_of(port), number_of(port), serial_of(port)
        if before == after:
            self.see(before, number)
        return before == after


def octets_of(port, name, rrtype):
    reply = udp("127.0.0.1", port, query(name, rrtype), timeout=1.0)
    assert reply is not None, f"no reply for {name} {rrtype}"
    return reply


def serial_of(port):
    return struct.unpack("!I", octets_of(port, "example.", "SOA").partition(b"\x01\x68\xc0\x0c")[2][:4])[0]


def number_of(port):
    return struct.unpack("!I", octets_of(port, "www.example.", "A")[-4:])[0] - FIRST


def life(program, port, directory, witness, rng, number):
    """One run from start to kill. Returns the duration of the start."""
    server = Steerer(program, port, directory)
    try:
        assert server.line()[:1] == ["ready"], "the server did not start"
        ready = time.monotonic()
        started = ready - server.begun - machine.between(server.begun, ready)
        last = witness.last
        assert witness.ask(port)
        if last is not None:
            jump = (witness.last - last) % 2**32
            assert 0 < jump <= RESERVE + 2, f"published last: {last}, answered first: {witness.last}"
        if number % 10 == 5:
            server.tell("reload")
        server.tell("steer 1000000 0" if number % 2 else "steer 1000000 500")
        end = time.monotonic() + rng.expovariate(1 / 0.03)
        while time.monotonic() < end:
            witness.ask(port)
        server.child.kill()
        for line in server.child.stdout:
            words = line.split()
            if words[:1] == ["published"] and len(words) == 5 and line.endswith("\n") and words[2] != "0":
                witness.content.setdefault(int(words[2]), int(words[1]))
                assert witness.content[int(words[2])] == int(words[1]), line
                if later(int(words[2]), witness.last):
                    witness.last = int(words[2])
        return started
    except AssertionError:
        print(f"life {number}: exit status of the server: {server.child.poll()}")
        raise
    finally:
        server.kill()


def main():
    machine.start()
    rng = random.Random(seed())
    program, port, witness = tool("steerer"), free_port(), Witness()
    with tempfile.TemporaryDirectory(prefix="waymark-crash-") as name:
        directory, starts = Path(name), []
        for number in range(KILLS):
            if number % 10 == 0:  # the file changes while the server is down; its serial goes in any direction
                (directory / "zone").write_text(ZONE.format(serial=rng.randrange(1, 100), edition=number))
            starts.append(life(program, port, directory, witness, rng, number))
        sizes = [path.stat().st_size for path in (directory / "state/zones").iterdir()]
    starts.sort()
    print(
        f"{KILLS} kills, {len(witness.content)} serials seen: none decreased, none with two contents; "
        f"start min/median/max {starts[0] * 1000:.0f}/{starts[len(starts) // 2] * 1000:.0f}/"
        f"{starts[-1] * 1000:.0f} ms; "
        f"journal {max(sizes)} octets"
    )
    assert len(witness.content) > KILLS
    assert starts[-1] < START_SECONDS_MAX
    print("ok")


main()
