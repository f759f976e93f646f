"""Pipelines, and their hand-over."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import pipelines as encode
from hatoba.api.encode import releases as encode_release
from hatoba.api.encode.basics import named
from hatoba.api.resources import builds as build_answers
from hatoba.auth import access, accounts, teams
from hatoba.control import builds, pipelines, releases
from hatoba.model.account import Account
from hatoba.model.app import STACK, App
from hatoba.model.permission import Permission
from hatoba.model.pipeline import Pipeline


class Create(msgspec.Struct):
    """``POST /pipelines``. The owner can only be the account itself: there are no teams."""

    name: str
    owner: dict[str, Any] | None = None


class Update(msgspec.Struct):
    """``PATCH /pipelines/{pipeline}``."""

    name: str | None = None


class ById(msgspec.Struct):
    """A reference; owners also say what they are."""

    id: str
    type: str = "user"


class Transfer(msgspec.Struct):
    """``POST /pipeline-transfers``."""

    pipeline: ById
    new_owner: ById


async def _named(call: SignedIn) -> Pipeline:
    return await pipelines.find(call.platform, call.account, call.path("pipeline"))


async def _owned(call: SignedIn) -> Pipeline:
    return await pipelines.owned(call.platform, call.account, call.path("pipeline"))


async def listed(call: SignedIn) -> Answer:
    """List the pipelines that the account sees; ``eq[name]`` picks one by name or id."""
    found = await pipelines.listed(call.platform, call.account)
    wanted = call.request.query_params.get("eq[name]")
    if wanted is not None:
        found = [one for one in found if wanted in (one.name, str(one.id))]
    return Listing([encode.pipeline(one) for one in found], ("name", "id"))


async def info(call: SignedIn) -> Answer:
    """Tell about one pipeline."""
    return Reply(encode.pipeline(await _named(call)))


async def create(call: SignedIn) -> Answer:
    """Make a pipeline."""
    wanted = decode.body(call, Create)
    owner = await _owner(call, wanted.owner)
    made = await pipelines.create(call.platform, call.actor, wanted.name, owner)
    return Reply(encode.pipeline(made), 201)


async def _owner(call: SignedIn, wanted: dict[str, Any] | None) -> UUID:
    identity = str((wanted or {}).get("id") or call.account.id)
    if identity == str(call.account.id):
        return call.account.id
    return (await teams.find(call.platform.store, call.account, identity)).id


async def update(call: SignedIn) -> Answer:
    """Rename a pipeline."""
    found, name = await _owned(call), decode.body(call, Update).name
    if name is not None and name != found.name:
        found = await pipelines.rename(call.platform, call.actor, found, name)
    return Reply(encode.pipeline(found))


async def destroy(call: SignedIn) -> Answer:
    """Forget a pipeline; its apps stay."""
    gone = await _owned(call)
    await pipelines.destroy(call.platform, gone)
    return Reply(encode.pipeline(gone))


async def transfer(call: SignedIn) -> Answer:
    """Give a pipeline and the apps in it to another account."""
    wanted = decode.body(call, Transfer)
    found = await pipelines.owned(call.platform, call.account, wanted.pipeline.id)
    to, kind = await _recipient(call, wanted.new_owner.id)
    await pipelines.transfer(call.platform, found, to)
    body = {
        "pipeline": {"id": str(found.id)},
        "previous_owner": {
            "id": str(found.owner_id),
            "type": "team" if found.of_team else "user",
        },
        "new_owner": {"id": str(to.id), "type": kind},
    }
    return Reply(body, 201)


async def _recipient(call: SignedIn, identity: str) -> tuple[Account, str]:
    """Return a team of the account's, or any account."""
    store = call.platform.store
    with suppress(errors.NotFound):
        team = await teams.find(store, call.account, identity)
        return await accounts.owner(store, str(team.id)), "team"
    return await accounts.find(store, identity), "user"


async def latest_releases(call: SignedIn) -> Answer:
    """List the current release of each app of the pipeline."""
    found = []
    for app in await _seen(call):
        there = await releases.listed(call.platform, app)
        found += [encode_release.release(r, app, output_url=None) for r in there if r.current]
    return Listing(found, ("id", "version"))


async def latest_builds(call: SignedIn) -> Answer:
    """List the latest build of each app of the pipeline."""
    found = []
    for app in await _seen(call):
        there = await builds.listed(call.platform, app)
        found += [build_answers.shown(call, one) for one in there[-1:]]
    return Listing(found)


async def _seen(call: SignedIn) -> list[App]:
    """Return the pipeline's apps, but for those that are no business of this account's."""
    store, found = call.platform.store, []
    for coupled in await pipelines.couplings(call.platform, await _named(call)):
        with suppress(errors.Forbidden):
            app_id = str(coupled.app_id)
            found.append(await access.app(store, call.account, app_id, Permission.VIEW))
    return found


async def stack(call: SignedIn) -> Answer:
    """Tell the stack of the pipeline's apps."""
    await _named(call)
    return Reply({"stack": named("stack", STACK)})
