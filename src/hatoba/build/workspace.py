"""The files that a lifecycle finds in its container: the app's source, and what it must know."""

from __future__ import annotations

import errno
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import pathspec

from hatoba import errors
from hatoba.build import context, source
from hatoba.model.cloud_native import Buildpack
from hatoba.schema.project_toml import Descriptor

APP, LAYERS, PLATFORM = "/workspace", "/layers", "/platform"
ORDER = f"{PLATFORM}/order.toml"


@dataclass(frozen=True)
class Workspace:
    """Whose the files are, and what is to be known besides the source.

    ``env`` are the build's variables. Without an ``order`` the builder's own is good.
    """

    user: int
    group: int
    descriptor: Descriptor
    env: Mapping[str, str] = field(repr=False)
    order: Sequence[Buildpack] = ()


def write(archive: Path, wanted: Workspace, target: Path) -> None:
    """Write a plain tar to be unpacked at the root of the container. Blocks.

    Raises BuildFailed for a source that can't be used, DiskFull.
    """
    try:
        with (
            tarfile.open(archive, mode="r:*") as given,
            tarfile.open(target, mode="w", format=tarfile.GNU_FORMAT) as made,
        ):
            _Writing(wanted, made).all(given)
    except source.BROKEN as error:
        raise source.unusable(error) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise errors.DiskFull from error
        raise


class _Writing:
    """One archive as it is written."""

    def __init__(self, wanted: Workspace, made: tarfile.TarFile) -> None:
        self._wanted = wanted
        self._made = made
        self._folders: set[str] = set()

    def all(self, given: tarfile.TarFile) -> None:
        for folder in (APP, LAYERS, PLATFORM, f"{PLATFORM}/env"):
            self._folder(folder)
        for name, value in self._wanted.env.items():
            self._file(f"{PLATFORM}/env/{name}", value.encode())
        if self._wanted.order:
            self._file(ORDER, _order(self._wanted.order))
        leaves_out = _left_out(self._wanted.descriptor)
        for name, member in context.members(given).items():
            if not leaves_out(f"{name}/" if member.isdir() else name):
                self._source(given, name, member)

    def _source(self, given: tarfile.TarFile, name: str, member: tarfile.TarInfo) -> None:
        path = f"{APP}/{name}"
        for parent in reversed(PurePosixPath(path).parents[:-2]):
            self._folder(str(parent))
        if member.isdir():
            self._folders.add(path)
        context.add(given, self._owned(member), path[1:], self._made)

    def _folder(self, path: str) -> None:
        if path not in self._folders:
            self._folders.add(path)
            member = tarfile.TarInfo(path[1:])
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            self._made.addfile(self._owned(member))

    def _file(self, path: str, content: bytes) -> None:
        member = tarfile.TarInfo(path[1:])
        member.size, member.mode = len(content), 0o400
        self._made.addfile(self._owned(member), io.BytesIO(content))

    def _owned(self, member: tarfile.TarInfo) -> tarfile.TarInfo:
        """Make it the builder's; its group, which the app's dynos are in, may do the same."""
        member.mode |= (member.mode & 0o700) >> 3
        return context.owned(member, self._wanted.user, self._wanted.group)


def _left_out(descriptor: Descriptor) -> Callable[[str], bool]:
    """Return what tells whether a file of the source is left out."""
    if descriptor.include is not None:
        included = pathspec.GitIgnoreSpec.from_lines(descriptor.include)
        return lambda name: not included.match_file(name)
    excluded = pathspec.GitIgnoreSpec.from_lines(descriptor.exclude)
    return excluded.match_file


def _order(buildpacks: Sequence[Buildpack]) -> bytes:
    """Return an order.toml with one group; texts of JSON are texts of TOML too."""
    lines = ["[[order]]"]
    for one in buildpacks:
        lines += ["[[order.group]]", f"id = {json.dumps(one.id)}"]
        lines += [f"version = {json.dumps(one.version)}"]
    return "\n".join([*lines, ""]).encode()
