"""The protocol of a router, and what it reports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from hatoba.model.route import AppRoute, Endpoint


@dataclass(frozen=True)
class RouterLine:
    """One request in Heroku's words.

    ``key`` is the app's route key (empty when no app has the host), ``at`` when it ended, and
    ``text`` is ``at=info method=GET path="/" host=… status=200 bytes=5 protocol=http``. ``status``
    and ``code`` (``H12``, empty when all was well) are what it says; ``millis`` is how long a
    dyno took to answer, None when none did.
    """

    key: str
    at: datetime
    text: str
    status: int = 0
    code: str = ""
    millis: int | None = None


class Router(Protocol):
    """Carries requests to dynos. A change is in force when the call returns.

    Every method is safe to call again. Raises ``errors.Unavailable`` when the data plane did not
    acknowledge within five seconds; the change stays wanted and comes into force with it.
    """

    async def load(self, routes: Sequence[AppRoute]) -> None:
        """Take the whole set of routes at the daemon's start; the data plane is answered after."""
        ...

    async def publish(self, route: AppRoute) -> None:
        """Put this app's route in force."""
        ...

    async def withdraw(self, key: str) -> None:
        """Forget the app; its hosts answer as unknown ones."""
        ...

    async def idle(self, key: str, endpoint: Endpoint, *, timeout: float) -> bool:
        """Wait until no request is in flight to an endpoint; False after ``timeout`` s."""
        ...

    def lines(self) -> AsyncIterator[list[RouterLine]]:
        """Yield batches of router log lines as requests end; never ends by itself."""
        ...
