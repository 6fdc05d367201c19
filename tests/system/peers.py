"""BIND, NSD and Knot on loopback with the same zones, each in a separate directory. They change no system file.

    with Named({"example.": path}) as peer: peer.port ...
"""
import tempfile
from pathlib import Path

from support import Process, free_port, need, query, udp, wait_until

PEER_READY_SECONDS = 60


class Peer:
    """One server process for a dict of zones {name: path}. The process must be able to read the `zones` during its
    lifetime."""

    program = label = ""

    def __init__(self, zones, address="127.0.0.1"):
        self.path = need(self.program)
        self.zones, self.address = zones, address
        self.port = free_port(address)
        self.temporary = tempfile.TemporaryDirectory(prefix=f"waymark-{self.label}-")
        self.directory = Path(self.temporary.name)

    def __enter__(self):
        self.start()
        return self

    def restart(self):
        """Restarts a server that no longer answers: Knot 3.2 never finishes some chains of DNAMEs below a served
        root."""
        print(f"{self.label} no longer answers: restart")
        self.process.kill()
        self.start()

    def start(self):
        self.process = Process(self.command(), self.directory)
        for name in self.zones:
            wait_until(
                lambda name=name: self.serves(query(name, "SOA", ident=7)),
                PEER_READY_SECONDS,
                f"{self.label} served {name}",
                self.process,
            )

    def serves(self, probe):
        reply = udp(self.address, self.port, probe, timeout=0.2, tries=1)
        return reply is not None and reply[3] & 15 == 0 and reply[2] & 4 and reply[7] > 0

    def __exit__(self, kind, error, trace):
        if kind is not None:
            print(f"--- output of {self.label} ---\n{self.process.output()[-3000:]}")
        try:
            self.process.stop(seconds=20)
        finally:
            self.temporary.cleanup()

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path


class Named(Peer):
    program, label = "named", "bind"

    def command(self):
        zones = "".join(f'zone "{name}" {{ type primary; file "{path}"; }};\n' for name, path in self.zones.items())
        path = self.write(
            "named.conf",
            f"""
options {{ directory "{self.directory}"; listen-on port {self.port} {{ {self.address}; }}; listen-on-v6 {{ none; }};
  recursion no; notify no; allow-transfer {{ none; }}; dnssec-validation no; empty-zones-enable no; check-integrity no;
  check-names primary ignore; check-mx ignore; check-srv-cname ignore; check-mx-cname ignore; check-sibling no;
  check-dup-records ignore; minimal-responses no-auth; minimal-any yes; max-udp-size 1232; edns-udp-size 1232;
  nocookie-udp-size 1232; answer-cookie no; max-records-per-type 0; max-types-per-name 0; rrset-order {{ order none; }};
  pid-file none; session-keyfile none; lock-file none; querylog no; }};
controls {{ }};
logging {{ channel quiet {{ stderr; severity error; }}; category default {{ quiet; }}; }};
{zones}""",
        )
        return [self.path, "-g", "-n", "1", "-c", path]


class Nsd(Peer):
    program, label = "nsd", "nsd"

    def command(self):
        here = self.directory
        zones = "".join(f'zone:\n  name: "{name}"\n  zonefile: "{path}"\n' for name, path in self.zones.items())
        path = self.write(
            "nsd.conf",
            f"""
server:
  server-count: 1
  ip-address: {self.address}@{self.port}
  username: ""
  chroot: ""
  zonesdir: "{here}"
  database: ""
  pidfile: "{here}/nsd.pid"
  zonelistfile: "{here}/zone.list"
  xfrdfile: "{here}/xfrd.state"
  xfrdir: "{here}"
  cookie-secret-file: ""
  answer-cookie: no
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
  ipv4-edns-size: 1232
  ipv6-edns-size: 1232
  round-robin: no
  minimal-responses: no
  refuse-any: yes
  zonefiles-write: 0
remote-control:
  control-enable: no
{zones}""",
        )
        return [self.path, "-d", "-c", path]


class Knotd(Peer):
    program, label = "knotd", "knot"

    def command(self):
        here = self.directory
        zones = "".join(f'  - domain: "{name}"\n    file: "{path}"\n' for name, path in self.zones.items())
        path = self.write(
            "knot.conf",
            f"""
server:
  rundir: "{here}"
  listen: {self.address}@{self.port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  udp-max-payload: 1232
database:
  storage: "{here}/db"
log:
  - target: stderr
    any: error
template:
  - id: default
    storage: "{here}"
    semantic-checks: off
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
{zones}""",
        )
        return [self.path, "-c", path]


ALL = (Named, Nsd, Knotd)
