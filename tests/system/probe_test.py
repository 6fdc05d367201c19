"""Probes against real servers in namespaces: web servers with and without TLS, name servers, STAMP, echo. The test
also checks the traffic class on the wire, the source and the device, loss caused by nft, and delay caused by the
reflector.
"""
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import netlab
import support

netlab.needed("openssl", "tcpdump", "nft")

WEB = r"""
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        status = 503 if self.path == "/down" else 302 if self.path == "/moved" else 200
        body = ("host=%s all is ok" % self.headers["Host"]).encode()
        self.send_response(status)
        if status == 302: self.send_header("Location", "/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
server = http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Handler)
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
TARGET, TARGET6, TARGET_B = "192.0.2.2", "2001:db8::2", "198.51.100.2"


class Scene:
    def __init__(self, lab, directory):
        self.directory = Path(directory)
        lan, wan = lab.switch("lan"), lab.switch("wan")
        self.near = (
            lab.host("near")
            .plug(lan, "eth0", "192.0.2.1/24", "192.0.2.9/24", "2001:db8::1/64")
            .plug(wan, "eth1", "198.51.100.1/24")
        )
        self.far = (
            lab.host("far").plug(lan, "eth0", f"{TARGET}/24", f"{TARGET6}/64").plug(wan, "eth1", f"{TARGET_B}/24")
        )
        self.servers = []

    def serve(self, name, *words):
        process = self.far.start(self.directory / name, *words)
        self.servers.append(process)
        return process

    def reflect(self, port, *words):
        process = self.serve(f"reflect{port}", support.BINARY, "stamp-reflect", "--listen", f"*:{port}", *words)
        support.wait_until(lambda: "reflecting on [::]" in process.output(), 20, "a reflector", process)

    def probe(self, *words, env=(), check=True):
        """The parsed JSON output of a run, plus `exit`."""
        command = self.near.command("env", *env, support.BINARY, "probe", *words, "--json")
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if check and done.returncode not in (0, 1, 3):
            raise AssertionError(f"{words}: exit {done.returncode}: {done.stderr}")
        if done.returncode == 2:
            return {"exit": 2, "error": done.stderr}
        return dict(json.loads(done.stdout), exit=done.returncode)

    def once(self, *words, **more):
        """The outcome and detail of one probe."""
        result = self.probe(*words, "-n", "1", **more)["results"][0]
        return f"{result['outcome']}: {result['detail']}"

    def seen(self, interface, expression, *probe):
        """The output of tcpdump at the far end while a probe is sent."""
        process = self.far.start(
            self.directory / f"tcpdump{time.monotonic_ns()}", "tcpdump", "-nlvv", "-i", interface, "-c", "1", expression
        )
        support.wait_until(lambda: "listening on" in process.output(), 20, "tcpdump", process)
        self.probe(*probe, "-n", "1", "--timeout", "1000")
        try:
            process.child.wait(5)
        except subprocess.TimeoutExpired:
            pass
        process.kill()
        return process.output()

    def end(self):
        for process in self.servers:
            process.kill()


def expect(found, *wanted):
    for words in wanted:
        assert words in found, f"expected {words!r} in {found!r}"
    print(f"  {found[:150]!r}")


def certificates(directory):
    """A certificate authority, and a certificate from it for www.example.com and the target's address."""

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=directory, check=True, capture_output=True)

    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.pem",
        "-subj",
        "/CN=Lab",
        "-days",
        "2",
    )
    openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-keyout",
        "web.key",
        "-out",
        "web.csr",
        "-subj",
        "/CN=web",
    )
    (directory / "names").write_text(f"subjectAltName=DNS:www.example.com,IP:{TARGET}\n")
    openssl(
        "x509",
        "-req",
        "-in",
        "web.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-out",
        "web.pem",
        "-days",
        "2",
        "-extfile",
        "names",
    )


def test_http(scene):
    scene.serve("web", sys.executable, "-c", WEB, 8080)
    support.wait_until(lambda: scene.once("tcp", TARGET, "-p", "8080").startswith("ok"), 20, "the web server")
    expect(scene.once("http", TARGET, "-p", "8080"), "ok: 200 OK")
    expect(scene.once("http", TARGET, "-p", "8080", "--match", f"host={TARGET}:8080"), "ok: 200")
    expect(
        scene.once("http", TARGET, "-p", "8080", "--host", "www.example.com", "--match", "host=www.example.com "),
        "ok: 200",
    )
    expect(
        scene.once("http", TARGET, "-p", "8080", "--match", "nowhere"),
        "failed: 200 OK, but the body does not contain `nowhere`",
    )
    expect(scene.once("http", TARGET, "-p", "8080", "--path", "/down"), "failed: 503")
    expect(scene.once("http", TARGET, "-p", "8080", "--path", "/down", "--expect", "200,503"), "ok: 503")
    expect(scene.once("http", TARGET, "-p", "8080", "--path", "/moved"), "failed: 302")
    expect(scene.once("http", TARGET, "-p", "8081"), "failed: Connection refused")


