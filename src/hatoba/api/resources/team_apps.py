"""Apps of teams, and who works on them."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import account as encode_account
from hatoba.api.encode import teams as encode
from hatoba.api.resources import addons as addon_answers
from hatoba.api.team_access import OnTeam
from hatoba.auth import accounts, teams
from hatoba.control import addons, app_transfers, apps, collaborators
from hatoba.model.account import Account
from hatoba.model.app import App
from hatoba.model.permission import Permission
from hatoba.model.team import Role, Team


class Create(msgspec.Struct):
    """``POST /teams/apps``; without a team it is the account's default one or itself."""

    name: str | None = None
    team: str | None = None
    personal: bool | None = None
    locked: bool | None = None
    region: str | None = None
    stack: str | None = None
    space: str | None = None
    internal_routing: bool | None = None


class Update(msgspec.Struct):
    """``PATCH /teams/apps/{app}``: an owner is a team's name, or an account's address or id."""

    locked: bool | None = None
    owner: str | None = None


async def of_team(call: OnTeam) -> Answer:
    """List the apps of the team that the account sees."""
    seen = await apps.listed(call.platform, call.account.id)
    theirs = [app for app in seen if app.owner_id == call.team.id]
    worked_on = await apps.of_collaborator(call.platform, call.team.id, call.account.id)
    joined = {app.id for app in worked_on}
    place = call.platform.place
    shown = [encode.app(app, place, joined=app.id in joined) for app in theirs]
    return Listing(shown, ("name", "id"))


async def addons_of_team(call: OnTeam) -> Answer:
    """List the add-ons of the team's apps that the account sees."""
    seen = await apps.listed(call.platform, call.account.id)
    theirs = {app.id: app for app in seen if app.owner_id == call.team.id}
    found = await addons.of_apps(call.platform, list(theirs.values()))
    shown = [await addon_answers.shown(call, one, theirs[one.app_id]) for one in found]
    return Listing(shown, ("id", "name"))


async def _shown(call: SignedIn, app: App) -> Reply:
    there = await collaborators.listed(call.platform, app)
    joined = any(one.account_id == call.account.id for one in there)
    return Reply(encode.app(app, call.platform.place, joined=joined))


async def info(call: OnApp) -> Answer:
    """Tell about one app."""
    return await _shown(call, call.app)


async def create(call: SignedIn) -> Answer:
    """Make an app that a team owns."""
    wanted = decode.body(call, Create)
    if wanted.space:
        raise errors.NotFound("There are no private spaces here.", resource="space")
    identity = None if wanted.personal else wanted.team or await _default(call)
    beside = None
    if identity is not None:
        team = await _team(call, identity)
        beside = app_transfers.founding(team, call.account, locked_=bool(wanted.locked))
    made = await apps.create(
        call.platform,
        call.actor,
        name=wanted.name,
        stack=wanted.stack,
        region=wanted.region,
        beside=beside,
    )
    return Reply((await _shown(call, made)).body, 201)


async def _default(call: SignedIn) -> str | None:
    found = await teams.listed(call.platform.store, call.account)
    return next((str(one.id) for one in found if one.default), None)


async def _team(call: SignedIn, identity: str) -> Team:
    """Return a team in which the account may make apps."""
    return await teams.find_as(call.platform.store, call.account, identity, Role.MEMBER)


async def update(call: OnApp) -> Answer:
    """Lock or unlock the app, or give it to another team or account."""
    wanted, app = decode.body(call, Update), call.app
    if wanted.owner is not None:
        to = await _recipient(call, wanted.owner)
        app = await app_transfers.move(call.platform, call.actor, app, to)
    if wanted.locked is not None:
        if app.team is None:
            raise errors.InvalidParams(f"Only a team's app can be locked; {app.name} is personal.")
        app = await app_transfers.lock(call.platform, call.actor, app, locked_=wanted.locked)
    return await _shown(call, app)


async def _recipient(call: OnApp, identity: str) -> Account:
    """Return a team that the account may make apps in, or somebody in the app's team."""
    store, app = call.platform.store, call.app
    if any(identity in (one.name, str(one.id)) for one in await teams.listed(store, call.account)):
        team = await _team(call, identity)
        return await accounts.owner(store, str(team.id))
    if app.team is None:
        raise errors.NotFound(
            "Couldn't find that team. Offer an app to a person with POST /account/app-transfers.",
            resource="team",
        )
    if identity in ("~", call.account.email, str(call.account.id)):
        return call.account
    owner = await teams.find(store, call.account, str(app.owner_id))
    member = await teams.member(store, owner, identity)
    return await accounts.find(store, str(member.account_id))


async def entities(call: OnTeam) -> Answer:
    """List the team's apps with who may do what there."""
    found = await collaborators.of_team(call.platform, call.team)
    return Listing([encode.entity(app, who) for app, who in found], ("id", "name"))


async def kinds(_: SignedIn) -> Answer:
    """List the permissions that there are."""
    return Listing(encode_account.permissions(Permission), ("name",))
