"""What is counted of requests and dynos: codes, statuses and how long answers took. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
# https://devcenter.heroku.com/articles/metrics keeps a week at this resolution.
KEPT_FOR = timedelta(days=7)
ROUTER = "router"
# Answers are counted by how long they took, in classes a tenth wider each.
_FACTOR = math.log(1.1)


def bucket(millis: int) -> int:
    """Return the class of a response time."""
    return math.ceil(math.log(millis) / _FACTOR) if millis > 1 else 0


def millis(of_bucket: int) -> int:
    """Return the longest response time of a class, in ms."""
    return round(math.exp(of_bucket * _FACTOR))


def percentile(counted: Mapping[int, int], share: float) -> int | None:
    """Return the response time, in ms, that this share of requests did not exceed."""
    total = sum(counted.values())
    wanted, seen = math.ceil(total * share), 0
    for one in sorted(counted):
        seen += counted[one]
        if seen >= wanted:
            return millis(one)
    return None


@dataclass(frozen=True)
class Count:
    """How often something happened in an hour.

    ``source`` is ``router`` or a process type; ``name`` what happened: ``code:H12``,
    ``status:200``, or ``ms:37`` for a class of response times.
    """

    hour: datetime
    source: str
    name: str
    count: int


@dataclass(frozen=True)
class Window:
    """From when to when, in whole hours: ``hours`` are their beginnings."""

    start: datetime
    end: datetime

    @property
    def hours(self) -> list[datetime]:
        """The beginnings of the hours that the window touches."""
        first = self.start.replace(minute=0, second=0, microsecond=0)
        return [first + HOUR * n for n in range(math.ceil((self.end - first) / HOUR))]


def series(counts: Iterable[Count], kind: str, hours: list[datetime]) -> dict[str, list[int]]:
    """Return how often each code or status was seen in each hour."""
    found: dict[str, list[int]] = {}
    place = {hour: number for number, hour in enumerate(hours)}
    for one in counts:
        prefix, _, name = one.name.partition(":")
        if prefix == kind and one.hour in place:
            found.setdefault(name, [0] * len(hours))[place[one.hour]] += one.count
    return found


def latencies(counts: Iterable[Count], hours: list[datetime]) -> dict[str, list[int | None]]:
    """Return percentiles of response times, in ms, for each hour; None without requests."""
    by_hour: dict[datetime, Counter[int]] = {hour: Counter() for hour in hours}
    for one in counts:
        prefix, _, name = one.name.partition(":")
        if prefix == "ms" and one.hour in by_hour:
            by_hour[one.hour][int(name)] += one.count
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {
        f"latency.ms.{name}": [percentile(by_hour[hour], share) for hour in hours]
        for name, share in shares.items()
    }
