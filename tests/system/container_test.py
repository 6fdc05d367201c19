"""Builds the container from the Dockerfile. It answers on port 53 over UDP and TCP as an unprivileged user, with a
read-only root file system and without capabilities. Its health check reports "healthy", and SIGTERM ends it with
exit code 0 within two seconds. Then the test runs the `console container` blocks of the user documentation with its
own folders.
"""
import json
import os
import shlex
import sys
import tempfile
import time
from pathlib import Path

import container
import lateness
import pages
import support

TAG = f"localhost/waymark-test:{os.getpid()}"
BUILD_SECONDS = 1500
MOST_MEGABYTES = 20
STOP_SECONDS = 2.0
machine = lateness.Lateness()  # a delay of the machine does not count


class Running:
    """A container of the image. Its port 53 is a free port of 127.0.0.1, or it has its own port on the host's
    network."""

    def __init__(self, engine, *options, arguments=(), host_port=None):
        self.engine = engine
        self.port = host_port or support.free_port()
        publish = [] if host_port else [f"-p127.0.0.1:{self.port}:53/{protocol}" for protocol in ("udp", "tcp")]
        self.ident = engine.engine("run", "--detach", *publish, *options, TAG, *arguments).splitlines()[-1]

    def __enter__(self):
        end = time.monotonic() + support.READY_SECONDS
        while support.udp("127.0.0.1", self.port, support.query("www.example.com"), timeout=0.3, tries=1) is None:
            if time.monotonic() > end or not self.state()["Running"]:
                raise AssertionError(f"the container does not answer\n{self.engine.engine('logs', self.ident)}")
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.engine.engine("rm", "--force", self.ident)

    def state(self):
        return json.loads(self.engine.engine("inspect", self.ident))[0]["State"]

    def execute(self, *words):
        return self.engine.engine("exec", self.ident, "/usr/bin/waymark", *words)


def check_image(engine):
    image = json.loads(engine.engine("image", "inspect", TAG))[0]
    megabytes = image["Size"] / 1e6
    config = image["Config"]
    print(f"image: {megabytes:.1f} MB, user {config['User']}")
    assert megabytes < MOST_MEGABYTES, megabytes
    assert config["User"] == "53:53", config["User"]
    assert set(config["ExposedPorts"]) == {"53/udp", "53/tcp"}, config["ExposedPorts"]
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def check_answers(running):
    for transport in ("udp", "tcp"):
        ask = support.tcp if transport == "tcp" else support.udp
        reply = support.Reply(ask("127.0.0.1", running.port, support.query("www.example.com")))
        assert reply.rcode == support.NOERROR and reply.has(support.AA) and reply.answers == 2, (
            transport,
            reply.octets.hex(),
        )
        print(f"{transport}: authoritative answer")


def check_rights(running):
    """The process as the host reports it: user 53, no effective capabilities, and none that it can acquire."""
    pid = running.state()["Pid"]
    if not os.path.exists(f"/proc/{pid}/status"):
        print("the process is on another machine: rights are not checked")
        return
    with open(f"/proc/{pid}/status") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    print(f"uid {fields['Uid'].split()[1]}, effective capabilities {fields['CapEff']}, bounding {fields['CapBnd']}")
    assert fields["Uid"].split() == ["53"] * 4, fields["Uid"]
    assert int(fields["CapEff"], 16) == 0 and int(fields["CapPrm"], 16) == 0 and int(fields["CapBnd"], 16) == 0, fields


def check_commands(running):
    assert "192.0.2.80" in running.execute("query", "www.example.com", "+short")
    assert "zone example.com." in running.execute("explain", "www.example.com")
    assert "healthy" in running.execute("health")
    print("query, explain and health work inside")


def check_stop(running):
    began = time.monotonic()
    running.engine.engine("kill", "--signal", "TERM", running.ident)
    code = running.engine.engine("wait", running.ident)
    ended = time.monotonic()
    taken, held_up = ended - began, machine.between(began, ended)
    print(f"SIGTERM: exit code {code} after {taken:.2f} s; the machine was {held_up:.2f} s late")
    assert code == "0" and taken < STOP_SECONDS + held_up, (code, taken)


