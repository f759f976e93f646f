"""Telemetry drains."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode.basics import moment
from hatoba.api.telemetry_access import OnTelemetry
from hatoba.auth import access
from hatoba.control import telemetry
from hatoba.control.telemetry import Wish
from hatoba.model.permission import Permission
from hatoba.model.telemetry import TelemetryDrain
from hatoba.schema import telemetry as wire
from hatoba.schema.hatoba import Checked


class OwnerBody(msgspec.Struct):
    """Whose telemetry: ``type`` is app."""

    id: str
    type: str


class ExporterBody(msgspec.Struct):
    """How and where it is sent."""

    type: str | None = None
    endpoint: str | None = None
    headers: dict[str, str] | None = None


class Create(msgspec.Struct):
    """``POST /telemetry-drains``."""

    owner: OwnerBody
    signals: list[str]
    exporter: ExporterBody


class Update(msgspec.Struct):
    """``PATCH /telemetry-drains/{drain}``."""

    signals: list[str] | None = None
    exporter: ExporterBody | None = None


class Check(Update):
    """``POST /hatoba/apps/{app}/checks/telemetry-drain``; without ``drain`` it is a new one."""

    drain: str | None = None


async def listed(call: OnApp) -> Answer:
    """List the app's telemetry drains."""
    return Listing([_shown(one) for one in await telemetry.listed(call.platform, call.app)])


async def add(call: SignedIn) -> Answer:
    """Send an app's telemetry on from now on."""
    asked = decode.body(call, Create)
    if asked.owner.type != "app":
        raise errors.InvalidParams("owner.type is invalid: there are no spaces here, only apps.")
    store = call.platform.store
    app = await access.app(store, call.account, asked.owner.id, Permission.OPERATE)
    wish = _wish(asked.signals, asked.exporter)
    return Reply(_shown(await telemetry.put(call.platform, call.actor, app, wish)), 201)


async def info(call: OnTelemetry) -> Answer:
    """Tell about one telemetry drain."""
    return Reply(_shown(call.drain))


async def update(call: OnTelemetry) -> Answer:
    """Change a telemetry drain."""
    asked = decode.body(call, Update)
    wish = _wish(asked.signals, asked.exporter or ExporterBody())
    changed = await telemetry.put(call.platform, call.actor, call.app, wish, call.drain)
    return Reply(_shown(changed))


async def check(call: OnApp) -> Answer:
    """Look whether a telemetry drain can be such, or be changed so."""
    asked = decode.body(call, Check)
    there = {str(one.id): one for one in await telemetry.listed(call.platform, call.app)}
    wish = _wish(asked.signals, asked.exporter or ExporterBody())
    signals, _ = telemetry.check(wish, there.get(asked.drain or ""))
    return Reply(Checked(", ".join(signals)))


async def remove(call: OnTelemetry) -> Answer:
    """Send nothing more there."""
    await telemetry.remove(call.platform, call.actor, call.app, call.drain)
    return Reply(_shown(call.drain))


def _wish(signals: list[str] | None, exporter: ExporterBody) -> Wish:
    chosen = None if signals is None else tuple(signals)
    return Wish(chosen, exporter.type, exporter.endpoint, exporter.headers)


def _shown(one: TelemetryDrain) -> wire.TelemetryDrain:
    return wire.TelemetryDrain(
        id=str(one.id),
        owner=wire.TelemetryOwner(str(one.app_id)),
        signals=list(one.signals),
        exporter=wire.Exporter(one.type, one.endpoint, dict(one.headers)),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )
