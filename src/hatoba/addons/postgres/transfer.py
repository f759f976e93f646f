"""Moving whole databases: out into an archive, and an archive back in, piece by piece."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hatoba import errors
from hatoba.addons.postgres import verify
from hatoba.addons.postgres.dump import dump_argv, environment
from hatoba.addons.postgres.installations import Installation
from hatoba.addons.postgres.restore import (
    apply_argv,
    epilogue,
    extensions_in,
    for_server,
    list_argv,
    prologue,
    script_argv,
    wanted,
)
from hatoba.kit import process

_TOLD = re.compile(r"\b(?:ERROR|FATAL|error): +(.*)")
_NO_DATABASE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class TransferFailed(errors.HatobaError):
    """A database could not be dumped or restored; nothing was changed."""

    id = "transfer_failed"
    status = 422


@dataclass(frozen=True)
class Archive:
    """A dump that can be read more than once; each call of ``read`` begins anew."""

    read: Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True)
class Tools:
    """The folders of Postgres' programs, by major version."""

    folders: Mapping[int, Path]

    @classmethod
    def of(cls, there: Mapping[int, Installation]) -> Tools:
        """Take those of the installations that there are."""
        return cls({major: one.binaries for major, one in there.items()})

    @property
    def newest(self) -> Path:
        """The newest, which reads every archive."""
        return self.folders[max(self.folders)]

    def for_server(self, version: int) -> Path:
        """Return the oldest that know a server of that version (``180003``).

        Raises TransferFailed for a server that is newer than all of them.
        """
        fit = [major for major in self.folders if major >= version // 10_000]
        if not fit:
            raise TransferFailed(
                f"The server runs PostgreSQL {version // 10_000}, which is newer than this "
                f"platform's programs ({max(self.folders)}). Install newer ones."
            )
        return self.folders[min(fit)]


async def dump(tools: Tools, url: str, snapshot: str) -> AsyncGenerator[bytes, None]:
    """Give the archive of a database as of a snapshot, in pieces.

    Raises TransferFailed in the end when pg_dump failed: what came is then worth nothing.
    """
    folder = tools.for_server(await verify.server_version(url))
    try:
        async for piece in process.stream(dump_argv(folder, snapshot), env=environment(url)):
            yield piece
    except process.CommandError as error:
        raise TransferFailed(_reason("The dump failed", error)) from error


async def needed_extensions(tools: Tools, archive: Archive) -> list[str]:
    """Return the extensions that an archive needs. Raises as ``restore`` does."""
    return extensions_in(await _list(tools, archive))


async def restore(
    tools: Tools,
    archive: Archive,
    url: str,
    *,
    expected: Mapping[str, int] | None = None,
) -> None:
    """Replace all that is in a database by what is in the archive, wholly or not at all.

    It is not committed unless its tables have the ``expected`` rows.
    Raises TransferFailed when the archive is damaged or does not fit, whatever reading the
    archive raises, and psycopg.Error when the database can't be reached.
    """
    version = await verify.server_version(url)
    with tempfile.NamedTemporaryFile("w", prefix="hatoba-restore-") as listed:
        listed.write(wanted(await _list(tools, archive)))
        listed.flush()
        script = _Script(tools, archive, Path(listed.name), version)
        before, after = prologue(), epilogue(expected)
        async with contextlib.aclosing(script.pieces(before, after)) as pieces:
            await _apply(tools.for_server(version), url, pieces, script)


async def _apply(folder: Path, url: str, pieces: AsyncIterator[bytes], script: _Script) -> None:
    try:
        async for _ in process.stream(apply_argv(folder), env=environment(url), stdin=pieces):
            pass
    except process.CommandError as error:
        if script.problem is None:
            raise TransferFailed(_reason("The restore failed", error)) from error
    if script.problem is not None:
        raise script.problem


async def _list(tools: Tools, archive: Archive) -> str:
    source = _Source(archive)
    try:
        pieces = [
            piece
            async for piece in process.stream(
                list_argv(tools.newest), env=_NO_DATABASE, stdin=source.pieces()
            )
        ]
    except process.CommandError as error:
        raise source.problem or TransferFailed(
            _reason("The dump is damaged or truncated", error)
        ) from error
    return b"".join(pieces).decode()


class _Source:
    """An archive on its way to a program. When it can't be read, ``problem`` says why."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.problem: Exception | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._archive.read():
                yield piece
        except Exception as error:  # noqa: BLE001 it is raised once the program has ended
            self.problem = error


class _Script:
    """The SQL that psql gets. A problem ends it without COMMIT and is kept in ``problem``."""

    def __init__(self, tools: Tools, archive: Archive, listed: Path, version: int) -> None:
        self._tools = tools
        self._source = _Source(archive)
        self._listed = listed
        self._version = version
        self.problem: Exception | None = None

    async def pieces(self, before: bytes, after: bytes) -> AsyncGenerator[bytes, None]:
        argv, first = script_argv(self._tools.newest, self._listed), True
        try:
            yield before
            made = process.stream(argv, env=_NO_DATABASE, stdin=self._source.pieces())
            async for piece in made:
                yield for_server(piece, self._version) if first else piece
                first = False
        except process.CommandError as error:
            self.problem = TransferFailed(_reason("The dump is damaged or truncated", error))
        self.problem = self._source.problem or self.problem
        if self.problem is None:
            yield after


def _reason(what: str, error: process.CommandError) -> str:
    """Say what a program printed first. psql and pg_restore print no passwords."""
    said = error.completed.stderr.decode(errors="replace").strip().splitlines()
    told = [match[1] for line in said if (match := _TOLD.search(line))] or said[-1:]
    text = told[0].strip().rstrip(".") if told else f"status {error.completed.status}"
    return f"{what}: {text}."
