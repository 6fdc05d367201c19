"""A path of a given quality, for kernels without netem. The relay forwards UDP from an address of a host to a port of
its loopback. It delays or drops each packet in the return direction as a function of the packet's number.

    relay = Relay(host, "172.31.1.11", 862, 8620)
    relay.delay = lambda number: 0.005 if number % 2 else 0.025     # seconds: 20 ms of jitter
    relay.lost = lambda number: number % 20 == 0                    # five percent, exactly
"""
import heapq
import select
import socket
import threading
import time


def nothing_lost(number):
    return False


class Relay:
    def __init__(self, host, address, port, onward):
        self.host, self.onward = host, ("127.0.0.1", onward)
        self.front = host.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind((address, port))
        self.clients = {}  # socket: the client whose packets it carries
        self.number, self.held = 0, []
        self.be(0.0)
        self.ending = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    def be(self, delay, jitter=0.0, one_lost_of=0):
        """Sets the quality from now on: seconds of delay, `jitter` more for every other packet, one of `one_lost_of`
        packets lost (0: none)."""
        self.delay = lambda number: delay + jitter * (number % 2)
        self.lost = (lambda number: number % one_lost_of == 0) if one_lost_of else nothing_lost

    def close(self):
        self.ending.set()

    def _run(self):
        while not self.ending.is_set():
            wait = max(0.0, self.held[0][0] - time.monotonic()) if self.held else 0.1
            for ready in select.select([self.front, *self.clients], [], [], wait)[0]:
                try:
                    self._take(ready)
                except OSError:
                    continue  # no process listens there yet, or any more
            while self.held and self.held[0][0] <= time.monotonic():
                _, _, packet, client = heapq.heappop(self.held)
                self.front.sendto(packet, client)

    def _take(self, ready):
        packet, sender = ready.recvfrom(2048)
        if ready is not self.front:
            self.number += 1
            if not self.lost(self.number):
                heapq.heappush(
                    self.held, (time.monotonic() + self.delay(self.number), self.number, packet, self.clients[ready])
                )
            return
        carrier = next((each for each, client in self.clients.items() if client == sender), None)
        if carrier is None:
            carrier = self.host.socket(socket.AF_INET, socket.SOCK_DGRAM)
            carrier.connect(self.onward)
            self.clients[carrier] = sender
        carrier.send(packet)
