"""Metrics and autoscaling monitors, as Heroku's metrics hosts have them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.api.encode.basics import moment
from hatoba.control import formation, monitors
from hatoba.control.monitors import Wish
from hatoba.model import autoscale, traffic
from hatoba.model.traffic import ROUTER, Count, Window
from hatoba.schema import metrics as wire

_WEB = "web"


class MonitorBody(msgspec.Struct):
    """``POST`` and ``PATCH /apps/{app}/formation/web/monitors``."""

    action_type: str | None = None
    is_active: bool | None = None
    min_quantity: int | None = None
    max_quantity: int | None = None
    value: int | None = None
    notification_channels: list[str] | None = None


async def dyno_errors(call: OnApp) -> Answer:
    """Tell how often dynos of a process type had which error."""
    process_type = call.path("type")
    known = {f.type for f in await formation.listed(call.platform, call.app)}
    if process_type not in known:
        raise errors.BadRequest(f"invalid process_type provided: {process_type}")
    window, counts = await _counted(call, process_type)
    return _series(window, traffic.series(counts, "code", window.hours))


async def router_errors(call: OnApp) -> Answer:
    """Tell how often the router said which code."""
    window, counts = await _counted(call, ROUTER)
    return _series(window, traffic.series(counts, "code", window.hours))


async def router_status(call: OnApp) -> Answer:
    """Tell how often requests were answered with which status."""
    window, counts = await _counted(call, ROUTER)
    return _series(window, traffic.series(counts, "status", window.hours))


async def router_latency(call: OnApp) -> Answer:
    """Tell how long dynos took to answer."""
    window, counts = await _counted(call, ROUTER)
    return _series(window, traffic.latencies(counts, window.hours))


async def _counted(call: OnApp, source: str) -> tuple[Window, list[Count]]:
    window = _window(call)
    found = await call.platform.traffic.of_app(call.app.id, window.start, window.end)
    return window, [one for one in found if one.source == source]


def _series(window: Window, data: Mapping[str, list[int] | list[int | None]]) -> Answer:
    return Reply(
        wire.Series(
            start_time=moment(window.hours[0]),
            end_time=moment(window.end),
            step="1h",
            data={name: list(values) for name, values in data.items()},
        )
    )


def _window(call: OnApp) -> Window:
    """Return what was asked for, at most as much as is kept; the last day by itself."""
    now = call.platform.clock.now()
    asked = call.request.query_params
    end = min(_moment(asked.get("end_time"), now), now)
    start = _moment(asked.get("start_time"), end - timedelta(days=1))
    if start >= end:
        raise errors.BadRequest("start_time must be before end_time, and in the past.")
    return Window(
        max(start, now - traffic.KEPT_FOR), max(end, now - traffic.KEPT_FOR + traffic.HOUR)
    )


def _moment(text: str | None, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise errors.BadRequest(f"{text[:40]!r} is no time in ISO 8601.") from error
    if found.tzinfo is None:
        raise errors.BadRequest(f"{text[:40]!r} names no time zone.")
    return found


async def listed(call: OnApp) -> Answer:
    """List what an app is scaled by: one monitor, or none."""
    found = await monitors.of_app(call.platform, call.app)
    return Reply([_monitor(found)] if found else [])


async def add(call: OnApp) -> Answer:
    """Scale web dynos by response time from now on."""
    return Reply(_monitor(await _put(call)), 201)


async def update(call: OnApp) -> Answer:
    """Change or stop the scaling."""
    found = await monitors.of_app(call.platform, call.app)
    if found is None or str(found.id) != call.path("monitor"):
        raise errors.NotFound("Couldn't find that monitor.", resource="monitor")
    return Reply(_monitor(await _put(call)))


async def _put(call: OnApp) -> autoscale.Monitor:
    asked = decode.body(call, MonitorBody)
    if asked.action_type not in (None, "scale"):
        raise errors.InvalidParams("action_type is invalid: the only monitors here are for scale.")
    if asked.notification_channels:
        raise errors.InvalidParams(
            "This platform sends no e-mail. Enable autoscaling without notifications."
        )
    wish = Wish(asked.is_active, asked.min_quantity, asked.max_quantity, asked.value)
    return await monitors.put(call.platform, call.actor, call.app, wish)


def _monitor(one: autoscale.Monitor) -> wire.Monitor:
    return wire.Monitor(
        id=str(one.id),
        app_id=str(one.app_id),
        process_type=_WEB,
        name="LATENCY_SCALE",
        action_type="scale",
        is_active=one.active,
        min_quantity=one.min_quantity,
        max_quantity=one.max_quantity,
        value=one.p95,
        op="GREATER_OR_EQUAL",
        period=1,
        notification_channels=[],
        notification_period=1440,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )
