"""The settings of databases, as Heroku's data API has them."""

from __future__ import annotations

from typing import Any

from hatoba.api import decode
from hatoba.api.call import Answer, Reply
from hatoba.api.database_access import OnDatabase
from hatoba.control import databases, databases_settings
from hatoba.control.platform import reviewed
from hatoba.model.database import Database
from hatoba.model.database_settings import SETTINGS
from hatoba.schema.databases import Setting


async def listed(call: OnDatabase) -> Answer:
    """List them with their values and what these mean."""
    return Reply(_shown(call.database))


async def change(call: OnDatabase) -> Answer:
    """Change some, and put them in force at once."""
    changes = decode.body(call, dict[str, Any])
    await reviewed(call.platform, call.actor, call.app)
    database = await databases.available(call.platform, call.database.id)
    return Reply(_shown(await databases_settings.change(call.platform, database, changes)))


def _shown(database: Database) -> dict[str, Setting]:
    values = databases_settings.listed(database)
    return {
        name: Setting(values[name], dict(one.values), one.desc, one.default)
        for name, one in SETTINGS.items()
    }
