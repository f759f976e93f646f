"""App set-ups: an app from a source and its app.json."""

from __future__ import annotations

from pathlib import Path

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Reply, SignedIn
from hatoba.api.encode import setups as encode
from hatoba.api.resources import blobs
from hatoba.api.resources.buildpacks import Buildpack, check_urls
from hatoba.auth import teams
from hatoba.auth.identity import as_uuid
from hatoba.control import app_transfers, pipelines, setups, sources
from hatoba.control.apps import Beside
from hatoba.control.setups import NewApp, Order
from hatoba.model.pipeline import Pipeline, Stage
from hatoba.model.setup import Setup
from hatoba.model.team import Role
from hatoba.schema.setups import AppSetup


class SourceBlob(msgspec.Struct):
    """Where the source is: a URL from ``POST /sources``, or any http or https one."""

    url: str
    version: str | None = None
    checksum: str | None = None


class App(msgspec.Struct):
    """The app to be made; ``organization`` is the team that is to own it. There are no spaces."""

    name: str | None = None
    region: str | None = None
    stack: str | None = None
    organization: str | None = None
    space: str | None = None
    locked: bool = False
    personal: bool = True


class Overrides(msgspec.Struct):
    """What goes before app.json's own."""

    buildpacks: list[Buildpack] | None = None
    env: dict[str, str] = {}


class InPipeline(msgspec.Struct):
    """The pipeline and stage that the official command line puts the app into."""

    pipeline: str
    stage: Stage


class Create(msgspec.Struct):
    """``POST /app-setups``."""

    source_blob: SourceBlob
    app: App = msgspec.field(default_factory=App)
    overrides: Overrides = msgspec.field(default_factory=Overrides)
    pipeline_coupling: InPipeline | None = None


async def create(call: SignedIn) -> Answer:
    """Make an app and have it set up."""
    wanted = decode.body(call, Create)
    _check_app(wanted.app)
    urls = check_urls([b.url for b in wanted.overrides.buildpacks or []])
    source = await uploaded(call, wanted.source_blob.url)
    try:
        if source is not None:
            await sources.check(source, wanted.source_blob.checksum)
        order = Order(
            source=source,
            url=None if source else wanted.source_blob.url,
            version=wanted.source_blob.version,
            checksum=wanted.source_blob.checksum,
            env=wanted.overrides.env,
            buildpacks=tuple(urls),
            coupling=await _coupling(call, wanted.pipeline_coupling),
        )
        founding = await _founding(call, wanted.app)
        app = NewApp(wanted.app.name, wanted.app.stack, wanted.app.region, founding)
        made = await setups.create(call.platform, call.actor, app, order)
    finally:
        if source is not None:
            source.unlink(missing_ok=True)
    return Reply(await _shown(call, made), 202)


def _check_app(app: App) -> None:
    if app.space is not None:
        raise errors.InvalidParams("app.space can't be had here: leave it out.")
    if app.locked and app.organization is None:
        raise errors.InvalidParams("app.locked is for apps of a team: name it as app.organization.")


async def _founding(call: SignedIn, app: App) -> Beside | None:
    """Return what makes the app a team's. Raises NotFound for one that the account isn't in."""
    if app.organization is None:
        return None
    team = await teams.find_as(call.platform.store, call.account, app.organization, Role.MEMBER)
    return app_transfers.founding(team, call.account, locked_=app.locked)


async def uploaded(call: SignedIn, url: str) -> Path | None:
    """Return a copy of the archive that was put here, None for a URL that is elsewhere."""
    sources.check_url(url)
    here = blobs.uploaded(call, url)
    return await call.service.uploads.copy(here) if here else None


async def _coupling(call: SignedIn, wanted: InPipeline | None) -> tuple[Pipeline, Stage] | None:
    if wanted is None:
        return None
    found = await pipelines.find(call.platform, call.account, wanted.pipeline)
    return found, wanted.stage


async def info(call: SignedIn) -> Answer:
    """Tell how far a set-up is."""
    identity = as_uuid(call.path("setup"))
    return Reply(await _shown(call, await setups.find(call.platform, call.account, identity)))


async def _shown(call: SignedIn, one: Setup) -> AppSetup:
    build = await setups.build_of(call.platform, one)
    url = blobs.output_url(call, one.build_id)
    return encode.setup(one, build, output_url=url)
