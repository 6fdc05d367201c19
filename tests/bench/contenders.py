"""Name servers on loopback, each with one worker and configured for speed: no query log and no rate limits.

Each server is a row of CONTENDERS. A new one needs a row and a function from (port, zones, directory) to its command.
`zones` is a list of (name without the final dot, path of the file).
"""
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from pathlib import Path

ADDRESS = "127.0.0.1"


def write(directory, name, text):
    path = Path(directory) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def waymark(port, zones, directory, more=""):
    lines = [f'[server]\nlisten = ["{ADDRESS}:{port}"]\nworkers = 1\n{more}']
    lines += [f'[[zone]]\nname = "{name}."\nfile = "{path}"\n' for name, path in zones]
    return [os.environ["WAYMARK_BINARY"], "serve", "--config", write(directory, "waymark.toml", "\n".join(lines))]


def waymark_alone(port, zones, directory):
    """Sends each answer in a separate system call."""
    return waymark(port, zones, directory, 'send-together = "none"\n')


def echo(port, zones, directory):
    return [os.environ["WAYMARK_ECHO"], str(port)]


def nsd(port, zones, directory):
    text = f"""server:
  server-count: 1
  ip-address: {ADDRESS}@{port}
  username: ""
  chroot: ""
  zonesdir: "{directory}"
  database: ""
  pidfile: "{directory}/pid"
  logfile: "{directory}/log"
  zonelistfile: "{directory}/list"
  xfrdfile: "{directory}/xfrd"
  xfrdir: "{directory}"
  hide-version: yes
  rrl-ratelimit: 0
  tcp-count: 1000
  tcp-query-count: 0
  receive-buffer-size: 4194304
  minimal-responses: yes
remote-control:
  control-enable: no
"""
    text += "".join(f'zone:\n  name: "{name}"\n  zonefile: "{path}"\n' for name, path in zones)
    return ["nsd", "-d", "-c", write(directory, "nsd.conf", text)]


def knot(port, zones, directory):
    text = f"""server:
  rundir: "{directory}"
  listen: {ADDRESS}@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  tcp-max-clients: 1000
database:
  storage: "{directory}/db"
log:
  - target: stderr
    any: warning
template:
  - id: default
    semantic-checks: off
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
"""
    text += "".join(f'  - domain: "{name}"\n    file: "{path}"\n' for name, path in zones)
    return ["knotd", "-c", write(directory, "knot.conf", text)]


def bind(port, zones, directory):
    text = f"""options {{
  directory "{directory}"; pid-file "{directory}/pid"; session-keyfile "{directory}/key";
  listen-on port {port} {{ {ADDRESS}; }}; listen-on-v6 {{ none; }};
  recursion no; minimal-responses yes; querylog no; notify no; allow-transfer {{ none; }}; tcp-clients 1000;
  dnssec-validation no; zone-statistics none; check-integrity no; empty-zones-enable no;
}};
logging {{ channel silent {{ null; }}; category default {{ silent; }}; category queries {{ silent; }}; }};
controls {{ }};
"""
    text += "".join(f'zone "{name}" {{ type primary; file "{path}"; }};\n' for name, path in zones)
    return ["named", "-f", "-n", "1", "-c", write(directory, "named.conf", text)]


def powerdns(port, zones, directory):
    listed = write(
        directory,
        "zones.conf",
        f'options {{ directory "{directory}"; }};\n'
        + "".join(f'zone "{name}" {{ type master; file "{path}"; }};\n' for name, path in zones),
    )
    write(
        directory,
        "pdns.conf",
        f"launch=bind\nbind-config={listed}\nlocal-address={ADDRESS}\nlocal-port={port}\nreceiver-threads=1\n"
        "distributor-threads=1\nloglevel=0\nguardian=no\ndaemon=no\ndisable-syslog=yes\n"
        f"socket-dir={directory}\nresolver=no\n"
        "cache-ttl=600\nnegquery-cache-ttl=600\nquery-cache-ttl=600\nbind-check-interval=0\nmax-tcp-connections=1000\n",
    )
    return ["pdns_server", f"--config-dir={directory}"]


