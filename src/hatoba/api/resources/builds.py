"""Builds from a source archive."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import releases as encode
from hatoba.api.resources import blobs
from hatoba.api.resources.buildpacks import Buildpack, check_urls
from hatoba.control import builds, sources
from hatoba.model.release import Build
from hatoba.schema import platform as wire


class SourceBlob(msgspec.Struct):
    """Where the source is: a URL from ``POST /sources``, or any http or https one."""

    url: str
    version: str | None = None
    checksum: str | None = None


class Create(msgspec.Struct):
    """``POST /apps/{app}/builds``."""

    source_blob: SourceBlob
    buildpacks: list[Buildpack] | None = None


def shown(call: SignedIn, build: Build) -> wire.Build:
    """Return the build as its account may see it."""
    return encode.build(
        build,
        output_url=blobs.output_url(call, build.id),
        source_url=blobs.source_url(call, build),
    )


async def create(call: OnApp) -> Answer:
    """Build and release a source."""
    wanted = decode.body(call, Create)
    urls = check_urls([b.url for b in wanted.buildpacks or []])
    source = await _source(call, wanted.source_blob)
    try:
        order = builds.Order(source, wanted.source_blob.version, tuple(urls))
        build = await builds.create(call.platform, call.actor, call.app, order)
    finally:
        source.unlink(missing_ok=True)
    return Reply(shown(call, build), 201)


async def _source(call: OnApp, blob: SourceBlob) -> Path:
    """Return the archive as a file of its own."""
    sources.check_url(blob.url)
    here = blobs.uploaded(call, blob.url)
    store = call.service.uploads
    source = await (store.copy(here) if here else store.fetch(blob.url))
    try:
        await sources.check(source, blob.checksum)
    except BaseException:
        source.unlink(missing_ok=True)
        raise
    return source


async def listed(call: OnApp) -> Answer:
    """List the builds."""
    found = await builds.listed(call.platform, call.app)
    return Listing([shown(call, b) for b in found], ("id",))


async def info(call: OnApp) -> Answer:
    """Tell about one build."""
    return Reply(shown(call, await builds.find(call.platform, call.app, call.path("build"))))


async def cancel(call: OnApp) -> Answer:
    """Stop a pending build."""
    build = await builds.find(call.platform, call.app, call.path("build"))
    after = await builds.cancel(call.platform, call.actor, call.app, build)
    return Reply(shown(call, after))


async def drop_cache(call: OnApp) -> Answer:
    """Delete the build cache."""
    await builds.drop_cache(call.platform, call.actor, call.app)
    return Reply({}, 202)
