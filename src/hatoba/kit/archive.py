"""Unpacks tar archives that nobody vouches for: nothing is written outside of the target.

The standard library's own filters are missing from Python 3.11.0 to 3.11.3, Debian 12's among
them. What comes out is plain: files, folders, symbolic links and, if allowed, hard links
between the archive's own files; without owners, special bits, and write bits for others.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
from pathlib import Path, PurePosixPath


class UntrustedMember(tarfile.TarError):
    """A member could reach outside of the target, or is no file, folder or link."""


def extract(archive: tarfile.TarFile, target: Path, *, hard_links: bool = False) -> None:
    """Unpack into an existing folder that nobody else writes to meanwhile.

    Symbolic links are made as they are, wherever they point, but nothing is written through
    one. Raises tarfile.TarError, of which UntrustedMember is one, and OSError.
    """
    made = _Made(target)
    for member in archive:
        parts = _parts(member.name)
        if not parts:
            continue
        if member.isdir():
            made.folder(parts, member.mode)
        elif member.isfile():
            made.file(parts, member, archive)
        elif member.issym():
            made.link(parts, member.linkname)
        elif member.islnk() and hard_links:
            made.hard_link(parts, _parts(member.linkname))
        else:
            raise UntrustedMember(f"{member.name!r} is neither a file nor a folder nor a link")
    made.finish()


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name.lstrip("/"))
    if ".." in path.parts or "\0" in name:
        raise UntrustedMember(f"{name!r} lies outside of the archive")
    return path.parts


class _Made:
    """What has come out so far: only folders that were made here are written into."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._folders: dict[tuple[str, ...], int] = {(): 0}

    def folder(self, parts: tuple[str, ...], mode: int) -> None:
        if parts not in self._folders:
            self._place(parts).mkdir(0o700)
        self._folders[parts] = mode & 0o755

    def file(
        self, parts: tuple[str, ...], member: tarfile.TarInfo, archive: tarfile.TarFile
    ) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(self._place(parts), flags, 0o600), "wb") as out:
            if (content := archive.extractfile(member)) is not None:
                shutil.copyfileobj(content, out)
            out.flush()
            os.fchmod(out.fileno(), member.mode & 0o755)
            os.utime(out.fileno(), (member.mtime, member.mtime))

    def link(self, parts: tuple[str, ...], destination: str) -> None:
        self._place(parts).symlink_to(destination)

    def hard_link(self, parts: tuple[str, ...], original: tuple[str, ...]) -> None:
        self._parents(original)
        source = self._path(original)
        try:
            plain = stat.S_ISREG(source.lstat().st_mode)
        except FileNotFoundError:
            plain = False
        if not plain:
            raise UntrustedMember(f"{'/'.join(parts)!r} is a link to what is no file of its own")
        os.link(source, self._place(parts), follow_symlinks=False)

    def finish(self) -> None:
        """Give folders their modes last, for one may forbid writing into it."""
        for parts, mode in self._folders.items():
            if parts:
                self._path(parts).chmod(mode)

    def _place(self, parts: tuple[str, ...]) -> Path:
        """Return the path for a new entry, with its folders made and an earlier entry gone."""
        self._parents(parts)
        path = self._path(parts)
        if parts in self._folders:
            raise UntrustedMember(f"{'/'.join(parts)!r} is a folder and something else")
        if os.path.lexists(path):
            path.unlink()
        return path

    def _parents(self, parts: tuple[str, ...]) -> None:
        for depth in range(1, len(parts)):
            parent = parts[:depth]
            if parent in self._folders:
                continue
            try:
                self._path(parent).mkdir(0o700)
            except FileExistsError as error:
                words = f"{'/'.join(parts)!r} lies beyond a link or a file"
                raise UntrustedMember(words) from error
            self._folders[parent] = 0o755

    def _path(self, parts: tuple[str, ...]) -> Path:
        return self._target.joinpath(*parts)
