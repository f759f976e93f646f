"""Transfers carried out, by a durable job: from the start again if they were cut off.

A dump counts as good only once it was restored into a scratch database and the tables and rows
there are those of the source at the moment of the dump. What is written over is backed up so
first, and is changed in one transaction that compares the rows before it commits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

import psycopg
import structlog

from hatoba import errors
from hatoba.addons.postgres import admin, transfer, verify
from hatoba.addons.postgres.transfer import Archive, Tools
from hatoba.control import databases, transfers, transfers_fetch
from hatoba.control import databases_credentials as credentials
from hatoba.control import transfers_scratch as scratch
from hatoba.control.backups_files import Kept
from hatoba.control.platform import Platform
from hatoba.model.backup import TRASH_DAYS, Cause, Kind, State, Transfer, counted
from hatoba.model.database import Database
from hatoba.store import backups as rows

log = structlog.get_logger("transfers")

_REPORT_SECONDS = 1.0


class NotVerified(errors.HatobaError):
    """What was restored is not what was dumped."""

    id = "not_verified"
    status = 422


@dataclass(frozen=True)
class Verified:
    """A dump that is proven good."""

    kept: Kept
    counts: Mapping[str, int]


@dataclass
class Run:
    """One transfer that is being carried out; ``bytes`` are the dump's so far."""

    p: Platform
    transfer: Transfer
    tools: Tools
    bytes: int = 0

    async def say(self, message: str) -> None:
        """Add a line to the transfer's log."""
        async with self.p.store.begin() as conn:
            await rows.say(conn, self.transfer.id, message)

    def progress(self, size: int) -> None:
        """Note how many bytes of the dump there are."""
        self.bytes = size


def side_files(transfer_id: UUID) -> set[UUID]:
    """Return under which ids an unfinished transfer may keep files besides its own."""
    return {_snapshot_id(transfer_id), _passing_id(transfer_id)}


def _snapshot_id(transfer_id: UUID) -> UUID:
    return uuid5(transfer_id, "snapshot")


def _passing_id(transfer_id: UUID) -> UUID:
    return uuid5(transfer_id, "passing")


async def carry_out(p: Platform, transfer_id: UUID) -> None:
    """Carry a transfer out, unless it has ended. Raises Unavailable: try again."""
    async with p.store.begin() as conn:
        found = await rows.by_id(conn, transfer_id)
        if found is None or found.state.ended:
            return
        await rows.update(
            conn, found.id, state=State.RUNNING.value, started_at=found.started_at or p.clock.now()
        )
        if found.state is State.RUNNING:
            await rows.say(conn, found.id, "The platform was restarted; starting again")
    run = Run(p, found, Tools.of(await p.databases.installed()))
    try:
        async with _reporting(run):
            values = await _WORK[found.kind](run)
    except errors.DiskFull as error:
        await _fail(run, error.message)
    except errors.Unavailable:
        raise
    except errors.HatobaError as error:
        await _fail(run, error.message)
    except psycopg.Error as error:
        await _fail(run, f"The database broke off: {_first_line(error)}")
    except Exception:
        log.exception("transfer broke", transfer=found.name)
        await _fail(run, "Something went wrong inside the platform; its log has the details.")
    else:
        await _succeed(run, values)


async def _backup(run: Run) -> dict[str, object]:
    database = await databases.available(run.p, run.transfer.addon_id)
    try:
        good = await _verified(run, database, run.transfer.id)
    except BaseException:
        await run.p.backups.delete(run.transfer.id)
        raise
    return _result(good)


async def _restore(run: Run) -> dict[str, object]:
    target = await databases.available(run.p, run.transfer.addon_id)
    if run.transfer.backup_id is None:
        return await _restore_from_url(run, target)
    backup = await _backup_of(run)
    await _snapshot(run, target)
    archive = Archive(lambda: run.p.backups.read(backup.id))
    run.bytes = backup.processed_bytes
    await _write(run, target, archive, backup.counts or {})
    return {"counts": dict(backup.counts or {}), "processed_bytes": backup.processed_bytes}


