"""Apps in pipelines."""

from __future__ import annotations

from uuid import UUID

import msgspec

from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import pipelines as encode
from hatoba.api.encode import teams as encode_team
from hatoba.api.team_access import OnTeam
from hatoba.auth import access
from hatoba.auth.identity import as_uuid
from hatoba.control import apps, pipelines
from hatoba.model.app import App
from hatoba.model.permission import Permission
from hatoba.model.pipeline import Coupling, Stage


class Create(msgspec.Struct):
    """``POST /pipeline-couplings``; the app by name or id."""

    app: str
    pipeline: str
    stage: Stage


class Update(msgspec.Struct):
    """``PATCH /pipeline-couplings/{coupling}``."""

    stage: Stage | None = None


class Among(msgspec.Struct):
    """The ids of the apps that are asked for."""

    id: list[str] = []


class Filter(msgspec.Struct):
    """``POST /filters/apps``."""

    in_: Among = msgspec.field(default_factory=Among, name="in")


async def _named(call: SignedIn) -> Coupling:
    return await pipelines.coupling(call.platform, call.account, as_uuid(call.path("coupling")))


async def _app(call: SignedIn, identity: str | UUID) -> App:
    store = call.platform.store
    return await access.app(store, call.account, str(identity), Permission.OPERATE)


async def of_pipeline(call: SignedIn) -> Answer:
    """List the apps of a pipeline."""
    found = await pipelines.find(call.platform, call.account, call.path("pipeline"))
    there = await pipelines.couplings(call.platform, found)
    return Listing([encode.coupling(one) for one in there])


async def listed(call: SignedIn) -> Answer:
    """List the apps of all pipelines that the account sees."""
    seen = await pipelines.listed(call.platform, call.account)
    there = await pipelines.couplings(call.platform, *seen)
    return Listing([encode.coupling(one) for one in there])


async def of_team(call: OnTeam) -> Answer:
    """List the apps of the pipelines that a team owns and the account sees."""
    seen = await pipelines.listed(call.platform, call.account)
    theirs = [one for one in seen if one.owner_id == call.team.id]
    there = await pipelines.couplings(call.platform, *theirs)
    return Listing([encode.coupling(one) for one in there])


async def of_app(call: OnApp) -> Answer:
    """Tell an app's place in its pipeline."""
    return Reply(encode.coupling(await pipelines.coupling_of(call.platform, call.app)))


async def info(call: SignedIn) -> Answer:
    """Tell about one app's place."""
    return Reply(encode.coupling(await _named(call)))


async def create(call: SignedIn) -> Answer:
    """Put an app into a pipeline."""
    wanted = decode.body(call, Create)
    into = await pipelines.find(call.platform, call.account, wanted.pipeline)
    app = await _app(call, wanted.app)
    made = await pipelines.couple(call.platform, call.actor, into, app, wanted.stage)
    return Reply(encode.coupling(made), 201)


async def update(call: SignedIn) -> Answer:
    """Put an app at another stage."""
    found, stage = await _named(call), decode.body(call, Update).stage
    if stage is not None:
        app = await _app(call, found.app_id)
        found = await pipelines.move(call.platform, call.actor, app, found, stage)
    return Reply(encode.coupling(found))


async def remove(call: SignedIn) -> Answer:
    """Take an app out of its pipeline."""
    gone = await _named(call)
    app = await _app(call, gone.app_id)
    await pipelines.uncouple(call.platform, call.actor, app, gone)
    return Reply(encode.coupling(gone))


async def filtered_apps(call: SignedIn) -> Answer:
    """List those of the account's apps that have one of these ids."""
    wanted = set(decode.body(call, Filter).in_.id)
    seen = await apps.listed(call.platform, call.account.id)
    found = [one for one in seen if str(one.id) in wanted]
    joined = await _joined(call, found)
    place = call.platform.place
    shown = [encode_team.app(one, place, joined=one.id in joined) for one in found]
    return Listing(shown, ("id", "name"))


async def _joined(call: SignedIn, seen: list[App]) -> set[UUID]:
    """Return which of the apps that the account sees it works on: of a team's, not each one."""
    joined = {one.id for one in seen if one.team is None}
    for owner in {one.owner_id for one in seen if one.team is not None}:
        theirs = await apps.of_collaborator(call.platform, owner, call.account.id)
        joined |= {one.id for one in theirs}
    return joined
