"""Writes the page docs/performance.md and its plots from saved results.

`results` is the content of the JSON file that performance.py has saved:

    {"repeat": [words of the command], "machine": "...", "load_average": 1.1, "rounds": 5, "seconds": 1,
     "delegations": 1000000, "zones": 100000, "versions": {server: words},
     "workloads": {workload: {"modes": {mode: {server: FIGURES}},
                              "loading": {server: {"seconds": of CPU, "mib": resident}}}}}

FIGURES: {"ratio": [median, smallest, largest], "us": [the same], "rate": answers a second, "p99": microseconds,
"lost": share}.
"""
import textwrap
from pathlib import Path

import performance_plots as plots

COLUMNS = 120
REDRAW = "python3 tests/bench/performance.py --from docs/performance/results.json --out docs/performance.md"

# mode: (short name for tables, heading, description of the load)
MODES = {
    "bursts": ("UDP bursts", "UDP in bursts", "As fast as answers come; up to 32 questions from one port at a time."),
    "turns": (
        "UDP in turn",
        "UDP, one port after the other",
        "As fast as answers come; 64 ports send one question each in turn, as resolvers do.",
    ),
    "front": (
        "UDP front-end",
        "UDP from a front-end",
        "As fast as answers come; eight ports send many questions in one system call, as a load balancer may.",
    ),
    "paced": ("UDP 50,000/s", "UDP at 50,000 questions a second", "A fixed rate that every server can answer."),
    "connections": (
        "TCP connections",
        "TCP, one question per connection",
        "100 connections at a time; each carries one question.",
    ),
    "pipelined": (
        "TCP pipelined",
        "TCP, many questions per connection",
        "20 connections with 32 questions in flight on each.",
    ),
}
# workload: (short name for tables, heading, description of zones and questions)
WORKLOADS = {
    "small": ("small zone", "A small zone", "One zone of 100 names. Every question asks for a name that exists."),
    "absent": (
        "absent names",
        "Names that do not exist",
        "The same zone of 100 names. Every question asks for a name that does not exist.",
    ),
    "registry": (
        "registry",
        "A registry",
        "One zone of {delegations:,} delegations. 80 % of the questions get a "
        "referral; 20 % ask for names that do not exist.",
    ),
    "registry-nsec3": (
        "signed registry",
        "A signed registry with NSEC3",
        "One zone of {delegations:,} delegations, NSEC3 with opt-out; 60 % have a DS. All questions have DO. 80 % get "
        "a referral; 20 % ask for names that do not exist.",
    ),
    "registry-nsec": (
        "signed registry, NSEC",
        "A signed registry with NSEC",
        "The same registry with NSEC.",
    ),
    "hosting": (
        "hosting",
        "A hosting company",
        "{zones:,} small zones. The questions ask for several types, and for " "names that do not exist.",
    ),
}
ECHO = "echo"
ANSWER_NOTE = (
    "Ratio to the echo; less is better. Bar: median of {rounds} rounds. Thin line: smallest to largest. "
    "Dashed line: the echo."
)


def is_udp(mode):
    return MODES[mode][0].startswith("UDP")


def modes_of(workload, family):
    return [mode for mode in workload["modes"] if is_udp(mode) == (family == "udp")]


def plot_title(workload, family):
    return f"{WORKLOADS[workload][1]}, {family.upper()}: ratio to the echo"


def compared(servers):
    """The servers except the echo."""
    return [server for server in servers if server != ECHO]


def wrapped(words):
    return textwrap.wrap(words, COLUMNS, break_on_hyphens=False)


