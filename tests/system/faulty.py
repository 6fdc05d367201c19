"""A server whose calls fail or hang as the test says: fault_preload.cpp in its process.

    faults = Faults(directory)
    server = Waymark(..., env=faults.env)
    with faults.failing("thread", nth=1): ...      # its next start of a thread fails
    with faults.hanging(): ...                     # its disk does not answer
    with faults.hanging("configurations"): ...     # the file system of its configuration does not
"""
import contextlib
import mmap
import struct
from pathlib import Path

from support import skip, tool

KINDS = ("none", "allocation", "thread", "open", "write", "sync", "socket")
FOREVER = 1 << 40
SEEN, HANG = 24, 24 + 8 * len(KINDS)
SIZE = HANG + 8


class Faults:
    def __init__(self, directory):
        library = tool("libfault_preload.so")
        if not library.exists():
            skip("fault_preload is not built")
        self.path = Path(directory) / "faults"
        self.path.write_bytes(bytes(4096))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 4096)
        self.env = {"LD_PRELOAD": str(library), "WAYMARK_FAULTS": str(self.path)}

    def arm(self, kind, nth, count=1):
        """The nth call of this kind from now fails, and the count - 1 that follow."""
        self.map[8:24] = struct.pack("=qq", nth, count)
        self.map[0:4] = struct.pack("=I", KINDS.index(kind))

    def disarm(self):
        self.map[0:4] = struct.pack("=I", 0)

    def reached(self):
        """Whether the armed call was made."""
        return struct.unpack("=q", self.map[8:16])[0] <= 0

    def seen(self, kind):
        at = SEEN + 8 * KINDS.index(kind)
        return struct.unpack("=Q", self.map[at : at + 8])[0]

    @contextlib.contextmanager
    def failing(self, kind, nth=1, count=1):
        self.arm(kind, nth, count)
        try:
            yield
        finally:
            self.disarm()

    def hung(self):
        """The calls that hang or hung."""
        return struct.unpack("=I", self.map[HANG + 4 : HANG + 8])[0]

    @contextlib.contextmanager
    def hanging(self, what="syncs"):
        """`what`: "syncs", or "configurations" while they are opened."""
        self.map[HANG : HANG + 4] = struct.pack("=I", 1 if what == "syncs" else 2)
        try:
            yield
        finally:
            self.map[HANG : HANG + 4] = struct.pack("=I", 0)