def gdnsd(port, zones, directory):
    """gdnsd does not support DNSSEC: its copies of the files have no DS records."""
    for name, path in zones:
        with open(path) as source:
            write(directory, f"zones/{name}", "".join(line for line in source if " DS " not in line))
    for folder in ("run", "state"):
        (Path(directory) / folder).mkdir()
    write(
        directory,
        "config",
        f'options => {{ listen => [ "{ADDRESS}" ] dns_port => {port} udp_threads => 1 tcp_threads => 1 '
        "tcp_clients_per_thread => 1000\n"
        f'run_dir => "{directory}/run" state_dir => "{directory}/state" '
        "udp_rcvbuf => 1048576 udp_sndbuf => 1048576 }\n",
    )
    return ["gdnsd", "-c", str(directory), "start"]


# name: (command, required program, arguments that print its version)
CONTENDERS = {
    "echo": (echo, None, None),
    "Waymark": (waymark, None, None),
    "Waymark alone": (waymark_alone, None, None),
    "gdnsd": (gdnsd, "gdnsd", ["gdnsd", "version"]),
    "NSD": (nsd, "nsd", ["nsd", "-v"]),
    "Knot": (knot, "knotd", ["knotd", "--version"]),
    "BIND": (bind, "named", ["named", "-v"]),
    "PowerDNS": (powerdns, "pdns_server", ["pdns_server", "--version"]),
}


def is_here(name):
    program = CONTENDERS[name][1]
    return program is None or shutil.which(program) is not None


def version(name):
    """The line of the program's output that contains a version number."""
    if name.startswith("Waymark"):
        command = [os.environ["WAYMARK_BINARY"], "version"]
    elif CONTENDERS[name][2] is None:
        return ""
    else:
        command = CONTENDERS[name][2]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if any(letter.isdigit() for letter in line)]
    return lines[0].strip() if lines else ""


def question(name, kind=6):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 4711, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)


class Contender:
    def __init__(self, name, port, directory):
        self.name, self.port, self.directory, self.process = name, port, Path(directory) / name, None

    def start(self, zones, cpu):
        self.directory.mkdir(parents=True)
        command = CONTENDERS[self.name][0](self.port, zones, self.directory)
        if cpu is not None:
            command = ["taskset", "-c", str(cpu), *command]
        with open(self.directory / "output", "wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=self.directory
            )

    def wait_ready(self, zone, seconds):
        """Waits until the server answers for the zone with data. Returns False if it does not."""
        end = time.monotonic() + seconds
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.connect((ADDRESS, self.port))
            asker.settimeout(0.1)
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    asker.send(question(zone))
                    reply = asker.recv(4096)
                except OSError:
                    time.sleep(0.02)
                    continue
                if self.name == "echo" or (reply[3] & 15 == 0 and reply[7] > 0):
                    return True
        return False

    def pids(self):
        """The process and all its descendants."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parents.setdefault(int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]), []).append(
                        int(entry.name)
                    )
                except OSError:
                    continue  # the process has ended
        found, left = [], [self.process.pid]
        while left:
            found.append(left.pop())
            left += parents.get(found[-1], [])
        return found

    def cpu_seconds(self):
        """The CPU time of all live threads, from the scheduler."""
        nanoseconds = 0
        for pid in self.pids():
            for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                nanoseconds += int(task.read_text().split()[0])
        return nanoseconds / 1e9

    def spent_seconds(self):
        """User and system time, including ended threads; in hundredths of a second."""
        ticks = 0
        for pid in self.pids():
            ticks += sum(int(field) for field in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mib(self):
        """The proportional set size."""
        return (
            sum(
                int(line.split()[1])
                for pid in self.pids()
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                if line.startswith("Pss:")
            )
            / 1024
        )

    def stop(self):
        if self.process is None:
            return
        pids = self.pids()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        for pid in pids[1:]:  # children that the server has not ended
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.process = None
