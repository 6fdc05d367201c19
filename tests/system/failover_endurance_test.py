"""What surrounds the server changes again and again: keepalived is reloaded each second, its notify FIFO is made anew,
and more netlink messages arrive than fit into the queue. There is no false failover, and each true one is followed
within two seconds.

WAYMARK_ENDURANCE=200 makes each scenario 200 times as long: ten minutes of reloads, 1,000 FIFOs, 960,000 netlink
events.
"""
import os
import random
import signal
import sys
import threading
import time

import netlab
import site_of_two as site
import support

TIMES = support.scale("ENDURANCE", 1)
A, B = site.VIA_A, site.VIA_B
FOLLOWED = 2.0  # seconds from a true failover to the answer
SETTLE = 0.5


class Judge:
    """Compares what a poller has seen with what may be seen: the answer changes only to `right`, after it was set."""

    def __init__(self, poller, answer):
        self.poller, self.right, self.seen = poller, answer, len(poller.changes)
        self.false, self.taken = [], []

    def check(self):
        """Changes to another answer than the right one are false failovers. A server that a signal has stopped, or
        that has no CPU, is silent."""
        changes = self.poller.changes[self.seen :]
        self.seen += len(changes)
        self.false += [change for change in changes if change[1] not in (self.right, "silent")]

    def moves(self, answer, since):
        """The right answer from `since` on. Waits for it. Changes to the old answer may still be under way."""
        came = self.poller.wait(answer, 15, since=since)
        self.right = answer
        self.seen = next((i for i, change in enumerate(self.poller.changes) if change[0] >= came), self.seen)
        self.taken.append(came - since - netlab.machine.between(since, came))

    def sum_up(self, what):
        assert not self.false, f"{what}: false failovers: {self.false}"
        print(
            f"{what}: {len(self.taken)} true changes, the slowest followed after {max(self.taken) * 1e3:.0f} ms; "
            f"0 false ones, {self.poller.asked} questions",
            flush=True,
        )
        assert max(self.taken) <= FOLLOWED, self.taken


class Reloads:
    """SIGHUP to each keepalived, each second."""

    def __init__(self, *routers):
        self.routers, self.count, self.ending = routers, 0, threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()

    def run(self):
        while not self.ending.wait(1 / len(self.routers)):
            self.routers[self.count % len(self.routers)].process.child.send_signal(signal.SIGHUP)
            self.count += 1


def fifo_of(router, instance="VI_1"):
    return f'fifo = "{router.fifo}"\nfifo-instance = "{instance}"\n'


def reloads():
    """Servers beside the routers (advertisements), on the backup (all sources) and on the first router (FIFO alone)."""
    seconds, every = 3 * TIMES, 2 if TIMES == 1 else 17
    with netlab.Lab() as lab:
        pair = site.Pair(lab, interval=0.2, fifo_for="root")
        on_b = 'sources = ["passive", "netlink", "fifo"]\nlocal-router = "rtr-b"\n' + fifo_of(pair.second)
        on_a = 'sources = ["fifo"]\nlocal-router = "rtr-a"\n' + fifo_of(pair.first)
        servers = [pair.serve()] + [
            pair.serve(site.virtual_router(settings=settings + site.QUICK_FLAP) + site.answer(), at=host)
            for settings, host in ((on_b, pair.b), (on_a, pair.a))
        ]
        with pair.poll(servers[0], period=0.01) as one, pair.poll(servers[1], period=0.01) as two, pair.poll(
            servers[2], period=0.01
        ) as three:
            pair.first.stop()
            pair.first.restart()  # its lines tell the state
            for poller in (one, two, three):
                poller.wait(A, 15)
            time.sleep(SETTLE)
            judges = [Judge(poller, A) for poller in (one, two, three)]
            own = []
            with Reloads(pair.first, pair.second) as hangups:
                end, quiet = netlab.now() + seconds, netlab.now()
                while netlab.now() < end:
                    time.sleep(random.uniform(0.5, 1.5) * every)
                    own += pair.ear.active(quiet, site.ADDRESSES["rtr-b"], 51)
                    for judge in judges:
                        judge.check()
                    # Without its carrier the first router knows it, too. A silent cut only the others notice.
                    silent = judges[2].taken != [] and random.random() < 0.5
                    since = (pair.lan.disable if silent else pair.lan.pull)(pair.a)
                    moved = judges[:2] if silent else judges
                    for judge in moved:
                        judge.moves(B, since)
                    time.sleep(random.uniform(0.2, 2))
                    since = (pair.lan.enable if silent else pair.lan.push)(pair.a)
                    for judge in moved:
                        judge.poller.wait(A, 15, since=since)
                    time.sleep(SETTLE)
                    for judge in judges:
                        if judge in moved:
                            judge.right, judge.seen = A, len(judge.poller.changes)
                        judge.check()
                        assert judge.poller.answer == A, judge.poller.changes[-5:]
                    quiet = netlab.now()
            print(f"{seconds} s with {hangups.count} reloads of keepalived; the routers failed over {len(own)} times")
            assert not own, "the routers themselves failed over, so this run does not test the server"
            for what, judge in zip(("advertisements", "all sources", "FIFO alone"), judges):
                judge.sum_up(what)


