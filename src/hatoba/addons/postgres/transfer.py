"""Moving whole databases: out into an archive, and an archive back in, piece by piece."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path

from hatoba import errors
from hatoba.addons.postgres import verify
from hatoba.addons.postgres.dump import dump_argv, environment
from hatoba.addons.postgres.restore import (
    COMMIT,
    apply_argv,
    for_server,
    prologue,
    script_argv,
)
from hatoba.kit import process

_NO_DATABASE = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


class TransferFailed(errors.HatobaError):
    """A database could not be dumped or restored; nothing was changed."""

    id = "transfer_failed"
    status = 422


def dump(tools: Path, url: str, snapshot: str) -> AsyncIterator[bytes]:
    """Give the archive of a database as of a snapshot, in pieces.

    Raises process.CommandError at the end when pg_dump failed: what came is then worth nothing.
    """
    return process.stream(dump_argv(tools, snapshot), env=environment(url))


async def restore(
    tools: Path, archive: AsyncIterator[bytes], url: str, extensions: Sequence[str] = ()
) -> None:
    """Replace all that is in a database by what is in the archive, wholly or not at all.

    Raises TransferFailed when the archive is damaged or does not fit, whatever reading the
    archive raises, and psycopg.Error when the database can't be reached.
    """
    script = _Script(tools, archive, url, extensions)
    async with contextlib.aclosing(script.pieces()) as pieces:
        try:
            async for _ in process.stream(apply_argv(tools), env=environment(url), stdin=pieces):
                pass
        except process.CommandError as error:
            if script.problem is None:
                raise TransferFailed(_reason("The restore failed", error)) from error
    if script.problem is not None:
        raise script.problem


class _Script:
    """The SQL that psql gets. A problem ends it without COMMIT and is kept in ``problem``."""

    def __init__(
        self, tools: Path, archive: AsyncIterator[bytes], url: str, extensions: Sequence[str]
    ) -> None:
        self._tools = tools
        self._archive = archive
        self._url = url
        self._extensions = extensions
        self._unread: Exception | None = None
        self.problem: Exception | None = None

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            owns = await verify.owns_public(self._url)
            version = await verify.server_version(self._url)
            yield prologue(owns_public=owns, extensions=self._extensions)
            argv, first = script_argv(self._tools), True
            async for piece in process.stream(argv, env=_NO_DATABASE, stdin=self._whole()):
                yield for_server(piece, version) if first else piece
                first = False
            if self._unread is not None:
                raise self._unread
            yield COMMIT
        except process.CommandError as error:
            damaged = TransferFailed(_reason("The dump is damaged or truncated", error))
            self.problem = self._unread or damaged
        except Exception as error:  # noqa: BLE001 restore raises it once psql has ended
            self.problem = error

    async def _whole(self) -> AsyncIterator[bytes]:
        """Give the archive; when it can't be read to its end, that is remembered."""
        try:
            async for piece in self._archive:
                yield piece
        except Exception as error:  # noqa: BLE001 it is raised once pg_restore has ended
            self._unread = error


def _reason(what: str, error: process.CommandError) -> str:
    """Say what a program printed last. psql and pg_restore print no passwords."""
    said = error.completed.stderr.decode(errors="replace").strip().splitlines()
    told = [line for line in said if "rror" in line or "FATAL" in line] or said[-1:]
    text = told[0].strip() if told else f"status {error.completed.status}"
    return f"{what}: {text}. Nothing was changed."
