"""How much a database may store before somebody is told, and before writes are refused.

A plan's size is always in force; a quota of one's own comes before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_GIB = 1024**3
_SIZES = ("warning_gb", "critical_gb")
_ACTION = "enforcement_action"


class Action(StrEnum):
    """What becomes of a database that is over its critical size."""

    NOTIFY = "notify"
    RESTRICT = "restrict"
    NONE = "none"


class Level(StrEnum):
    """How far a database is on its way to its limits."""

    WITHIN = "within"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True)
class Quota:
    """Sizes in GB (of 1024³ bytes), None where there is none; without any the plan's counts."""

    warning_gb: float | None = None
    critical_gb: float | None = None
    enforcement_action: Action = Action.RESTRICT

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Quota:
        """Return what was stored."""
        return cls(**{**stored, "enforcement_action": Action(stored.get(_ACTION, Action.RESTRICT))})

    @property
    def stored(self) -> dict[str, Any]:
        """The quota as it is stored."""
        return asdict(self)

    def critical(self, plan: int) -> float:
        """Return the critical size in GB: one's own, or that of a plan with so many bytes."""
        return plan / _GIB if self.critical_gb is None else min(plan / _GIB, self.critical_gb)

    def critical_bytes(self, plan: int) -> int:
        """Return the same in bytes."""
        return int(self.critical(plan) * _GIB)

    def level(self, size: int, plan: int) -> Level:
        """Return how far a database of that size is."""
        if size > self.critical_bytes(plan):
            return Level.CRITICAL
        over = self.warning_gb is not None and size > self.warning_gb * _GIB
        return Level.WARNING if over else Level.WITHIN

    def refuses(self, size: int, plan: int) -> bool:
        """Tell whether writes are refused on a database of that size."""
        own = self.critical_bytes(plan) if self.enforcement_action is Action.RESTRICT else plan
        return size > own

    def tells(self, level: Level) -> bool:
        """Tell whether reaching a level is told in the logs."""
        return level is not Level.CRITICAL or self.enforcement_action is not Action.NONE


def problem(changes: Mapping[str, Any]) -> str | None:
    """Return why these can't be a quota's new values, None when they can."""
    for name in _SIZES:
        value = changes.get(name)
        if value is not None and not (math.isfinite(value) and value > 0):
            return f"{name} must be a number of GB above 0, or null for none."
    action = changes.get(_ACTION)
    if action is not None and action not in list(Action):
        return f"enforcement_action must be one of {', '.join(Action)}."
    return None


def changed(quota: Quota, changes: Mapping[str, Any]) -> Quota:
    """Return the quota with other values; without a critical size the plan's rule is back."""
    values = {**quota.stored, **changes}
    if values["critical_gb"] is None and _ACTION not in changes:
        values[_ACTION] = Action.RESTRICT
    return Quota.of(values)


def conflict(quota: Quota, plan: int) -> str | None:
    """Return why a quota doesn't fit a plan of that size in bytes, None when it does."""
    plan_gb = plan / _GIB
    if quota.critical_gb is not None and quota.critical_gb > plan_gb:
        return (
            f"The plan's size is {plan_gb:g} GB: a critical size can't be above it. For more: "
            "heroku addons:upgrade"
        )
    critical = plan_gb if quota.critical_gb is None else quota.critical_gb
    if quota.warning_gb is not None and quota.warning_gb >= critical:
        return f"The warning size must be below the critical one, which is {critical:g} GB."
    if quota.critical_gb is None and quota.enforcement_action is not Action.RESTRICT:
        return (
            "At the plan's size writes are always refused: give a critical size below it, at "
            f"which the action is {quota.enforcement_action}."
        )
    return None
