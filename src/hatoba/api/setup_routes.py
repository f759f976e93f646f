"""The routes of app set-ups, as in ``routes``."""

from __future__ import annotations

from typing import Any

from hatoba.api.access import READ, WRITE
from hatoba.api.endpoint import Route
from hatoba.api.resources import setups

SETUPS: tuple[Route[Any], ...] = (
    Route("POST", "/app-setups", WRITE, setups.create, "apps:setup, pipelines:setup"),
    Route("GET", "/app-setups/{setup}", READ, setups.info, "apps:setup, pipelines:setup"),
)
