"""Run sessions: one-off dynos, and commands inside dynos, that wait for somebody to attach."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from hatoba import errors
from hatoba.engines.base import Attachment, Terminal

# Somebody who asked for an attached dyno connects at once; after this the dyno is stopped.
ATTACH_LIMIT = 60.0
_SECRET_BYTES = 32
SECRET_LENGTH = 43
"""How many characters a secret has: its bytes in URL-safe base64."""


@dataclass(frozen=True)
class Session:
    """Who may attach to what. ``hidden`` are the values to be masked in its output.

    ``raw`` carries every byte as it is: no byte of the input means its end.
    """

    dyno_id: UUID
    app_id: UUID
    terminal: bool
    hidden: tuple[str, ...] = field(repr=False)
    raw: bool = False


class Sessions:
    """The sessions that wait, by their single-use secret, and those that somebody attached to."""

    def __init__(self) -> None:
        self._attached: dict[str, tuple[UUID, Attachment]] = {}
        self._waiting: dict[str, Session] = {}
        self._expiries: dict[str, asyncio.Task[None]] = {}

    def open(self, session: Session, on_expiry: Callable[[], Awaitable[None]]) -> str:
        """Have the session wait; return the secret that lets one client attach."""
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._waiting[secret] = session
        self._expiries[secret] = asyncio.create_task(self._expire(secret, on_expiry))
        return secret

    def join(self, secret: str, session: Session, attachment: Attachment) -> None:
        """Note who talks to which dyno now."""
        self._attached[secret] = (session.app_id, attachment)

    def leave(self, secret: str) -> None:
        """Note that nobody does any more."""
        self._attached.pop(secret, None)

    async def resize(self, app_id: UUID, secret: str, terminal: Terminal) -> None:
        """Tell a session's terminal its new size. Raises NotFound."""
        known, attachment = self._attached.get(secret, (None, None))
        if attachment is None or known != app_id:
            raise errors.NotFound("Couldn't find that run session.", resource="session")
        await attachment.resize(terminal)

    def take(self, secret: str) -> Session | None:
        """Return the session and use up its secret."""
        expiry = self._expiries.pop(secret, None)
        if expiry is not None:
            expiry.cancel()
        return self._waiting.pop(secret, None)

    async def _expire(self, secret: str, on_expiry: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(ATTACH_LIMIT)
        if self._waiting.pop(secret, None) is not None:
            self._expiries.pop(secret, None)
            await on_expiry()

    def close(self) -> None:
        """Forget all that wait."""
        for task in self._expiries.values():
            task.cancel()
        self._waiting.clear()
        self._expiries.clear()
