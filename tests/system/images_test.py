"""A server with an image starts quickly and answers only from valid images. A fault of an image never prevents the
server from serving the zone.
"""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from support import BINARY, READY_SECONDS, Process, Waymark, free_port, query, scale, seed, udp, wait_until, memory_kib

DELEGATIONS = scale("IMAGE_DELEGATIONS", 150_000)  # WAYMARK_IMAGE_DELEGATIONS: a million takes ten times as long
# of the CPU time for the zone file; the CPU time of a server with a tiny zone is subtracted from both
START_SHARE = 0.25
STARTS = 5


def write_zone(path, count=DELEGATIONS):
    with open(path, "w") as zone:
        zone.write("$TTL 3600\n@ SOA ns root 1 1800 900 604800 3600\n@ NS ns\nns A 192.0.2.53\n")
        for i in range(count):
            zone.write(
                f"name-{i}-of-many NS ns1.host-{i % 1000}.example.\nname-{i}-of-many NS ns2.host-{i % 1000}.example.\n"
            )


class Scene:
    def __init__(self, directory):
        self.directory = Path(directory)
        self.zone = self.directory / "tld.zone"
        self.images = self.directory / "images"
        self.image = self.images / "tld.image"
        write_zone(self.zone)

    def server(self, *arguments, **how):
        return Waymark(self.zone, "--images", self.images, *arguments, **how)

    def served(self, *words, absent=(), **how):
        """Starts the server and checks its answer and its log. Returns the log."""
        with self.server(**how) as server:
            check(server)
            for word in words:
                wait_until(
                    lambda: word in server.process.output(), READY_SECONDS, f"the log contains '{word}'", server.process
                )
            for word in absent:
                assert word not in server.process.output(), server.process.output()
            return server.process.output()

    def make_image(self):
        self.served("image", "written in")


def check(server):
    last = DELEGATIONS - 1
    reply = server.ask(f"www.name-{last}-of-many.tld")
    assert (
        len(reply.authority[0]) == 2 and f"ns1.host-{last % 1000}.example." in reply.authority[0].to_text()
    ), reply.authority
    assert server.ask("name-none.tld").rcode == 3


class FirstAnswer:
    """A start until the first answer: the elapsed seconds and the seconds of CPU time."""

    def __init__(self, scene, zone, name, *options):
        port, question = free_port(), query(name, "NS", ident=7)
        begun = time.monotonic()
        process = Process([BINARY, "serve", zone, *options, "--listen", f"127.0.0.1:{port}"], scene.directory / "run")
        while (reply := udp("127.0.0.1", port, question, timeout=0.001, tries=1)) is None:
            assert time.monotonic() < begun + READY_SECONDS, process.output()
        self.seconds = time.monotonic() - begun
        fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        self.cpu = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
        assert reply[3] & 15 == 0 and (b"loaded from its image" in process.log_path.read_bytes()) == bool(options)
        assert process.stop() == 0


def starts(scene):
    scene.make_image()
    small = scene.directory / "small.zone"
    small.write_text("$TTL 3600\n@ SOA ns root 1 1800 900 604800 3600\n@ NS ns\nns A 192.0.2.53\n")
    inside = f"name-{DELEGATIONS // 2}-of-many.tld"
    kinds = {
        "image": (scene.zone, inside, "--images", scene.images),
        "file": (scene.zone, inside),
        "small": (small, "small"),
    }
    found = {kind: [] for kind in kinds}
    for _ in range(STARTS):
        for kind, what in kinds.items():
            found[kind].append(FirstAnswer(scene, *what))
    small.unlink()
    cpu = {kind: sum(start.cpu for start in all_starts) for kind, all_starts in found.items()}
    share = (cpu["image"] - cpu["small"]) / (cpu["file"] - cpu["small"])
    print(f"first answer of {DELEGATIONS} delegations from an image of {scene.image.stat().st_size >> 20} MiB:")
    for kind, all_starts in found.items():
        seconds = sorted(start.seconds for start in all_starts)
        print(f"  {kind:6} {seconds[STARTS // 2] * 1000:.0f} ms (median), {cpu[kind] / STARTS * 1000:.0f} ms of CPU")
    print(f"  the image takes {share:.2f} of the file's CPU time")
    assert share < START_SHARE, share


