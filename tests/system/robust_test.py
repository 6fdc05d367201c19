"""What happens around the process must not stop it: a log that nobody reads, a disk that does not answer, zones and
a damaged journal, a crowd at the control socket, a configuration that is no file. Answers, decisions, `status`
and the end do not wait; what is wrong costs what is wrong."""
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import faulty
from steered import World, addresses, command, serial
from support import BINARY, NOERROR, SANITIZED, SERVFAIL, Waymark, free_port, full_pipe, query, run, udp, wait_until

A, B = ["203.0.113.10"], ["198.51.100.10"]
DECIDED = 2.0  # seconds, with some for a busy machine
END = 2.5  # seconds; the server promises 2
EDE_INVALID_DATA = 24
NAMES = 3000  # managed names of a large status
STATUS_OCTETS = 600 * NAMES  # about its size
SLOW_SECONDS = 12  # longer than the time in which a client must read something


def alarms(control):
    return [alarm["message"] for alarm in command(control, "status")["steering"]["alarms"]]


def failover(world, ask, to):
    world.set("via-a", "up" if to == A else "down")
    wait_until(lambda: ask() == to, DECIDED, f"the answer is {to}")


def ends(child, signals=1):
    """Seconds from SIGTERM to the end."""
    begun = time.monotonic()
    for _ in range(signals):
        child.send_signal(signal.SIGTERM)
        time.sleep(0.05)
    child.wait(10)
    return time.monotonic() - begun


def stalled_log():
    """Standard output and standard error are a full pipe."""
    world = World()
    read_end, write_end = full_pipe()
    port = free_port()
    child = subprocess.Popen(
        [BINARY, "serve", "-c", world.config, "--zone", f"example.com={world.path}/example.com.zone"]
        + ["--listen", f"127.0.0.1:{port}"],
        stdout=write_end,
        stderr=write_end,
    )
    try:
        server = Waymark()
        server.port = port
        wait_until(lambda: udp("127.0.0.1", port, query(".", "SOA"), timeout=0.1, tries=1), 20, "it answers")
        wait_until(lambda: addresses(server, "www.example.com") == A, DECIDED, "the first decision")
        for to in (B, A, B, A, B):
            failover(world, lambda: addresses(server, "www.example.com"), to)
        assert command(world.control, "status")["steering"]["records"]
        child.send_signal(signal.SIGHUP)
        took = ends(child)
        assert took < END and child.returncode == 0, (took, child.returncode)
        print(f"log that nobody reads: 5 decisions, status and end ({took:.2f} s) did not wait", flush=True)
    finally:
        child.kill()
        child.wait()
        os.close(read_end)
        os.close(write_end)


def hung_disk():
    """Syncs do not return, from some moment on."""
    for signals in (1, 2):
        world = World()
        faults = faulty.Faults(world.path)
        server = world.serve(env=faults.env)
        server.start()
        child = server.process.child
        try:
            ask = lambda: addresses(server, "www.example.com")
            wait_until(lambda: ask() == A, DECIDED, "the first decision")
            with faults.hanging():
                failover(world, ask, B)
                failover(world, ask, A)
                assert command(world.control, "status")["steering"]["records"]
                took = ends(child, signals)
            assert took < (END if signals == 1 else 0.5), took
            print(f"disk that does not answer: end after {took:.2f} s, {signals} signals", flush=True)
        finally:
            child.kill()
            child.wait()
            server.temporary.cleanup()


def hung_configuration():
    """The file system of the configuration does not answer a reload."""
    world = World()
    faults = faulty.Faults(world.path)
    server = world.serve(env=faults.env)
    server.start()
    child = server.process.child
    try:
        ask = lambda: addresses(server, "www.example.com")
        wait_until(lambda: ask() == A, DECIDED, "the first decision")
        with faults.hanging("configurations"):
            server.hangup()
            wait_until(lambda: faults.hung() == 1, 5, "the reload reads the configuration")
            failover(world, ask, B)
            assert command(world.control, "status")["steering"]["records"]
            took = ends(child)
        assert took < END / 2 and child.returncode == 0, (took, child.returncode)
        print(f"configuration that cannot be read: decision, status and end ({took:.2f} s) did not wait", flush=True)
    finally:
        child.kill()
        child.wait()
        server.temporary.cleanup()


