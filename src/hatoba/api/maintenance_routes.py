"""The routes of maintenances, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import VIEW
from hatoba.api.addon_access import OPERATE_ADDON, VIEW_ADDON
from hatoba.api.endpoint import Route
from hatoba.api.resources import maintenances

_V1 = "/data/maintenances/v1"
_ONE = f"{_V1}/{{addon}}"

MAINTENANCES: tuple[Route[Any], ...] = (
    Route("GET", f"{_V1}/apps/{{app}}", VIEW, maintenances.of_app),
    Route("GET", _ONE, VIEW_ADDON, maintenances.info),
    Route("GET", f"{_ONE}/history", VIEW_ADDON, maintenances.history),
    # The official command has a slash at the end of this one.
    Route("GET", f"{_ONE}/history/", VIEW_ADDON, maintenances.history),
    Route("POST", f"{_ONE}/run", OPERATE_ADDON, maintenances.no_maintenance),
    Route("POST", f"{_ONE}/schedule", OPERATE_ADDON, maintenances.no_maintenance),
    Route("GET", f"{_ONE}/window", VIEW_ADDON, maintenances.window),
    Route("POST", f"{_ONE}/window", OPERATE_ADDON, maintenances.no_window),
)
