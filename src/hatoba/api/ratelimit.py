"""Token buckets: how many requests may still come."""

from __future__ import annotations

from collections.abc import Hashable

from hatoba import errors
from hatoba.kit.clock import Clock

# https://devcenter.heroku.com/articles/platform-api-reference#rate-limits
REQUESTS_AN_HOUR = 4500
# Guesses of a password for one address.
LOGINS_AN_HOUR = 60
_KEPT = 10_000


class RateLimit:
    """A bucket for each key that holds an hour's worth and fills steadily."""

    def __init__(self, clock: Clock, an_hour: int) -> None:
        self._clock = clock
        self._capacity = float(an_hour)
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def left(self, key: Hashable) -> int:
        """Return how many requests may come at once, without counting this one."""
        return int(self._level(key))

    def take(self, key: Hashable) -> int:
        """Count a request and return how many may follow. Raises RateLimited."""
        level = self._level(key)
        if level < 1:
            raise errors.RateLimited
        if len(self._buckets) >= _KEPT:
            self._drop_full()
        self._buckets[key] = (self._clock.monotonic(), level - 1)
        return int(level - 1)

    def _level(self, key: Hashable) -> float:
        now = self._clock.monotonic()
        since, level = self._buckets.get(key, (now, self._capacity))
        return min(self._capacity, level + (now - since) * self._capacity / 3600)

    def _drop_full(self) -> None:
        for key in [k for k in self._buckets if self._level(k) >= self._capacity]:
            del self._buckets[key]
