"""What builds images, of Dockerfiles or by builders: the protocols, as control sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

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


@dataclass(frozen=True)
class ImageFacts:
    """An image that the engine has, as its configuration describes it."""

    id: str
    labels: Mapping[str, str]
    env: Mapping[str, str]


@dataclass(frozen=True)
class Workbench:
    """A program of an image that is run once, in a container of its own, to build an app.

    ``number`` is the app's. ``files`` is a plain tar archive, unpacked at the root before;
    ``user`` and ``group`` are as whom it runs, with ``cache`` as its folder that stays between
    builds of the app. ``reaches`` are ports of the platform's loopback, to be reached at the
    container's own. ``result`` is a file to be handed back. ``memory`` is bytes.
    """

    id: UUID
    app_id: UUID
    number: int
    image: str
    files: Path
    command: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    user: int
    group: int
    cache: str
    reaches: tuple[int, ...]
    result: str
    memory: int


@dataclass(frozen=True)
class Worked:
    """How the program ended, whether for want of memory, and the result if there is one."""

    status: int
    out_of_memory: bool = False
    result: bytes | None = None


class ImageRunner(Protocol):
    """Runs programs of images that build. Killed with its process, it leaves what is swept up."""

    async def facts(self, name: str) -> ImageFacts | None:
        """Return what is known of an image, None when the engine has none of that name."""
        ...

    async def parts(self, name: str, folder: Path) -> ImageParts:
        """Put an image's parts into an existing folder. Raises DiskFull or Unavailable."""
        ...

    async def work(self, bench: Workbench, emit: Emit) -> Worked:
        """Run the program to its end, streaming output. Cancelling it ends the program.

        Raises ``errors.DiskFull`` or ``errors.Unavailable``.
        """
        ...

    async def drop_cache(self, app_id: UUID) -> None:
        """Delete what builds of the app keep between them."""
        ...
