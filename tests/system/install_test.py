"""`cmake --install` installs all files of Waymark under a prefix, and the installed binary serves the installed
zones.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import support

BUILD = Path(support.BINARY).resolve().parents[1]
EXAMPLES = support.SOURCE / "zones-example"
INSTALLED = {
    "bin/waymark",
    "share/man/man1/waymark.1",
    "share/man/man5/waymark.toml.5",
    "share/bash-completion/completions/waymark",
    "share/zsh/site-functions/_waymark",
    "share/fish/vendor_completions.d/waymark.fish",
} | {f"share/doc/waymark/zones-example/{path.relative_to(EXAMPLES)}" for path in EXAMPLES.rglob("*") if path.is_file()}


def install(prefix):
    done = subprocess.run(
        [support.need("cmake"), "--install", str(BUILD), "--prefix", str(prefix)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def check_files(prefix):
    found = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file()}
    assert found == INSTALLED, f"missing {sorted(INSTALLED - found)}, unexpected {sorted(found - INSTALLED)}"
    empty = [path for path in sorted(found) if (prefix / path).stat().st_size == 0]
    assert not empty, empty
    print(f"{len(found)} files are installed")


def check_completions(prefix):
    for shell, path in (
        ("bash", "share/bash-completion/completions/waymark"),
        ("zsh", "share/zsh/site-functions/_waymark"),
        ("fish", "share/fish/vendor_completions.d/waymark.fish"),
    ):
        code, text, _ = support.run("completion", shell)
        assert code == 0 and (prefix / path).read_text() == text, path
    print("the installed completions equal the binary's output")


def check_served(prefix):
    support.BINARY = str(prefix / "bin/waymark")
    with support.Waymark(str(prefix / "share/doc/waymark/zones-example")) as server:
        reply = server.ask("www.example.com", "A")
        assert reply.rcode == support.NOERROR and reply.has(support.AA), reply.octets.hex()
    print("the installed binary serves the installed zones")


def main():
    with tempfile.TemporaryDirectory(prefix="waymark-install-") as folder:
        prefix = Path(folder)
        install(prefix)
        check_files(prefix)
        check_completions(prefix)
        check_served(prefix)
    return 0


if __name__ == "__main__":
    sys.exit(main())