def test_https(scene):
    certificates(scene.directory)
    scene.serve("tls", sys.executable, "-c", WEB, 8443, scene.directory / "web.pem", scene.directory / "web.key")
    support.wait_until(lambda: scene.once("tcp", TARGET, "-p", "8443").startswith("ok"), 20, "the TLS server")
    trust = [f"SSL_CERT_FILE={scene.directory / 'ca.pem'}"]
    expect(scene.once("https", TARGET, "-p", "8443", env=trust), "ok: 200")
    expect(scene.once("https", TARGET, "-p", "8443", "--host", "www.example.com", env=trust), "ok: 200")
    expect(
        scene.once("https", TARGET, "-p", "8443", "--host", "other.example.com", env=trust),
        "failed: certificate",
        "hostname mismatch",
    )
    expect(scene.once("https", TARGET_B, "-p", "8443", env=trust), "failed: certificate", "IP address mismatch")
    expect(scene.once("https", TARGET, "-p", "8443", "--host", "www.example.com.:8443", env=trust), "ok: 200")
    expect(scene.once("https", TARGET_B, "-p", "8443", "--host", f"{TARGET}:443", env=trust), "ok: 200")
    expect(scene.once("https", TARGET_B, "-p", "8443", "--host", f"[::ffff:{TARGET}]", env=trust), "ok: 200")
    for address in ("[::1]:443", "[2001:db8::1]", "192.0.2.254"):
        expect(
            scene.once("https", TARGET, "-p", "8443", "--host", address, env=trust),
            "failed: certificate",
            "IP address mismatch",
        )
    expect(scene.once("https", TARGET, "-p", "8443"), "failed: certificate")
    expect(scene.once("https", TARGET, "-p", "8443", "--insecure"), "ok: 200")
    expect(scene.once("https", TARGET, "-p", "8080", "--insecure"), "failed: TLS")


def test_dns(scene):
    server = scene.serve("dns", support.BINARY, "serve", support.SOURCE / "zones-example", "--listen", f"{TARGET}:53")
    support.wait_until(
        lambda: scene.once("dns", TARGET, "--query", "example.com").startswith("ok"), 30, "the name server", server
    )
    expect(scene.once("dns", TARGET, "--query", "example.com"), "ok: NOERROR")
    expect(scene.once("dns", TARGET, "--query", "nowhere.example.com"), "failed: NXDOMAIN")
    expect(scene.once("dns", TARGET, "--query", "nowhere.example.com", "--expect", "0,3"), "ok: NXDOMAIN")
    expect(scene.once("dns", TARGET, "--query", "example.edu"), "failed: REFUSED")
    expect(scene.once("dns", TARGET_B, "--query", "example.com", "--timeout", "1000"), "failed: Connection refused")


def measured(scene, holds, *words):
    """A series of probes for which `holds` is true. Up to three attempts, because other programs on the machine can
    add delay."""
    for _ in range(3):
        found = scene.probe("stamp", TARGET, *words)
        if holds(found):
            return found
    raise AssertionError(f"{words}: {found}")


def test_stamp(scene):
    scene.reflect(862)
    scene.reflect(8621, "--delay", "60")
    scene.reflect(8622, "--jitter", "40")
    scene.reflect(8623, "--loss", "100")
    scene.reflect(8624, "--allow", "192.0.2.9,2001:db8::1")
    for target in (TARGET, TARGET6):
        expect(scene.once("stamp", target), "ok:")
    plain = measured(scene, lambda it: it["ok"] == 40 and it["latency_us"] < 20_000, "-n", "40", "--interval", "50")
    # Several probes are in flight at a time.
    delayed = measured(
        scene,
        lambda it: it["ok"] == 40 and 60_000 <= it["latency_us"] < 90_000,
        "-p",
        "8621",
        "-n",
        "40",
        "--interval",
        "50",
    )
    # The difference of two random delays up to 40 ms is 13 ms on average.
    wavering = measured(
        scene, lambda it: 5_000 < it["jitter_us"] < 25_000, "-p", "8622", "-n", "100", "--interval", "20"
    )
    print(
        f"  latency {plain['latency_us']} us, delayed by 60 ms {delayed['latency_us']} us, "
        f"jitter up to 40 ms {wavering['jitter_us']} us"
    )
    expect(scene.once("stamp", TARGET, "-p", "8623", "--timeout", "300"), "failed: no reply in 0.3 s")
    expect(scene.once("stamp", TARGET, "-p", "8624", "--timeout", "300"), "failed: no reply")
    expect(scene.once("stamp", TARGET, "-p", "8624", "--source", "192.0.2.9"), "ok:")
    # Each reply arrives while a later probe waits for its own.
    measured(
        scene, lambda it: it["ok"] == 0, "-p", "8621", "-n", "20", "--interval", "20", "--timeout", "50"
    )


