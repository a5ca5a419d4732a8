"""Small file systems, to be filled for real."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from servers.tools import need


class SmallDisk:
    """A file system of a few megabytes in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def fill(self) -> None:
        """Leave not a byte free."""
        with (self.path / "ballast").open("wb") as file:
            while free := self._free():
                os.posix_fallocate(file.fileno(), file.tell(), free)
                file.seek(0, os.SEEK_END)

    def free(self) -> None:
        (self.path / "ballast").unlink()

    def _free(self) -> int:
        told = os.statvfs(self.path)
        return told.f_bavail * told.f_frsize


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mount one; needs root, or sudo that asks for nothing."""
    before = [] if os.geteuid() == 0 else ["sudo", "-n"]
    path = Path(tempfile.mkdtemp(prefix="estate-disk-", dir="/tmp"))
    options = f"size={megabytes}m,mode=0711,uid={os.geteuid()}"
    command = [*before, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    try:
        mounted = shutil.which(command[0]) and subprocess.run(command, check=False, capture_output=True).returncode == 0
        need(present=mounted, what="the right to mount a small file system (root, or sudo without a password)")
        yield SmallDisk(path)
        subprocess.run([*before, "umount", str(path)], check=True)
    finally:
        subprocess.run([*before, "umount", "-l", str(path)], check=False, capture_output=True)
        path.rmdir()