def table(heads, rows, align="--:"):
    yield "| " + " | ".join(heads) + " |"
    yield "|---" + f"|{align}" * (len(heads) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def spread(values):
    median, smallest, largest = values
    return f"{median:.2f} ({smallest:.2f} to {largest:.2f})"


def mode_table(servers):
    heads = ("server", "ratio to the echo", "µs of CPU an answer", "answers a second", "p99, µs", "lost")
    return table(
        heads,
        [
            (
                server,
                spread(one["ratio"]),
                spread(one["us"]),
                f"{one['rate']:,.0f}",
                f"{one['p99']:,.0f}",
                f"{one['lost']:.2%}",
            )
            for server, one in servers.items()
        ],
    )


def summary(results):
    """The medians of all tables, with one column for each server."""
    servers = compared(results["versions"])
    rows = []
    for workload, what in results["workloads"].items():
        for mode, measured in what["modes"].items():
            ratios = [f"{measured[server]['ratio'][0]:.2f}" if server in measured else "-" for server in servers]
            rows.append((f"{WORKLOADS[workload][0]}, {MODES[mode][0]}", *ratios))
    return table(("ratio to the echo", *servers), rows)


def loading(results):
    """{workload: {server: figures}} of the workloads with a load time."""
    found = {
        workload: {server: one for server, one in what["loading"].items() if server != ECHO}
        for workload, what in results["workloads"].items()
    }
    return {workload: servers for workload, servers in found.items() if servers}


def loading_table(of_workloads):
    heads, servers = ["server"], dict.fromkeys(server for figures in of_workloads.values() for server in figures)
    for workload in of_workloads:
        heads += [f"{WORKLOADS[workload][0]}: s of CPU", f"{WORKLOADS[workload][0]}: MiB"]
    rows = []
    for server in servers:
        row = [server]
        for figures in of_workloads.values():
            one = figures.get(server)
            row += [f"{one['seconds']:.2f}", f"{one['mib']:.0f}"] if one else ["-", "-"]
        rows.append(row)
    return table(heads, rows)


def answer_plots(results):
    """{file name: SVG} of each workload's ratios, with separate plots for UDP and TCP. All UDP panels have the same
    scale."""
    note = ANSWER_NOTE.format(rounds=results["rounds"])
    largest = max(
        one["ratio"][2]
        for what in results["workloads"].values()
        for mode, measured in what["modes"].items()
        if is_udp(mode)
        for one in measured.values()
    )
    for workload, what in results["workloads"].items():
        for family in ("udp", "tcp"):
            panels = []
            for mode in modes_of(what, family):
                measured = what["modes"][mode]
                rows = [(server, *measured[server]["ratio"]) for server in compared(measured)]
                panels.append(plots.Panel(MODES[mode][1], rows, limit=largest if family == "udp" else None))
            if panels:
                yield f"{workload}-{family}.svg", plots.plot(plot_title(workload, family), panels, note)


def loading_plot(of_workloads):
    panels = []
    for workload, figures in of_workloads.items():
        for key, words, digits in (("seconds", "seconds of CPU", 2), ("mib", "MiB of memory", 0)):
            rows = [(server, one[key], one[key], one[key]) for server, one in figures.items()]
            panels.append(plots.Panel(f"{WORKLOADS[workload][1]}: {words}", rows, digits, echo=False))
    return plots.plot("Loading until the first answer", panels, "Less is better.")


def command_lines(words):
    """The lines of the command, with one option on each."""
    options = " ".join(words).split(" --")
    lines, line = [], options[0]
    for option in options[1:]:
        if len(line) + len(option) + 5 > COLUMNS:
            lines.append(line + " \\")
            line = "   "
        line += f" --{option}"
    return [*lines, line]


def head(results):
    yield from [
        "# Performance",
        "",
        "`tests/bench/performance.py` writes this page and its plots; do not edit them. " "To measure again:",
        "",
        "```",
    ]
    yield from command_lines(results["repeat"])
    yield from [
        "```",
        "",
        "To write page and plots again from the saved results:",
        "",
        "```",
        REDRAW,
        "```",
        "",
        "## How it is measured",
        "",
    ]
    yield from wrapped(
        f"Machine: {results['machine']}; the load average over 15 minutes was "
        f"{results['load_average']:.1f}. There were {results['rounds']} rounds of "
        f"{results['seconds']:g} s for each load. Figures are medians, with the smallest and the "
        "largest in parentheses."
    )
    yield from [
        "",
        *wrapped(
            "Each server has one worker on one CPU. `waymark bench` sends the questions from another "
            "CPU. The CPU time is that of all threads of the server, as the scheduler counts it."
        ),
        "",
    ]
    yield from wrapped(
        "The echo is `tests/bench/echo.cpp`. It sends every question back as an answer, so its CPU time "
        "is what the kernel needs to receive and send. **Compare the ratios to the echo.** Both figures "
        "of a ratio come from the same round; the absolute figures also depend on the other programs on "
        "the machine."
    )
    yield from [
        "",
        *wrapped(
            "\"Waymark alone\" sends each answer in a system call of its own "
            "(`send-together = \"none\"`), as all other servers do."
        ),
        "",
    ]
    yield from table(("server", "version"), results["versions"].items(), "---")


def page(results, folder):
    """The lines of the page. `folder` is the path of its plots, relative to the page."""
    yield from head(results)
    yield from ["", "## Summary", "", *summary(results)]
    for workload, what in results["workloads"].items():
        _, heading, words = WORKLOADS[workload]
        yield from ["", f"## {heading}", "", *wrapped(words.format(**results))]
        for family in ("udp", "tcp"):
            modes = modes_of(what, family)
            if modes:
                yield from ["", f"![{plot_title(workload, family)}]({folder}/{workload}-{family}.svg)"]
            for mode in modes:
                yield from ["", f"### {heading}: {MODES[mode][1]}", "", *wrapped(MODES[mode][2]), ""]
                yield from mode_table(what["modes"][mode])
    if loads := loading(results):
        yield from [
            "",
            "## Loading until the first answer",
            "",
            "CPU time and resident memory (PSS) of the server when it gives its first answer.",
            "",
            f"![Loading until the first answer]({folder}/loading.svg)",
            "",
            *loading_table(loads),
        ]


def write(results, path):
    """Writes the page to `path`, and the plots to a folder of the same name beside it."""
    path = Path(path)
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for name, drawing in answer_plots(results):
        (folder / name).write_text(drawing)
    if loads := loading(results):
        (folder / "loading.svg").write_text(loading_plot(loads))
    path.write_text("\n".join(page(results, folder.name)) + "\n")
