"""Source archives: fetched from a URL, checked, moved to where they are kept."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from pathlib import Path

import urllib3

from hatoba import errors

# Twice the limit of a slug (https://devcenter.heroku.com/articles/limits#slug-size).
MAX_BYTES = 1024 * 1024 * 1024
_PIECE = 1024 * 1024
_REDIRECTS = urllib3.Retry(0, redirect=5)
_TIMEOUT = urllib3.Timeout(connect=10, read=60)


def check_url(url: str) -> None:
    """Raise InvalidParams for what can't be fetched."""
    if not url.lower().startswith(("http://", "https://")):
        raise errors.InvalidParams("source_blob.url is invalid: it must be a http or https URL.")


async def fetch(url: str, target: Path) -> None:
    """Put what a http or https URL gives into a new file.

    Raises InvalidParams when it gives nothing, TooLarge and DiskFull; no file is left then.
    """
    try:
        await asyncio.to_thread(_download, url, target)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        target.unlink(missing_ok=True)
        raise errors.InvalidParams(f"The source could not be fetched: {_why(error)}.") from error
    except OSError as error:
        target.unlink(missing_ok=True)
        raise errors.DiskFull from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _why(error: Exception) -> str:
    """Say what went wrong without the URL, which may be its own credential."""
    reason = getattr(error, "reason", None) or error
    return type(reason).__name__


def check_size(size: int) -> None:
    """Raise TooLarge for an archive of more bytes than a source may have."""
    if size > MAX_BYTES:
        raise errors.TooLarge("A source archive can't exceed 1 GB.")


def _download(url: str, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    with (
        urllib3.PoolManager(timeout=_TIMEOUT) as pool,
        pool.request("GET", url, preload_content=False, retries=_REDIRECTS) as answer,
        target.open("xb") as file,
    ):
        if answer.status != 200:
            raise errors.InvalidParams(f"The source's URL answers {answer.status}.")
        for piece in answer.stream(_PIECE):
            size += len(piece)
            check_size(size)
            file.write(piece)


async def check(path: Path, wanted: str | None) -> None:
    """Raise InvalidParams unless the archive has that checksum (``SHA256:…``), if one is given."""
    problem = await asyncio.to_thread(_problem, path, wanted) if wanted else None
    if problem:
        raise errors.InvalidParams(problem)


def move(source: Path, kept: Path) -> None:
    """Move an archive to where it is kept, for good. Raises DiskFull. Blocks."""
    try:
        shutil.move(source, kept)
        with kept.open("rb") as file:
            os.fsync(file.fileno())
    except OSError as error:
        kept.unlink(missing_ok=True)
        raise errors.DiskFull from error


def _problem(path: Path, wanted: str) -> str | None:
    kind, _, digest = wanted.partition(":")
    if kind.upper() != "SHA256" or len(digest) != 64:
        return "A checksum must be of the form SHA256:HEX."
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != digest.lower():
        return f"The source's checksum is SHA256:{actual}, not the one that was given."
    return None
