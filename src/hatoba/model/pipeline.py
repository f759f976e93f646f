"""Pipelines: apps that run the same code at several stages, and how code is promoted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hatoba.model.release import Status

# The pattern of the Platform API: 3 to 30 characters.
_NAME = re.compile(r"[a-z][a-z0-9-]{2,29}")


class Stage(StrEnum):
    """Where in a pipeline an app is; the platform API's own words."""

    TEST = "test"
    REVIEW = "review"
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True)
class Pipeline:
    """A pipeline. Its owner, an account or a team, names, transfers and destroys it."""

    id: UUID
    name: str
    owner_id: UUID
    created_at: datetime
    updated_at: datetime
    of_team: bool = False


@dataclass(frozen=True)
class Coupling:
    """An app's place in a pipeline. An app is in one pipeline at most."""

    id: UUID
    pipeline_id: UUID
    pipeline_name: str
    app_id: UUID
    app_name: str
    stage: Stage
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Promotion:
    """One promotion: the release of the source whose slug went to the targets."""

    id: UUID
    pipeline_id: UUID
    app_id: UUID
    release_id: UUID
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PromotionTarget:
    """What a promotion made of one app: a release, which is as far as its own status says."""

    id: UUID
    promotion_id: UUID
    app_id: UUID
    release_id: UUID
    release_version: int
    status: Status

    @property
    def error_message(self) -> str | None:
        """Say why it failed: only its release command can make it fail."""
        if self.status is not Status.FAILED:
            return None
        return f"The release command of v{self.release_version} failed."


def name_problem(name: str) -> str | None:
    """Return why a name can't be a pipeline's, None when it can."""
    if _NAME.fullmatch(name):
        return None
    return (
        "Pipeline name must be 3 to 30 characters long, start with a letter and can only contain "
        "lowercase letters, numbers, and dashes."
    )


def promote_description(app: str, version: int, commit: str | None) -> str:
    """Return Heroku's description of a promoted release: ``Promote quay v12 1a2b3c4d``."""
    return " ".join(["Promote", app, f"v{version}", *([commit[:8]] if commit else [])])


def promotion_status(targets: list[PromotionTarget]) -> str:
    """Return how far a promotion is, in the API's words."""
    waiting = any(target.status is Status.PENDING for target in targets)
    return "pending" if waiting else "completed"
