"""What the builder of images gets to see of a repository: the folder of a Dockerfile, as a tar.

https://devcenter.heroku.com/articles/build-docker-images-heroku-yml#set-the-docker-build-context
"""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath

from hatoba import errors
from hatoba.build import dockerignore, source
from hatoba.build.dockerignore import Ignored
from hatoba.kit.archive import inside

_MAX_IGNORE = 1024 * 1024


def write(archive: Path, dockerfile: str, target: Path) -> str:
    """Write the folder that the Dockerfile lies in to a plain tar; return the file's name in it.

    Raises BuildFailed for an archive that can't be used, or without that file. Blocks.
    """
    path = PurePosixPath(dockerfile)
    try:
        with tarfile.open(archive, mode="r:*") as given:
            found = members(given, path.parent.parts)
            if not _is_file(found.get(path.name)):
                raise errors.BuildFailed(f"{dockerfile} is not a file of the repository.")
            ignored = Ignored(_text(given, found.get(dockerignore.FILE)), (path.name,))
            # BuildKit knows an archive by its first header, which must be a plain file's.
            names = [path.name, *(name for name in found if name != path.name)]
            with tarfile.open(target, mode="w", format=tarfile.GNU_FORMAT) as context:
                for name in names:
                    if not ignored.leaves_out(name):
                        add(given, owned(found[name], 0, 0), name, context)
    except source.BROKEN as error:
        raise source.unusable(error) from error
    return path.name


def members(archive: tarfile.TarFile, folder: tuple[str, ...] = ()) -> dict[str, tarfile.TarInfo]:
    """Return the members below a folder of the repository, by their paths from there."""
    found = {inside(member.name): member for member in archive if inside(member.name)}
    first = {parts[0] for parts in found}
    # Archives of code hosts have one folder around everything.
    wrapped = len(first) == 1 and found.get(tuple(first), _FOLDER).isdir()
    around = (*(first if wrapped else ()), *folder)
    depth = len(around)
    below = {parts[depth:]: one for parts, one in found.items() if parts[:depth] == around}
    return {"/".join(parts): member for parts, member in below.items() if parts}


_FOLDER = tarfile.TarInfo()
_FOLDER.type = tarfile.DIRTYPE


def _is_file(member: tarfile.TarInfo | None) -> bool:
    return member is not None and member.isfile()


def _text(archive: tarfile.TarFile, member: tarfile.TarInfo | None) -> str:
    content = archive.extractfile(member) if member is not None and member.isfile() else None
    return content.read(_MAX_IGNORE).decode(errors="replace") if content else ""


def owned(member: tarfile.TarInfo, user: int, group: int) -> tarfile.TarInfo:
    """Give a member to a user and a group by their numbers; return it."""
    member.uid, member.gid = user, group
    member.uname = member.gname = ""
    return member


def add(
    archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, target: tarfile.TarFile
) -> None:
    """Add a member to another archive under that name. Raises TarError for a special file."""
    if not (member.isfile() or member.isdir() or member.issym()):
        raise tarfile.TarError(f"{member.name!r} is neither a file nor a folder nor a link")
    content = archive.extractfile(member) if member.isfile() else None
    member.name, member.pax_headers = name, {}
    target.addfile(member, content)
