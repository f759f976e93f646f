"""Unpacks tar archives that nobody vouches for: nothing is written outside of the target.

The standard library's own filters are missing from Python 3.11.0 to 3.11.3, Debian 12's among
them. What comes out is plain: files, folders, symbolic links and, if allowed, hard links
between the archive's own files; without owners, special bits, and write bits for others.
"""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_PIECE = 1024 * 1024


class UntrustedMember(tarfile.TarError):
    """A member could reach outside of the target, or is no file, folder or link."""


def extract(
    archive: tarfile.TarFile, target: Path, *, hard_links: bool = False, owner: int | None = None
) -> None:
    """Unpack into an existing folder that nobody else writes to meanwhile.

    Symbolic links are made as they are, wherever they point, but nothing is written through
    one. What comes out belongs to the user ``owner`` (and the group of the same number), if one
    is named. Raises tarfile.TarError, of which UntrustedMember is one, and OSError.
    """
    made = _Made(target, owner)
    for member in archive:
        parts = inside(member.name)
        if not parts:
            continue
        if member.isdir():
            made.folder(parts, member.mode)
        elif member.isfile():
            made.file(parts, member, archive)
        elif member.issym():
            made.link(parts, member.linkname)
        elif member.islnk() and hard_links:
            made.hard_link(parts, inside(member.linkname))
        else:
            raise UntrustedMember(f"{member.name!r} is neither a file nor a folder nor a link")
    made.finish()


def inside(name: str) -> tuple[str, ...]:
    """Return a member's path in parts. Raises UntrustedMember when it leads out of the archive."""
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in parts or "\0" in name:
        raise UntrustedMember(f"{name!r} lies outside of the archive")
    return parts


class _Made:
    """What has come out so far: only folders that were made here are written into.

    There may be tens of thousands of files, so each costs as few system calls as it can.
    """

    def __init__(self, target: Path, owner: int | None) -> None:
        self._target = str(target)
        self._owner = owner
        self._folders: dict[tuple[str, ...], int] = {(): 0}

    def folder(self, parts: tuple[str, ...], mode: int) -> None:
        if parts not in self._folders:
            self._anew(parts, lambda path: Path(path).mkdir(0o700))
        self._folders[parts] = mode & 0o755

    def file(
        self, parts: tuple[str, ...], member: tarfile.TarInfo, archive: tarfile.TarFile
    ) -> None:
        mode = member.mode & 0o755
        file = self._anew(parts, lambda path: os.open(path, _NEW_FILE, mode))
        try:
            content = archive.extractfile(member)
            while content is not None and (data := content.read(_PIECE)):
                _write(file, data)
            if self._owner is not None:
                os.fchown(file, self._owner, self._owner)
            os.utime(file, (member.mtime, member.mtime))
        finally:
            os.close(file)

    def link(self, parts: tuple[str, ...], destination: str) -> None:
        self._anew(parts, lambda path: Path(path).symlink_to(destination))
        if self._owner is not None:
            os.lchown(self._path(parts), self._owner, self._owner)

    def hard_link(self, parts: tuple[str, ...], original: tuple[str, ...]) -> None:
        self._parents(original)
        source = self._path(original)
        try:
            plain = stat.S_ISREG(os.lstat(source).st_mode)
        except FileNotFoundError:
            plain = False
        if not plain:
            raise UntrustedMember(f"{'/'.join(parts)!r} is a link to what is no file of its own")
        self._anew(parts, lambda path: os.link(source, path, follow_symlinks=False))

    def finish(self) -> None:
        """Give folders their owner and modes last, for one may forbid writing into it."""
        for parts, mode in self._folders.items():
            if not parts:
                continue
            if self._owner is not None:
                os.lchown(self._path(parts), self._owner, self._owner)
            Path(self._path(parts)).chmod(mode)

    def _anew(self, parts: tuple[str, ...], make: Callable[[str], T]) -> T:
        """Make a new entry, with its folders before it, and an earlier entry gone."""
        self._parents(parts)
        if parts in self._folders:
            raise UntrustedMember(f"{'/'.join(parts)!r} is a folder and something else")
        path = self._path(parts)
        try:
            return make(path)
        except FileExistsError:
            Path(path).unlink()
            return make(path)

    def _parents(self, parts: tuple[str, ...]) -> None:
        if parts[:-1] in self._folders:
            return
        for depth in range(1, len(parts)):
            parent = parts[:depth]
            if parent in self._folders:
                continue
            try:
                Path(self._path(parent)).mkdir(0o700)
            except FileExistsError as error:
                words = f"{'/'.join(parts)!r} lies beyond a link or a file"
                raise UntrustedMember(words) from error
            self._folders[parent] = 0o755

    def _path(self, parts: tuple[str, ...]) -> str:
        return "/".join((self._target, *parts))


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]
