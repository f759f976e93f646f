"""Logins that a command line has begun and somebody finishes in a browser."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass, field

from hatoba import errors
from hatoba.kit.clock import Clock

# The official command line gives up after ten minutes too.
PATIENCE = 600.0
_KEPT = 200


@dataclass(frozen=True)
class Pending:
    """A login that waits; ``token`` is what the command line knows it by, ``id`` the browser."""

    id: str
    token: str = field(repr=False)
    description: str
    until: float
    outcome: asyncio.Future[dict[str, str]] = field(repr=False)


class Logins:
    """Keeps logins until they are finished or ten minutes old."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pending: dict[str, Pending] = {}

    def begin(self, description: str) -> Pending:
        """Begin a login; when too many wait, the oldest is given up."""
        self._drop_old()
        if len(self._pending) >= _KEPT:
            self._fail(next(iter(self._pending)), "Too many logins were begun. Log in again.")
        made = Pending(
            id=secrets.token_urlsafe(24),
            token=secrets.token_urlsafe(32),
            description=description,
            until=self._clock.monotonic() + PATIENCE,
            outcome=asyncio.get_running_loop().create_future(),
        )
        self._pending[made.id] = made
        return made

    def find(self, login_id: str) -> Pending:
        """Return a login that waits. Raises NotFound when it was finished or given up."""
        self._drop_old()
        found = self._pending.get(login_id)
        if found is None:
            raise errors.NotFound(
                "This login is over. Begin another one: heroku login.", resource="login"
            )
        return found

    def held(self, login_id: str, token: str) -> Pending:
        """As ``find``, for the command line that began it. Raises Unauthorized for others."""
        found = self.find(login_id)
        if not hmac.compare_digest(found.token.encode(), token.encode()):
            raise errors.Unauthorized("This login was begun by somebody else.")
        return found

    def finish(self, login_id: str, access_token: str) -> None:
        """Give the command line its token."""
        self._settle(login_id, {"access_token": access_token})

    def refuse(self, login_id: str) -> None:
        """Tell the command line that nobody logged in."""
        self._fail(login_id, "The login was refused in the browser.")

    def forget(self, login_id: str) -> None:
        """Forget a login, whose command line has got its token or is gone."""
        self._pending.pop(login_id, None)

    def _fail(self, login_id: str, why: str) -> None:
        self._settle(login_id, {"error": why})
        self.forget(login_id)

    def _settle(self, login_id: str, outcome: dict[str, str]) -> None:
        found = self._pending.get(login_id)
        if found is not None and not found.outcome.done():
            found.outcome.set_result(outcome)

    def _drop_old(self) -> None:
        now = self._clock.monotonic()
        for one in [p for p in self._pending.values() if p.until <= now]:
            self._fail(one.id, "Nobody logged in within ten minutes. Log in again: heroku login.")
