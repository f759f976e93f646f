"""What the servers of databases say, in the logs of the apps that have them.

Only a server of one database's own: what a shared one says may be about anybody's.
https://devcenter.heroku.com/articles/postgres-logs-errors
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

from hatoba.addons.postgres import server_log
from hatoba.addons.postgres.server_log import LogReader, Record
from hatoba.control import config
from hatoba.control.platform import Platform
from hatoba.kit.scrub import Scrubber
from hatoba.kit.text import size
from hatoba.model.addon import Attachment
from hatoba.model.database import log_name
from hatoba.store import addons as addon_rows
from hatoba.store import apps as app_rows
from hatoba.store import databases as rows

POLL_SECONDS = 1.0


class LogCarrier:
    """Carries what servers say into the logs of apps, a bounded piece of each at a time."""

    def __init__(self, p: Platform) -> None:
        self._p = p
        self._readers: dict[UUID, LogReader] = {}

    async def run(self) -> None:
        """Carry, without end."""
        while True:
            await self.carry()
            await self._p.clock.sleep(POLL_SECONDS)

    async def carry(self) -> None:
        """Carry what was said since the last time."""
        there = self._p.databases.logs()
        self._readers = {
            server_id: self._readers.get(server_id) or LogReader(path)
            for server_id, path in there.items()
        }
        for server_id, reader in self._readers.items():
            data, skipped = await asyncio.to_thread(reader.read)
            if said := list(server_log.records(data)):
                await self._say(server_id, said, skipped)

    async def _say(self, server_id: UUID, said: Sequence[Record], skipped: int) -> None:
        async with self._p.store.begin() as conn:
            database = await rows.alone_on(conn, server_id)
            if database is None:
                return
            known = await addon_rows.attachments(conn, addon_id=database.id)
        for attachment in by_app(known):
            await self._tell(attachment, said, skipped)

    async def _tell(self, attachment: Attachment, said: Sequence[Record], skipped: int) -> None:
        p, app_id, name = self._p, attachment.app_id, log_name(attachment.name)
        async with p.store.begin() as conn:
            app = await app_rows.by_id(conn, app_id)
        if app is None or app.destroyed_at is not None:
            return
        if skipped:
            p.logs.platform(app_id, "postgres", f"{size(skipped)} of {name}'s log were left out")
        scrubber = Scrubber((await config.current(p, app)).values())
        for record in said:
            for line in record.lines(name):
                text = (scrubber.feed(line.encode()) + scrubber.close()).decode(errors="replace")
                p.logs.addon(app_id, f"postgres.{record.pid}", text, at=record.at)


def by_app(attachments: Sequence[Attachment]) -> list[Attachment]:
    """Return one attachment for each app: the one as its main database, or the oldest. Pure."""
    chosen: dict[UUID, Attachment] = {}
    for one in attachments:
        if one.name == "DATABASE" or one.app_id not in chosen:
            chosen[one.app_id] = one
    return list(chosen.values())
