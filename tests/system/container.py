"""A container engine: docker with its daemon, or buildah and podman without a daemon, depending on which works here.

Inside a container or a sandbox, buildah and podman need help. buildah builds in a chroot on plain directories. podman
runs with a runc that does not raise resource limits, because raising them needs a right that is often missing. If no
base image is present and docker cannot fetch one, debootstrap builds it from Debian's packages.
"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BASE = "docker.io/library/debian:bookworm-slim"
RUNC_WITHOUT_LIMITS = """#!/bin/sh
# Removes the resource limits from the container or process to run, then runs the real runc.
previous=
for word in "$@"; do
  described=
  case $previous in
    --bundle|-b) described=$word/config.json ;;
    --process|-p) described=$word ;;
  esac
  [ -n "$described" ] && [ -f "$described" ] && {python} - "$described" <<'END'
import json, sys
with open(sys.argv[1]) as file:
    described = json.load(file)
described.get("process", described).pop("rlimits", None)
with open(sys.argv[1], "w") as file:
    json.dump(described, file)
END
  previous=$word
done
exec {runc} "$@"
"""


class Unusable(Exception):
    """The reason why there is no engine."""


def call(command, seconds=120, env=None):
    """The command's output. If the command fails, the error contains the end of its output."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=seconds,
        env=dict(os.environ, **(env or {})),
    )
    if done.returncode != 0:
        raise RuntimeError(
            f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        )
    return done.stdout.strip()


class Docker:
    """The docker command with a daemon."""

    low_ports_are_free = True  # docker itself sets net.ipv4.ip_unprivileged_port_start=0

    def __init__(self):
        self.program = shutil.which("docker")
        if not self.program:
            raise Unusable("docker is not installed")
        try:
            call([self.program, "info"], seconds=20)
        except (RuntimeError, subprocess.TimeoutExpired):
            raise Unusable("docker has no daemon") from None

    def build(self, tag, directory, seconds):
        call([self.program, "build", "-t", tag, directory], seconds)

    def engine(self, *words, seconds=120):
        return call([self.program, *words], seconds)

    def health(self, container):
        """The health state after the next check."""
        end = time.monotonic() + 45
        while time.monotonic() < end:
            state = json.loads(self.engine("inspect", container))[0]["State"]["Health"]["Status"]
            if state != "starting":
                return state
            time.sleep(0.5)
        return "starting"


class Podman:
    """buildah builds and podman runs, without a daemon."""

    low_ports_are_free = False

    def __init__(self):
        missing = [name for name in ("podman", "buildah", "runc") if not self.find(name)]
        if missing:
            raise Unusable(f"{', '.join(missing)} not installed")
        self.env = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
        self.temporary = tempfile.TemporaryDirectory(prefix="waymark-engine-")
        self.runtime = Path(self.temporary.name) / "runc"
        self.runtime.write_text(RUNC_WITHOUT_LIMITS.format(python=sys.executable, runc=self.find("runc")))
        self.runtime.chmod(self.runtime.stat().st_mode | stat.S_IXUSR)
        try:
            self.engine("info", seconds=60)
            self.make_base()
        except (RuntimeError, subprocess.TimeoutExpired) as fault:
            raise Unusable(f"podman does not work here: {str(fault).strip().splitlines()[-1][:200]}") from None

    @staticmethod
    def find(name):
        return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")

    def make_base(self):
        """Builds Debian's minimal system as the base image if it is not present."""
        if (
            subprocess.run([self.find("podman"), "image", "exists", BASE], env=dict(os.environ, **self.env)).returncode
            == 0
        ):
            return
        debootstrap = self.find("debootstrap")
        if not debootstrap:
            raise Unusable(f"neither the image {BASE} nor debootstrap to make it")
        with tempfile.TemporaryDirectory(prefix="waymark-base-") as root:
            call([debootstrap, "--variant=minbase", "bookworm", root], seconds=600)
            packed = Path(self.temporary.name) / "base.tar"
            call(["tar", "-C", root, "-cf", packed, "."], seconds=300)
            self.engine("import", "--quiet", packed, BASE, seconds=300)
            packed.unlink()

    def build(self, tag, directory, seconds):
        """Uses the compiler cache of the tested build, which compiled the same sources with the same flags."""
        cached = []
        if self.find("ccache"):
            folder = call([self.find("ccache"), "--get-config", "cache_dir"])
            Path(folder).mkdir(parents=True, exist_ok=True)
            cached = ["--build-arg", "COMPILER_CACHE=ccache", "--volume", f"{folder}:/ccache"]
        call(
            [self.find("buildah"), "bud", "--pull-never", "--format", "docker", *cached, "-t", tag, directory],
            seconds,
            self.env,
        )

    def engine(self, *words, seconds=120):
        return call([self.find("podman"), "--runtime", self.runtime, *words], seconds, self.env)

    def health(self, container):
        """The health state after a check that runs now, because no timers run without an init system."""
        try:
            self.engine("healthcheck", "run", container, seconds=30)
        except RuntimeError as fault:
            print(fault)
        state = json.loads(self.engine("inspect", container))[0]["State"]
        return (state.get("Health") or state.get("Healthcheck"))["Status"]


def find_engine():
    """The first engine that works, or the reasons why none works."""
    reasons = []
    for kind in (Docker, Podman):
        try:
            return kind()
        except Unusable as why:
            reasons.append(str(why))
    raise Unusable("; ".join(reasons))