def test_icmp(scene):
    for target in (TARGET, TARGET6):
        expect(scene.once("icmp", target), "ok:")
    expect(scene.once("icmp", "192.0.2.77", "--timeout", "300"), "failed: no reply")
    expect(scene.once("icmp", "203.0.113.1"), "failed: Network is unreachable")
    expect(scene.once("icmp", TARGET, "--device", "eth7"), "failed: No such device")
    scene.far.run("nft", "add table inet t; add chain inet t c { type filter hook input priority 0; }")
    scene.far.run("nft", "add rule inet t c icmp type echo-request numgen random mod 100 < 30 drop")
    lossy = scene.probe("icmp", TARGET, "-n", "500", "--interval", "10", "--timeout", "300")
    share = 1 - lossy["ok"] / lossy["sent"]
    scene.far.run("nft", "delete table inet t")
    print(f"  30% dropped by nft: {100 * share:.1f}% of {lossy['sent']} lost")
    assert 0.2 < share < 0.4, lossy["ok"]  # five standard deviations
    command = scene.near.command(
        "setpriv",
        "--reuid",
        "65534",
        "--clear-groups",
        "--bounding-set",
        "-all",
        "--",
        support.BINARY,
        "probe",
        "icmp",
        TARGET,
        "-n",
        "1",
        "--json",
    )
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    expect(done.stdout, '"outcome":"unknown","detail":"')


def test_class_source_and_device(scene):
    for kind, expression in (
        ("icmp", "icmp"),
        ("stamp", "udp port 862"),
        ("tcp", "tcp port 8080"),
        ("dns", "udp port 53"),
    ):
        more = {"tcp": ["-p", "8080"], "dns": ["--query", "example.com"]}.get(kind, [])
        words = scene.seen(
            "eth0", f"{expression} and src host 192.0.2.9", kind, TARGET, "--dscp", "ef", "--source", "192.0.2.9", *more
        )
        expect(words, "tos 0xb8", "192.0.2.9")
    for kind, expression in (("icmp", "icmp6 and ip6[40] == 128"), ("stamp", "udp port 862")):
        expect(scene.seen("eth0", f"ip6 and {expression}", kind, TARGET6, "--dscp", "46"), "class 0xb8")
    expect(
        scene.seen("eth0", "udp src port 862", "stamp", TARGET, "--dscp", "af31"), "tos 0x68"
    )  # the reply has the same class
    for kind, expression in (("icmp", "icmp"), ("stamp", "udp"), ("tcp", "tcp")):
        port = ["-p", "8080"] if kind == "tcp" else []
        expect(
            scene.seen("eth1", f"{expression} and dst host {TARGET}", kind, TARGET, "--device", "eth1", *port),
            "198.51.100.1",
            "1 packet captured",
        )


def test_usage(scene):
    for words, error in (
        (["icpm", TARGET], "did you mean `icmp`?"),
        (["tcp", TARGET], "tcp needs --port"),
        (["icmp", "host"], "`host` is not an address"),
        (["icmp", TARGET, "--dscp", "64"], "is not a DSCP"),
        (["icmp", TARGET, "--source", "::1"], "target's family"),
        (["https", TARGET, "--host", "::1"], "an IPv6 address needs brackets"),
        (["https", TARGET, "--host", ":443"], "is not a host name or an address"),
        (["https", TARGET, "--host", "[]"], "is not an IPv6 address in brackets"),
        (["https", TARGET, "--host", "[]:443"], "is not an IPv6 address in brackets"),
        (["https", TARGET, "--host", "::ffff:192.0.2.1"], "an IPv6 address needs brackets"),
        (["http", TARGET, "--path", "x"], "a path begins with `/`"),
    ):
        found = scene.probe(*words, check=False)
        assert found["exit"] == 2
        expect(found["error"], error)


with netlab.Lab() as lab, tempfile.TemporaryDirectory(prefix="waymark-probe-") as where:
    scene = Scene(lab, where)
    try:
        for test in (test_usage, test_http, test_https, test_dns, test_stamp, test_icmp, test_class_source_and_device):
            print(test.__name__)
            test(scene)
    finally:
        scene.end()
print("probes: all tests passed")
