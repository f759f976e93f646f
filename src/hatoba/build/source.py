"""Unpacks a source archive, and reads single files of it, without being led outside.

The archive is somebody's upload and the daemon may be root: nothing in it is trusted.
"""

from __future__ import annotations

import gzip
import lzma
import os
import tarfile
import zlib
from pathlib import Path

from hatoba import errors
from hatoba.kit.archive import extract
from hatoba.kit.text import size

# A Procfile or a list of names is never longer.
_MAX_TEXT = 1024 * 1024


def unpack(archive: Path, target: Path) -> None:
    """Unpack a tar archive, compressed or not. Raises BuildFailed for one not to be trusted.

    The one folder that archives of code hosts have around everything is left out.
    """
    try:
        with tarfile.open(archive, mode="r:*") as opened:
            # A hard link could name a file of the machine, whose owner would be changed too.
            extract(opened, target)
    except BROKEN as error:
        raise unusable(error) from error
    there = list(target.iterdir())
    if len(there) == 1 and there[0].is_dir() and not there[0].is_symlink():
        _lift(there[0], target)


def _lift(wrapper: Path, target: Path) -> None:
    """Put what is in a folder in its place; one inside may have the folder's own name."""
    wrapper.chmod(0o755)
    moved = wrapper.rename(target / ".hatoba-wrapper")
    for path in moved.iterdir():
        path.rename(target / path.name)
    moved.rmdir()


def read(archive: Path, name: str, most: int) -> bytes | None:
    """Return a file at the root of a source archive, cut at so many bytes; None without one.

    Raises BuildFailed when the archive can't be read to its end. Blocks: call it in a thread.
    """
    found: dict[str, bytes] = {}
    roots: set[str] = set()
    try:
        with tarfile.open(archive, mode="r:*") as opened:
            for member in opened:
                parts = [part for part in member.name.split("/") if part not in ("", ".")]
                roots.update(parts[:1])
                if not member.isfile() or parts[-1:] != [name] or len(parts) > 2:
                    continue
                content = opened.extractfile(member)
                found["/".join(parts)] = content.read(most) if content else b""
    except BROKEN as error:
        raise unusable(error) from error
    wrapped = f"{next(iter(roots))}/{name}" if len(roots) == 1 else name
    return found.get(name, found.get(wrapped))


# What reading a damaged archive raises.
BROKEN = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


def unusable(error: Exception) -> errors.BuildFailed:
    """Return what to raise for one of them."""
    return errors.BuildFailed(f"The source archive can't be unpacked: {error}.")


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


def read_text(archive: Path, name: str, most: int) -> str | None:
    """Return a text at the root of a source archive, None without one. Blocks, as ``read`` does.

    Raises BuildFailed when it is longer than so many bytes, or no text.
    """
    raw = read(archive, name, most + 1)
    if raw is None:
        return None
    if len(raw) > most:
        raise errors.BuildFailed(f"{name} is larger than {size(most)}.")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise errors.BuildFailed(f"{name} is not a text in UTF-8.") from error