async def _restore_from_url(run: Run, target: Database) -> dict[str, object]:
    """Restore a dump that was made elsewhere; a scratch database shows first what is in it."""
    url = transfers.given_url(run.p, run.transfer)
    if url is None:
        raise errors.NotFound("The dump's URL is not known any more.")
    passing = _passing_id(run.transfer.id)
    archive = Archive(lambda: run.p.backups.read(passing))
    try:
        await run.say("Fetching the dump")
        kept = await run.p.backups.keep(passing, transfers_fetch.fetch(url), run.progress)
        await run.say(f"Fetched {kept.size:,} bytes, SHA-256 {kept.checksum}")
        counts = await _tried(run, target, archive)
        await _snapshot(run, target)
        await _write(run, target, archive, counts)
    finally:
        await run.p.backups.delete(passing)
    return _result(Verified(kept, counts))


async def _copy(run: Run) -> dict[str, object]:
    target = await databases.available(run.p, run.transfer.addon_id)
    url = await _source_url(run)
    await _snapshot(run, target)
    passing = _passing_id(run.transfer.id)
    try:
        kept, counts = await _dump(run, url, passing)
        await _write(run, target, Archive(lambda: run.p.backups.read(passing)), counts)
    finally:
        await run.p.backups.delete(passing)
    return _result(Verified(kept, counts))


_WORK = {Kind.BACKUP: _backup, Kind.RESTORE: _restore, Kind.COPY: _copy}


def _result(good: Verified) -> dict[str, object]:
    return {
        "counts": dict(good.counts),
        "checksum": good.kept.checksum,
        "processed_bytes": good.kept.size,
    }


async def _verified(run: Run, database: Database, dump_id: UUID) -> Verified:
    """Dump a database, restore the dump into a scratch one, and compare what was counted."""
    url = await credentials.url(run.p, database)
    kept, counts = await _dump(run, url, dump_id)
    found = await _tried(run, database, Archive(lambda: run.p.backups.read(dump_id)))
    if differences := verify.differences(counts, found):
        raise NotVerified(f"The backup is not what the database was: {'; '.join(differences)}.")
    await run.say(f"Verified: {counted(found)}")
    return Verified(kept, found)


async def _tried(run: Run, database: Database, archive: Archive) -> Mapping[str, int]:
    """Restore an archive into a scratch database and count what is there."""
    await run.say("Restoring into a scratch database to verify")
    async with scratch.beside(run.p, database, run.transfer.id) as made:
        await _prepare(run, made, archive)
        place = await credentials.url(run.p, made)
        await transfer.restore(run.tools, archive, place)
        return await verify.count(place)


async def _dump(run: Run, url: str, dump_id: UUID) -> tuple[Kept, Mapping[str, int]]:
    async with verify.moment(url) as now:
        await run.say(f"Dumping {counted(now.counts)}")
        async with run.p.store.begin() as conn:
            await rows.update(conn, run.transfer.id, source_bytes=now.bytes)
        pieces = transfer.dump(run.tools, url, now.snapshot)
        async with contextlib.aclosing(pieces):
            kept = await run.p.backups.keep(dump_id, pieces, run.progress)
    await run.say(f"Dumped {kept.size:,} bytes, SHA-256 {kept.checksum}")
    return kept, now.counts


async def _prepare(run: Run, target: Database, archive: Archive) -> None:
    """Make the extensions in the target that only a superuser may make."""
    wanted = await transfer.needed_extensions(run.tools, archive)
    await admin.create_privileged(run.p.databases, target, wanted)