def damaged_zones():
    """A server without any good zone starts, and mends itself."""
    with tempfile.TemporaryDirectory(prefix="waymark-robust-") as directory:
        zone = Path(directory) / "example.org.zone"
        zone.write_text("@ 300 SOA ns h 1 1 1 1 1\n@ 300 NS ns\nns 300 A 192.0.2.333\n")
        control = Path(directory) / "control.sock"
        with Waymark(directory, "--control", control) as server:
            reply = server.ask("ns.example.org", "A", size=1232)
            assert reply.rcode == SERVFAIL and int(reply.options[0].code) == EDE_INVALID_DATA, reply.parsed
            told = alarms(control)
            assert len(told) == 1 and told[0].endswith("example.org.zone cannot be loaded; answering SERVFAIL"), told
            zone.write_text(zone.read_text().replace("333", "33"))
            server.hangup()
            wait_until(lambda: server.ask("ns.example.org").rcode == NOERROR, 5, "the mended zone is served")
            wait_until(lambda: not alarms(control), 5, "the alarm is over")
        zone.write_text("damaged")
        config = Path(directory) / "waymark.toml"
        listen = f'listen = ["127.0.0.1:{free_port()}"]\n'
        config.write_text(f'[server]\nzones = ["{directory}"]\n{listen}strict-start = true\n')
        code, _, err = run("serve", "-c", config)
        assert code == 1 and "1 of 1 zones could not be loaded" in err, (code, err)
    print("zones: a server without a good zone waits for the mended file", flush=True)


def contradicted_record():
    """The zone file loses the records of a managed name: a start serves the rest, as the reload does."""
    world = World()
    zone = world.path / "example.com.zone"
    lines = zone.read_text().splitlines(True)
    zone.write_text("".join(line for line in lines if "203.0" not in line and "198.5" not in line))
    with world.serve() as server:
        assert server.ask("ns.example.com").answers == 1
        wait_until(lambda: any("cannot manage www" in text for text in alarms(world.control)), 5, "the alarm")
    world.config.write_text(world.config.read_text().replace("[server]", "[server]\nstrict-start = true"))
    where = ["--zone", f"example.com={zone}", "--listen", f"127.0.0.1:{free_port()}"]
    code, _, err = run("serve", "-c", world.config, *where)
    assert code == 2 and "strict-start = false" in err, (code, err)
    print("contradiction: costs its name, and refuses the start where strict-start is set", flush=True)


def changed_in_the_middle(octets):
    half = len(octets) // 2
    return octets[:half] + bytes([octets[half] ^ 1]) + octets[half + 1 :]


def damaged_journal():
    """A damaged journal costs a jump of the serial and is kept, and `waymark journal` shows it. Foreign files cost
    nothing."""
    for damage in (lambda octets: b"", lambda octets: b"x" * 100, changed_in_the_middle):
        world = World()
        with world.serve() as server:
            ask = lambda: addresses(server, "www.example.com")
            failover(world, ask, B)
            failover(world, ask, A)
            before = serial(server)
        directory = world.state / "zones"
        journal = directory / "00000001.changes"
        code, out, err = run("journal", journal)
        assert code == 0 and "clean end" in out and "+www.example.com." in out, (code, out, err)
        shutil.copy(journal, directory / "00000001 (copy).changes")
        (directory / "notes (copy).journal").write_text("not a journal")
        journal.write_bytes(damage(journal.read_bytes()))
        code, out, err = run("journal", journal)
        assert code == 1 and ("damaged" in out or "no journal" in err), (code, out, err)
        with world.serve() as server:
            wait_until(lambda: addresses(server, "www.example.com") == A, DECIDED, "the first decision")
            after = serial(server)
            assert after - before > 256, (before, after)
            told = alarms(world.control)
            assert any("00000001.changes.damaged" in text for text in told), told
            assert any("notes (copy).journal is ignored" in text for text in told), told
            failover(world, lambda: addresses(server, "www.example.com"), B)
        assert (directory / "00000001.changes.damaged").exists()
        with world.serve() as server:
            assert not any("00000001.changes" in text for text in alarms(world.control))
            assert serial(server) > after
    print("journal: a damaged one is kept, foreign files are ignored; serials go on", flush=True)


def connected(path, request=b""):
    """A client of the control socket that has sent `request`; None if the server's queue is full."""
    client = socket.socket(socket.AF_UNIX)
    try:
        client.setblocking(False)
        client.connect(str(path))
        client.send(request)
        return client
    except OSError:
        client.close()
        return None


def crowd(path, request=b""):
    """As many clients as connect within 1000 attempts; they send `request`, and never read."""
    clients = []
    for _ in range(1000):
        clients.append(connected(path, request))
        time.sleep(0.001)
    return [client for client in clients if client]


