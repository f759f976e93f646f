"""Heroku Scheduler as an add-on service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.model.addon import Addon, AddonPlan
from hatoba.model.scheduled_job import PLAN, SERVICE
from hatoba.store import scheduler as rows


class SchedulerService:
    """Jobs that run every 10 minutes, hour or day; see ``control.services.Service``."""

    name = SERVICE
    human_name = "Heroku Scheduler"
    prefix = SERVICE
    primary = "SCHEDULER"
    colours = "SCHEDULER"
    suffixes: Sequence[str] = ()
    elsewhere = False
    single = True
    shared = False
    plans: Mapping[str, AddonPlan] = {
        PLAN: AddonPlan(SERVICE, PLAN, "Standard", "Heroku Scheduler Standard", default=True)
    }

    async def reserve(
        self, p: Platform, conn: AsyncConnection, addon: Addon, options: Mapping[str, str]
    ) -> None:
        """Take no options: its jobs are added afterwards."""
        if options:
            raise errors.InvalidParams(f"The option {sorted(options)[0]} is not offered.")

    async def build(self, p: Platform, addon: Addon) -> None:
        """Have nothing to do: it is there as soon as it is noted."""

    async def values(self, p: Platform, addon: Addon, credential: str) -> dict[str, str]:
        """Return no config vars."""
        return {}

    async def change_plan(self, p: Platform, addon: Addon, plan: str) -> None:
        """Have nothing to do: there is only one plan."""

    async def destroy(self, p: Platform, addon: Addon) -> None:
        """Forget its jobs; what runs of them goes on."""
        async with p.store.begin() as conn:
            await rows.delete_all(conn, addon.id)
