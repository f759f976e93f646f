"""Heroku Postgres as an add-on service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.control import backups, databases
from hatoba.control import databases_credentials as credentials
from hatoba.control.databases_rollback import asked
from hatoba.control.platform import Platform
from hatoba.model import database as rules
from hatoba.model.addon import POOLED, Addon, AddonPlan

log = structlog.get_logger(__name__)

_OFFERED = ("follow", "fork", "rollback", "to", "by", "version")


class PostgresService:
    """Databases on this machine; see ``control.services.Service``."""

    name = rules.SERVICE
    human_name = "Heroku Postgres"
    prefix = "postgresql"
    primary = "DATABASE"
    colours = "HEROKU_POSTGRESQL"
    suffixes: Sequence[str] = ("URL",)
    elsewhere = False
    single = False
    shared = True
    plans: Mapping[str, AddonPlan] = {
        plan.name: AddonPlan(
            service=rules.SERVICE,
            name=plan.name,
            human_name=plan.human,
            description=f"Heroku Postgres {plan.human}",
            default=plan.name == rules.DEFAULT_PLAN,
        )
        for plan in rules.PLANS.values()
    }

    async def reserve(
        self, p: Platform, conn: AsyncConnection, addon: Addon, options: Mapping[str, str]
    ) -> None:
        """Note the database, and which other one it is made from."""
        if unknown := sorted(set(options) - set(_OFFERED)):
            raise errors.InvalidParams(
                f"The option {unknown[0]} is not offered. There are: {', '.join(_OFFERED)}."
            )
        source = _id(options.get("rollback"))
        if source is None and ("to" in options or "by" in options):
            raise errors.InvalidParams("The options to and by need rollback: DATABASE.")
        wanted = databases.Wanted(
            id=addon.id,
            plan=addon.plan,
            follow=_id(options.get("follow")),
            fork=_id(options.get("fork")),
            rollback=await asked(p, conn, source, options) if source else None,
            major=_major(options.get("version")),
        )
        await databases.reserve(p, conn, wanted)

    async def build(self, p: Platform, addon: Addon) -> None:
        """Make the database."""
        try:
            with _told():
                await databases.build(p, addon.id)
        except errors.HatobaError as error:
            await databases.failed(p, addon.id, error.message)
            raise

    async def values(self, p: Platform, addon: Addon, credential: str) -> dict[str, str]:
        """Return the one config var: the URL by which the credential connects."""
        found = await databases.find(p, addon.id)
        own = await credentials.find(p, found, credential.removeprefix(POOLED))
        pooled = credential.startswith(POOLED)
        return {"URL": own.pooled_url(found) if pooled else own.url(found)}

    async def change_plan(self, p: Platform, addon: Addon, plan: str) -> None:
        """Put another plan's limits in force."""
        with _told():
            await databases.change_plan(p, addon.id, plan)

    async def destroy(self, p: Platform, addon: Addon) -> None:
        """Put the database into the trash."""
        await databases.check_free(p, addon.id)
        await backups.before_loss(p, addon.id)
        with _told():
            await databases.destroy(p, addon.id)


@contextmanager
def _told() -> Iterator[None]:
    """Have what a server refuses, which nobody thought of, end the job instead of breaking it."""
    try:
        yield
    except psycopg.Error as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        log.exception("a server refused")
        raise errors.Unavailable(f"The database's server refused: {first}") from error


def _major(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 3:
        raise errors.InvalidParams(f"{text} is no version of PostgreSQL: give one such as 17.")
    return int(text)


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
