"""Compares Waymark with the other name servers on this machine and writes the result as a page with plots.

    performance.py --build build/release --save results.json --out docs/performance.md    measures
    performance.py --from results.json --out docs/performance.md                          measures nothing
    performance.py --workloads registry-nsec3 --delegations 300000 --out /tmp/page.md      only signed answers

Every server has one worker on one CPU; `waymark bench` sends questions from another CPU. All servers run at the same
time and get the load one after the other, round by round, so other programs on the machine affect all of them alike.
The main figure is the server's CPU time per answer divided by that of the echo in the same round. The echo sends every
question back, so its CPU time is the cost of the kernel's part. Absolute times depend on the other programs; ratios
within one round hardly depend on them.
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
import performance_page

FIRST_PORT = 5801
SMALL_NAMES = 100
HEAD = "$TTL 300\n@ SOA ns1 hostmaster 1 7200 3600 1209600 300\n@ NS ns1\n@ NS ns2\nns1 A 192.0.2.1\nns2 A 192.0.2.2\n"

# mode: options of `waymark bench`
LOADS = {
    "bursts": ["--ports", "64", "--window", "512"],
    "turns": ["--ports", "64", "--window", "512", "--burst", "1"],
    "front": ["--ports", "8", "--window", "512", "--together"],
    "paced": ["--ports", "64", "--rate", "50000"],
    "connections": ["--tcp", "--ports", "100", "--per-connection", "1", "--window", "100"],
    "pipelined": ["--tcp", "--ports", "20", "--window", "640"],
}
REGISTRIES = {"registry": None, "registry-nsec3": "nsec3", "registry-nsec": "nsec"}  # name: denial of existence
BIG = 1_000_000  # octets of zone files; from this size on the page shows the load time


class Workload:
    def __init__(self, name, zones, questions, modes, options=()):
        self.name, self.zones, self.questions, self.modes, self.options = name, zones, questions, modes, options

    def is_big(self):
        return os.path.getsize(self.zones[0][1]) * len(self.zones) > BIG


def store(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def hosts(count):
    return "".join(f"www{i} A 198.51.100.{i % 250 + 1}\n" for i in range(count))


def small(folder, questions):
    zone = [("small.example", store(folder / "small.zone", HEAD + hosts(SMALL_NAMES)))]
    hits = [f"www{i % SMALL_NAMES}.small.example A\n" for i in range(questions)]
    chance = random.Random(1)
    misses = [f"x{chance.getrandbits(40):x}.small.example A\n" for _ in range(questions)]
    yield Workload("small", zone, store(folder / "small.questions", "".join(hits)), list(LOADS))
    yield Workload("absent", zone, store(folder / "absent.questions", "".join(misses)), ["bursts", "turns"])


def registry(folder, questions, tool, delegations, denial=None):
    """`denial`: nsec or nsec3 for a signed zone, whose questions have DO."""
    path = folder / f"tld-{denial}.zone"
    with open(path, "wb") as out:
        command = [tool, str(delegations), *([denial] if denial else [])]
        subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=True)
    delegated = (line for line in open(path) if " IN NS " in line and not line.startswith(("tld.", "@")))
    names = sorted({line.split()[0].rstrip(".") for line in delegated})
    names = [name if name.endswith(".tld") else name + ".tld" for name in names]
    chance = random.Random(2)
    asked = [
        f"www.{chance.choice(names)} A\n" if chance.random() < 0.8 else f"x{chance.getrandbits(40):x}.tld A\n"
        for _ in range(questions)
    ]
    stored = store(folder / "tld.questions", "".join(asked))
    if denial:
        yield Workload(f"registry-{denial}", [("tld", str(path))], stored, ["bursts"], ["--dnssec"])
    else:
        yield Workload("registry", [("tld", str(path))], stored, ["bursts", "turns", "paced"])


def hosting(folder, questions, count):
    text = HEAD + "@ A 192.0.2.80\n@ MX 10 mail\nmail A 192.0.2.25\nwww CNAME @\n"
    zones = [(f"customer-{i}.example", store(folder / "hosting" / f"customer-{i}.zone", text)) for i in range(count)]
    chance = random.Random(3)
    owners = ["www.{} A", "{} A", "{} MX", "mail.{} AAAA", "absent.{} A", "{} NS"]
    asked = [chance.choice(owners).format(chance.choice(zones)[0]) + "\n" for _ in range(questions)]
    stored = store(folder / "hosting.questions", "".join(asked))
    yield Workload("hosting", zones, stored, ["bursts", "turns", "paced"])


def bench(program, contender, workload, mode, seconds, cpu):
    command = [
        program,
        "bench",
        "-q",
        workload.questions,
        f"@{contenders.ADDRESS}:{contender.port}",
        "-d",
        str(seconds),
        "--timeout",
        "0.5",
        "--json",
        *LOADS[mode],
        *workload.options,
    ]
    if cpu is not None:
        command = ["taskset", "-c", str(cpu), *command]
    before = contender.cpu_seconds()
    done = subprocess.run(command, capture_output=True, text=True)
    spent = contender.cpu_seconds() - before
    if not done.stdout:
        raise RuntimeError(f"{contender.name}: {done.stderr}")
    result = json.loads(done.stdout)
    return {
        "us": spent * 1e6 / max(1, result["answered"]),
        "rate": result["answers_per_second"],
        "lost": result["lost"] / max(1, result["sent"]),
        "p99": result["latency_ns"].get("p99", 0) / 1000,
    }


def measure(workload, names, options, folder):
    """{mode: {name: [a dict for each round]}} and {name: (seconds of CPU, MiB)} of the load."""
    cpus, program = sorted(os.sched_getaffinity(0)), os.environ["WAYMARK_BINARY"]
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
                    output = (server.directory / "output").read_text()
                    print(f"{server.name} does not answer and is left out: {output[-300:]}", file=sys.stderr)
            for number in range(options.rounds):
                for mode in workload.modes:
                    for server in running:
                        result = bench(program, server, workload, mode, options.seconds, asker_cpu)
                        results[mode].setdefault(server.name, []).append(result)
                        print(
                            f"{workload.name}, {mode}, round {number + 1}: {server.name} {result['us']:.2f} us, "
                            f"{result['rate']:.0f} a second, lost {result['lost']:.2%}",
                            file=sys.stderr,
                            flush=True,
                        )
        finally:
            for server in servers:
                server.stop()
        return results, loads


def spread(values):
    """[median, smallest, largest]."""
    return [round(value, 6) for value in (statistics.median(values), min(values), max(values))]


def figures(rounds, echo):
    """The figures that are kept of a server's rounds under one load."""

    def median(key, digits):
        return round(statistics.median(one[key] for one in rounds), digits)

    ratios = [one["us"] / of_echo["us"] for one, of_echo in zip(rounds, echo)]
    return {
        "ratio": spread(ratios),
        "us": spread([one["us"] for one in rounds]),
        "rate": median("rate", 0),
        "p99": median("p99", 1),
        "lost": median("lost", 6),
    }


