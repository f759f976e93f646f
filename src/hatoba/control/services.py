"""The services that add-ons are of, and what each of them must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.model.addon import Addon, AddonPlan


class NotYet(errors.HatobaError):
    """What was asked for goes on, or must be asked for again.

    ``after`` is in how many seconds to ask again; ``fault`` says that something went wrong.
    """

    def __init__(self, message: str, *, after: float, fault: bool) -> None:
        super().__init__(message)
        self.after = after
        self.fault = fault


class Service(Protocol):
    """What can be added to apps. Every method may be called again after a kill.

    ``prefix`` begins the names of its add-ons; ``primary`` is the name of an app's first
    attachment, ``colours`` begins those of further ones. ``suffixes`` end the names of the
    config vars that an attachment may give its app: ``URL`` of ``DATABASE_URL``. What is
    ``elsewhere`` is told when an add-on goes, also one that was only half made. With ``single``
    an app has at most one, and without ``shared`` no other app can have it too.
    """

    name: str
    human_name: str
    prefix: str
    primary: str
    colours: str
    suffixes: Sequence[str]
    plans: Mapping[str, AddonPlan]
    elsewhere: bool
    single: bool
    shared: bool

    async def reserve(
        self, p: Platform, conn: AsyncConnection, addon: Addon, options: Mapping[str, str]
    ) -> None:
        """Note what is to be made, in the transaction that keeps the add-on.

        Raises InvalidParams for options that can't be; ``follow``, ``fork`` and
        ``rollback`` are ids of add-ons.
        """
        ...

    async def build(self, p: Platform, addon: Addon) -> None:
        """Make what was reserved. Raises NotYet, and HatobaError when it can't be made."""
        ...

    async def values(self, p: Platform, addon: Addon, credential: str) -> dict[str, str]:
        """Return, by suffix, what its config vars hold. Raises NotFound."""
        ...

    async def change_plan(self, p: Platform, addon: Addon, plan: str) -> None:
        """Put another plan in force. Raises NotYet, and InvalidParams when it can't be."""
        ...

    async def destroy(self, p: Platform, addon: Addon) -> None:
        """Take it out of service. Raises NotYet, and Conflict when something depends on it."""
        ...


def plan_of(services: Mapping[str, Service], name: str) -> tuple[Service, AddonPlan]:
    """Return service and plan by ``service`` or ``service:plan``. Raises NotFound."""
    service_name, _, plan_name = name.partition(":")
    service = services.get(service_name)
    if service is None:
        there = ", ".join(services)
        raise errors.NotFound(
            f"Couldn't find either the add-on service or the add-on plan of {name}. "
            f"Services: {there}.",
            resource="plan",
        )
    for plan in service.plans.values():
        if plan.name == plan_name or (not plan_name and plan.default):
            return service, plan
    raise errors.InvalidParams(
        f"Couldn't find either the add-on service or the add-on plan of {name}. "
        f"Plans: {', '.join(service.plans)}."
    )
