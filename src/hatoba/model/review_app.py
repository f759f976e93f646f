"""Review apps: an app of a pipeline for one branch, and how a pipeline wants them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# https://devcenter.heroku.com/articles/github-integration-review-apps: five days.
STALE_DAYS = 5
MAX_STALE_DAYS = 90
# Longer branch names are no use to anybody, and git has its own limit.
MAX_BRANCH = 200
_MAX_APP_NAME = 30
_BRANCH = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]+")


class ReviewStatus(StrEnum):
    """How far a review app is; the Platform API's own words."""

    PENDING = "pending"
    CREATING = "creating"
    CREATED = "created"
    DELETING = "deleting"
    ERRORED = "errored"


UNFINISHED = (ReviewStatus.PENDING, ReviewStatus.CREATING, ReviewStatus.DELETING)


@dataclass(frozen=True)
class ReviewApp:
    """One review app. ``setup_id`` is its set-up's, which begins with the app.

    ``former_app_id`` is an app that failed before and goes when this one begins; ``touched_at``
    is when somebody last had it made or pushed to it.
    """

    id: UUID
    pipeline_id: UUID
    account_id: UUID
    branch: str
    pr_number: int | None
    status: ReviewStatus
    app_id: UUID | None
    app_name: str | None
    former_app_id: UUID | None
    setup_id: UUID
    automatic: bool
    message: str | None
    warned: bool
    touched_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class ReviewConfig:
    """How a pipeline wants its review apps."""

    pipeline_id: UUID
    automatic: bool = False
    destroy_stale: bool = False
    stale_days: int = STALE_DAYS
    wait_for_ci: bool = False
    base_name: str | None = None

    def stale_at(self, one: ReviewApp) -> datetime | None:
        """Return when nobody will have touched a review app for too long, None for never."""
        if not self.destroy_stale:
            return None
        return one.touched_at + timedelta(days=self.stale_days)


def branch_problem(branch: str) -> str | None:
    """Return why this can't be a branch's name (git check-ref-format), None when it can."""
    good = _BRANCH.fullmatch(branch) and len(branch) <= MAX_BRANCH
    odd = ".." in branch or "@{" in branch or "//" in branch or branch.startswith(("-", "/"))
    if not good or odd or branch.endswith(("/", ".", ".lock")):
        return f"{branch[:60]!r} can't be the name of a branch."
    return None


def app_name(base: str, branch: str, pr_number: int | None, suffix: str = "") -> str:
    """Return the name for a review app: ``harbour-pr-7``, ``harbour-new-menu``.

    ``suffix`` makes another one of it when that is taken.
    """
    tail = f"pr-{pr_number}" if pr_number is not None else _words(branch)
    end = f"-{suffix}" if suffix else ""
    room = _MAX_APP_NAME - len(end)
    return f"{_words(base)}-{tail}"[:room].rstrip("-") + end


def _words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"
