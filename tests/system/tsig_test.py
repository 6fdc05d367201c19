"""Signed requests (TSIG, RFC 8945) with dig, kdig, nsupdate, knsupdate and `waymark query`: right and wrong secrets,
other algorithms, clocks that differ, replies that do not fit, and access rules by key. A reload replaces keys. No
output has a secret.
"""
import base64
import hashlib
import hmac
import json
import random
import struct
import subprocess
import tempfile
import time
from pathlib import Path

from support import FORMERR, NOERROR, NOTAUTH, Waymark, need, query, run, seed, tcp, udp, wire_name

ALGORITHMS = ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"]
SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
OTHER_SECRET = base64.b64encode(b"another secret of thirty-two oct").decode()
BADSIG, BADKEY, BADTIME, BADTRUNC = 16, 17, 18, 22

ZONE = "@ 300 SOA ns a 1 3600 600 86400 300\n@ 300 NS ns\nns 300 A 192.0.2.53\nwww 300 A 192.0.2.80\n" + "".join(
    f'big 300 TXT "{i:03}{"x" * 200}"\n' for i in range(20)
)


def configure(path, secret=SECRET, extra=""):
    (path / "example.com.zone").write_text(ZONE)
    (path / "closed.example.zone").write_text(ZONE)
    key_file = path / "file.key"
    key_file.write_text(secret + "\n")
    key_file.chmod(0o600)
    keys = "".join(
        f'[key."{name}.example"]\nalgorithm = "{name}"\nsecret = "{secret}"\nallow-weak = true\n' for name in ALGORITHMS
    )
    (path / "waymark.toml").write_text(
        f"""[server]
zones = ["example.com.zone", "closed.example.zone"]
control = "control.sock"
{keys}
[key."file.example"]
secret-file = "file.key"
[remote.local]
addresses = "127.0.0.1"
key = "file.example"
[acl.by-key]
remotes = "local"
operations = ["query", "transfer"]
[[zone]]
name = "closed.example"
acl = "by-key"
{extra}"""
    )


def command(*words, text=None):
    return subprocess.run(list(map(str, words)), input=text, capture_output=True, text=True, timeout=30)


def here(server):
    return [f"@{server.address}", "-p", server.port]


def test_dig_and_kdig(server, dig, kdig):
    for program, once in ((dig, "+tries=1"), (kdig, "+retry=0")):
        switches = [once, "+timeout=5", "+norec"]
        for name in ALGORITHMS:
            for transport in ("+notcp", "+tcp"):
                for rrtype, owner in (("A", "www.example.com"), ("TXT", "big.example.com"), ("AXFR", "example.com")):
                    if rrtype == "AXFR" and (program == kdig or transport == "+notcp"):
                        continue
                    done = command(
                        program,
                        *here(server),
                        "-y",
                        f"{name}:{name}.example:{SECRET}",
                        owner,
                        rrtype,
                        transport,
                        *switches,
                    )
                    what = (program, name, transport, rrtype, done.stdout, done.stderr)
                    output = done.stdout + done.stderr
                    assert "verif" not in output and "WARNING" not in output and "ERROR:" not in output, what
                    assert rrtype == "AXFR" or "status: NOERROR" in done.stdout, what
        wrong = command(
            program, *here(server), "-y", f"hmac-sha256:hmac-sha256.example:{OTHER_SECRET}", "www.example.com",
            *switches,
        )
        assert "NOTAUTH" in wrong.stdout or "BADSIG" in wrong.stdout + wrong.stderr, wrong
        unknown = command(
            program, *here(server), "-y", f"hmac-sha256:nobody.example:{SECRET}", "www.example.com", *switches
        )
        assert "BADKEY" in unknown.stdout + unknown.stderr or "NOTAUTH" in unknown.stdout, unknown


def test_updates(server, *programs):
    """There is no handler of UPDATE yet: the reply is NOTIMP, and it is signed, so that the clients take it."""
    commands = "server {} {}\nzone example.com\nupdate add x.example.com 60 A 192.0.2.1\nsend\n"
    for program in programs:
        done = command(
            program, "-y", f"hmac-sha256:hmac-sha256.example:{SECRET}",
            text=commands.format(server.address, server.port),
        )
        assert "NOTIMP" in (done.stdout + done.stderr).replace("NOTIMPL", "NOTIMP"), done
        assert "TSIG" not in done.stderr and "tsig" not in done.stderr, done


def test_query(server, path):
    key = f"file.example:{path / 'file.key'}"
    code, out, err = run("query", "www.closed.example", *here(server), "--key", key)
    assert code == 0 and "192.0.2.80" in out and "signed with file.example." in out, (code, out, err)
    assert run("query", "www.closed.example", *here(server), "+short")[0] == 4
    assert run("query", "big.closed.example", "TXT", *here(server), "--key", key, "+short")[1].count("\n") == 20
    code, out, err = run("query", "www.closed.example", *here(server), "-y", f"file.example:{OTHER_SECRET}")
    assert code == 1 and "BADSIG" in err and OTHER_SECRET not in out + err, (code, out, err)
    code, out, err = run("query", "www.example.com", *here(server), "-y", f"hmac-sha512:file.example:{SECRET}")
    assert code == 1 and "BADKEY" in err, (code, out, err)
    for wrong in ("file.example", "hmac-sha265:file.example:eA==", f"a..b:{SECRET}", "file.example:not!base64"):
        code, out, err = run("query", "www.example.com", *here(server), "-y", wrong)
        assert code == 2 and "not!base64" not in err, (wrong, code, out, err)
    (path / "file.key").chmod(0o644)
    code, out, err = run("query", "www.closed.example", *here(server), "--key", key)
    assert code == 2 and "other users" in err, (code, out, err)
    (path / "file.key").chmod(0o600)


