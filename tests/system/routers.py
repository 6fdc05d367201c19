"""Real routers for the lab: keepalived and FRR's vrrpd, each in its host's namespace and in a separate directory.

    a = Keepalived(lab, host, Instance(priority=200, vips=["192.0.2.1"]))
    a.start()   a.stop()   a.kill()

keepalived runs in the foreground with separate pid files, logs to its standard error and sends no mail. Its directory
is mounted on its /tmp, where it writes its snapshots; the FIFO is there too. Its virtual addresses are on the host's
interface, or with `vmac` on a macvlan.
"""
import dataclasses
import os
import re
import shutil
import signal
import time

import netlab
import support


@dataclasses.dataclass
class Instance:
    """A vrrp_instance. `interval` in seconds."""

    priority: int = 100
    vips: tuple = ("192.0.2.1",)
    name: str = "VI_1"
    vrid: int = 51
    version: int = 3
    interval: float = 1.0
    interface: str = "eth0"
    vmac: bool = False
    preempt: bool = True
    unicast: tuple = ()  # (own address, [peers])
    down_timer_adverts: int = 3
    password: str = ""

    def text(self):
        lines = [
            f"vrrp_instance {self.name} {{",
            "state BACKUP",
            f"interface {self.interface}",
            f"virtual_router_id {self.vrid}",
            f"priority {self.priority}",
            f"advert_int {self.interval:g}",
            f"version {self.version}",
        ]
        if not self.preempt:
            lines.append("nopreempt")
        if self.vmac:
            lines.append("use_vmac")
        if self.down_timer_adverts != 3:
            lines.append(f"down_timer_adverts {self.down_timer_adverts}")
        if self.unicast:
            own, peers = self.unicast
            lines += [f"unicast_src_ip {own}", "unicast_peer {", *peers, "}"]
        if self.password:
            lines += ["authentication {", "auth_type PASS", f"auth_pass {self.password}", "}"]
        return "\n".join([*lines, "virtual_ipaddress {", *self.vips, "}", "}"])


class Keepalived:
    """A keepalived with these instances. With `fifo_for` it has a notify FIFO that this user may read."""

    def __init__(self, lab, host, *instances, fifo_for=None):
        self.host, self.instances, self.process, self.starts = host, instances, None, 0
        self.directory = lab.directory / f"keepalived-{host.name}"
        self.directory.mkdir(exist_ok=True)
        self.directory.chmod(0o755)
        self.snapshot, self.fifo = self.directory / "keepalived.json", self.directory / "notify.fifo"
        lines = ["global_defs {", "router_id lab", "vrrp_garp_master_delay 0"]
        if fifo_for:
            lines.append(f"vrrp_notify_fifo /tmp/{self.fifo.name} {fifo_for}")
        self.configuration = self.directory / "keepalived.conf"
        self.configuration.write_text("\n".join([*lines, "}", *(instance.text() for instance in instances)]) + "\n")
        lab.endings.callback(self.end)

    def start(self):
        self.starts += 1
        began = netlab.now()
        options = (
            "--dont-fork --log-console --vrrp --pid=/tmp/main.pid --vrrp_pid=/tmp/vrrp.pid "
            "--checkers_pid=/tmp/checkers.pid"
        )
        script = (
            f"mount --bind {self.directory} /tmp && exec keepalived {options} --use-file=/tmp/{self.configuration.name}"
        )
        self.process = self.host.start(self.directory / f"run-{self.starts}", "unshare", "--mount", "sh", "-c", script)
        return began

    def pids(self):
        """The parent and its children, from the kernel's list."""
        parent = self.process.pid
        with open(f"/proc/{parent}/task/{parent}/children") as children:
            return [parent, *map(int, children.read().split())]

    def running(self):
        return self.process is not None and self.process.running()

    def stop(self):
        """SIGTERM: keepalived sends priority 0. Returns the instant of the signal."""
        began = netlab.now()
        self.process.child.send_signal(signal.SIGTERM)
        return began

    def kill(self):
        """SIGKILL to keepalived and its children: it sends nothing, and its addresses remain. Returns the instant of
        the signals.

        A child whose parent ends would stop in order, and a parent whose child ends would start another. Killing all of
        them prevents both.
        """
        parent, *children = self.pids()
        began = netlab.now()
        os.kill(parent, signal.SIGSTOP)
        for pid in (*children, parent):
            os.kill(pid, signal.SIGKILL)
        self.process.child.wait()
        for file in self.directory.glob("*.pid"):
            file.unlink()  # a process counts as running until its parent has waited for it
        return began

    def wait_ended(self, seconds=5):
        support.wait_until(lambda: not self.process.running(), seconds, "keepalived ended")

    def restart(self):
        self.wait_ended()
        return self.start()

    def end(self):
        if self.running():
            self.stop()
            try:
                self.process.child.wait(3)
            except Exception:
                self.kill()

    def has(self, vip):
        """True if the host has the virtual address on any interface."""
        return (
            re.search(rf"\binet6? {re.escape(vip)}/", self.host.run("ip", "-o", "address", "show", check=False))
            is not None
        )

    def write_snapshot(self):
        """keepalived writes its state as JSON, as after `kill -s $(keepalived --signum=JSON)`."""
        number = int(self.host.run("keepalived", "--signum=JSON"))
        os.kill(self.process.pid, number)
        support.wait_until(
            lambda: self.snapshot.exists() and self.snapshot.stat().st_size > 2, 3, "keepalived writes its snapshot"
        )
        return self.snapshot


