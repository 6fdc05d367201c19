"""How Waymark compares on this machine: all name servers found here under the same load in turn, written as a page.

    python3 tests/bench/performance.py --build build/release --out docs/performance.md

Every server has one worker, pinned to one CPU; `waymark bench` asks from another. All are started together and loaded one after
the other, round by round, so that whatever else the machine does meets each of them. The figure is the server's CPU time per answer,
as its ratio to that of an echo of the same round: the echo turns questions round and sends them back, and costs what the kernel's way
costs. Absolute times move with the machine's neighbours; ratios of one round hardly do.
"""
import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import contenders

FIRST_PORT = 5801
SMALL_NAMES = 100
HEAD = "$TTL 300\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n"

# mode: (words for the reader, options of `waymark bench`)
MODES = {
    "udp": ("UDP, as fast as answers come, up to 32 questions of a port at a time", ["--ports", "64", "--window", "512"]),
    "turns": ("UDP, as fast as answers come, ports in turn, as resolvers ask", ["--ports", "64", "--window", "512", "--burst", "1"]),
    "front": ("UDP, as fast as answers come, from eight ports that send together, as a front-end may", ["--ports", "8", "--window", "512", "--together"]),
    "paced": ("UDP, 50,000 questions a second", ["--ports", "64", "--rate", "50000"]),
    "conn": ("TCP, one question a connection", ["--tcp", "--ports", "100", "--per-connection", "1", "--window", "100"]),
    "pipe": ("TCP, 20 connections with 32 questions in flight", ["--tcp", "--ports", "20", "--window", "640"]),
}


class Workload:
    def __init__(self, title, zones, questions, modes):
        self.title, self.zones, self.questions, self.modes = title, zones, questions, modes

    def is_big(self):
        """Whether loading it says something."""
        return os.path.getsize(self.zones[0][1]) * len(self.zones) > 1_000_000


def store(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def hosts(count):
    return "".join(f"www{i} A 198.51.100.{i % 250 + 1}\n" for i in range(count))


def small(folder, questions):
    zone = [("small.example", store(folder / "small.zone", HEAD + hosts(SMALL_NAMES)))]
    hits = store(folder / "small.questions", "".join(f"www{i % SMALL_NAMES}.small.example A\n" for i in range(questions)))
    chance = random.Random(1)
    misses = store(folder / "absent.questions", "".join(f"x{chance.getrandbits(40):x}.small.example A\n" for _ in range(questions)))
    yield Workload("One zone of 100 names", zone, hits, ["udp", "turns", "front", "paced", "conn", "pipe"])
    yield Workload("The same, names that do not exist", zone, misses, ["udp", "turns"])


def registry(folder, questions, tool, delegations):
    path = folder / "tld.zone"
    with open(path, "wb") as out:
        subprocess.run([tool, str(delegations)], stdout=out, stderr=subprocess.DEVNULL, check=True)
    names = sorted({line.split()[0].rstrip(".") for line in open(path) if " NS " in line and not line.startswith(("tld.", "@"))})
    names = [name if name.endswith(".tld") else name + ".tld" for name in names]
    chance = random.Random(2)
    asked = [f"www.{chance.choice(names)} A\n" if chance.random() < 0.8 else f"x{chance.getrandbits(40):x}.tld A\n" for _ in range(questions)]
    yield Workload(f"A registry of {delegations:,} delegations, 80 % referrals, 20 % absent", [("tld", str(path))],
                   store(folder / "tld.questions", "".join(asked)), ["udp", "turns", "paced"])


def hosting(folder, questions, count):
    zones = [(f"customer-{i}.example", store(folder / "hosting" / f"customer-{i}.zone", HEAD + "@ A 192.0.2.80\n@ MX 10 mail\nmail A 192.0.2.25\nwww CNAME @\n"))
             for i in range(count)]
    chance = random.Random(3)
    owners = ["www.{} A", "{} A", "{} MX", "mail.{} AAAA", "absent.{} A", "{} NS"]
    asked = [chance.choice(owners).format(chance.choice(zones)[0]) + "\n" for _ in range(questions)]
    yield Workload(f"{count:,} zones of a hoster, mixed types", zones, store(folder / "hosting.questions", "".join(asked)), ["udp", "turns", "paced"])


def bench(program, contender, questions, mode, seconds, cpu):
    command = [program, "bench", "-q", questions, "--server", f"{contenders.ADDRESS}:{contender.port}", "-d", str(seconds), "--timeout", "0.5",
               "--json", *MODES[mode][1]]
    if cpu is not None:
        command = ["taskset", "-c", str(cpu), *command]
    before = contender.cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True)
    spent = contender.cpu_seconds() - before
    if not done.stdout:
        raise RuntimeError(f"{contender.name}: {done.stderr}")
    said = json.loads(done.stdout)
    return {"us": spent * 1e6 / max(1, said["answered"]), "rate": said["answers_per_second"], "lost": said["lost"] / max(1, said["sent"]),
            "p99": said["latency_ns"].get("p99", 0) / 1000}


