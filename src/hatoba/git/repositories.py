"""The bare repositories, and the git commands that serve them. Builders of argv are pure."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from uuid import UUID

from hatoba.kit import git, process

# What one push may bring, packed: a pack without end would fill the disk.
MAX_PUSH = 2 * 1024**3

_SERVICES = ("git-receive-pack", "git-upload-pack")


class Repositories:
    """One bare repository an app, named by its id so that renaming the app keeps it.

    ``hooks`` is the folder of the hooks of all of them.
    """

    def __init__(self, folder: Path, hooks: Path) -> None:
        self._folder = folder
        self._hooks = hooks

    def path(self, app_id: UUID) -> Path:
        """Return where an app's repository is, or will be."""
        return self._folder / f"{app_id}.git"

    async def ensure(self, app_id: UUID) -> Path:
        """Return the app's repository, made if it is not there yet."""
        path = self.path(app_id)
        if not (path / "HEAD").exists():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            command = ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)]
            await process.check(command, env=git.environment())
        return path

    def serve(self, service: str, path: Path, *, advertise: bool) -> list[str]:
        """Return the command that answers one request of smart HTTP."""
        assert service in _SERVICES  # noqa: S101 the routes know no other
        options = [
            *("-c", f"core.hooksPath={self._hooks}"),
            # A push from a shallow clone may bring new shallow borders.
            *("-c", "receive.shallowUpdate=true"),
            *("-c", "receive.fsckObjects=false"),
            *("-c", f"receive.maxInputSize={MAX_PUSH}"),
            *("-c", "http.receivepack=true"),
            *("-c", "uploadpack.allowAnySHA1InWant=false"),
        ]
        mode = ["--http-backend-info-refs"] if advertise else []
        name = service.removeprefix("git-")
        return ["git", *options, name, "--stateless-rpc", *mode, str(path)]


def size(path: Path) -> int:
    """Return how many bytes a repository's files have; blocks."""
    total = 0
    for folder, _, files in os.walk(path):
        for name in files:
            # git may tidy up meanwhile.
            with contextlib.suppress(FileNotFoundError):
                total += (Path(folder) / name).lstat().st_size
    return total
