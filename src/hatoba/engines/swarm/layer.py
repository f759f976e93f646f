"""Writes a slug as the layer of an image: its files at /app, of the dyno's user."""

from __future__ import annotations

import errno
import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import zstandard

from hatoba import errors
from hatoba.engines.launch import HOME, passwd_line
from hatoba.kit.archive import inside

_ROOT = HOME.strip("/")


class _Hashing:
    """Writes on while hashing."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return self._file.write(data)

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def write(slug: Path | None, user: int, target: Path) -> str:
    """Write the layer to ``target`` and return its digest. The same slug gives the same layer.

    Raises DiskFull, or Unavailable when the slug is damaged; the target is gone then.
    """
    try:
        with target.open("wb") as file:
            hashing = _Hashing(file)
            with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT) as layer:  # type: ignore[call-overload]
                _begin(layer, user)
                if slug is not None:
                    _copy(slug, user, layer)
    except OSError as error:
        target.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.DiskFull(
                "No space is left on the platform's disk to start a dyno. Free some space."
            ) from error
        raise errors.Unavailable(f"The slug's image could not be made: {error}.") from error
    except (tarfile.TarError, zstandard.ZstdError) as error:
        target.unlink(missing_ok=True)
        raise errors.Unavailable(
            f"The slug is damaged ({error}). Deploy again to build a new one."
        ) from error
    return hashing.digest


def _begin(layer: tarfile.TarFile, user: int) -> None:
    home = tarfile.TarInfo(_ROOT)
    home.type, home.mode, home.uid, home.gid = tarfile.DIRTYPE, 0o700, user, user
    layer.addfile(home)
    known = passwd_line(user).encode()
    passwd = tarfile.TarInfo("etc/passwd")
    passwd.size, passwd.mode = len(known), 0o644
    layer.addfile(passwd, io.BytesIO(known))


def _copy(slug: Path, user: int, layer: tarfile.TarFile) -> None:
    with (
        slug.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        for member, content in _members(archive):
            member.uid = member.gid = user
            member.uname = member.gname = ""
            member.pax_headers = {}
            member.mode &= 0o755
            layer.addfile(member, content)


def _members(archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, IO[bytes] | None]]:
    """Give the slug's entries under their new names. Raises tarfile.TarError for odd ones."""
    for member in archive:
        path = inside(member.name)
        if not path:
            continue
        if not (member.isfile() or member.isdir() or member.issym() or member.islnk()):
            raise tarfile.TarError(f"{member.name!r} is neither a file nor a folder nor a link")
        member.name = "/".join((_ROOT, *path))
        if member.islnk():
            member.linkname = "/".join((_ROOT, *inside(member.linkname)))
        yield member, archive.extractfile(member) if member.isfile() else None
