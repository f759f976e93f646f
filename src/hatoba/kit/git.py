"""How git is run: with nothing of this process's environment but what is named here."""

from __future__ import annotations

import os
from collections.abc import Mapping


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of git: nothing of the daemon's own but the path."""
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        **(more or {}),
    }


def archive(repository: str, commit: str, target: str) -> list[str]:
    """Return the command that writes a commit's tree as a tar archive."""
    return ["git", "-C", repository, "archive", "--format=tar", f"--output={target}", commit]
