"""A start that fails reports the reason and a remedy. A start with some faults serves the rest. Signals end the
server in an orderly way or immediately.
"""
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from lateness import Lateness
from support import (
    BINARY,
    LIBC,
    REFUSED,
    SERVFAIL,
    SOURCE,
    STOP_SECONDS,
    Process,
    Waymark,
    free_port,
    query,
    run,
    tcp,
    udp,
    wait_until,
)

machine = Lateness()  # a delay of the machine does not count
GOOD = "$TTL 300\n@ SOA ns h 1 1 1 1 1\n@ NS ns\nns A 192.0.2.1\n"


def fails(arguments, *words, code=1):
    got, out, err = run("serve", *arguments)
    assert got == code, (arguments, got, out, err)
    for word in words:
        assert word in out + err, (word, out, err)


def busy_port():
    for kind, word in ((socket.SOCK_DGRAM, "udp"), (socket.SOCK_STREAM, "tcp")):
        port = free_port()
        with socket.socket(socket.AF_INET, kind) as holder:
            # SO_REUSEPORT of another socket must not let the server share the port
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            holder.bind(("127.0.0.1", port))
            if kind == socket.SOCK_STREAM:
                holder.listen()
            fails(
                [SOURCE / "zones-example", "--listen", f"127.0.0.1:{port}"],
                f"127.0.0.1:{port}",
                word,
                "in use",
                f"sport = :{port}",
            )


def second_server():
    with Waymark(SOURCE / "zones-example") as server:
        fails([SOURCE / "zones-example", "--listen", f"127.0.0.1:{server.port}"], "in use")
        server.ask("www.example.com")


def absent_address():
    fails([SOURCE / "zones-example", "--listen", f"192.0.2.77:{free_port()}"], "192.0.2.77", "no address", code=2)
    fails([SOURCE / "zones-example", "--listen", "[fe80::1]:5300"], "with its interface: [fe80::1%eth0]:53", code=2)
    fails([SOURCE / "zones-example", "--listen", "[fe80::1%none]:5300"], "no interface none", code=2)


def address_that_comes():
    """Another router holds a virtual address: the server starts without it, and answers on it when it arrives here."""
    if os.geteuid() != 0 or (child := os.fork()):
        assert os.geteuid() != 0 or os.waitpid(child, 0)[1] == 0, "in a separate network namespace"
        return
    new_network = 0x40000000  # CLONE_NEWNET: for the child only
    code = 1
    try:
        assert LIBC.unshare(new_network) == 0
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with tempfile.TemporaryDirectory() as directory:
            config = Path(directory, "waymark.toml")
            config.write_text(f'[server]\nzones = "{SOURCE / "zones-example"}"\nabsent-addresses = "wait"\n')
            addresses = ("127.0.0.1", "192.0.2.77", "2001:db8::77", "fe80::77%lo")
            with Waymark("-c", config, listen=addresses) as server:
                asked = query("www.example.com")
                output = server.process.output
                waits = "; waits: this machine does not have the address"
                wait_until(lambda: output().count(waits) == 3, 5, "the banner says that it waits", server.process)
                assert "listen address 192.0.2.77:" in output() and "waiting for it" in output(), output()
                places = (("192.0.2.77", 32), ("2001:db8::77", 128), ("fe80::77%lo", 64))
                for count, (address, prefix) in enumerate(places):
                    added = f"{address.partition('%')[0]}/{prefix}"
                    subprocess.run(["ip", "address", "add", added, "dev", "lo"], check=True)
                    wait_until(
                        lambda: udp(address, server.port, asked, timeout=0.2, tries=1),
                        5,
                        f"{address} answers",
                        server.process,
                    )
                    assert tcp(address, server.port, asked)[:2] == asked[:2]
                    wait_until(lambda: output().count("this machine has it now") > count, 5, "it is logged")
                subprocess.run(["ip", "address", "del", "192.0.2.77/32", "dev", "lo"], check=True)
                wait_until(lambda: output().count("waiting for it") == 4, 5, "its end is logged")
        code = 0
    finally:
        os._exit(code)


