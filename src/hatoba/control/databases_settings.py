"""The settings of a database that has a server of its own: chosen, and put in force there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hatoba import errors
from hatoba.addons.postgres import parameters
from hatoba.control.platform import Platform
from hatoba.model import database_settings as rules
from hatoba.model.database import Database
from hatoba.model.database_settings import Value
from hatoba.store import databases as rows


def listed(database: Database) -> dict[str, Value]:
    """Return every setting's value. Raises InvalidParams for an essential database."""
    _check_own_server(database)
    return rules.in_force(database.settings)


async def change(p: Platform, database: Database, changes: Mapping[str, Any]) -> Database:
    """Change settings, and put them in force at once. Raises InvalidParams.

    The row is written first: what the server did not get yet it gets at the next start.
    """
    _check_own_server(database)
    _check(changes)
    async with p.store.begin() as conn:
        now = await rows.find(conn, database.id, lock=True) or database
        changed = replace(now, settings={**now.settings, **changes})
        await rows.update(conn, database.id, settings=dict(changed.settings))
    await put_in_force(p, changed)
    return changed


async def put_in_force(p: Platform, database: Database) -> None:
    """Have the server use the database's settings; a shared server has its own. Idempotent."""
    if database.server.shared:
        return
    async with p.databases.session(database.server) as conn:
        await parameters.put(conn, rules.parameters(database.settings))


def _check(changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setting = rules.SETTINGS.get(name)
        if setting is None:
            there = ", ".join(rules.SETTINGS)
            raise errors.InvalidParams(f"There is no setting {name}. There are: {there}.")
        if problem := setting.problem(value):
            raise errors.InvalidParams(problem)
    if changes.get("data_connector_details_logs"):
        raise errors.InvalidParams("There are no data connectors here whose details could be told.")


def _check_own_server(database: Database) -> None:
    if database.server.shared:
        raise errors.InvalidParams(
            "You can't perform this operation on Essential-tier databases: they share a server. "
            "A standard plan has one of its own."
        )
