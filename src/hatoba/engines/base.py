"""The protocol that every engine speaks, and the plain data that crosses it.

The contract, held by ``tests/contract/test_engine.py`` over every driver:

* A dyno is named by its ``DynoSpec.id``; ids are never used twice. Every method is safe to call
  again: starting a known id changes nothing, stopping or forgetting an unknown one succeeds.
* Dynos, their exit statuses and their unread output outlive the process that uses the engine:
  a new ``Engine`` over the same place finds them again with ``dynos()`` and ``output()``.
* Output arrives in order for each dyno, with increasing ``offset`` over the whole engine, and
  is delivered again after a reconnect until it was acknowledged.
* A command inside a dyno (``DynoSpec.inside``) shares that dyno's files, user, processes and port.
  It lives as long as its attachment, and no longer than the dyno; ``dynos()`` and ``events()``
  do not tell of it, and nothing stays of it. One that nobody attaches to ends by itself.
* A dyno that prints without end is slowed down or loses some of *its* unread output
  (``dropped`` says how many bytes, at the latest in an empty piece at its end), and never stops
  others.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from uuid import UUID

from hatoba.engines.images import ImageBuilder, ImageRunner

# Seconds between SIGTERM and SIGKILL for a dyno whose lifetime is over.
EXPIRED_GRACE = 30.0


class EngineState(StrEnum):
    """What the engine sees of a dyno."""

    STARTING = "starting"  # The process exists (or is about to), its port is not open yet.
    LISTENING = "listening"  # Its port accepts connections.
    EXITED = "exited"


@dataclass(frozen=True)
class Terminal:
    """A pseudo-terminal's size in characters."""

    columns: int
    rows: int


@dataclass(frozen=True)
class ImageFiles:
    """An image to run, as files: its configuration, and its layers from the lowest.

    ``id`` is the digest of the configuration; layers are tar archives, plain or compressed.
    ``group`` is one that its processes are in besides their own, by number.
    """

    id: str
    config: Path
    layers: tuple[Path, ...]
    group: int | None = None


@dataclass(frozen=True)
class DynoSpec:
    """A dyno to start.

    ``slug`` is the path of the slug archive (tar, zstd); None gives an empty ``/app``.
    ``command`` is a shell command line as in a Procfile, run by ``bash -c`` in ``/app`` after the
    slug's ``.profile.d`` scripts. With an ``image`` there is neither slug nor ``/app``, and the
    command is a list, run as it is in the image's own working directory. ``env`` holds the config
    vars; the engine adds PORT, DYNO, HOME, PATH, TMPDIR, to an image only PORT and DYNO.
    ``memory`` is the quota in bytes. ``user`` numbers the app (its own uid).
    ``attach`` keeps stdin open for ``Engine.attach`` and sends output there instead of
    ``output()``; ``terminal`` makes it a pseudo-terminal. ``listens`` asks to watch the port.
    ``lifetime`` is after how many seconds the dyno is stopped, with ``EXPIRED_GRACE``, whoever
    runs then; None lets it run until it ends. ``inside`` is the id of the running dyno that the
    command is to run in, which then gives all but command, env, attach and terminal.
    ``reaches`` are the ports of the platform's loopback, those of the app's add-ons, that must be
    reachable at the dyno's own ``localhost``.
    """

    id: UUID
    app_id: UUID
    name: str
    user: int
    slug: Path | None
    command: str | tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    memory: int
    listens: bool = False
    attach: bool = False
    terminal: Terminal | None = None
    lifetime: float | None = None
    inside: UUID | None = None
    reaches: tuple[int, ...] = ()
    image: ImageFiles | None = None


@dataclass(frozen=True)
class Usage:
    """What a dyno's processes use: bytes of memory, and how many threads run on average.

    ``rss`` is their own memory, ``cache`` pages of files; the loads are over one, five and
    fifteen minutes.
    """

    rss: int
    cache: int
    swap: int
    load_1m: float
    load_5m: float
    load_15m: float


