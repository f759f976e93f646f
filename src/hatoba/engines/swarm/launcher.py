"""What starts a dyno inside an image that may have no shell of its own.

This machine's own bash, setsid and setpriv are mounted into the container, with the loader and
the libraries that they need, and run by that loader: nothing of the image is needed for it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hatoba import errors
from hatoba.kit import process

FOLDER = "/run/hatoba-launcher"
_SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"
_PROGRAMS = ("bash", "setsid", "setpriv")


@dataclass(frozen=True)
class Launcher:
    """``files`` are what is mounted, by name; ``loader`` is the name of the one that runs them."""

    files: Mapping[str, Path]
    loader: str

    @property
    def mounts(self) -> dict[str, Path]:
        """The files of the machine by their path inside."""
        return {f"{FOLDER}/{name}": path for name, path in self.files.items()}

    def program(self, name: str) -> list[str]:
        """Return the words by which a program is started inside."""
        return [f"{FOLDER}/{self.loader}", "--library-path", FOLDER, f"{FOLDER}/{name}"]

    @property
    def shell(self) -> list[str]:
        """The same for bash; nothing in the environment has its way with it."""
        return [*self.program("bash"), "-p"]


async def find() -> Launcher:
    """Look at this machine's programs. Raises Unavailable when they can't be used."""
    files: dict[str, Path] = {}
    loader = None
    for name in _PROGRAMS:
        path = shutil.which(name, path=_SYSTEM)
        if path is None:
            raise errors.Unavailable(f"Images can't be run: {name} is missing on this machine.")
        files[name] = Path(path)
        listed = (await process.check(["ldd", path])).decode()
        for line in listed.splitlines():
            found = _needed(line)
            if found is not None:
                files[found.name] = found
                if found.name.startswith("ld-"):
                    loader = found.name
    if loader is None:
        raise errors.Unavailable("Images can't be run: this machine's bash has no loader.")
    return Launcher(files, loader)


def _needed(line: str) -> Path | None:
    """Read ``libc.so.6 => /lib/libc.so.6 (0x…)`` or ``/lib64/ld-linux.so.2 (0x…)``."""
    paths = [word for word in line.split() if word.startswith("/")]
    return Path(paths[-1]) if paths else None
