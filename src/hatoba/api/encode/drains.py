"""Log drains as the API shows them."""

from __future__ import annotations

from hatoba.api.encode.basics import moment
from hatoba.logs.drains.courier import Courier
from hatoba.model.addon import Addon
from hatoba.model.app import App
from hatoba.model.drain import Drain
from hatoba.schema import hatoba as own
from hatoba.schema import platform as wire


def drain(one: Drain, app: App, addon: Addon | None = None) -> wire.LogDrain:
    """Return the drain; ``addon`` is whose provider asked for it."""
    return wire.LogDrain(
        id=str(one.id),
        app=wire.Named(str(app.id), app.name),
        addon=wire.Named(str(addon.id), addon.name) if addon else None,
        url=one.url,
        token=one.token,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def delivery(courier: Courier | None) -> own.DrainDelivery:
    """Return how a drain's lines fare."""
    if courier is None:
        return own.DrainDelivery(delivered=0, problem="the drain has no courier")
    return own.DrainDelivery(delivered=courier.delivered, problem=courier.problem)
