"""The time from a decision to its answer: a zone of a million names, under query load, and during a reload of its file.

Other programs on the machine delay the publishing thread. For each decision the server reports how long that thread was
ready to run without a CPU. Under query load this time does not count. During a reload the loading threads also compete
for the CPUs, and that time must count. So the bound during a reload is wider only by the thread's waiting time without
a reload, in the same run.
"""
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from support import BINARY, die_with_parent, free_port, scale, tool

NAMES = scale("NAMES", 1_000_000)
DECISIONS = scale("DECISIONS", 500)
P99_MAX_MS = 5.0
PAUSE_US = 5000
ROUNDS = 3  # the best one counts: other work on the machine only adds time
WAITS = 2  # on a busy machine the wait for a CPU during a reload may be this many times the wait without one
HEAD = "$TTL 300\n@ SOA ns h {} 1 1 1 1\n@ NS ns\nns A 192.0.2.1\nwww A 192.0.2.10\n"


def write_zone(path, serial):
    with open(path, "w") as file:
        file.write(HEAD.format(serial))
        file.writelines(
            f"h{number} A 10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}\n" for number in range(NAMES)
        )


def p99(values):
    return sorted(values)[len(values) * 99 // 100]


def measure(server, what, before=None):
    """(taken, waited) for each decision, in milliseconds."""
    if before:
        server.stdin.write(before + "\n")
    server.stdin.write(f"steer {DECISIONS} {PAUSE_US}\n")
    server.stdin.flush()
    decisions = []
    for line in server.stdout:
        if line == "done\n":
            break
        if line.startswith("published"):
            decisions.append(tuple(int(word) / 1e6 for word in line.split()[3:5]))
    taken = [each for each, _ in decisions]
    print(
        f"{what}: {len(taken)} decisions over {NAMES} names: min {min(taken):.3f}, "
        f"median {statistics.median(taken):.3f}, p99 {p99(taken):.3f}, max {max(taken):.3f} ms; "
        f"waited for a CPU p99 {p99([waited for _, waited in decisions]):.3f} ms"
    )
    return decisions


def main():
    with tempfile.TemporaryDirectory(prefix="waymark-latency-") as name:
        directory, port = Path(name), free_port()
        write_zone(directory / "zone", 1)
        server = subprocess.Popen(
            [tool("steerer"), f"127.0.0.1:{port}", f"example.={directory}/zone", f"{directory}/state"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,
            text=True,
        )
        assert server.stdout.readline().startswith("ready")
        seconds = 100 * DECISIONS * (PAUSE_US / 1e6) + 60  # the test ends it earlier
        (directory / "questions").write_text(
            "".join(f"h{number}.example. A\n" for number in range(0, NAMES, max(1, NAMES // 50_000)))
        )
        load = subprocess.Popen(
            [
                BINARY,
                "bench",
                f"@127.0.0.1:{port}",
                "--rate",
                "20000",
                "--duration",
                str(seconds),
                "-q",
                directory / "questions",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
        )
        time.sleep(1)
        assert load.poll() is None, "the load did not start"
        loaded, reloading = [], []
        for serial in range(2, 2 + ROUNDS):
            decisions = measure(server, "under 20,000 questions a second")
            loaded.append(p99([taken - waited for taken, waited in decisions]))
            write_zone(directory / "zone", serial)
            during = measure(server, "the same during a reload of the file", "reload")
            allowance = min(p99([waited for _, waited in during]), WAITS * p99([waited for _, waited in decisions]))
            reloading.append(p99([taken for taken, _ in during]) - allowance)
        assert load.poll() is None, "the load ended early"
        load.kill()
        load.wait()
        server.stdin.write("end\n")
        server.stdin.flush()
        assert server.wait(20) == 0
    print(
        f"p99 without the machine's delay: {min(loaded):.3f} ms, during a reload {min(reloading):.3f} ms; "
        f"bound {P99_MAX_MS} ms"
    )
    assert min(loaded) < P99_MAX_MS, "p99 under load is over the bound"
    assert min(reloading) < P99_MAX_MS, "p99 during a reload is over the bound"
    print("ok")


main()
