"""The user's own editor."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

from hatoba.client.errors import ClientError
from hatoba.settings import ClientSettings

_DEFAULT = "vi"


def program(settings: ClientSettings) -> str:
    """Return the command line of the editor."""
    return settings.editor or _DEFAULT


def run(settings: ClientSettings, path: Path) -> None:
    """Open a file and wait for the editor's end. Raises ClientError when it fails."""
    words = shlex.split(program(settings))
    try:
        done = subprocess.run([*words, str(path)], check=False)
    except OSError as error:
        raise ClientError(
            f"The editor {words[0]} does not start: {error.strerror}. Name another in EDITOR."
        ) from error
    if done.returncode != 0:
        raise ClientError(f"{words[0]} ended with {done.returncode}. Nothing was changed.")
