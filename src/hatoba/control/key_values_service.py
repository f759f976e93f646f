"""Heroku Key-Value Store as an add-on service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import key_values
from hatoba.control.platform import Platform
from hatoba.model import key_value as rules
from hatoba.model.addon import Addon, AddonPlan


class KeyValueService:
    """Key-value stores on this machine; see ``control.services.Service``."""

    name = rules.SERVICE
    human_name = "Heroku Key-Value Store"
    prefix = "redis"
    primary = "REDIS"
    colours = "HEROKU_REDIS"
    suffixes: Sequence[str] = ("URL",)
    elsewhere = False
    single = False
    shared = True
    plans: Mapping[str, AddonPlan] = {
        plan.name: AddonPlan(
            service=rules.SERVICE,
            name=plan.name,
            human_name=plan.human,
            description=f"Heroku Key-Value Store {plan.human}",
            default=plan.name == rules.DEFAULT_PLAN,
        )
        for plan in rules.PLANS.values()
    }

    async def reserve(
        self, p: Platform, conn: AsyncConnection, addon: Addon, options: Mapping[str, str]
    ) -> None:
        """Note the instance; it takes no options."""
        if options:
            raise errors.InvalidParams(f"The option {sorted(options)[0]} is not offered.")
        await key_values.reserve(p, conn, addon)

    async def build(self, p: Platform, addon: Addon) -> None:
        """Have its server run."""
        await key_values.build(p, addon.id)

    async def values(self, p: Platform, addon: Addon, credential: str) -> dict[str, str]:
        """Return the one config var: the URL with the password."""
        del credential
        return {"URL": (await key_values.find(p, addon.id)).url}

    async def change_plan(self, p: Platform, addon: Addon, plan: str) -> None:
        """Put another plan's limits in force."""
        await key_values.change_plan(p, addon.id, plan)

    async def destroy(self, p: Platform, addon: Addon) -> None:
        """Stop it and delete its data."""
        await key_values.destroy(p, addon.id)
