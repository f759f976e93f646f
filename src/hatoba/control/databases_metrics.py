"""How databases with a server of their own fare, as log lines of the apps that have them.

https://devcenter.heroku.com/articles/heroku-postgres-metrics-logs
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from hatoba.addons.postgres import facts
from hatoba.control.databases_log import by_app
from hatoba.control.platform import Platform
from hatoba.model.database import Database
from hatoba.store import addons as addon_rows

_MEMORY = {"total": "MemTotal", "free": "MemFree", "cached": "Cached"}


async def say(p: Platform, database: Database) -> None:
    """Log a database's samples for each of its apps. Raises Unavailable."""
    if database.server.shared:
        return
    found = await facts.samples(p.databases, database)
    async with p.store.begin() as conn:
        addon = await addon_rows.by_id(conn, database.id)
        known = await addon_rows.attachments(conn, addon_id=database.id)
    if addon is not None:
        for attachment in by_app(known):
            text = line(attachment.name, addon.name, {**found, **machine()})
            p.logs.addon(attachment.app_id, "heroku-postgres", text)


def line(source: str, addon: str, samples: Mapping[str, str]) -> str:
    """Return the line. Pure."""
    return " ".join(
        [f"source={source}", f"addon={addon}", *(f"sample#{k}={v}" for k, v in samples.items())]
    )


def machine() -> dict[str, str]:
    """Return the load and the memory of the machine that the servers are on."""
    load = {f"load-avg-{m}m": f"{v:.2f}" for m, v in zip((1, 5, 15), os.getloadavg(), strict=True)}
    told = Path("/proc/meminfo").read_text().splitlines()
    there = {name: rest.split()[0] for name, _, rest in (row.partition(":") for row in told)}
    memory = {f"memory-{k}": f"{there[name]}kB" for k, name in _MEMORY.items() if name in there}
    return {**load, **memory}
