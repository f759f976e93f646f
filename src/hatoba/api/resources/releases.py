"""Releases and slugs."""

from __future__ import annotations

from uuid import uuid4

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply
from hatoba.api.encode import releases as encode
from hatoba.api.resources import blobs
from hatoba.control import releases, slugs
from hatoba.model.release import Release, Slug, SlugDraft, Status
from hatoba.schema import platform as wire


class Create(msgspec.Struct):
    """``POST /apps/{app}/releases``: an earlier release to go back to, or a slug."""

    release: str | None = None
    slug: str | None = None
    description: str | None = None


class CreateSlug(msgspec.Struct):
    """``POST /apps/{app}/slugs``."""

    process_types: dict[str, str]
    buildpack_provided_description: str | None = None
    checksum: str | None = None
    commit: str | None = None
    commit_description: str | None = None
    stack: str | None = None


def _shown(call: OnApp, release: Release) -> wire.Release:
    platform = call.platform
    # Only a release phase makes a release wait, and only it has output.
    spoke = release.status is Status.PENDING or platform.streams.exists(release.id)
    url = blobs.output_url(call, release.id) if spoke else None
    return encode.release(release, call.app, output_url=url)


async def listed(call: OnApp) -> Answer:
    """List the releases."""
    found = await releases.listed(call.platform, call.app)
    return Listing([_shown(call, r) for r in found], ("version", "id"))


async def info(call: OnApp) -> Answer:
    """Tell about one release, by id or version."""
    return Reply(_shown(call, await releases.find(call.platform, call.app, call.path("release"))))


async def create(call: OnApp) -> Answer:
    """Roll back to an earlier release, or release a slug of this app."""
    wanted = decode.body(call, Create)
    if wanted.release:
        made = await releases.rollback(call.platform, call.actor, call.app, wanted.release)
        return Reply(_shown(call, made), 201)
    if not wanted.slug:
        raise errors.InvalidParams("A release needs a slug, or the release to roll back to.")
    # The slug must be the app's own: somebody else's would give its code away.
    slug = await slugs.find(call.platform, call.app, wanted.slug)
    made = await releases.create(
        call.platform, call.actor, call.app, slug_id=slug.id, description=wanted.description
    )
    return Reply(_shown(call, made), 201)


async def slug(call: OnApp) -> Answer:
    """Tell about a slug, and where its archive is."""
    return Reply(_slug_shown(call, await slugs.look(call.platform, call.app, call.path("slug"))))


def _slug_shown(call: OnApp, found: Slug | SlugDraft) -> wire.Slug:
    if isinstance(found, SlugDraft):
        return encode.slug_draft(found, blob_url=blobs.draft_url(call, found))
    return encode.slug(found, blob_url=blobs.slug_url(call, found))


async def create_slug(call: OnApp) -> Answer:
    """Await a slug that is made elsewhere: its archive is to be put to the URL of its blob."""
    wanted = decode.body(call, CreateSlug)
    made = SlugDraft(
        id=uuid4(),
        app_id=call.app.id,
        process_types=wanted.process_types,
        stack=wanted.stack or call.app.stack,
        buildpack_description=wanted.buildpack_provided_description,
        commit=wanted.commit,
        commit_description=wanted.commit_description,
        checksum=wanted.checksum,
        created_at=call.platform.clock.now(),
    )
    return Reply(_slug_shown(call, await slugs.draft(call.platform, made)), 201)
