"""Measures how late this machine is: a timer on each CPU fires every two milliseconds and records its delay.

    with Lateness() as machine:   # or machine.start(), until the process ends
        began = time.monotonic()
        ...
        taken = time.monotonic() - began
        assert taken - machine.between(began, began + taken) <= BOUND

Other programs delay the server under test and these timers alike. A test with a bound in real time subtracts the delay
of the timers in the same run. On a quiet machine this delay is almost zero. Run as a program, this file is one timer.
"""
import contextlib
import ctypes
import mmap
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time

PERIOD = 0.002  # seconds between two timers
WORTH_NOTING = 0.001
RECORDS = 1 << 16  # kept for each CPU
# HEAD: last time it fired, number of records. RECORD: time due, delay
HEAD, RECORD = struct.Struct("=dQ"), struct.Struct("=dd")


def tick(path, cpu):
    """The timer of one CPU. It runs until it is killed."""
    os.sched_setaffinity(0, {cpu})
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        count, due = 0, time.monotonic()
        while True:
            due += PERIOD
            time.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            if now - due > WORTH_NOTING:
                RECORD.pack_into(memory, HEAD.size + count % RECORDS * RECORD.size, due, now - due)
                count += 1
                due = now
            HEAD.pack_into(memory, 0, now, count)


def waited_for_cpu(pid):
    """{thread: seconds} in which each thread of the process was ready to run but had no CPU, as the scheduler counts
    them."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):  # the thread has ended
            with open(f"/proc/{pid}/task/{thread}/schedstat") as counted:
                found[thread] = int(counted.read().split()[1]) / 1e9
    return found


class Withheld:
    """The time for which the machine kept threads of some processes waiting for a CPU while the block ran. `seconds`
    is the sum over the processes; each counts with the thread that waited longest."""

    def __init__(self, *pids):
        self.pids, self.seconds = pids, 0.0

    def __enter__(self):
        self.before = [waited_for_cpu(pid) for pid in self.pids]
        return self

    def __exit__(self, *_):
        for pid, before in zip(self.pids, self.before):
            after = waited_for_cpu(pid)
            self.seconds += max(after[thread] - before.get(thread, 0.0) for thread in after)


class Lateness:
    def __init__(self):
        self.timers = []  # (process, file, memory)

    def __enter__(self):
        self.start()
        return self

    def start(self):
        for cpu in sorted(os.sched_getaffinity(0)):
            file = tempfile.NamedTemporaryFile(prefix="waymark-lateness-")
            file.truncate(HEAD.size + RECORDS * RECORD.size)
            process = subprocess.Popen(
                [sys.executable, __file__, file.name, str(cpu)],
                stdin=subprocess.DEVNULL,
                preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL),
            )
            self.timers.append((process, file, mmap.mmap(file.fileno(), 0)))
        self.wait_for(time.monotonic(), 10)

    def __exit__(self, *_):
        for process, file, memory in self.timers:
            process.kill()
            process.wait()
            memory.close()
            file.close()

    def wait_for(self, instant, seconds):
        """Waits until all timers have fired after this instant. Their delays before it are then known."""
        end = time.monotonic() + seconds
        while any(HEAD.unpack_from(memory)[0] < instant for _, _, memory in self.timers) and time.monotonic() < end:
            time.sleep(PERIOD)

    def between(self, began, ended):
        """The seconds from `began` to `ended` in which the timer of the CPU with the largest delay was overdue."""
        self.wait_for(ended, 2)
        return max(
            sum(max(0.0, min(ended, due + late) - max(began, due)) for due, late in records(memory, began))
            for _, _, memory in self.timers
        )


def records(memory, since):
    """The records of timers that fired after this instant, the latest first."""
    _, count = HEAD.unpack_from(memory)
    for number in range(count - 1, max(0, count - RECORDS) - 1, -1):
        due, late = RECORD.unpack_from(memory, HEAD.size + number % RECORDS * RECORD.size)
        if due + late < since:
            return
        yield due, late


if __name__ == "__main__":
    tick(sys.argv[1], int(sys.argv[2]))