def signed(message, key, secret, digest=hashlib.sha256, when=None, fudge=300, mac_size=None):
    """A request with a TSIG record, made by hand."""
    algorithm = wire_name({hashlib.sha256: "hmac-sha256", hashlib.sha512: "hmac-sha512"}[digest] + ".")
    timers = struct.pack(">HIH", 0, int(time.time()) if when is None else when, fudge)
    variables = wire_name(key.lower()) + struct.pack(">HI", 255, 0) + algorithm + timers + struct.pack(">HH", 0, 0)
    mac = hmac.new(base64.b64decode(secret), message + variables, digest).digest()[:mac_size]
    rdata = algorithm + timers + struct.pack(">H", len(mac)) + mac + message[:2] + struct.pack(">HH", 0, 0)
    record = wire_name(key) + struct.pack(">HHIH", 250, 255, 0, len(rdata)) + rdata
    return message[:10] + struct.pack(">H", struct.unpack(">H", message[10:12])[0] + 1) + message[12:] + record


def tsig_of(reply):
    """The error of the TSIG record of a reply."""
    if reply[-2:] == b"\0\0":
        return struct.unpack(">H", reply[-4:-2])[0]
    assert reply[-8:-6] == b"\0\6", reply  # the time of the server
    return struct.unpack(">H", reply[-10:-8])[0]


def test_by_hand(server):
    def ask(over, message):
        reply = over(server.address, server.port, message)
        assert reply is not None
        return reply

    plain = query("www.example.com", ident=7)
    now = int(time.time())
    rows = [
        (signed(plain, "file.example.", SECRET), NOERROR, 0),
        (signed(plain, "FILE.Example.", SECRET, when=now - 250), NOERROR, 0),
        (signed(plain, "file.example.", SECRET, when=now - 400, fudge=1000), NOTAUTH, BADTIME),
        (signed(plain, "file.example.", SECRET, when=now + 400), NOTAUTH, BADTIME),
        (signed(plain, "file.example.", OTHER_SECRET), NOTAUTH, BADSIG),
        (signed(plain, "nobody.example.", SECRET), NOTAUTH, BADKEY),
        (signed(plain, "file.example.", SECRET, digest=hashlib.sha512), NOTAUTH, BADKEY),
        (signed(plain, "file.example.", SECRET, mac_size=16), NOTAUTH, BADTRUNC),
        (signed(plain, "file.example.", SECRET, mac_size=15), FORMERR, None),
        (signed(plain, "file.example.", SECRET) + b"\0", FORMERR, None),
    ]
    for over in (udp, tcp):
        for message, rcode, error in rows:
            reply = ask(over, message)
            assert reply[3] & 15 == rcode, (over, rcode, error, reply)
            if error is not None:
                assert tsig_of(reply) == error, (over, error, reply)
    rng = random.Random(seed())
    rdata = len(plain) + len(wire_name("file.example.")) + 10 + len(wire_name("hmac-sha256."))
    for _ in range(500):  # one bit of the question or of the signature differs
        message = bytearray(rows[0][0])
        at = rng.choice([rng.randrange(13, len(plain) - 5), rng.randrange(rdata, len(message))])
        message[at] ^= 1 << rng.randrange(8)
        reply = udp(server.address, server.port, bytes(message), timeout=0.5, tries=2)
        assert reply is not None and reply[3] & 15 in (FORMERR, NOTAUTH), (at, reply)


def test_reload(server, path):
    def ask(secret):
        return run("query", "www.closed.example", *here(server), "-y", f"file.example:{secret}", "+short")[0]

    assert (ask(SECRET), ask(OTHER_SECRET)) == (0, 1)
    configure(path, OTHER_SECRET)
    assert run("reload", "--socket", path / "control.sock")[0] == 0
    assert (ask(SECRET), ask(OTHER_SECRET)) == (1, 0)
    (path / "file.key").chmod(0o640)
    code, out, err = run("reload", "--socket", path / "control.sock")
    assert code != 0 and "C405" in out + err, (code, out, err)
    assert ask(OTHER_SECRET) == 0, "the running keys stay"
    code, out, _ = run("status", "--socket", path / "control.sock", "--json")
    counters = json.loads(out)["server"]["counters"]
    assert counters["signed"] > 20 and counters["wrongly_signed"] > 10, counters


def main():
    dig, kdig, nsupdate, knsupdate = need("dig", "kdig", "nsupdate", "knsupdate")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory)
        configure(path)
        with Waymark("-c", path / "waymark.toml") as server:
            test_dig_and_kdig(server, dig, kdig)
            test_updates(server, nsupdate, knsupdate)
            test_query(server, path)
            test_by_hand(server)
            test_reload(server, path)
            log = server.process.output()
            for secret in (SECRET, OTHER_SECRET):
                assert secret not in log


if __name__ == "__main__":
    main()
