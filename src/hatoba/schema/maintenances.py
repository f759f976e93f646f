"""Shapes of the data API for maintenances: work on an add-on that its provider announces."""

from __future__ import annotations

import msgspec


class Kept(msgspec.Struct, frozen=True):
    """The add-on that is worked on, and the config vars' names that apps know it by."""

    uuid: str
    name: str
    kind: str
    plan: str
    attachments: list[str]
    window: str | None = None


class Owner(msgspec.Struct, frozen=True):
    """The app that the add-on was made for."""

    uuid: str
    name: str


class Maintenance(msgspec.Struct, frozen=True):
    """The maintenance of an add-on; ``status`` is ``none`` where none is announced."""

    addon: Kept
    app: Owner
    server_created_at: str
    status: str = "none"
    method: str = ""
    reason: str = ""
    window: str | None = None
    scheduled_for: str | None = None
    previously_scheduled_for: str | None = None
    required_by: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    duration_seconds: str | None = None


class Maintenances(msgspec.Struct, frozen=True):
    """A list."""

    maintenances: list[Maintenance]


class Window(msgspec.Struct, frozen=True):
    """When maintenance may be done, None where it never is without being asked for."""

    window: str | None = None
    previous_window: str | None = None
    scheduled_at: str | None = None
    previously_scheduled_at: str | None = None
