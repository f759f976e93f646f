"""Builds, slugs and releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from hatoba.model.image import Image

# An app's newest releases keep their slugs, however old they are, as on Heroku:
# https://devcenter.heroku.com/changelog-items/3395
KEPT_RELEASES = 20


class Status(StrEnum):
    """How far a build or a release has come. The slug of an expired release is deleted."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Slug:
    """What a release runs; ``checksum`` (sha256 hex) addresses the compressed content.

    ``size`` is bytes compressed; ``process_types`` maps type to command. On the stack
    ``container`` there is no archive but an image for each process type.
    """

    id: UUID
    app_id: UUID
    checksum: str
    size: int
    process_types: dict[str, str]
    stack: str
    buildpack_description: str | None
    commit: str | None
    commit_description: str | None
    created_at: datetime
    images: Mapping[str, Image] = field(default_factory=dict)


@dataclass(frozen=True)
class SlugDraft:
    """A slug that is made elsewhere and whose archive is awaited.

    ``checksum`` (``SHA256:…``) is what the archive's must be, None where that doesn't matter.
    """

    id: UUID
    app_id: UUID
    process_types: dict[str, str]
    stack: str
    buildpack_description: str | None
    commit: str | None
    commit_description: str | None
    checksum: str | None
    created_at: datetime


@dataclass(frozen=True)
class Build:
    """One build. ``source`` is the kept source's checksum, ``message`` why it failed."""

    id: UUID
    app_id: UUID
    account_id: UUID
    account_email: str
    status: Status
    source: str
    source_version: str | None
    buildpacks: tuple[str, ...]
    stack: str
    message: str | None
    slug_id: UUID | None
    release_id: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Release:
    """One entry of the append-only history; exactly one release of an app is current.

    ``image_id`` is the image that all its process types run, where buildpacks made one.
    """

    id: UUID
    app_id: UUID
    version: int
    description: str
    account_id: UUID
    account_email: str
    slug_id: UUID | None
    config_id: UUID
    status: Status
    current: bool
    created_at: datetime
    updated_at: datetime
    image_id: UUID | None = None


def deploy_description(commit: str) -> str:
    """Return Heroku's description of a deploy: ``Deploy 1a2b3c4d``."""
    return f"Deploy {commit[:8]}"


def rollback_description(version: int) -> str:
    """Return Heroku's description of a rollback: ``Rollback to v3``."""
    return f"Rollback to v{version}"
