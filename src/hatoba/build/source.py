"""Unpacks a source archive, and reads single files of it, without being led outside.

The archive is somebody's upload and the daemon may be root: nothing in it is trusted.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from hatoba import errors
from hatoba.kit.archive import extract

# A Procfile or a list of names is never longer.
_MAX_TEXT = 1024 * 1024


def unpack(archive: Path, target: Path) -> None:
    """Unpack a tar archive, compressed or not. Raises BuildFailed for one not to be trusted."""
    try:
        with tarfile.open(archive, mode="r:*") as opened:
            # A hard link could name a file of the machine, whose owner would be changed too.
            extract(opened, target)
    except tarfile.TarError as error:
        raise errors.BuildFailed(f"The source archive can't be unpacked: {error}.") from error


def text(path: Path) -> str | None:
    """Return a text file of the app, or None when there is none.

    Raises BuildFailed for a symbolic link: what it names would be read with the daemon's rights.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise errors.BuildFailed(f"{path.name} must be a file of its own, not a link.") from error
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_MAX_TEXT).decode(errors="replace")
