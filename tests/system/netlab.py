"""A lab of network namespaces: hosts on bridges, and faults in the wires between them.

    with netlab.Lab() as lab:
        switch = lab.switch("lan")
        a = lab.host("rtr-a").plug(switch, "eth0", "192.0.2.2/24")
        b = lab.host("rtr-b").plug(switch, "eth0", "192.0.2.3/24")
        switch.disable(a)                        # silent: a keeps its carrier and receives nothing
        b.run("ip", "address")

A namespace has no name and no file. This process holds it by a descriptor, and the kernel removes it with its contents
when this process and its children end for any reason. So labs can run in parallel, and none remains. The switches are
in a separate namespace.

The processes of a lab end with the thread that started them (PR_SET_PDEATHSIG), so a lab belongs to one thread. Several
labs run in parallel as separate processes (`side_by_side`), so that the timing of one does not delay the others.

Times are seconds of CLOCK_MONOTONIC, which all processes of a machine share. Other programs on the machine delay a lab.
`needed` gives it priority over them where that is allowed, and starts timers that measure the remaining delay of the
machine (`machine`).
"""
import contextlib
import ctypes
import multiprocessing
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import lateness
import support

CLONE_NEWNET = 0x40000000
NEEDED = ("ip", "bridge", "nft", "nsenter", "setpriv")
PRIORITY = -15  # niceness of all processes of a lab
SYSCTLS = (
    "net.ipv6.conf.all.accept_dad=0",
    "net.ipv6.conf.default.accept_dad=0",
    "net.ipv6.conf.all.forwarding=0",
    "net.ipv6.conf.default.router_solicitations=0",
    "net.ipv4.conf.all.rp_filter=0",
    "net.ipv4.conf.default.rp_filter=0",
    "net.ipv4.icmp_ratelimit=0",
    "net.ipv4.ip_unprivileged_port_start=0",
)


machine = lateness.Lateness()  # for the whole test; it measures from the call of `needed`


