"""Telemetry drains: list, add, change, remove. ``couriers`` carries what they get."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from hatoba import errors
from hatoba.control.platform import Actor, Platform, locked
from hatoba.model.app import App
from hatoba.model.telemetry import HTTP, MAX_TELEMETRY_DRAINS, TelemetryDrain, problem
from hatoba.store import apps as app_rows
from hatoba.store import telemetry as rows
from hatoba.store.telemetry import TelemetryRow


@dataclass(frozen=True)
class Wish:
    """What a telemetry drain is to be; None keeps what is there."""

    signals: tuple[str, ...] | None = None
    type: str | None = None
    endpoint: str | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)


async def listed(p: Platform, app: App) -> list[TelemetryDrain]:
    """Return an app's telemetry drains, the oldest first."""
    async with p.store.begin() as conn:
        return [opened(p, row) for row in await rows.of_app(conn, app.id)]


async def find(p: Platform, identity: str) -> TelemetryDrain:
    """Return a telemetry drain by id. Raises NotFound."""
    try:
        drain_id = UUID(identity)
    except ValueError:
        drain_id = UUID(int=0)
    async with p.store.begin() as conn:
        row = await rows.by_id(conn, drain_id)
    if row is None:
        raise errors.NotFound("Couldn't find that telemetry drain.", resource="telemetry_drain")
    return opened(p, row)


async def put(
    p: Platform, actor: Actor, app: App, wish: Wish, before: TelemetryDrain | None = None
) -> TelemetryDrain:
    """Make a telemetry drain, or change one. Raises InvalidParams."""
    signals, content = check(wish, before)
    drain_id = before.id if before else uuid4()
    sealed = p.vault.seal(json.dumps(content).encode(), _bound(drain_id))
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        if before is None and len(await rows.of_app(conn, app.id)) >= MAX_TELEMETRY_DRAINS:
            raise errors.InvalidParams(
                f"An app can have at most {MAX_TELEMETRY_DRAINS} telemetry drains."
            )
        values = {"id": drain_id, "app_id": app.id, "signals": list(signals), "sealed": sealed}
        await rows.put(conn, values)
        await app_rows.update(conn, app.id)
    await p.couriers.settle()
    p.logs.platform(app.id, "logplex", f"telemetry drain '{drain_id}' was set")
    return await find(p, str(drain_id))


def check(
    wish: Wish, before: TelemetryDrain | None = None
) -> tuple[tuple[str, ...], dict[str, object]]:
    """Return the signals of a telemetry drain to be, and where they go. Raises InvalidParams."""
    signals = tuple(dict.fromkeys(wish.signals or (before.signals if before else ())))
    kind = wish.type or (before.type if before else HTTP)
    endpoint = wish.endpoint or (before.endpoint if before else "")
    headers = dict((before.headers if before else {}) if wish.headers is None else wish.headers)
    if why := problem(signals, kind, endpoint, headers):
        raise errors.InvalidParams(why)
    return signals, {"type": kind, "endpoint": endpoint, "headers": headers}


async def remove(p: Platform, actor: Actor, app: App, drain: TelemetryDrain) -> None:
    """Send nothing more there."""
    async with p.store.begin() as conn:
        await locked(conn, actor, app)
        await rows.delete(conn, drain.id)
        await app_rows.update(conn, app.id)
    await p.couriers.settle()


def opened(p: Platform, row: TelemetryRow) -> TelemetryDrain:
    """Return the telemetry drain that a row holds."""
    content: dict[str, Any] = json.loads(p.vault.unseal(row.sealed, _bound(row.id)))
    return TelemetryDrain(
        id=row.id,
        app_id=row.app_id,
        signals=tuple(row.signals),
        created_at=row.created_at,
        updated_at=row.updated_at,
        **content,
    )


def _bound(drain_id: UUID) -> str:
    return f"telemetry:{drain_id}"
