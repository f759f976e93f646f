"""Review apps as the Platform API has them; as in ``schema.platform``."""

from __future__ import annotations

import msgspec

from hatoba.schema.platform import Reference


class Numbered(msgspec.Struct, frozen=True):
    """A reference to what has a number at a code host."""

    id: int | None


class ReviewApp(msgspec.Struct, frozen=True):
    """A review app; ``status`` is pending, creating, created, deleting or errored.

    ``destroyed_at`` is a Hatoba's own: when it goes unless it is pushed to.
    """

    id: str
    app: Reference | None
    app_setup: Reference | None
    branch: str
    pipeline: Reference
    status: str
    creator: Reference
    wait_for_ci: bool
    error_status: str | None
    message: str | None
    fork_repo: Numbered
    pr_number: int | None
    created_at: str
    updated_at: str
    destroyed_at: str | None = None


class DeployTarget(msgspec.Struct, frozen=True):
    """Where review apps are made: the region."""

    id: str
    type: str


class ReviewConfig(msgspec.Struct, frozen=True):
    """How a pipeline wants its review apps."""

    pipeline_id: str
    repo: Numbered
    automatic_review_apps: bool
    deploy_target: DeployTarget
    destroy_stale_apps: bool
    stale_days: int
    wait_for_ci: bool
    base_name: str | None


class Repository(msgspec.Struct, frozen=True):
    """A pipeline's repository; ``app`` names the app whose own it is here."""

    id: int
    full_name: str
    name: str
    app: str | None = None


class Commit(msgspec.Struct, frozen=True):
    """A commit."""

    sha: str


class Branch(msgspec.Struct, frozen=True):
    """A branch of a repository."""

    name: str
    commit: Commit