class Double:
    """Writes to a notify FIFO as keepalived does, and makes it anew."""

    def __init__(self, path):
        self.path, self.state, self.pipe, self.made = path, "MASTER", -1, 0
        self.make()

    def make(self):
        if self.pipe >= 0:
            os.close(self.pipe)
            os.unlink(self.path)
        os.mkfifo(self.path)
        self.pipe = os.open(self.path, os.O_RDWR | os.O_NONBLOCK)
        self.made += 1

    def write(self):
        os.write(self.pipe, f'INSTANCE "VI_1" {self.state} 200\n'.encode())

    def turn(self):
        began = netlab.now()
        self.state = "BACKUP" if self.state == "MASTER" else "MASTER"
        self.write()
        return began

    @property
    def answer(self):
        return A if self.state == "MASTER" else B


def fifos():
    """The FIFO is removed and made anew. The state is written before, after, or only at the next change."""
    with netlab.Lab() as lab:
        host = lab.host("ns")
        double = Double(lab.directory / "notify")
        settings = (
            f'sources = ["fifo"]\nlocal-router = "rtr-a"\nfifo = "{double.path}"\nfifo-instance = "VI_1"\n'
            + site.QUICK_FLAP
        )
        configuration = site.virtual_router(settings=settings).replace("eth0", "lo") + site.answer()
        server = site.Server(lab, host, "127.0.0.1", configuration).start()
        double.write()
        with site.dns_clients.Poller(host, "127.0.0.1", site.NAME, period=0.01) as poller:
            poller.wait(A, 5)
            judge = Judge(poller, A)
            while double.made <= 5 * TIMES:
                # The third round always fails over, so that a short run has a true change, too.
                turns = 0.2 if double.made == 3 else random.random()
                since = double.turn() if turns < 0.15 else None  # the last line of the old FIFO
                double.make()
                if turns > 0.7:
                    double.write()
                elif 0.15 <= turns < 0.3:
                    since = double.turn()  # the first line of the new one
                if since is not None:
                    judge.moves(double.answer, since)
                    double.write()
                time.sleep(random.uniform(0.1, 0.5))
                judge.check()
            time.sleep(1)
            judge.check()
            judge.sum_up(f"{double.made - 1} FIFOs made anew")
        server.stop()


def dropped(pid, namespace):
    """Netlink messages that the kernel did not deliver to the sockets of this process."""
    lines = namespace.run("cat", "/proc/net/netlink").splitlines()[1:]
    inodes = set()
    for file in os.listdir(f"/proc/{pid}/fd"):
        try:
            inodes.add(os.readlink(f"/proc/{pid}/fd/{file}"))
        except OSError:
            pass
    return sum(int(line.split()[8]) for line in lines if f"socket:[{line.split()[9]}]" in inodes)


def overruns():
    """Hundreds of changes while the server does not run: its queue of netlink messages is full."""
    rounds, changes = 2 * TIMES, 600
    with netlab.Lab() as lab:
        host = lab.host("ns")
        for device in ("eth0", "other1", "other2"):
            host.run("ip", "link", "add", device, "type", "veth", "peer", "name", f"{device}-peer")
            host.run("ip", "link", "set", device, "up")
            host.run("ip", "link", "set", f"{device}-peer", "up")
        vip = "address {} 192.0.2.1/32 dev eth0\n"
        host.run("ip", "-batch", "-", text=vip.format("add"))
        settings = 'sources = ["netlink"]\nlocal-router = "rtr-a"\n' + site.QUICK_FLAP
        server = site.Server(lab, host, "127.0.0.1", site.virtual_router(settings=settings) + site.answer()).start()
        other = "".join(
            f"address add 10.0.{i // 250}.{i % 250}/32 dev other1\nlink set other2 {'up' if i % 2 else 'down'}\n"
            for i in range(changes)
        )
        other_back = other.replace("address add", "address del")
        events, before = 0, dropped(server.process.pid, host)
        with site.dns_clients.Poller(host, "127.0.0.1", site.NAME, period=0.01) as poller:
            poller.wait(A, 5)
            judge, present, up = Judge(poller, A), True, True
            for number in range(rounds):
                os.kill(server.process.pid, signal.SIGSTOP)
                host.run("ip", "-batch", "-", text=other)
                change = random.choice(("none", "address", "link")) if number else "address"
                if change == "address":
                    present = not present
                    host.run("ip", "-batch", "-", text=vip.format("add" if present else "del"))
                elif change == "link" and present:  # without an address, the link does not matter
                    up = not up
                    host.run("ip", "link", "set", "eth0", "up" if up else "down")
                host.run("ip", "-batch", "-", text=other_back)
                events += 4 * changes
                judge.check()
                right = A if present and up else B
                since = netlab.now()
                os.kill(server.process.pid, signal.SIGCONT)
                if right != judge.right:
                    judge.moves(right, since)
                time.sleep(random.uniform(0.1, 0.3))
                judge.check()
            lost = dropped(server.process.pid, host) - before
            print(f"{events} netlink events, {lost} of them not delivered", flush=True)
            assert lost > 0, "the queue was never full"
            judge.sum_up("netlink")
        server.stop()


SCENARIOS = [("reloads", reloads), ("fifos", fifos), ("overruns", overruns)]


def main():
    netlab.needed("keepalived")
    return 1 if netlab.side_by_side(SCENARIOS, seconds=100 + 10 * TIMES) else 0


if __name__ == "__main__":
    sys.exit(main())
