"""Add-ons, the attachments by which apps know them, and the config vars of those."""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MAX_NAME = 256
_ADDON_NAME = re.compile(r"[a-zA-Z][A-Za-z0-9_-]+")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
# https://devcenter.heroku.com/articles/heroku-postgresql: the colours in config vars' names.
COLOURS = (
    "AMBER AQUA BLACK BLUE BRONZE BROWN CHARCOAL COBALT COPPER CRIMSON CYAN GOLD GRAY GREEN "
    "IVORY JADE MAROON MAUVE NAVY OLIVE ONYX ORANGE PINK PUCE PURPLE RED ROSE SILVER TEAL "
    "VIOLET WHITE YELLOW"
).split()
_SHAPES = (
    "angular animated asymmetrical bright clean colorful concave contoured convex cubed curved "
    "cylindrical deep dimensional elliptical encircled flat flexible graceful horizontal "
    "infinite metric objective octagonal opaque parallel polished pointy regular round shallow "
    "solid spherical symmetrical tapered trapezoidal triangular vertical"
).split()


class AddonState(StrEnum):
    """How far an add-on is."""

    PROVISIONING = "provisioning"
    PROVISIONED = "provisioned"
    DEPROVISIONING = "deprovisioning"
    DEPROVISIONED = "deprovisioned"


@dataclass(frozen=True)
class AddonPlan:
    """A plan that a service offers; ``name`` is without the service's.

    ``cents`` is what its provider charges a month, in US dollars' hundredths.
    """

    service: str
    name: str
    human_name: str
    description: str
    default: bool = False
    cents: int = 0

    @property
    def full_name(self) -> str:
        """The name by which it is asked for, such as heroku-postgresql:essential-0."""
        return f"{self.service}:{self.name}"


@dataclass(frozen=True)
class Addon:
    """An instance of a service that was made for an app; ``plan`` is without the service.

    ``wanted_plan`` is the one that it is being put on, ``asked_by`` the account that asked for
    what is being done; ``due`` is when that is tried again, ``problem`` why it must be;
    ``message`` is what its service tells whoever made it.
    """

    id: UUID
    app_id: UUID
    service: str
    plan: str
    name: str
    state: AddonState
    created_at: datetime
    updated_at: datetime
    wanted_plan: str | None = None
    asked_by: UUID | None = None
    attempts: int = 0
    due: datetime | None = None
    problem: str | None = None
    message: str = ""

    @property
    def busy(self) -> bool:
        """Whether there is something to be done about it."""
        between = self.state in (AddonState.PROVISIONING, AddonState.DEPROVISIONING)
        return between or self.wanted_plan is not None

    @property
    def full_plan(self) -> str:
        """Service and plan, such as heroku-postgresql:essential-0."""
        return f"{self.service}:{self.plan}"


POOLED = "connection-pooling:"
"""Begins the namespace of an attachment by a connection pooler, as on Heroku."""


@dataclass(frozen=True)
class Attachment:
    """An add-on under the name that an app knows it by.

    ``namespace`` says as what, such as ``credential:analyst``; None is as its owner.
    ``config_vars`` are the names of those that it gives the app.
    """

    id: UUID
    addon_id: UUID
    app_id: UUID
    name: str
    namespace: str | None
    created_at: datetime
    updated_at: datetime
    config_vars: tuple[str, ...] = ()

    @property
    def pooled(self) -> bool:
        """Tell whether the app reaches it by a connection pooler."""
        return (self.namespace or "").startswith(POOLED)

    @property
    def credential(self) -> str:
        """The credential that it gives the app; ``connection-pooling:`` before it: by a pooler."""
        return (self.namespace or "credential:default").removeprefix("credential:")


def name_problem(name: str) -> str | None:
    """Return why this can't be an add-on's name, None when it can; the Platform API's pattern."""
    if _ADDON_NAME.fullmatch(name) and len(name) <= MAX_NAME:
        return None
    return (
        f"Name is invalid: it must begin with a letter, have only letters, digits, dashes and "
        f"underscores, and be at most {MAX_NAME} long."
    )


def attachment_problem(name: str) -> str | None:
    """Return why this can't be an attachment's name, None when it can."""
    if _NAME.fullmatch(name):
        return None
    return (
        "Name is invalid: it must begin with a letter and have only capital letters, digits and "
        "underscores."
    )


def config_vars(name: str, suffixes: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the config vars of an attachment of that name."""
    return tuple(f"{name}_{suffix}" for suffix in suffixes)


def addon_name(prefix: str, source: random.Random) -> str:
    """Return a name for an add-on such as ``postgresql-round-41210``."""
    return f"{prefix}-{source.choice(_SHAPES)}-{source.randrange(10_000, 100_000)}"


def free_name(primary: str, prefix: str, taken: Collection[str], source: random.Random) -> str:
    """Return the name of a new attachment: the service's own, or a colour when that is taken."""
    if primary not in taken:
        return primary
    colours = [f"{prefix}_{colour}" for colour in COLOURS if f"{prefix}_{colour}" not in taken]
    return source.choice(colours) if colours else f"{prefix}_{source.randrange(1000, 10_000)}"
