"""The folder of a server's archive, and the commands by which the server itself uses it."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from hatoba.kit.files import private_dir


def prepare(folder: Path, user: int | None) -> None:
    """Make the folders that the server writes to."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    for path in (folder, folder / "base", folder / "wal"):
        private_dir(path)
        if user is not None:
            os.chown(path, user, user)


def archive_command(folder: Path) -> str:
    """Return the command by which a server puts a log file away, whole or not at all; pure.

    One that is there already was put away before the server could note it.
    """
    kept = f"{_quoted(folder / 'wal')}/%f.gz"
    draft = f"{kept}.new"
    return f"test -f {kept} || (gzip -1 < %p > {draft} && sync {draft} && mv {draft} {kept})"


def restore_command(folder: Path) -> str:
    """Return the command by which a server gets a log file back; pure."""
    kept = f"{_quoted(folder / 'wal')}/%f.gz"
    return f"test -f {kept} && gzip -dc < {kept} > %p"


def _quoted(path: Path) -> str:
    """Return a path for the server's shell, which would take a percent sign for its own."""
    return shlex.quote(str(path)).replace("%", "%%")