class Followed:
    """Runs the commands of the pages. `docker run` starts a container; later `docker exec` commands use it until the
    next `docker run`."""

    def __init__(self, engine, root):
        self.engine = engine
        self.running = None
        self.host_port = support.free_port()
        self.folders = {
            "$PWD/zones-example": support.SOURCE / "zones-example",
            "/etc/waymark": Path(root) / "etc",
            "/var/lib/waymark": Path(root) / "state",
        }
        for name in ("etc", "state"):
            (Path(root) / name).mkdir()
            (Path(root) / name).chmod(0o777)
        (Path(root) / "etc" / "waymark.toml").write_text(
            f'[server]\nlisten = ["127.0.0.1:{self.host_port}"]\nzones = ["."]\n' 'state = "/var/lib/waymark"\n'
        )
        zone = support.SOURCE / "zones-example" / "example.com.zone"
        (Path(root) / "etc" / zone.name).write_bytes(zone.read_bytes())
        Path(root).chmod(0o755)

    def run(self, words):
        image = words.index("waymark")
        options, arguments = words[:image], words[image + 1 :]
        on_host = "host" in options
        kept = []
        while options:
            word = options.pop(0)
            if word in ("--name", "-p"):
                options.pop(0)
            elif word == "-v":
                source, _, target = options.pop(0).partition(":")
                kept += ["-v", f"{self.folders[source]}:{target}"]
            elif word == "-e":
                kept += ["-e", options.pop(0).replace("192.0.2.53:53", f"127.0.0.1:{self.host_port}")]
            elif word != "--rm":
                kept.append(word)
        if "--cap-drop" in kept and not on_host and not self.engine.low_ports_are_free:
            kept += ["--sysctl", "net.ipv4.ip_unprivileged_port_start=0"]
        self.stop()
        self.running = Running(self.engine, *kept, arguments=arguments, host_port=self.host_port if on_host else None)
        self.running.__enter__()
        check_answers(self.running)

    def follow(self, page, step):
        words = shlex.split(step.command)
        if words == ["docker", "build", "-t", "waymark", "."]:
            return
        if words[:2] == ["docker", "run"]:
            self.run(words[2:])
        elif words[:3] == ["docker", "exec", "ns"]:
            got = self.engine.engine("exec", self.running.ident, *words[3:]).splitlines()
            assert got == step.shown, f"{page}: {step.command}\nprinted {got}\nthe page shows {step.shown}"
        else:
            raise AssertionError(f"{page}: cannot run `{step.command}`")

    def stop(self):
        if self.running:
            self.running.__exit__()
        self.running = None


def check_pages(engine):
    found = pages.delegated("container")
    with tempfile.TemporaryDirectory(prefix="waymark-container-") as root:
        followed = Followed(engine, root)
        try:
            for page, step in found:
                followed.follow(page, step)
        finally:
            followed.stop()
    print(f"{len(found)} commands of the pages ran")


def main():
    try:
        engine = container.find_engine()
    except container.Unusable as why:
        support.skip(str(why))
    print(f"engine: {type(engine).__name__.lower()}")
    began = time.monotonic()
    engine.build(TAG, str(support.SOURCE), BUILD_SECONDS)
    print(f"built in {time.monotonic() - began:.0f} s")
    machine.start()
    try:
        check_image(engine)
        strict = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
        if not engine.low_ports_are_free:
            strict += ["--sysctl", "net.ipv4.ip_unprivileged_port_start=0"]
        with Running(engine, *strict) as running:
            check_answers(running)
            check_rights(running)
            state = engine.health(running.ident)
            print(f"health: {state}")
            assert state == "healthy", state
            check_commands(running)
            check_stop(running)
        # with the engine's own rights: the file capability permits port 53
        with Running(engine, "--read-only") as running:
            check_answers(running)
            check_stop(running)
        check_pages(engine)
    finally:
        engine.engine("rmi", "--force", TAG)
    return 0


if __name__ == "__main__":
    sys.exit(main())