def read_slowly(path, seconds):
    """The status, read in small pieces in about this time."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    client.sendall(b'{"command":"status"}\n')
    text = b""
    while not text.endswith(b"\n"):
        piece = client.recv(16384)
        assert piece, f"the server hung up after {len(text)} octets"
        text += piece
        time.sleep(seconds * len(piece) / STATUS_OCTETS)
    return json.loads(text)


def memory(pid):
    """Octets that the process uses."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def crowded_control_socket():
    """1000 clients of the control socket that never write or never read, and one that reads slowly."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    world = World()
    zone = world.path / "example.com.zone"
    zone.write_text(zone.read_text() + "".join(f"n{i} 30 A 203.0.113.10\n" for i in range(NAMES)))
    members = 'members = [{ name = "a", address = "203.0.113.10", monitor = "via-a" }]\n'
    records = "".join(f'[[record]]\nname = "n{i}.example.com"\ntype = "A"\n{members}' for i in range(NAMES))
    world.config.write_text(world.config.read_text() + records)
    with world.serve() as server:
        wait_until(lambda: addresses(server, "www.example.com") == A, DECIDED, "the first decision")
        status = lambda: run("status", "--json", "--socket", world.control)
        assert len(json.loads(status()[1])["steering"]["records"]) == NAMES + 1
        before = memory(server.pid)
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(read_slowly, world.control, SLOW_SECONDS)
            silent = crowd(world.control)
            code, _, err = status()
            assert code == 0, (code, err)
            assert "places are taken; disconnecting a client of" in server.process.output()
            assert len(slow.result()["steering"]["records"]) == NAMES + 1
        for client in silent:
            client.close()
        readers = crowd(world.control, b'{"command":"status"}\n')
        wait_until(lambda: status()[0] == 0, 20, "status works beside clients that never read")
        failover(world, lambda: addresses(server, "www.example.com"), B)
        grown = memory(server.pid) - before
        assert SANITIZED or grown < 64 * STATUS_OCTETS / 3, f"{grown >> 20} MiB"
        took = ends(server.process.child)
        assert took < END, took
        print(
            f"control socket: {len(silent)} silent clients, {len(readers)} that never read, {grown >> 20} MiB; "
            f"end after {took:.2f} s",
            flush=True,
        )
        for client in readers:
            client.close()


def odd_configurations():
    """At a reload the configuration is not a file, or has no end. The running one stays, and the next reload works."""

    def replace(make):
        def done(path):
            path.unlink()
            make(path)

        return done

    def sparse(path):
        with open(path, "wb") as file:
            file.truncate(1 << 30)

    odd = {
        "a directory": (replace(Path.mkdir), "Is a directory"),
        "a FIFO": (replace(os.mkfifo), "not a regular file"),
        "a loop": (replace(lambda path: path.symlink_to(path)), "Too many levels of symbolic links"),
        "a device": (replace(lambda path: path.symlink_to("/dev/zero")), "not a regular file"),
        "1 GB": (replace(sparse), "larger than 64 MiB"),
    }
    world = World()
    good = world.config.read_text()
    with world.serve() as server:
        ask = lambda: addresses(server, "www.example.com")
        wait_until(lambda: ask() == A, DECIDED, "the first decision")
        for what, (make, why) in odd.items():
            make(world.config)
            said = len(server.process.output())
            server.hangup()
            wait_until(lambda: f"{world.config}: {why}\n" in server.process.output()[said:], 5, f"{what}: {why}")
            failover(world, ask, B)
            failover(world, ask, A)
            world.config.rmdir() if what == "a directory" else world.config.unlink()
            world.config.write_text(good)
            said = len(server.process.output())
            server.hangup()
            wait_until(lambda: "reloaded in" in server.process.output()[said:], 5, f"a reload after {what}")
    print(f"configuration: {', '.join(odd)} do not end or block the server", flush=True)


def unsaved_state():
    """The failover state cannot be saved for some time: an alarm says why, and it is saved without a new change."""
    world = World()
    obstacle = world.state / "steering.json.new"
    with world.serve() as server:
        ask = lambda: addresses(server, "www.example.com")
        wait_until(lambda: ask() == A, DECIDED, "the first decision")
        time.sleep(0.5)  # until it is saved
        obstacle.mkdir()
        failover(world, ask, B)
        wait_until(lambda: any("cannot save the failover state" in text for text in alarms(world.control)), 5, "alarm")
        obstacle.rmdir()
        wait_until(lambda: not alarms(world.control), 5, "the state is saved and the alarm is over")
        assert "203.0.113.10" in (world.state / "steering.json").read_text()
    print("state: it is saved as soon as that is possible again", flush=True)


if __name__ == "__main__":
    crowded_control_socket()
    odd_configurations()
    unsaved_state()
    stalled_log()
    hung_disk()
    hung_configuration()
    damaged_zones()
    contradicted_record()
    damaged_journal()
