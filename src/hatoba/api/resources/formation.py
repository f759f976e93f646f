"""Formation: process types with quantity, size and, of container apps, their images."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import apps as encode
from hatoba.api.resources.apps import name_of
from hatoba.control import formation, image_releases
from hatoba.control.platform import Actor
from hatoba.model.formation import Formation, FormationUpdate, parse_quantity
from hatoba.schema import platform as wire
from hatoba.schema.hatoba import Checked


class Change(msgspec.Struct):
    """One update; the CLI sends quantities as text, with a sign for a step.

    ``docker_image`` is an image's id, which makes a release of it; None ends the process type.
    """

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
    return Listing(await _shown(call, found), ("type", "id"))


async def info(call: OnApp) -> Answer:
    """Tell about one process type."""
    found = await formation.find(call.platform, call.app, call.path("formation"))
    return Reply((await _shown(call, [found]))[0])


async def update(call: OnApp) -> Answer:
    """Change several process types in one step; those with an image become a release."""
    return Reply(await _changed(call, _asked(call)))


async def check(call: OnApp) -> Answer:
    """Look whether quantities and sizes can be such."""
    wanted = [await _wanted(call, change) for change in _asked(call)]
    await formation.check(call.platform, call.app, wanted)
    return Reply(Checked(", ".join(one.type for one in wanted)))


def _asked(call: OnApp) -> list[Change]:
    changes = decode.body(call, Changes).updates
    for change in changes:
        if not change.type:
            raise errors.InvalidParams("type is invalid: each update must name a process type.")
    return changes


async def update_one(call: OnApp) -> Answer:
    """Change one process type."""
    change = decode.body(call, Change)
    change.type = call.path("formation")
    changed = await _changed(call, [change])
    return Reply(changed[0] if changed else {"type": change.type})


async def _changed(call: OnApp, changes: Sequence[Change]) -> list[wire.Formation]:
    """Carry the changes out; show the process types as they are, those that end as they were."""
    p, app = call.platform, call.app
    before = await formation.listed(p, app)
    released = await _release(call, before, changes)
    wanted = [await _wanted(call, c) for c in changes if _scales(c)]
    if wanted or not released:
        # What was reviewed was the state before the release.
        actor = Actor(call.account) if released else call.actor
        await formation.update(p, actor, app, wanted)
    known = {f.type: f for f in (*before, *await formation.listed(p, app))}
    touched = {_named(before, str(c.type)) for c in changes}
    return await _shown(call, [f for f in known.values() if f.type in touched])


async def _release(call: OnApp, before: Iterable[Formation], changes: Sequence[Change]) -> bool:
    """Release the images that the changes name; tell whether there are any."""
    images: dict[str, str | None] = {}
    for change in changes:
        if change.docker_image is not msgspec.UNSET:
            name = _named(before, str(change.type))
            images[name] = change.docker_image or None
            if change.docker_image is None:
                await formation.find(call.platform, call.app, name)
    if images:
        await image_releases.create(call.platform, call.actor, call.app, images)
    return bool(images)


def _scales(change: Change) -> bool:
    sizes = (change.quantity, change.size, change.dyno_size)
    return change.docker_image is msgspec.UNSET or any(value is not None for value in sizes)


def _named(known: Iterable[Formation], identity: str) -> str:
    """Return the name of a process type that may be told by its id."""
    return next((f.type for f in known if str(f.id) == identity), identity)


async def _wanted(call: OnApp, change: Change) -> FormationUpdate:
    found = await formation.find(call.platform, call.app, str(change.type))
    quantity, relative = _quantity(change.quantity)
    size = change.size or name_of(change.dyno_size)
    return FormationUpdate(found.type, quantity, relative, size)


async def _shown(call: OnApp, found: Sequence[Formation]) -> list[wire.Formation]:
    if ".docker-releases" not in call.request.headers.get("accept", ""):
        return [encode.formation(f, call.app) for f in found]
    images = await image_releases.listed(call.platform, call.app)
    return [encode.container_formation(f, call.app, images.get(f.type)) for f in found]


def _quantity(value: int | str | None) -> tuple[int | None, bool]:
    if not isinstance(value, str):
        return value, False
    parsed = parse_quantity(value)
    if parsed is None:
        raise errors.InvalidParams(f"quantity is invalid: {value!r} is no number such as 2 or +1.")
    return parsed
