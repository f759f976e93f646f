"""Formation: process types with quantity and size."""

from __future__ import annotations

from typing import Any

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import apps as encode
from hatoba.api.resources.apps import name_of
from hatoba.control import formation
from hatoba.model.formation import FormationUpdate, parse_quantity


class Change(msgspec.Struct):
    """One update; the CLI sends quantities as text, with a sign for a step."""

    type: str | None = None
    quantity: int | str | None = None
    size: str | None = None
    dyno_size: str | dict[str, Any] | None = None
    docker_image: str | msgspec.UnsetType | None = msgspec.UNSET


class Changes(msgspec.Struct):
    """``PATCH /apps/{app}/formation``."""

    updates: list[Change]


async def listed(call: OnApp) -> Answer:
    """List the process types."""
    found = await formation.listed(call.platform, call.app)
    return Listing([encode.formation(f, call.app) for f in found], ("type", "id"))


async def info(call: OnApp) -> Answer:
    """Tell about one process type."""
    found = await formation.find(call.platform, call.app, call.path("formation"))
    return Reply(encode.formation(found, call.app))


async def update(call: OnApp) -> Answer:
    """Change several process types in one step."""
    changes = [await _wanted(call, c, c.type) for c in decode.body(call, Changes).updates]
    after = await formation.update(call.platform, call.actor, call.app, changes)
    touched = {c.type for c in changes}
    return Reply([encode.formation(f, call.app) for f in after if f.type in touched])


async def update_one(call: OnApp) -> Answer:
    """Change one process type."""
    change = await _wanted(call, decode.body(call, Change), call.path("formation"))
    after = await formation.update(call.platform, call.actor, call.app, [change])
    return Reply(next(encode.formation(f, call.app) for f in after if f.type == change.type))


async def _wanted(call: OnApp, change: Change, identity: str | None) -> FormationUpdate:
    if change.docker_image is not msgspec.UNSET:
        raise errors.InvalidParams(
            "docker_image is invalid: this platform runs slugs. Deploy with git push."
        )
    if not identity:
        raise errors.InvalidParams("type is invalid: each update must name a process type.")
    found = await formation.find(call.platform, call.app, identity)
    quantity, relative = _quantity(change.quantity)
    size = change.size or name_of(change.dyno_size)
    return FormationUpdate(found.type, quantity, relative, size)


def _quantity(value: int | str | None) -> tuple[int | None, bool]:
    if not isinstance(value, str):
        return value, False
    parsed = parse_quantity(value)
    if parsed is None:
        raise errors.InvalidParams(f"quantity is invalid: {value!r} is no number such as 2 or +1.")
    return parsed
