"""Requests that are sent again after a dropped connection: answered again, not done again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.vault import Vault
from hatoba.kit.clock import Clock
from hatoba.store import replies as rows
from hatoba.store.database import Store

# Clients that try again do so within seconds; a day covers one that was asleep.
KEPT = timedelta(days=1)
_PRUNE_EVERY = 3600.0


@dataclass(frozen=True)
class StoredReply:
    """A whole reply, as it was or will be sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes


CarryOut = Callable[[], Awaitable[StoredReply]]


class Replies:
    """Carries each request out once. Replies may hold tokens, so they are kept sealed."""

    def __init__(self, store: Store, vault: Vault, clock: Clock) -> None:
        self._store = store
        self._vault = vault
        self._clock = clock
        self._running: dict[str, asyncio.Task[StoredReply]] = {}
        self._pruned_at = float("-inf")

    async def once(self, key: str, carry_out: CarryOut) -> StoredReply:
        """Return the reply to the request with this key, carrying it out if it is new.

        Whoever sends it again meanwhile waits for the same reply. A reply of 500 or more is not
        kept. Raises Conflict when the platform was stopped in the middle of the first attempt.
        """
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._first(key, carry_out))
            self._running[key] = task
            task.add_done_callback(lambda ended: self._ended(key, ended))
        # The request goes on to its end even when the one who sent it first hangs up.
        return await asyncio.shield(task)

    def _ended(self, key: str, task: asyncio.Task[StoredReply]) -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            # Asked for here because everybody who waited for it may have hung up.
            task.exception()

    async def _first(self, key: str, carry_out: CarryOut) -> StoredReply:
        async with self._store.begin() as conn:
            await self._prune(conn)
            known = await rows.claim(conn, key)
        if known is not None:
            return self._again(key, known)
        try:
            reply = await carry_out()
        except Exception:
            # A cancelled one (the daemon stops) may have been carried out: that stays noted.
            await self._release(key)
            raise
        if reply.status >= 500:
            await self._release(key)
        else:
            await self._save(key, reply)
        return reply

    def _again(self, key: str, known: rows.Row) -> StoredReply:
        if known.status is None:
            raise errors.Conflict(
                "The platform was stopped while it carried out this request, so its outcome is "
                "not known. Look at the app first, then send the request anew."
            )
        return StoredReply(known.status, known.headers, self._vault.unseal(known.sealed, key))

    async def _save(self, key: str, reply: StoredReply) -> None:
        sealed = self._vault.seal(reply.body, key)
        async with self._store.begin() as conn:
            await rows.save(conn, key, reply.status, reply.headers, sealed)

    async def _release(self, key: str) -> None:
        async with self._store.begin() as conn:
            await rows.release(conn, key)

    async def _prune(self, conn: AsyncConnection) -> None:
        if self._clock.monotonic() - self._pruned_at < _PRUNE_EVERY:
            return
        self._pruned_at = self._clock.monotonic()
        await rows.prune(conn, self._clock.now() - KEPT)
