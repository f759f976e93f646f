"""What builds images of Dockerfiles: the protocol, as control sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

# Takes one piece of output (UTF-8, usually whole lines) as the build makes it.
Emit = Callable[[bytes], None]


@dataclass(frozen=True)
class ImageOrder:
    """An image to be.

    ``context`` is a plain tar archive, ``dockerfile`` a path in it, ``stage`` the one of its
    stages to stop at. ``arguments`` are what its ARGs may be.
    """

    context: Path
    dockerfile: str
    stage: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ImageParts:
    """An image that was built: its configuration, and its layers from the lowest, as tar files."""

    config: bytes
    layers: tuple[Path, ...]


class ImageBuilder(Protocol):
    """Builds images. Killed with its process at any moment, it leaves nothing that matters."""

    async def build(self, order: ImageOrder, folder: Path, emit: Emit) -> ImageParts:
        """Build, streaming output; put the image's parts into an existing folder.

        Raises ``errors.BuildFailed`` (its message says why, in a line), ``errors.DiskFull``, or
        ``errors.Unavailable``. Cancelling it stops the build.
        """
        ...
