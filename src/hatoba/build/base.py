"""What control asks of a builder, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

# Takes one piece of output (UTF-8, usually whole lines) as the build makes it.
Emit = Callable[[bytes], None]


@dataclass(frozen=True)
class BuildRequest:
    """One build. ``source`` is a tar archive; ``buildpacks`` are URLs, folders or registry names.

    An empty list means: detect with the built-in ones. ``env`` are the config vars. ``user``
    numbers the app (its own uid, as its dynos have).
    """

    id: UUID
    app_id: UUID
    user: int
    source: Path
    source_version: str
    stack: str
    buildpacks: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class BuildResult:
    """A slug in the store of slugs. ``checksum`` is sha256 of the compressed archive, in hex."""

    checksum: str
    size: int
    process_types: dict[str, str]
    buildpack_description: str
    config_vars: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A slug that was made elsewhere, in the store of slugs; as of ``BuildResult``."""

    checksum: str
    size: int


class Builder(Protocol):
    """Makes slugs. Killed with its process at any moment, it leaves nothing that matters."""

    async def build(self, request: BuildRequest, emit: Emit) -> BuildResult:
        """Build, streaming output. Raises ``errors.BuildFailed`` (its message says why, in a line)

        or ``errors.DiskFull``. Cancelling it kills the buildpack.
        """
        ...

    def slug(self, checksum: str) -> Path:
        """Return where the slug archive with that checksum lies."""
        ...

    async def take(self, archive: Path) -> Taken:
        """Make a slug of an archive as Heroku has slugs: tar.gz with everything below ``./app``.

        Raises ``errors.InvalidParams``, ``errors.TooLarge`` or ``errors.DiskFull``.
        """
        ...

    def give(self, checksum: str) -> Iterator[bytes]:
        """Yield a slug as such an archive; iterate in a thread."""
        ...

    async def drop_cache(self, app_id: UUID) -> None:
        """Delete the app's build cache."""
        ...

    async def keep_only(self, checksums: set[str]) -> int:
        """Delete every slug archive but those, unless it was made within the hour; say how many."""
        ...
