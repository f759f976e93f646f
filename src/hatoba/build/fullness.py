"""Tells a build that failed for want of disk space from one that failed by itself."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from hatoba import errors
from hatoba.build.base import Emit

ADVICE = (
    "No space is left on the platform's disk for this build. Nothing of it was kept, and the "
    "app's build cache was emptied. Free some space, then push again."
)
# What the C library says for ENOSPC and EDQUOT, and so every program that reports them.
_WORDS = tuple(os.strerror(number).encode() for number in (errno.ENOSPC, errno.EDQUOT))
_OVERLAP = max(map(len, _WORDS)) - 1
# With less than this free the disk counts as full: programs write by the block and more.
_NOTHING_BYTES = 256 * 1024


class Fullness:
    """Watches one build: what its programs print, and the disk below ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said = False
        self._last = b""

    def watching(self, emit: Emit) -> Emit:
        """Return what gives output on and notes a program's complaint of a full disk."""

        def watch(data: bytes) -> None:
            text = self._last + data
            self._said = self._said or any(words in text for words in _WORDS)
            self._last = text[-_OVERLAP:]
            emit(data)

        return watch

    def explains(self, error: BaseException) -> bool:
        """Tell whether a full disk is why the build failed."""
        if isinstance(error, errors.DiskFull):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        return self._said or _names_it(error) or self._nothing_left()

    def _nothing_left(self) -> bool:
        try:
            found = os.statvfs(self._folder)
        except OSError:
            return False
        return found.f_bavail * found.f_frsize < _NOTHING_BYTES


def _names_it(error: BaseException) -> bool:
    """A failed copy of a tree lists what went wrong in words only."""
    return isinstance(error, shutil.Error | errors.BuildFailed) and any(
        words.decode() in str(error) for words in _WORDS
    )
