"""The docker or podman of whoever types: it builds, pushes, pulls and runs images."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hatoba.client.errors import ClientError

_NAMES = ("docker", "podman")
_DOCKERFILE = re.compile(r"Dockerfile\.(\w+)")
# What describes a build would make an index of the image.
_ENVIRONMENT = {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}


@dataclass(frozen=True)
class Build:
    """What is asked of a build: variables as ``A=1,B=2``, and the folder that it sees.

    That is by default the Dockerfile's own.
    """

    arg: str | None = None
    context_path: Path | None = None
    no_cache: bool = False
    verbose: bool = False

    @property
    def options(self) -> list[str]:
        """The words of the command line."""
        pairs = [one for one in (self.arg or "").split(",") if one]
        named = [word for pair in pairs for word in ("--build-arg", pair)]
        return [*(["--no-cache"] if self.no_cache else []), *named]


@dataclass(frozen=True)
class Tool:
    """A program by the name of docker or podman. ``verbose`` prints what it is called with."""

    name: str
    verbose: bool = False

    def login(self, registry: str, token: str) -> None:
        """Log in; the token is not to be seen in a list of processes."""
        words = ["login", "--username=_", "--password-stdin", *self._plain(registry), registry]
        self._run(words, given=f"{token}\n", failed="Login failed")

    def logout(self, registry: str) -> None:
        """Forget the login."""
        self._run(["logout", registry])

    def build(self, dockerfile: Path, tag: str, wanted: Build) -> str:
        """Build an image and return its id."""
        context = wanted.context_path or dockerfile.parent
        self._run(["build", "-f", str(dockerfile), "-t", tag, *wanted.options, str(context)])
        return self._asked(["image", "inspect", "--format", "{{.Id}}", tag])

    def push(self, tag: str) -> None:
        """Push an image."""
        self._run(["push", *self._plain(tag), tag])

    def pull(self, tag: str) -> None:
        """Pull an image."""
        self._run(["pull", *self._plain(tag), tag])

    def run(self, tag: str, port: int, command: Sequence[str]) -> int:
        """Run an image here, as this user, and return its exit status."""
        seen = ["-it"] if sys.stdin.isatty() and sys.stdout.isatty() else ["-i"]
        words = ["run", "--rm", *seen, "--user", str(os.getuid()), "-e", f"PORT={port}"]
        argv = [self.name, *words, "-p", f"127.0.0.1:{port}:{port}", tag, *command]
        self._tell(argv)
        return subprocess.run(argv, check=False).returncode

    def _plain(self, place: str) -> list[str]:
        """Docker takes this machine's registry without TLS by itself, podman when it is told."""
        local = place.startswith("localhost:")
        return ["--tls-verify=false"] if self.name == "podman" and local else []

    def _run(self, words: list[str], *, given: str | None = None, failed: str = "") -> None:
        argv = [self.name, *words]
        self._tell(argv)
        done = subprocess.run(
            argv,
            input=given,
            # What it says is not data.
            stdout=sys.stderr,
            text=True,
            env={**os.environ, **_ENVIRONMENT},
            check=False,
        )
        if done.returncode:
            what = failed or f"{self.name} {words[0]} failed"
            asks = words[0] in ("push", "pull")
            advice = " If it is for want of a login: heroku container:login" if asks else ""
            raise ClientError(f"{what}: it exited with {done.returncode}.{advice}")

    def _asked(self, words: list[str]) -> str:
        done = subprocess.run([self.name, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [""])[-1]
            raise ClientError(f"{self.name} {words[0]} {words[1]} failed: {last}")
        return done.stdout.strip()

    def _tell(self, argv: Sequence[str]) -> None:
        if self.verbose:
            print(*argv, file=sys.stderr, flush=True)  # noqa: T201


def find(*, verbose: bool = False) -> Tool:
    """Return this machine's tool. Raises ClientError when there is none."""
    for name in _NAMES:
        if shutil.which(name):
            return Tool(name, verbose)
    raise ClientError(
        "Neither docker nor podman is here. Install one: apt-get install docker.io, or podman"
    )


def recursive(folder: Path) -> dict[str, list[Path]]:
    """Return all ``Dockerfile.TYPE`` below a folder by type, the closest first."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("Dockerfile.*"), key=lambda p: (len(p.parts), str(p))):
        match = _DOCKERFILE.fullmatch(path.name)
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if match and not hidden and path.is_file():
            found.setdefault(match[1], []).append(path)
    return found


def tags(registry: str, app: str, types: Sequence[str]) -> Mapping[str, str]:
    """Return the names of an app's images by process type."""
    return {name: f"{registry}/{app}/{name}" for name in types}
