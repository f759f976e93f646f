"""Formation: quantities and sizes of process types."""

from __future__ import annotations

from collections.abc import Sequence

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.dyno import SIZES
from hatoba.model.formation import MAX_QUANTITY, RELEASE_TYPE, Formation, FormationUpdate
from hatoba.store import apps as app_rows
from hatoba.store import formations as rows


async def listed(p: Platform, app: App) -> list[Formation]:
    """Return the app's process types by name."""
    async with p.store.begin() as conn:
        return await rows.of_app(conn, app.id)


async def find(p: Platform, app: App, identity: str) -> Formation:
    """Return a process type by name or id. Raises NotFound."""
    for formation in await listed(p, app):
        if identity in (formation.type, str(formation.id)):
            return formation
    raise _unknown(identity)


def _unknown(name: str) -> errors.NotFound:
    return errors.NotFound(
        f"Couldn't find that process type ({name}). Is it in the Procfile?", resource="formation"
    )


async def update(
    p: Platform, actor: Actor, app: App, updates: Sequence[FormationUpdate]
) -> list[Formation]:
    """Change quantities and sizes, all of them or none.

    Raises NotFound for an unknown process type and InvalidParams for an impossible quantity or
    size.
    """
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        for formation, quantity, size in _wanted(await rows.of_app(conn, app.id), updates):
            await rows.update(conn, formation.id, quantity=quantity, size=size)
        await app_rows.update(conn, app.id)
        after = await rows.of_app(conn, app.id)
    scaled = " ".join(f"{f.type}@{f.quantity}:{f.size}" for f in after)
    p.logs.event(app.id, f"Scaled to {scaled} by user {actor.account.email}")
    p.lanes.nudge(app.id)
    return after


async def check(p: Platform, app: App, updates: Sequence[FormationUpdate]) -> None:
    """Raise what ``update`` would raise."""
    _wanted(await listed(p, app), updates)


def _wanted(
    there: Sequence[Formation], updates: Sequence[FormationUpdate]
) -> list[tuple[Formation, int, str]]:
    """Return each process type that changes, with its new quantity and size."""
    known = {f.type: f for f in there}
    for wanted in updates:
        if wanted.type not in known:
            raise _unknown(wanted.type)
    pairs = [(known[wanted.type], wanted) for wanted in updates]
    return [(f, _quantity(f, wanted), _size(f, wanted)) for f, wanted in pairs]


def _quantity(formation: Formation, wanted: FormationUpdate) -> int:
    if wanted.quantity is None:
        return formation.quantity
    quantity = wanted.quantity + (formation.quantity if wanted.relative else 0)
    if quantity and formation.type == RELEASE_TYPE:
        raise errors.InvalidParams(
            "Cannot scale release: its command runs once at each release. "
            "Run it again with: heroku releases:retry"
        )
    if not 0 <= quantity <= MAX_QUANTITY:
        raise errors.InvalidParams(
            f"Cannot scale {formation.type} to {quantity}: "
            f"the quantity must be between 0 and {MAX_QUANTITY}."
        )
    return quantity


def _size(formation: Formation, wanted: FormationUpdate) -> str:
    if wanted.size is None:
        return formation.size
    size = SIZES.get(wanted.size.lower())
    if size is None:
        names = ", ".join(s.name for s in SIZES.values())
        raise errors.InvalidParams(f"No such dyno size as {wanted.size}. The sizes are: {names}.")
    return size.name
