"""The git command, as the command line uses it in the user's repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hatoba.client.errors import ClientError


class GitError(ClientError):
    """git could not do it."""

    id = "git"


def output(*arguments: str) -> str:
    """Run git and return what it prints. Raises GitError with its own words."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise GitError("git is not installed. On Debian: apt-get install git") from None
    if done.returncode != 0:
        raise GitError(done.stderr.strip() or f"git {arguments[0]} failed.")
    return done.stdout.strip()


def attempt(*arguments: str) -> str | None:
    """Run git and return what it prints, or None when it fails."""
    try:
        return output(*arguments)
    except GitError:
        return None


def in_repository() -> bool:
    """Tell whether this folder belongs to a git repository with a work tree."""
    return attempt("rev-parse", "--is-inside-work-tree") == "true"


def run(*arguments: str) -> int:
    """Run git with the user's own terminal and return its exit code."""
    try:
        return subprocess.run(["git", *arguments], check=False).returncode
    except FileNotFoundError:
        raise GitError("git is not installed. On Debian: apt-get install git") from None


def set_in(folder: Path, key: str, *values: str) -> None:
    """Set a key in the configuration of the repository at ``folder`` to these values."""
    base = ("-C", str(folder), "config", "--local")
    attempt(*base, "--unset-all", key)
    for value in values:
        output(*base, "--add", key, value)