def reloads_and_stale(scene):
    with scene.server() as server:
        check(server)
        server.hangup()
        wait_until(
            lambda: "1 unchanged" in server.process.output(), 30, "the unchanged zone is not reloaded", server.process
        )
        memory = memory_kib(server.pid)
        of_files, of_image = memory["rss"] - memory["anonymous"], scene.image.stat().st_size >> 10
        assert of_files > of_image * 0.9, f"{memory} KiB: the server does not use the image's {of_image} KiB in place"
        time.sleep(0.05)
        fresh = scene.directory / "fresh"
        fresh.write_text(scene.zone.read_text().replace("root 1 1800", "root 2 1800") + "added A 192.0.2.99\n")
        fresh.rename(scene.zone)
        server.hangup()
        wait_until(lambda: server.ask("added.tld").rcode == 0, 30, "the new file is served", server.process)
        check(server)
        wait_until(lambda: "written in" in server.process.output(), READY_SECONDS, "a new image", server.process)
    scene.served("loaded from its image")
    with open(scene.zone, "a") as zone:
        zone.write("later A 192.0.2.98\n")
    scene.served("its image cannot be used: the zone file has changed since then", "written in")
    os.utime(scene.zone, ns=(1, 1))
    scene.served("its image cannot be used: the zone file has changed since then", "written in")


def damaged(scene):
    chance = random.Random(seed())
    whole = scene.image.read_bytes()
    for at in (chance.randrange(len(whole)) for _ in range(4)):
        octets = bytearray(whole)
        octets[at] ^= 1 << chance.randrange(8)
        scene.image.write_bytes(octets)
        scene.served("its image cannot be used: it is", "written in")
    scene.image.write_bytes(whole[:-4096])
    scene.served("its image cannot be used: it is damaged", "written in")
    scene.image.unlink()
    scene.image.mkdir()
    scene.served("its image cannot be used: it is not a regular file", "cannot be written")
    scene.image.rmdir()
    scene.make_image()


def others(scene):
    if os.geteuid() != 0:
        print("skipped others: needs root")
        return
    os.chmod(scene.image, 0o644)
    os.chown(scene.image, 65534, 65534)
    scene.served("belongs to another user", "written in")
    os.chmod(scene.image, 0o666)
    scene.served("belongs to another user, or other users may write to it", "written in")
    os.chmod(scene.images, 0o777)
    scene.served("other users may write to its directory")
    os.chmod(scene.images, 0o750)


def unwritable(scene):
    shutil.rmtree(scene.images)
    scene.images.write_text("a file where the directory should be")
    scene.served("cannot be written")
    scene.images.unlink()
    with tempfile.TemporaryDirectory() as small:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", small], capture_output=True)
        if mounted.returncode != 0:
            print("skipped full and read-only disks: needs the right to mount")
            return
        try:
            with Waymark(scene.zone, "--images", small) as server:
                check(server)
                wait_until(
                    lambda: "cannot be written: No space left" in server.process.output(),
                    READY_SECONDS,
                    "the log reports a full disk",
                    server.process,
                )
            assert not list(Path(small).iterdir()), "a file remains on the full disk"
            subprocess.run(["mount", "-o", "remount,ro", small], check=True)
            with Waymark(scene.zone, "--images", small) as server:
                check(server)
                wait_until(
                    lambda: "cannot be written: Read-only" in server.process.output(),
                    READY_SECONDS,
                    "the log reports a read-only disk",
                    server.process,
                )
        finally:
            subprocess.run(["umount", small], check=True)


def killed(scene):
    """kill -9 while the server writes the image. The server never uses the incomplete file as an image, and removes
    it later."""
    shutil.rmtree(scene.images, ignore_errors=True)
    os.utime(scene.zone)  # the server waits if a file has just changed: time enough to kill it
    server = scene.server().start()
    unfinished = scene.image.with_name("tld.image.new")
    wait_until(unfinished.exists, 30, "the server starts to write the image", server.process)
    server.process.child.send_signal(signal.SIGKILL)
    server.process.kill()
    server.temporary.cleanup()
    assert unfinished.exists() and not scene.image.exists()
    scene.served("written in", absent=("loaded from its image",))
    assert not unfinished.exists()
    scene.served("loaded from its image", absent=("written in",))


with tempfile.TemporaryDirectory(prefix="waymark-images-") as directory:
    scene = Scene(directory)
    for test in (starts, reloads_and_stale, damaged, others, unwritable, killed):
        begun = time.monotonic()
        test(scene)
        print(f"{test.__name__}: ok ({time.monotonic() - begun:.1f} s)", flush=True)
