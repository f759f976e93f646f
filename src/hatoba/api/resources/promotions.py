"""Promotions."""

from __future__ import annotations

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import pipelines as encode
from hatoba.auth import access
from hatoba.auth.identity import as_uuid
from hatoba.control import pipelines, promotions
from hatoba.model.app import App
from hatoba.model.permission import Permission
from hatoba.model.pipeline import Promotion


class ById(msgspec.Struct):
    """A reference; apps may be named too."""

    id: str


class End(msgspec.Struct):
    """An app at one end of a promotion.

    ``reviewed`` is the version of a target's state that was reviewed; the official command line
    knows none.
    """

    app: ById
    reviewed: int | None = None


class Create(msgspec.Struct):
    """``POST /pipeline-promotions``."""

    pipeline: ById
    source: End
    targets: list[End]


async def _named(call: SignedIn) -> Promotion:
    return await promotions.find(call.platform, call.account, as_uuid(call.path("promotion")))


async def _shown(call: SignedIn, one: Promotion, status: int = 200) -> Answer:
    return Reply(encode.promotion(one, await promotions.targets(call.platform, one)), status)


async def create(call: SignedIn) -> Answer:
    """Release what an app runs on other apps of its pipeline."""
    wanted = decode.body(call, Create)
    found = await pipelines.find(call.platform, call.account, wanted.pipeline.id)
    source = await _app(call, wanted.source, Permission.VIEW)
    targets = [
        promotions.Target(await _app(call, one, Permission.DEPLOY), one.reviewed)
        for one in wanted.targets
    ]
    made = await promotions.create(call.platform, call.actor, found, source, targets)
    return await _shown(call, made, 201)


async def _app(call: SignedIn, end: End, permission: Permission) -> App:
    return await access.app(call.platform.store, call.account, end.app.id, permission)


async def info(call: SignedIn) -> Answer:
    """Tell how far a promotion is."""
    return await _shown(call, await _named(call))


async def targets(call: SignedIn) -> Answer:
    """List what has become of a promotion on each app."""
    found = await promotions.targets(call.platform, await _named(call))
    return Listing([encode.target(one) for one in found])
