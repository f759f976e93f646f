"""Unpacks a slug into a dyno's folder."""

from __future__ import annotations

import errno
import os
import shutil
import tarfile
from pathlib import Path

import zstandard

from hatoba import errors
from hatoba.kit.archive import extract


def unpack(slug: Path | None, folder: Path, user: int | None) -> None:
    """Make ``folder/app`` (from the slug) and ``folder/tmp``, owned by the dyno's user.

    Raises DiskFull or Unavailable, with the folder gone.
    """
    try:
        # A start that was broken off may have left something.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o711)
        for name in ("app", "tmp"):
            (folder / name).mkdir(mode=0o700)
        if slug is not None:
            _extract(slug, folder / "app", user)
        if user is not None:
            for name in ("app", "tmp"):
                os.chown(folder / name, user, user)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.DiskFull(
                "No space is left on the platform's disk to start a dyno. Free some space."
            ) from error
        raise errors.Unavailable(f"The dyno's folder could not be made: {error}.") from error
    except (tarfile.TarError, zstandard.ZstdError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise errors.Unavailable(
            f"The slug is damaged ({error}). Deploy again to build a new one."
        ) from error


def _extract(slug: Path, target: Path, user: int | None) -> None:
    with (
        slug.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        # Links may point outside, as a virtual environment's python does: the sandbox decides
        # what they reach.
        extract(archive, target, hard_links=True, owner=user)