def measure(workload, names, options, folder):
    """{mode: {name: [a dict of each round]}} and {name: (seconds of CPU, MiB)} of the load."""
    cpus = sorted(os.sched_getaffinity(0))
    server_cpu, asker_cpu = (cpus[0], cpus[-1]) if len(cpus) > 1 else (None, None)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        servers = [contenders.Contender(name, FIRST_PORT + at, place) for at, name in enumerate(names)]
        loads, results = {}, {mode: {} for mode in workload.modes}
        try:
            running = []
            for server in servers:
                server.start(workload.zones, server_cpu)
                if server.wait_ready(workload.zones[-1][0], options.patience):
                    running.append(server)
                    loads[server.name] = (server.spent_seconds(), server.memory_mib())
                else:
                    print(f"{server.name} does not answer and is left out: {(server.directory / 'output').read_text()[-300:]}", file=sys.stderr)
            for number in range(options.rounds):
                for mode in workload.modes:
                    for server in running:
                        result = bench(os.environ["WAYMARK_BINARY"], server, workload.questions, mode, options.seconds, asker_cpu)
                        results[mode].setdefault(server.name, []).append(result)
                        print(f"{workload.title}; {MODES[mode][0]}; round {number + 1}: {server.name} {result['us']:.2f} us, {result['rate']:.0f} a second, lost {result['lost']:.2%}",
                              file=sys.stderr, flush=True)
        finally:
            for server in servers:
                server.stop()
        return results, loads


def middle(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def table(results):
    yield "| server | ratio to the echo | us of CPU an answer | answers a second | p99, us | lost |"
    yield "|---|---|---|---|---|---|"
    yardstick = results["echo"]
    for name, rounds in results.items():
        ratios = [one["us"] / echo["us"] for one, echo in zip(rounds, yardstick)]
        yield (f"| {name} | {middle(ratios)} | {middle([one['us'] for one in rounds])} | {statistics.median(one['rate'] for one in rounds):,.0f} "
               f"| {statistics.median(one['p99'] for one in rounds):,.0f} | {statistics.median(one['lost'] for one in rounds):.2%} |")


def ratio_to_echo(results, name):
    return statistics.median(one["us"] / echo["us"] for one, echo in zip(results[name], results["echo"]))


def summary(names, measured):
    """The medians of all tables, each server a column."""
    yield "| ratio to the echo | " + " | ".join(names) + " |"
    yield "|---|" + "---|" * len(names)
    for workload, (results, _) in measured:
        for mode in workload.modes:
            cells = [f"{ratio_to_echo(results[mode], name):.2f}" if name in results[mode] else "-" for name in names]
            yield f"| {workload.title}: {MODES[mode][0]} | " + " | ".join(cells) + " |"


def load_table(loads):
    yield "| server | seconds of CPU | MiB resident (PSS) |"
    yield "|---|---|---|"
    for name, (seconds, mib) in loads.items():
        if name != "echo":
            yield f"| {name} | {seconds:.2f} | {mib:.0f} |"


def machine():
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    return f"{model}, {len(os.sched_getaffinity(0))} CPUs, Linux {platform.release()}"


def write_page(path, names, measured, options, words):
    load_average = os.getloadavg()[2]
    lines = ["# Performance", "",
             "Written by `tests/bench/performance.py`; do not edit. Repeat it with", "", "```", words, "```", "",
             f"{machine()}; load average {load_average:.1f} over the last quarter of an hour. rounds: {options.rounds}, of {options.seconds:g} s each; median (smallest to largest).",
             "Each server has one worker on one CPU, `waymark bench` asks from another. CPU is the server's own, all its threads, as the",
             "scheduler counts it; \"Waymark alone\" sends each answer alone (`send-together = \"none\"`), as all others do. The echo is `tests/bench/echo.cpp`, the price of the kernel's way. **Compare ratios**: each is taken within one round;",
             "absolute figures move with what else the machine does.", "",
             "| server | version |", "|---|---|"]
    lines += [f"| {name} | {contenders.version(name)} |" for name in names if name != "echo"]
    lines += ["", *summary([name for name in names if name != "echo"], measured)]
    for workload, (results, loads) in measured:
        for mode in workload.modes:
            lines += ["", f"## {workload.title}: {MODES[mode][0]}", "", *table(results[mode])]
        if workload.is_big():
            lines += ["", f"## {workload.title}: loading, until the first answer", "", *load_table(loads)]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="where Waymark was built")
    parser.add_argument("--out", default="docs/performance.md")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="of one load")
    parser.add_argument("--delegations", type=int, default=1_000_000)
    parser.add_argument("--zones", type=int, default=10_000, help="of the hoster")
    parser.add_argument("--questions", type=int, default=200_000, help="different ones, asked again and again")
    parser.add_argument("--patience", type=float, default=180, help="seconds for a server to load")
    parser.add_argument("--only", help="servers, by commas")
    options = parser.parse_args()
    build = Path(options.build).resolve()
    os.environ["WAYMARK_BINARY"], os.environ["WAYMARK_ECHO"] = str(build / "tools/waymark"), str(build / "tests/echo")
    names = [name for name in contenders.CONTENDERS if contenders.is_here(name) and (not options.only or name in options.only.split(",") + ["echo"])]
    with tempfile.TemporaryDirectory(prefix="waymark-performance-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        workloads = [*small(folder, options.questions), *registry(folder, options.questions, str(build / "tests/delegation_zone"), options.delegations),
                     *hosting(folder, options.questions, options.zones)]
        measured = [(workload, measure(workload, names, options, folder)) for workload in workloads]
        write_page(options.out, names, measured, options, f"python3 tests/bench/performance.py --build build/release --rounds {options.rounds} --seconds {options.seconds:g} "
                   f"--delegations {options.delegations} --zones {options.zones} --out docs/performance.md")


if __name__ == "__main__":
    sys.exit(main())
