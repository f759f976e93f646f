"""What the official command line asks of Heroku's other hosts, as in ``routes``.

The hosts are its own choice; their names lead to the front door, where they are led to it at all.
"""

from __future__ import annotations

from typing import Any

from hatoba.api.access import EVERYBODY, IDENTITY, OPERATE, READ, VIEW, WRITE
from hatoba.api.endpoint import Route
from hatoba.api.resources import absent, elsewhere, metrics

_MONITORS = "/apps/{app}/formation/web/monitors"
_ROUTER = "/apps/{app}/router-metrics"
_DYNOS = "/apps/{app}/formation/{type}/metrics/errors"

METRICS: tuple[Route[Any], ...] = (
    Route("GET", _MONITORS, VIEW, metrics.listed, "ps:autoscale"),
    Route("POST", _MONITORS, OPERATE, metrics.add, "ps:autoscale:enable"),
    Route("PATCH", f"{_MONITORS}/{{monitor}}", OPERATE, metrics.update, "ps:autoscale:disable"),
    Route("GET", _DYNOS, VIEW, metrics.dyno_errors, "apps:errors"),
    Route("GET", f"{_ROUTER}/errors", VIEW, metrics.router_errors, "apps:errors"),
    Route("GET", f"{_ROUTER}/latency", VIEW, metrics.router_latency),
    Route("GET", f"{_ROUTER}/status", VIEW, metrics.router_status),
    Route("GET", "/favorites", READ, elsewhere.favorite_apps, "apps:favorites"),
    Route("POST", "/favorites", WRITE, elsewhere.add_favorite, "apps:favorites:add"),
    Route(
        "DELETE", "/favorites/{favorite}", WRITE, elsewhere.remove_favorite, "apps:favorites:remove"
    ),
    Route("GET", "/user/notifications", IDENTITY, absent.none, "notifications"),
    Route("GET", "/api/v4/current-status", EVERYBODY, elsewhere.current_status, "status"),
)
