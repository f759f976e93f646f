"""Preboot: new web dynos warm up beside the old ones, then take all requests at once. Pure.

Without it a new web dyno takes requests as soon as it has answered its first one, and the old one
goes. With it nothing changes for visitors until every new dyno has been up for three minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from hatoba.model.dyno import Dyno, DynoState
from hatoba.model.feature import PREBOOT_OVERLAP


def warming(
    old: Collection[Dyno], fresh: Mapping[int, Dyno], quantity: int, now: datetime
) -> frozenset[UUID]:
    """Return the new web dynos that are up and get no requests yet.

    ``old`` are web dynos that are to be replaced or to go, ``fresh`` those that stay, by number.
    """
    at = hands_over_at(old, fresh, quantity)
    if at is not None and at <= now:
        return frozenset()
    return frozenset(dyno.id for dyno in _successors(old, fresh))


def superseded(old: Collection[Dyno]) -> frozenset[UUID]:
    """Return those that were still warming up when a newer release came: they never serve."""
    serving = [dyno for dyno in old if dyno.state is DynoState.UP]
    first = {d.number: d for d in sorted(serving, key=lambda d: d.created_at, reverse=True)}
    return frozenset(dyno.id for dyno in serving if first[dyno.number] is not dyno)


def hands_over_at(
    old: Collection[Dyno], fresh: Mapping[int, Dyno], quantity: int
) -> datetime | None:
    """Return when the last of the new web dynos has warmed up, None while one is not up."""
    held = _successors(old, fresh)
    if not held or not _complete(fresh, quantity):
        return None
    return max(dyno.since for dyno in held) + PREBOOT_OVERLAP


def _successors(old: Collection[Dyno], fresh: Mapping[int, Dyno]) -> list[Dyno]:
    """Return the new dynos that are up in whose place, or for whose release, an old one serves.

    When one dyno of several is restarted, its neighbours go on serving.
    """
    serving = [dyno for dyno in old if dyno.state is DynoState.UP]
    return [
        new
        for new in fresh.values()
        if new.state is DynoState.UP
        and any(o.number == new.number or o.release_id != new.release_id for o in serving)
    ]


def _complete(fresh: Mapping[int, Dyno], quantity: int) -> bool:
    numbers = range(1, quantity + 1)
    return all(n in fresh and fresh[n].state is DynoState.UP for n in numbers)