def summarised(workload, results, loads):
    modes = {
        mode: {name: figures(rounds, servers["echo"]) for name, rounds in servers.items()}
        for mode, servers in results.items()
    }
    loading = {
        name: {"seconds": round(seconds, 2), "mib": round(mib, 1)}
        for name, (seconds, mib) in loads.items()
        if name != "echo"
    }
    return {"modes": modes, "loading": loading if workload.is_big() else {}}


def machine():
    models = (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    model = next(models, platform.machine())
    return f"{model}, {len(os.sched_getaffinity(0))} CPUs, Linux {platform.release()}"


def measure_all(options):
    """The results, in the form that performance_page.py reads."""
    build = Path(options.build).resolve()
    os.environ["WAYMARK_BINARY"], os.environ["WAYMARK_ECHO"] = str(build / "tools/waymark"), str(build / "tests/echo")
    wanted = options.only.split(",") + ["echo"] if options.only else contenders.CONTENDERS
    names = [name for name in contenders.CONTENDERS if contenders.is_here(name) and name in wanted]
    with tempfile.TemporaryDirectory(prefix="waymark-performance-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        tool, chosen = str(build / "tests/delegation_zone"), options.workloads.split(",")
        workloads = []
        if "small" in chosen:
            workloads += small(folder, options.questions)
        for name, denial in REGISTRIES.items():
            if name in chosen:
                workloads += registry(folder, options.questions, tool, options.delegations, denial)
        if "hosting" in chosen:
            workloads += hosting(folder, options.questions, options.zones)
        measured = {
            workload.name: summarised(workload, *measure(workload, names, options, folder)) for workload in workloads
        }
    repeat = (
        f"python3 tests/bench/performance.py --build build/release --rounds {options.rounds} "
        f"--seconds {options.seconds:g} --delegations {options.delegations} --zones {options.zones} "
        "--save docs/performance/results.json --out docs/performance.md"
    )
    return {
        "repeat": repeat.split(),
        "machine": machine(),
        "load_average": round(os.getloadavg()[2], 1),
        "rounds": options.rounds,
        "seconds": options.seconds,
        "delegations": options.delegations,
        "zones": options.zones,
        "versions": {name: contenders.version(name) for name in names if name != "echo"},
        "workloads": measured,
    }


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="where Waymark was built")
    parser.add_argument(
        "--out", default="docs/performance.md", help="the page; its plots go to the folder docs/performance/"
    )
    parser.add_argument("--save", metavar="FILE.json", help="write the results to this file, too")
    parser.add_argument(
        "--from", dest="saved", metavar="FILE.json", help="measure nothing; take the results from this file"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each load lasts")
    parser.add_argument("--delegations", type=int, default=1_000_000, help="number of delegations of the registry")
    parser.add_argument("--zones", type=int, default=10_000, help="number of small zones of the hosting company")
    parser.add_argument("--questions", type=int, default=200_000, help="number of different questions")
    parser.add_argument("--patience", type=float, default=180, help="how many seconds a server may take to load")
    parser.add_argument("--only", help="servers, separated by commas")
    parser.add_argument(
        "--workloads",
        default="small,registry,hosting",
        help=f"separated by commas; there are also the signed ones: {', '.join(list(REGISTRIES)[1:])}",
    )
    return parser.parse_args()


def main():
    options = parse_options()
    results = json.loads(Path(options.saved).read_text()) if options.saved else measure_all(options)
    if options.save:
        Path(options.save).parent.mkdir(parents=True, exist_ok=True)
        Path(options.save).write_text(json.dumps(results, indent=1) + "\n")
    performance_page.write(results, options.out)


if __name__ == "__main__":
    sys.exit(main())
