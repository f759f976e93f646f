"""The source in a folder as an archive: what git has committed, or else all that is there."""

from __future__ import annotations

import tarfile
from pathlib import Path

from hatoba.cli import git
from hatoba.client.errors import ClientError

_LEFT_OUT = frozenset({".git", "node_modules", ".venv", "__pycache__"})


def pack(folder: Path, target: Path) -> str | None:
    """Write the folder's source as a packed tar archive; return the commit, None without git.

    Raises ClientError when there is no such folder.
    """
    if not folder.is_dir():
        raise ClientError(f"{folder} is no folder.")
    here = ("-C", str(folder))
    commit = git.attempt(*here, "rev-parse", "HEAD")
    if commit is not None and git.attempt(*here, "rev-parse", "--show-prefix") == "":
        git.output(*here, "archive", "--format=tar.gz", f"--output={target.absolute()}", "HEAD")
        return commit
    with tarfile.open(target, "w:gz") as archive:
        archive.add(folder, arcname=".", filter=_wanted)
    return None


def holds(archive: Path, name: str) -> bool:
    """Tell whether an archive has a file of that name at its root."""
    with tarfile.open(archive) as opened:
        return any(member.name.removeprefix("./") == name for member in opened)


def uncommitted(folder: Path) -> bool:
    """Tell whether the folder has changes that git has not committed."""
    return bool(git.attempt("-C", str(folder), "status", "--porcelain"))


def _wanted(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if Path(member.name).name in _LEFT_OUT else member
