"""A registry zone with few changes is reloaded under load. No query is lost, and the reload needs memory for the
changes, not for a second zone.

The ratio compares the largest resident set during the reload (VmHWM, reset before it) with the resident set before the
reload. An empty server's memory is subtracted from both. The reload adds a hundred delegations, and the answers after
it include them.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from support import BINARY, Waymark, scale, tool, wait_until

DELEGATIONS = scale("DELEGATIONS", 300_000)
PEAK_MAX = 1.3  # times the memory before the reload
CHANGED = 100


def resident(pid, which):
    return int(Path(f"/proc/{pid}/status").read_text().split(which + ":")[1].split()[0])


def serial(server):
    reply = server.ask("tld", "SOA")
    return reply.answer[0][0].serial if reply.answer else None


def main():
    with tempfile.TemporaryDirectory(prefix="waymark-reload-") as directory:
        path, small = Path(directory) / "tld.zone", Path(directory) / "small.zone"
        for file, count in ((path, DELEGATIONS), (small, 1)):
            with open(file, "wb") as out:
                subprocess.run([tool("delegation_zone"), str(count)], stdout=out, stderr=subprocess.DEVNULL, check=True)
        with Waymark(zones={"tld.": small}) as server:
            empty = resident(server.pid, "VmRSS")
        with Waymark(zones={"tld.": path}) as server:
            before = serial(server)
            lines = path.read_text().split("\n")
            soa = next(i for i, line in enumerate(lines) if " SOA " in line)
            lines[soa] = lines[soa].replace(f" {before} ", f" {before + 1} ", 1)
            assert str(before + 1) in lines[soa], lines[soa]
            lines += [f"new-{i}-delegation.tld. 300 IN NS ns{i}.elsewhere.example." for i in range(CHANGED)]
            staged = path.with_suffix(".new")
            staged.write_text("\n".join(lines) + "\n")
            load = subprocess.Popen(
                [
                    BINARY,
                    "bench",
                    "new-1-delegation.tld",
                    "A",
                    f"@{server.address}:{server.port}",
                    "-r",
                    "2000",
                    "-d",
                    "4",
                    "--json",
                ],
                stdout=subprocess.PIPE,
                text=True,
            )
            held = resident(server.pid, "VmRSS")
            Path(f"/proc/{server.pid}/clear_refs").write_text("5")
            os.rename(staged, path)
            server.hangup()
            wait_until(lambda: serial(server) == before + 1, 60, "the server returns the new serial", server.process)
            peak = resident(server.pid, "VmHWM")
            result = json.loads(load.communicate(timeout=60)[0])
            ratio = (peak - empty) / (held - empty)
            print(
                f"{DELEGATIONS} delegations: {held >> 10} MiB before, {peak >> 10} MiB at most, "
                f"ratio {ratio:.2f} without the empty server's {empty >> 10}; {result['sent']} asked, "
                f"{result['lost']} lost, slowest {result['latency_ns']['max'] / 1e6:.1f} ms"
            )
            assert result["lost"] == 0 and result["unexpected"] == 0, result
            assert result["rcodes"].get("NOERROR", 0) > 0 and result["rcodes"].get("NXDOMAIN", 0) > 0, result
            assert server.ask(f"www.new-{CHANGED - 1}-delegation.tld", "A").authorities == 1
            assert ratio <= PEAK_MAX, "the reload takes too much memory"


if __name__ == "__main__":
    sys.exit(main())
