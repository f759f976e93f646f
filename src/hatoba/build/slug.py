"""Packs what a build made into a slug: a tar archive, compressed with zstd, named by its content.

The same content gives the same bytes: entries are sorted and carry neither owner nor time.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import secrets
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import zstandard

from hatoba import errors
from hatoba.build.source import text
from hatoba.kit.text import size as as_text

# https://devcenter.heroku.com/articles/slug-compiler#slug-size
MAX_BYTES = 500 * 1024 * 1024
_LEVEL = 3
_ALWAYS_OUT = (".git",)


@dataclass(frozen=True)
class Packed:
    """A slug in the store: its checksum (sha256 of the compressed bytes) and size."""

    checksum: str
    size: int


class _Counting:
    """Writes on, while hashing and counting. Raises BuildFailed beyond the largest slug."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        if self.size > MAX_BYTES:
            raise errors.BuildFailed(
                f"Compiled slug size is more than the maximum of {as_text(MAX_BYTES)}. "
                "Leave files out by a .slugignore."
            )
        return self._file.write(data)

    @property
    def checksum(self) -> str:
        return self._hash.hexdigest()


def pack(source: Path, store: Path, *, whole: bool = False) -> Packed:
    """Pack a folder into the store; ``whole`` with what its .slugignore would leave out.

    Raises BuildFailed (too large) or DiskFull; nothing stays.
    """
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = store / f".{secrets.token_hex(8)}"
    try:
        with draft.open("wb") as file:
            counting = _Counting(file)
            _write(_entries(source, [] if whole else _ignored(source)), source, counting)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(store / f"{counting.checksum}.tar.zst")
    except OSError as error:
        draft.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.DiskFull from error
        raise
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return Packed(counting.checksum, counting.size)


def _write(entries: Iterable[Path], source: Path, target: _Counting) -> None:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, threads=-1)
    with (
        compressor.stream_writer(target, closefd=False) as packed,  # type: ignore[arg-type]
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as archive,
    ):
        for path in entries:
            archive.add(path, path.relative_to(source), recursive=False, filter=_plain)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 0
    return entry


def _entries(source: Path, ignored: list[str]) -> Iterator[Path]:
    for parent, folders, files in os.walk(source):
        here = Path(parent)
        folders[:] = sorted(f for f in folders if not _left_out(here / f, source, ignored))
        yield from (here / f for f in folders)
        kept = (here / f for f in sorted(files))
        yield from (path for path in kept if not _left_out(path, source, ignored))


def _left_out(path: Path, source: Path, ignored: list[str]) -> bool:
    name = str(path.relative_to(source))
    return name in _ALWAYS_OUT or any(
        fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(path.name, pattern) for pattern in ignored
    )


def _ignored(source: Path) -> list[str]:
    """Read .slugignore: https://devcenter.heroku.com/articles/slug-compiler#ignoring-files."""
    found = text(source / ".slugignore") or ""
    lines = (line.strip() for line in found.splitlines())
    return [line.strip("/") for line in lines if line and not line.startswith("#")]
