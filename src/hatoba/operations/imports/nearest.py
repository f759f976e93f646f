"""Which plan here is nearest to one elsewhere. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What Heroku's tiers of a service are most like, where the plan itself is not offered.
# https://devcenter.heroku.com/articles/heroku-postgres-plans
_TIERS = {
    "hobby": ("essential", "mini"),
    "dev": ("essential", "mini"),
    "basic": ("essential", "mini"),
    "mini": ("mini", "essential"),
    "essential": ("essential", "mini"),
    "standard": ("standard", "premium"),
    "premium": ("premium", "standard"),
    "private": ("premium", "standard"),
    "shield": ("premium", "standard"),
    "advanced": ("premium", "standard"),
    "performance": ("premium", "standard"),
}


def plan(wanted: str, offered: Sequence[str]) -> str | None:
    """Return the offered plan that is nearest to ``service:plan``, None when there is no service.

    The same plan, else one of the same kind and the next level up, else the greatest of that
    kind, else the first that is offered.
    """
    service, _, name = wanted.partition(":")
    of_service = [one for one in offered if one.partition(":")[0] == service]
    if wanted in of_service or not of_service:
        return wanted if wanted in of_service else None
    for tier in _TIERS.get(_tier(name), ()):
        if alike := [one for one in of_service if _tier(one.partition(":")[2]) == tier]:
            return _at_least(alike, _level(name))
    return of_service[0]


def _tier(name: str) -> str:
    return name.partition("-")[0]


def _level(name: str) -> int:
    digits = re.search(r"(\d+)$", name)
    return int(digits[1]) if digits else 0


def _at_least(alike: Sequence[str], level: int) -> str:
    ordered = sorted(alike, key=_level)
    return next((one for one in ordered if _level(one) >= level), ordered[-1])
