"""What Heroku serves from other hosts of its own: favorites, notifications, the status page."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Call, Listing, Reply, SignedIn
from hatoba.auth import access
from hatoba.control import favorites
from hatoba.model.app import Favorite
from hatoba.model.permission import Permission
from hatoba.schema.favorites import Favorite as Shown

# Heroku's three systems, and the parts of a platform that they stand on here.
_SYSTEMS = {"Apps": ("envoy", "runner"), "Data": ("postgres",), "Tools": ("hatobad", "keeper")}
_WORST = {"down": "red", "starting": "yellow"}


class Add(msgspec.Struct):
    """``POST /favorites``; ``resource_id`` is an app's name or id."""

    resource_id: str
    type: str = "app"


async def favorite_apps(call: SignedIn) -> Answer:
    """List the account's favorites."""
    found = await favorites.listed(call.platform, call.actor)
    return Listing([_favorite(one) for one in found])


async def add_favorite(call: SignedIn) -> Answer:
    """Make an app one of the account's favorites."""
    asked = decode.body(call, Add)
    if asked.type != "app":
        raise errors.InvalidParams("type is invalid: favorites are apps.")
    app = await access.app(call.platform.store, call.account, asked.resource_id, Permission.VIEW)
    return Reply(_favorite(await favorites.add(call.platform, call.actor, app)), 201)


async def remove_favorite(call: SignedIn) -> Answer:
    """Make it none any more."""
    return Reply(
        _favorite(await favorites.remove(call.platform, call.actor, call.path("favorite")))
    )


def _favorite(one: Favorite) -> Shown:
    return Shown(str(one.id), str(one.app_id), one.app_name)


async def current_status(call: Call) -> Answer:
    """Tell everybody how the platform is, as Heroku's status page does."""
    states = {part.name: part.state for part in await call.service.health.parts()}
    systems = [
        {"system": system, "status": _color([states[p] for p in parts if p in states])}
        for system, parts in _SYSTEMS.items()
    ]
    return Reply({"status": systems, "incidents": [], "scheduled": []})


def _color(states: list[str]) -> str:
    found = [color for state, color in _WORST.items() if state in states]
    return found[0] if found else "green"