class Frr:
    """FRR's zebra and vrrpd on a host. vrrpd keeps the virtual address on a macvlan and moves it with protodown."""

    def __init__(
        self, lab, host, vrid=51, priority=100, vip="192.0.2.1", interval_ms=1000, interface="eth0", version=3
    ):
        support.need("vtysh")
        self.host, self.vrid, self.vip, self.interface = host, vrid, vip, interface
        self.directory = lab.directory / f"frr-{host.name}"
        self.directory.mkdir()
        shutil.chown(self.directory, "frr", "frr")  # the user of its daemons
        self.settings = [
            f"vrrp {vrid} version {version}",
            f"vrrp {vrid} priority {priority}",
            f"vrrp {vrid} advertisement-interval {interval_ms}",
            f"vrrp {vrid} {'ipv6' if ':' in vip else 'ip'} {vip}",
        ]
        self.processes = []
        lab.endings.callback(self.end)

    def start(self):
        six = ":" in self.vip
        self.device = f"vrrp{6 if six else 4}-{self.vrid}"
        mac = f"00:00:5e:00:0{2 if six else 1}:{self.vrid:02x}"
        self.host.run("ip", "link", "add", self.device, "link", self.interface, "type", "macvlan", "mode", "bridge")
        self.host.run("ip", "link", "set", "dev", self.device, "address", mac)
        self.host.run("ip", "address", "add", f"{self.vip}/{64 if six else 24}", "dev", self.device)
        self.host.run("ip", "link", "set", "dev", self.device, "up")
        zserv = self.directory / "zserv.api"
        common = ["-z", zserv, "--vty_socket", self.directory, "-P", "0", "--log", "stdout", "-f", "/dev/null"]
        began = netlab.now()
        for daemon in ("zebra", "vrrpd"):
            self.processes.append(
                self.host.start(
                    self.directory / daemon, f"/usr/lib/frr/{daemon}", "-i", self.directory / f"{daemon}.pid", *common
                )
            )
            support.wait_until((self.directory / f"{daemon}.vty").exists, 10, f"{daemon} is ready", self.processes[-1])
        time.sleep(0.3)  # vrrpd learns the interfaces from zebra
        self._configure(*self.settings)
        return began

    def _configure(self, *lines):
        words = ["configure terminal", f"interface {self.interface}", *lines]
        self.host.run("vtysh", "--vty_socket", self.directory, *[part for word in words for part in ("-c", word)])

    def kill(self):
        began = netlab.now()
        for process in self.processes:
            process.kill()
        return began

    def shutdown(self):
        """Shuts the virtual router down in its configuration: priority 0, protodown."""
        began = netlab.now()
        self._configure(f"vrrp {self.vrid} shutdown")
        return began

    def end(self):
        for process in self.processes:
            if process.running():
                process.kill()