def needed(*programs):
    """Skips the test with the reason if namespaces cannot be created here or a program is missing. From now on the
    test has priority."""
    support.need(*NEEDED, *programs)
    if os.geteuid() != 0:
        support.skip("network namespaces need root")
    done = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        support.skip(f"no network namespaces with veth here: {done.stderr.strip()}")
    done = subprocess.run(
        [
            "unshare",
            "--net",
            "nft",
            "add table bridge t; add chain bridge t c { type filter hook forward priority 0; }",
        ],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        support.skip(f"no nftables for bridges here: {done.stderr.strip()[:200]}")
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
    machine.start()


def now():
    return time.monotonic()


def sleep_until(instant):
    time.sleep(max(0.0, instant - now()))


class Namespace:
    """A network namespace that lives as long as its descriptor."""

    def __init__(self, name):
        self.name = name
        self.descriptor = None
        made = threading.Thread(target=self._make)
        made.start()
        made.join()
        if self.descriptor is None:
            raise RuntimeError(f"no namespace for {name}")
        self.run("ip", "link", "set", "lo", "up")
        self.run("sysctl", "-q", "-w", *SYSCTLS)

    def _make(self):
        if support.LIBC.unshare(CLONE_NEWNET) == 0:
            self.descriptor = os.open(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)

    @property
    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def command(self, *words):
        """A command line that runs these words inside the namespace and ends with the calling thread."""
        return ["setpriv", "--pdeathsig", "KILL", "nsenter", f"--net={self.path}", "--", *[str(word) for word in words]]

    def run(self, *words, seconds=30, check=True, text=None):
        """Runs a command inside to its end. Returns its standard output."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=seconds, input=text)
        if check and done.returncode != 0:
            raise RuntimeError(
                f"{self.name}: {' '.join(map(str, words))}: {done.stderr.strip() or done.stdout.strip()}"
            )
        return done.stdout

    def start(self, directory, *words, env=None):
        """Starts a process inside. Returns a support.Process."""
        return support.Process(self.command(*words), directory, env)

    def start_with_input(self, directory, text, *words):
        """Starts a process inside that reads this text."""
        file = Path(directory).with_suffix(".input")
        file.write_text(text)
        return self.start(directory, "sh", "-c", f'exec "$@" < {file}', "sh", *words)

    def inside(self, work):
        """Calls `work` on a thread inside the namespace. Returns its result."""
        results = []

        def enter():
            if support.LIBC.setns(self.descriptor, CLONE_NEWNET) == 0:
                results.append(work())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        if not results:
            raise RuntimeError(f"no result inside {self.name}")
        return results[0]

    def socket(self, family, kind, protocol=0):
        """A socket inside the namespace, usable from any thread."""
        return self.inside(lambda: socket.socket(family, kind, protocol))

    def close(self):
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None


class Host(Namespace):
    """A namespace that is connected to switches."""

    def __init__(self, lab, name):
        super().__init__(name)
        self.lab = lab
        self.ports = {}  # by interface: (switch, port)

    def plug(self, switch, interface, *addresses):
        """Connects a cable: `interface` with these addresses at the host, a port at the switch. Returns the host. If
        the addresses include a link-local one, the interface has no other link-local address."""
        port = f"{switch.name}.{len(switch.ports)}"
        switch.namespace.run("ip", "link", "add", port, "type", "veth", "peer", "name", interface, "netns", self.path)
        switch.namespace.run("ip", "link", "set", port, "master", switch.name, "up")
        if any(address.startswith("fe80") for address in addresses):
            self.run("ip", "link", "set", interface, "addrgenmode", "none")
        self.run("ip", "link", "set", interface, "up")
        for address in addresses:
            self.run("ip", "address", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))
        self.ports[interface] = (switch, port)
        switch.ports[self.name] = port
        switch.run_quietly("bridge", "link", "set", "dev", port, "state", "3")  # forwarding at once, not after a delay
        return self

    def addresses(self, interface):
        """The current addresses of `interface`."""
        words = self.run("ip", "-o", "address", "show", "dev", interface, check=False).split()
        return {words[i + 1].split("/")[0] for i, word in enumerate(words) if word in ("inet", "inet6")}

    def link_local(self, interface):
        return next(address for address in sorted(self.addresses(interface)) if address.startswith("fe80"))

    def mac(self, interface):
        words = self.run("ip", "-o", "link", "show", "dev", interface).split()
        return words[words.index("link/ether") + 1]


class Switch:
    """A bridge in the lab's own namespace, and faults of its ports and wires."""

    def __init__(self, namespace, name):
        self.namespace, self.name = namespace, name
        self.ports = {}  # host name: port
        namespace.run(
            "ip", "link", "add", name, "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"
        )
        namespace.run("ip", "link", "set", name, "up")
        self.table = f"faults-{name}"
        namespace.run(
            "nft",
            f"add table bridge {self.table}; "
            f"add chain bridge {self.table} wires {{ type filter hook forward priority 0; }}",
        )

    def run_quietly(self, *words):
        self.namespace.run(*words, check=False)

    def disable(self, host):
        """The port stops forwarding silently: both ends keep their carrier. Returns the instant."""
        began = now()
        self.namespace.run("bridge", "link", "set", "dev", self.ports[host.name], "state", "0")
        return began

    def enable(self, host):
        self.namespace.run("bridge", "link", "set", "dev", self.ports[host.name], "state", "3")
        return now()

    def pull(self, host):
        """Unplugs the cable: the host loses its carrier."""
        began = now()
        self.namespace.run("ip", "link", "set", self.ports[host.name], "down")
        return began

    def push(self, host):
        self.namespace.run("ip", "link", "set", self.ports[host.name], "up")
        self.run_quietly("bridge", "link", "set", "dev", self.ports[host.name], "state", "3")
        return now()

    def drop(self, rule, origin=None, target=None):
        """Drops frames from now on that match the nft expression and, if given, go from and to these hosts. Returns
        the instant."""
        began = now()
        # rules see the frames of all switches
        wires = f'iifname "{self.ports[origin.name] if origin else self.name + ".*"}" '
        wires += f'oifname "{self.ports[target.name]}" ' if target else ""
        self.namespace.run("nft", f"add rule bridge {self.table} wires {wires}{rule} counter drop")
        return began

    def lose(self, percent, rule="meta protocol { ip, ip6 }", **wires):
        """Drops this percentage of the frames at random."""
        return self.drop(f"{rule} numgen random mod 1000 < {round(percent * 10)}", **wires)

    def repair(self):
        """Removes all rules that drop frames."""
        self.namespace.run("nft", f"flush chain bridge {self.table} wires")
        return now()


VRRP4, VRRP6 = "ip protocol 112", "ip6 nexthdr 112"


def split(switch, a, b):
    """The two routers no longer receive each other's advertisements; other hosts receive both."""
    for rule in (VRRP4, VRRP6):
        switch.drop(rule, a, b)
        began = switch.drop(rule, b, a)
    return began


class Lab:
    """Hosts, switches, and a temporary directory; the end of the block removes them all."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="waymark-lab-")
        self.directory = Path(self.temporary.name)
        self.directory.chmod(0o755)
        self.hosts, self.switches, self.endings = [], [], contextlib.ExitStack()
        self.core = Namespace("switches")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.endings.close()
        finally:
            for namespace in [*self.hosts, self.core]:
                namespace.close()
            self.temporary.cleanup()

    def host(self, name):
        self.hosts.append(Host(self, name))
        return self.hosts[-1]

    def switch(self, name):
        self.switches.append(Switch(self.core, name))
        return self.switches[-1]

    def enter(self, context):
        """Enters a context. The lab exits it before it removes its namespaces."""
        return self.endings.enter_context(context)


# --- figures, and labs in parallel ----------------------------------------------------------------------------------


def figures(label, seconds, bound=None):
    """Prints min/median/max in milliseconds. Fails if the largest value is over the bound."""
    worst = max(seconds)
    low, middle = min(seconds) * 1e3, statistics.median(seconds) * 1e3
    line = f"{label}: {low:.0f}/{middle:.0f}/{worst * 1e3:.0f} ms min/median/max of {len(seconds)}"
    print(line + (f" (bound {bound * 1e3:.0f} ms)" if bound else ""), flush=True)
    assert bound is None or worst <= bound, f"{line}: over {bound * 1e3:.0f} ms"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _in_its_own_process(label, body, arguments):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    support.LIBC.prctl(1, signal.SIGTERM)
    try:
        body(*arguments)
        sys.stdout.flush()
        os._exit(0)
    except SystemExit as ending:
        os._exit(ending.code or 0)
    except BaseException:
        print(f"--- {label} failed\n{traceback.format_exc()}", flush=True)
        os._exit(1)


def side_by_side(scenarios, at_most=None, seconds=3600):
    """Runs [(label, function, arguments...)] in separate processes, `at_most` at a time. Returns the number of
    failures."""
    context = multiprocessing.get_context("fork")
    only = os.environ.get("WAYMARK_ONLY", "")
    waiting = [scenario for scenario in scenarios if only in scenario[0]]
    running, failed, end = {}, [], now() + seconds
    while waiting or running:
        while waiting and len(running) < (at_most or len(scenarios)):
            label, body, *arguments = waiting.pop(0)
            running[label] = context.Process(target=_in_its_own_process, args=(label, body, arguments))
            running[label].start()
        for label, process in list(running.items()):
            process.join(0.05)
            if process.exitcode is None and now() > end:
                process.terminate()
            elif process.exitcode is not None:
                del running[label]
                if process.exitcode != 0:
                    failed.append(label)
    for label in failed:
        print(f"failed: {label}", flush=True)
    return len(failed)