async def _snapshot(run: Run, target: Database) -> None:
    """Back the target up, verified, before it is written over; a restart finds it done."""
    snapshot_id = _snapshot_id(run.transfer.id)
    async with run.p.store.begin() as conn:
        if await rows.by_id(conn, snapshot_id) is not None:
            return
    await run.say(f"Backing {run.transfer.to_name} up first")
    good = await _verified(run, target, snapshot_id)
    now = run.p.clock.now()
    values = {
        "id": snapshot_id,
        "kind": Kind.BACKUP.value,
        "cause": Cause.SNAPSHOT.value,
        "addon_id": target.id,
        "from_name": run.transfer.to_name,
        "to_name": "BACKUP",
        "plan": target.plan,
        "started_at": now,
        "finished_at": now,
        "expires_at": now + timedelta(days=TRASH_DAYS),
        **_result(good),
    }
    async with run.p.store.begin() as conn:
        made = await rows.insert(conn, run.transfer.app_id, values, State.SUCCEEDED)
    await run.say(f"What {run.transfer.to_name} holds now is kept for 7 days as {made.name}")


async def _write(run: Run, target: Database, archive: Archive, counts: Mapping[str, int]) -> None:
    await run.say(f"Replacing what is in {run.transfer.to_name}")
    await _prepare(run, target, archive)
    url = await credentials.url(run.p, target)
    await transfer.restore(run.tools, archive, url, expected=counts)
    await run.say(f"Verified: {counted(counts)}")


async def _backup_of(run: Run) -> Transfer:
    async with run.p.store.begin() as conn:
        backup_id = run.transfer.backup_id
        found = await rows.by_id(conn, backup_id) if backup_id else None
    if found is None or not found.restorable:
        raise errors.NotFound("That backup is not there any more.", resource="transfer")
    return found


async def _source_url(run: Run) -> str:
    if run.transfer.source_id is not None:
        source = await databases.available(run.p, run.transfer.source_id)
        return await credentials.url(run.p, source)
    url = transfers.given_url(run.p, run.transfer)
    if url is None:
        raise errors.NotFound("The database to copy from is not there any more.")
    return url


@contextlib.asynccontextmanager
async def _reporting(run: Run) -> AsyncIterator[None]:
    """Tell those who ask how many bytes there are, while the block lasts."""

    async def report() -> None:
        said = 0
        while True:
            await run.p.clock.sleep(_REPORT_SECONDS)
            if run.bytes != said:
                said = run.bytes
                async with run.p.store.begin() as conn:
                    await rows.update(conn, run.transfer.id, processed_bytes=said)

    reporter = asyncio.create_task(report())
    try:
        yield
    finally:
        reporter.cancel()
        await asyncio.gather(reporter, return_exceptions=True)


async def _succeed(run: Run, values: dict[str, object]) -> None:
    one = run.transfer
    async with run.p.store.begin() as conn:
        ended = await rows.end(conn, one.id, State.SUCCEEDED, **values)
        if ended and one.schedule_id is not None:
            now = run.p.clock.now()
            await rows.update_schedule(conn, one.schedule_id, problem=None, succeeded_at=now)
    if ended:
        run.p.logs.platform(one.app_id, "postgres", f"{_described(one)} finished and is verified")
    elif one.kind is Kind.BACKUP:
        # It was cancelled at the very last moment.
        await run.p.backups.delete(one.id)


async def _fail(run: Run, why: str) -> None:
    one = run.transfer
    problem = f"{one.name} failed: {why}"
    async with run.p.store.begin() as conn:
        ended = await rows.end(conn, one.id, State.FAILED, problem=why)
        await rows.say(conn, one.id, why)
        if ended and one.schedule_id is not None:
            await rows.update_schedule(conn, one.schedule_id, problem=problem)
    if ended:
        run.p.logs.platform(one.app_id, "postgres", f"{_described(one)} failed: {why}")
        log.warning("transfer failed", transfer=one.name, app=str(one.app_id), why=why)


def _described(one: Transfer) -> str:
    where = "" if one.kind is Kind.BACKUP else f" to {one.to_name}"
    return f"{one.kind.capitalize()} {one.name} of {one.from_name}{where}"


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
