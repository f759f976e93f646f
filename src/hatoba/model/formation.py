"""Formation: how many dynos of which size each process type gets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hatoba.model.dyno import DEFAULT_SIZE

# https://devcenter.heroku.com/articles/limits#dynos: 100 dynos of a process type.
MAX_QUANTITY = 100

# Runs once at each release, so it has a size and a command but never a dyno of the formation.
RELEASE_TYPE = "release"


@dataclass(frozen=True)
class Formation:
    """One process type of an app: its command, quantity and size."""

    id: UUID
    app_id: UUID
    type: str
    command: str
    quantity: int
    size: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class FormationUpdate:
    """A wanted change: quantity is absolute, or a step such as +1 when ``relative``."""

    type: str
    quantity: int | None = None
    relative: bool = False
    size: str | None = None


_QUANTITY = re.compile(r"([+-]?)(\d{1,9})")


def parse_quantity(text: str) -> tuple[int, bool] | None:
    """Read ``2``, ``+1`` or ``-1`` as (number, relative); None when it is none of these."""
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        return None
    sign, digits = match.groups()
    return (-int(digits) if sign == "-" else int(digits)), bool(sign)


def initial(types: Iterable[str], before: Mapping[str, int]) -> dict[str, int]:
    """Return the quantity for each process type of a new release.

    Known types keep theirs; at the first deploy ``web`` gets 1; every other new type gets 0.
    """
    # The release type is noted before the first release has run.
    first = not before.keys() - {RELEASE_TYPE}
    return {t: before.get(t, 1 if first and t == "web" else 0) for t in types}


DEFAULT_SIZE_NAME = DEFAULT_SIZE.name
