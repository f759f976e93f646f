"""Slugs as Heroku has them: tar archives, compressed by gzip, with everything below ``./app``.

https://devcenter.heroku.com/articles/platform-api-deploying-slugs
"""

from __future__ import annotations

import errno
import gzip
import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import zstandard

from hatoba import errors
from hatoba.build import slug
from hatoba.build.slug import Packed
from hatoba.kit.archive import extract, inside
from hatoba.kit.text import size as as_text

_ROOT = "app"
# A slug may grow to some times its size; an archive made to fill the disk grows a thousandfold.
MAX_UNPACKED = 4 * 1024 * 1024 * 1024
MAX_ENTRIES = 500_000
_PIECE = 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE
_GZIP = zlib.MAX_WBITS | 16
_BROKEN = (tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


def take(archive: Path, store: Path) -> Packed:
    """Make a slug in the store of an archive as Heroku has it. Blocks: call it in a thread.

    Raises InvalidParams for what is none, TooLarge and DiskFull; nothing stays then.
    """
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(dir=store, prefix=".", ignore_cleanup_errors=True) as folder:
        try:
            with tarfile.open(archive, mode="r:*") as opened:
                _check(opened)
            with tarfile.open(archive, mode="r:*") as opened:
                extract(opened, Path(folder), hard_links=True)
            return slug.pack(Path(folder) / _ROOT, store, whole=True)
        except _BROKEN as error:
            raise errors.InvalidParams(f"The slug can't be unpacked: {error}.") from error
        except errors.BuildFailed as error:
            raise errors.TooLarge(error.message) from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise errors.DiskFull from error
            raise errors.InvalidParams(f"The slug can't be unpacked: {error}.") from error


def _check(opened: tarfile.TarFile) -> None:
    """Look at all names and sizes before anything is written."""
    total = 0
    for count, member in enumerate(opened, start=1):
        parts = inside(member.name)
        if parts and (parts[0] != _ROOT or (len(parts) == 1 and not member.isdir())):
            raise errors.InvalidParams(
                f"Everything in a slug lies below ./{_ROOT}, and {member.name!r} does not. "
                f"Put the app into a folder of that name: tar czf slug.tgz ./{_ROOT}"
            )
        total += member.size
        if count > MAX_ENTRIES:
            raise errors.TooLarge(f"A slug may have {MAX_ENTRIES:,} files at the most.")
        if total > MAX_UNPACKED:
            raise errors.TooLarge(f"A slug may unpack to {as_text(MAX_UNPACKED)} at the most.")
    if total == 0:
        raise errors.InvalidParams("There is no file in the slug.")


def give(slug_archive: Path) -> Iterator[bytes]:
    """Yield a slug of the store as Heroku has it, piece by piece. Blocks: iterate in a thread."""
    packer = zlib.compressobj(level=1, wbits=_GZIP)
    for piece in _tar(slug_archive):
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()


def _tar(slug_archive: Path) -> Iterator[bytes]:
    with (
        slug_archive.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as plain,
        tarfile.open(fileobj=plain, mode="r|") as opened,
    ):
        for member in opened:
            member.name = f"./{_ROOT}/{member.name}"
            if member.islnk():
                member.linkname = f"./{_ROOT}/{member.linkname}"
            yield member.tobuf(tarfile.GNU_FORMAT)
            content = opened.extractfile(member) if member.isreg() else None
            while content is not None and (data := content.read(_PIECE)):
                yield data
            yield bytes(-member.size % _BLOCK if content is not None else 0)
    yield bytes(2 * _BLOCK)