def privileged_port():
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if os.geteuid() != 0 or first < 1024:
        print("skipped privileged_port: needs root, and ports that need it")
        return
    done = subprocess.run(
        [
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            BINARY,
            "serve",
            SOURCE / "zones-example",
            "--listen",
            "127.0.0.1:853",
        ],
        capture_output=True,
        text=True,
        timeout=20,
    )
    if "setpriv" in done.stderr or done.returncode in (126, 127):
        print("skipped privileged_port: another user cannot execute the binary")
        return
    assert done.returncode == 1 and "setcap" in done.stderr and "ip_unprivileged_port_start" in done.stderr, done


def bad_zones():
    with tempfile.TemporaryDirectory() as directory:
        fails([directory, "--listen", f"127.0.0.1:{free_port()}"], "no zone")
        Path(directory, "bad.zone").write_text("nonsense\n")
        Path(directory, "good.zone").write_text(GOOD)
        os.mkfifo(Path(directory, "fifo.zone"))
        with Waymark(directory) as server:
            assert server.ask("ns.good").rcode == 0
            assert server.ask("www.bad").rcode == SERVFAIL
            assert server.ask("www.fifo").rcode == SERVFAIL
            assert server.ask("www.elsewhere").rcode == REFUSED


def rights_are_gone():
    with Waymark(SOURCE / "zones-example") as server:
        status = Path(f"/proc/{server.pid}/status").read_text()
        for field in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            assert f"{field}:\t0000000000000000" in status, status
        assert "NoNewPrivs:\t1" in status
        for task in Path(f"/proc/{server.pid}/task").iterdir():
            assert "CapEff:\t0000000000000000" in Path(task, "status").read_text()


def ends_in_peace():
    for number in (signal.SIGTERM, signal.SIGINT):
        server = Waymark(SOURCE / "zones-example").start()
        with socket.create_connection((server.address, server.port)) as idle:
            idle.sendall(b"\0")
            begun = time.monotonic()
            server.process.child.send_signal(number)
            assert server.process.child.wait(STOP_SECONDS) == 0
            ended = time.monotonic()
            assert ended - begun < 2 + machine.between(begun, ended)
        server.temporary.cleanup()


def fill(server):
    """A connection whose answers are not read, full in both directions. None if the server closed it before: it does
    that if a client has not read for half a second."""
    payload = query("www.example.com", "ANY")
    sock = socket.create_connection((server.address, server.port))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    try:
        while True:
            sock.send((len(payload).to_bytes(2, "big") + payload) * 1000)
    except BlockingIOError:
        return sock
    except ConnectionError:
        sock.close()
        return None


def second_signal():
    """A client that does not read keeps the server draining; the second signal ends the server immediately."""
    server = Waymark(SOURCE / "zones-example").start()
    full = next(filter(None, (fill(server) for _ in range(20))))
    with full:
        server.process.child.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        begun = time.monotonic()
        server.process.child.send_signal(signal.SIGTERM)
        code, ended = server.process.child.wait(STOP_SECONDS), time.monotonic()
        assert code in (0, 143) and ended - begun < 1.5 + machine.between(begun, ended), code
    server.temporary.cleanup()


def few_files():
    """With 64 file descriptors the server closes client connections to make room, and continues to serve."""
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        server = Process(
            [
                "sh",
                "-c",
                f"ulimit -n 64 && exec {BINARY} serve {SOURCE}/zones-example --workers 1 --listen 127.0.0.1:{port}",
            ],
            directory,
        )
        try:
            wait_until(lambda: udp("127.0.0.1", port, query("."), timeout=0.2, tries=1), 10, "it answered", server)
            held = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
            for _ in range(20):
                assert tcp("127.0.0.1", port, query("www.example.com"))
            for sock in held:
                sock.close()
        finally:
            assert server.stop() == 0, server.output()


def main():
    machine.start()
    for test in (
        busy_port,
        second_server,
        absent_address,
        address_that_comes,
        privileged_port,
        bad_zones,
        rights_are_gone,
        ends_in_peace,
        second_signal,
        few_files,
    ):
        test()
        print(f"ok {test.__name__}")


main()
