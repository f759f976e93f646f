"""Calls about errors, autoscaling and favorites."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from hatoba.client.api import Api, Json, reviewed
from hatoba.schema.favorites import Favorite
from hatoba.schema.metrics import Monitor, Series


def router_errors(api: Api, app: str, hours: int) -> dict[str, int]:
    """Return how often the router said which code in the last hours."""
    return _errors(api, f"/apps/{app}/router-metrics/errors", hours)


def dyno_errors(api: Api, app: str, process_type: str, hours: int) -> dict[str, int]:
    """Return how often dynos of a type had which error in the last hours."""
    return _errors(api, f"/apps/{app}/formation/{process_type}/metrics/errors", hours)


def _errors(api: Api, path: str, hours: int) -> dict[str, int]:
    now = datetime.now(UTC)
    times = {"start_time": now - timedelta(hours=hours), "end_time": now}
    query = urlencode({**{k: at.isoformat() for k, at in times.items()}, "step": "1h"})
    found = api.get(f"{path}?{query}", Series).data
    return {name: sum(filter(None, values)) for name, values in found.items()}


def monitor(api: Api, app: str) -> Monitor | None:
    """Return what the app's web dynos are scaled by, None for one that never was."""
    found = api.get(_monitors(app), list[Monitor])
    return next((one for one in found if one.action_type == "scale"), None)


def put_monitor(api: Api, app: str, body: Json, version: int | None = None) -> Monitor:
    """Change the app's monitor, or make one."""
    known = monitor(api, app)
    if known is None:
        return api.change("POST", _monitors(app), Monitor, body=body, version=version)
    path = f"{_monitors(app)}/{known.id}"
    return api.change("PATCH", path, Monitor, body=body, version=version)


def _monitors(app: str) -> str:
    return f"/apps/{app}/formation/web/monitors"


def favorites(api: Api) -> list[Favorite]:
    """Return the account's favorites."""
    return api.pages("/favorites?type=app", Favorite)


def add_favorite(api: Api, app: str) -> Favorite:
    """Make an app one of the account's favorites."""
    body = {"resource_id": app, "type": "app"}
    return api.change("POST", "/favorites", Favorite, body=body)


def remove_favorite(api: Api, favorite: str) -> None:
    """Make it none any more."""
    api.send("DELETE", f"/favorites/{quote(favorite, safe='')}", headers=reviewed(None))
