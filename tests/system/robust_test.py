"""What happens around the process must not stop it: a log that nobody reads, a disk that does not answer, zones and
a journal that is damaged. Answers, decisions, `status` and the end do not wait; what is wrong costs what is wrong."""
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import faulty
from steered import World, addresses, command, serial
from support import BINARY, NOERROR, SERVFAIL, Waymark, free_port, full_pipe, query, run, udp, wait_until

A, B = ["203.0.113.10"], ["198.51.100.10"]
DECIDED = 2.0  # seconds, with some for a busy machine
END = 2.5  # seconds; the server promises 2
EDE_INVALID_DATA = 24


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


def damaged_journal():
    """A damaged journal costs a jump of the serial and is kept, and `waymark journal` shows it. Foreign files cost
    nothing."""
    for damage in (lambda octets: b"", lambda octets: b"x" * 100, lambda octets: octets[:40] + b"\xff" + octets[41:]):
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
        (directory / "notes.journal").write_text("not a journal")
        journal.write_bytes(damage(journal.read_bytes()))
        code, out, err = run("journal", journal)
        assert code == 1 and ("damaged" in out or "no journal" in err), (code, out, err)
        with world.serve() as server:
            wait_until(lambda: addresses(server, "www.example.com") == A, DECIDED, "the first decision")
            after = serial(server)
            assert after - before > 256, (before, after)
            told = alarms(world.control)
            assert any("00000001.changes.damaged" in text for text in told), told
            assert any("notes.journal is ignored" in text for text in told), told
            failover(world, lambda: addresses(server, "www.example.com"), B)
        assert (directory / "00000001.changes.damaged").exists()
        with world.serve() as server:
            assert not any("00000001.changes" in text for text in alarms(world.control))
            assert serial(server) > after
    print("journal: a damaged one is kept, foreign files are ignored; serials go on", flush=True)


if __name__ == "__main__":
    stalled_log()
    hung_disk()
    hung_configuration()
    damaged_zones()
    contradicted_record()
    damaged_journal()
