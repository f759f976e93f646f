"""A router for tests: it remembers what it was told and answers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from hatoba.model.route import AppRoute, Endpoint
from hatoba.router.base import RouterLine


class FakeRouter:
    """Implements ``router.base.Router`` in memory.

    ``routes`` is what is in force by key, ``published`` every route in the order of publishing.
    A test says which endpoints are busy, and feeds ``requests`` to be read as lines.
    """

    def __init__(self) -> None:
        self.routes: dict[str, AppRoute] = {}
        self.published: list[AppRoute] = []
        self.busy: set[Endpoint] = set()
        self.requests: asyncio.Queue[list[RouterLine]] = asyncio.Queue()

    async def load(self, routes: Sequence[AppRoute]) -> None:
        """Take the whole set of routes."""
        self.routes = {route.key: route for route in routes}

    async def publish(self, route: AppRoute) -> None:
        """Put this app's route in force."""
        self.routes[route.key] = route
        self.published.append(route)

    async def withdraw(self, key: str) -> None:
        """Forget the app."""
        self.routes.pop(key, None)

    async def idle(self, key: str, endpoint: Endpoint, *, timeout: float) -> bool:
        """Tell at once whether the endpoint is idle."""
        return endpoint not in self.busy

    async def lines(self) -> AsyncIterator[list[RouterLine]]:
        """Yield what the test feeds."""
        while True:
            yield await self.requests.get()