@dataclass(frozen=True)
class EngineDyno:
    """What the engine sees of one dyno. ``status`` is its exit status once EXITED:

    0–255, or 128 + the signal's number; None when it could not be learned. ``host`` and ``port``
    say where it listens (port 0: not known yet). ``memory`` is bytes in use; ``usage``, measured
    every few seconds, says of what kind (None: not measured). Once EXITED all of its output is
    in the spool and ``output_end`` is the offset where the last piece ends. ``over_disk`` is the
    bytes on disk that it was ended for having gone beyond, 0 when it was not.
    """

    id: UUID
    app_id: UUID
    name: str
    state: EngineState
    host: str = "127.0.0.1"
    port: int = 0
    status: int | None = None
    memory: int = 0
    memory_limit: int = 0
    output_end: int = 0
    exited_at: datetime | None = None
    usage: Usage | None = None
    over_disk: int = 0


@dataclass(frozen=True)
class Output:
    """A piece of what a dyno printed; it may end in the middle of a line.

    ``offset`` is where the piece ends in the engine's spool. ``dropped`` counts bytes lost
    before it.
    """

    app_id: UUID
    dyno_id: UUID
    name: str
    at: datetime
    data: bytes
    offset: int
    dropped: int = 0


class Attachment(Protocol):
    """A live connection to the standard streams of one dyno."""

    async def read(self) -> bytes:
        """Return the next output; empty when the dyno has closed it."""
        ...

    async def write(self, data: bytes) -> None:
        """Send input; raises ConnectionError when the dyno is gone."""
        ...

    async def end_input(self) -> None:
        """Close the dyno's standard input (or type ^D on a terminal)."""
        ...

    async def resize(self, terminal: Terminal) -> None:
        """Tell the dyno's terminal its new size; without a terminal nothing happens."""
        ...

    async def close(self) -> None:
        """Let go of the streams; the dyno is hung up on (SIGHUP)."""
        ...


class Engine(Protocol):
    """Runs dynos. Raises ``errors.Unavailable`` when the engine can't be reached.

    ``runs_images_for`` is the processor that images must be for, in Docker's words (``amd64``);
    None for an engine that runs no images. ``image_builder`` builds them of Dockerfiles,
    ``image_runner`` runs programs of images that build.
    """

    @property
    def runs_images_for(self) -> str | None:
        """Return what kind of image runs here, if any does."""
        ...

    @property
    def image_builder(self) -> ImageBuilder | None:
        """Return what builds images here; None where none are run."""
        ...

    @property
    def image_runner(self) -> ImageRunner | None:
        """Return what runs builders here; None where no images are run."""
        ...

    async def start(self, spec: DynoSpec) -> None:
        """Start a dyno. Raises ``errors.DiskFull`` or ``errors.Unavailable``; nothing stays.

        Raises ``errors.NotFound`` when the dyno to run inside is not running, and
        ``errors.InvalidParams`` for an image that is damaged, or where none runs.
        """
        ...

    async def stop(self, dyno_id: UUID, *, grace: float) -> None:
        """Ask the dyno to end (SIGTERM to its processes), then make it (SIGKILL) after ``grace`` s.

        Returns at once; the end is reported like any other. A grace of 0 kills at once.
        """
        ...

    async def forget(self, dyno_id: UUID) -> None:
        """Remove an exited dyno's files; its unread output stays until acknowledged."""
        ...

    async def dynos(self) -> list[EngineDyno]:
        """Return all dynos that are known, exited ones until they are forgotten."""
        ...

    def events(self) -> AsyncIterator[EngineDyno]:
        """Yield a dyno each time its state or memory class changes; never ends by itself.

        Missed events are not repeated: call ``dynos()`` after subscribing.
        """
        ...

    def output(self, acknowledged: int) -> AsyncIterator[Output]:
        """Yield output after that offset; never ends by itself, and reconnects by itself.

        A piece counts as acknowledged, and may leave the spool, once the next one is asked for:
        whoever reads must have stored a piece before asking on.
        """
        ...

    async def attach(self, dyno_id: UUID) -> Attachment:
        """Connect to a dyno started with ``attach``. Raises ``errors.NotFound``."""
        ...
