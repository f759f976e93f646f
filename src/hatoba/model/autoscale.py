"""Autoscaling: how many web dynos the router's measured response times ask for. Pure.

https://devcenter.heroku.com/articles/scaling#autoscaling
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from hatoba.model.formation import MAX_QUANTITY
from hatoba.model.traffic import percentile

# Steps up are a minute apart; a step down waits until five minutes were calm.
UP_WINDOW = timedelta(minutes=1)
DOWN_WINDOW = timedelta(minutes=5)
# Fewer requests say nothing about the slowest twentieth of them.
FEWEST_REQUESTS = 20
# One dyno less must leave so much of the wanted response time unused.
_CALM = 0.7
MAX_P95 = 30_000


@dataclass(frozen=True)
class Monitor:
    """What an app's web dynos are scaled by. ``p95`` is in ms.

    ``quantity`` is the number of dynos that autoscaling has seen last, ``scaled_at`` when it
    has changed; ``account_id`` is who switched it on.
    """

    id: UUID
    app_id: UUID
    account_id: UUID
    active: bool
    min_quantity: int
    max_quantity: int
    p95: int
    quantity: int | None
    scaled_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Load:
    """Response times by class, over the last minute and the last five."""

    minute: Mapping[int, int]
    calm: Mapping[int, int]


@dataclass(frozen=True)
class Step:
    """How many dynos there should be, and why in words."""

    quantity: int
    why: str


def bounds_problem(min_quantity: int, max_quantity: int, p95: int) -> str | None:
    """Return why these can't be a monitor's bounds, None when they can."""
    if not 1 <= min_quantity <= max_quantity <= MAX_QUANTITY:
        return f"min_quantity and max_quantity must be from 1 to {MAX_QUANTITY}, min not above max."
    if not 1 <= p95 <= MAX_P95:
        return f"The desired p95 response time must be from 1 to {MAX_P95} ms."
    return None


def step(monitor: Monitor, quantity: int, load: Load, now: datetime) -> Step | None:
    """Return the next step, None when all may stay as it is.

    An app that was scaled by hand below or above the bounds, or to nothing, is left alone.
    """
    if quantity == 0:
        return None
    if monitor.quantity is None:
        return _within_bounds(monitor, quantity)
    if not monitor.min_quantity <= quantity <= monitor.max_quantity:
        return None
    since = now - (monitor.scaled_at or monitor.updated_at)
    if since >= UP_WINDOW and quantity < monitor.max_quantity:
        slow = percentile(load.minute, 0.95)
        enough = sum(load.minute.values()) >= FEWEST_REQUESTS
        if enough and slow is not None and slow > monitor.p95:
            return Step(quantity + 1, f"p95 was {slow} ms in the last minute")
    if since >= DOWN_WINDOW and quantity > monitor.min_quantity:
        return _down(monitor, quantity, load)
    return None


def _within_bounds(monitor: Monitor, quantity: int) -> Step | None:
    wanted = min(max(quantity, monitor.min_quantity), monitor.max_quantity)
    return Step(wanted, "autoscaling was enabled") if wanted != quantity else None


def _down(monitor: Monitor, quantity: int, load: Load) -> Step | None:
    slow = percentile(load.calm, 0.95) or 0
    if slow * quantity / (quantity - 1) <= monitor.p95 * _CALM:
        return Step(quantity - 1, f"p95 was {slow} ms in the last five minutes")
    return None
