"""App set-ups: an app made from a source and its app.json, in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from hatoba.model.app_json import Script
from hatoba.model.release import Status

POSTDEPLOY = "postdeploy"
# What is kept of a script's output: its end, where errors are.
MAX_OUTPUT = 64 * 1024


class Purpose(StrEnum):
    """What an app is set up for; it chooses the environment of app.json."""

    APP = "app"
    REVIEW = "review"
    TEST = "test"

    @property
    def needs_manifest(self) -> bool:
        """Whether a source without app.json is refused."""
        return self is Purpose.APP


@dataclass(frozen=True)
class Setup:
    """One set-up. ``source`` names the kept archive once it is there.

    ``postdeploy_status`` is that script's exit status once it has run, ``scripts`` are app.json's
    once it was read.
    """

    id: UUID
    account_id: UUID
    app_id: UUID
    app_name: str
    purpose: Purpose
    status: Status
    source: str | None
    source_version: str | None
    failure_message: str | None
    manifest_errors: tuple[str, ...]
    postdeploy_output: str | None = field(repr=False)
    postdeploy_status: int | None
    success_url: str | None
    scripts: Mapping[str, Script]
    created_at: datetime
    updated_at: datetime

    @property
    def build_id(self) -> UUID:
        """The id of its build: known beforehand, so that it is never built twice."""
        return uuid5(self.id, "build")

    @property
    def postdeploy_id(self) -> UUID:
        """The id of the dyno of its postdeploy script, and of that one's output."""
        return uuid5(self.id, POSTDEPLOY)
