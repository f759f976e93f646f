"""Teams, their preferences, features and lists of add-on services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, Reply, SignedIn
from hatoba.api.encode import teams as encode
from hatoba.api.encode.addons import addon_service
from hatoba.api.encode.basics import fixed_id, moment
from hatoba.api.team_access import OnTeam
from hatoba.auth import allowed_services, teams
from hatoba.control import catalogue
from hatoba.control.services import Service
from hatoba.model.team import Role, Team
from hatoba.schema import teams as wire

_DOCS = "https://devcenter.heroku.com/articles/heroku-teams"
_SINCE = moment(datetime(2026, 11, 27, tzinfo=UTC))


def _feature(name: str, title: str, about: str, *, enabled: bool) -> wire.TeamFeature:
    return wire.TeamFeature(
        id=fixed_id("team-feature", name),
        name=name,
        display_name=title,
        description=about,
        enabled=enabled,
        doc_url=_DOCS,
        created_at=_SINCE,
        updated_at=_SINCE,
    )


# The official command line looks for these names to decide how it adds members and access.
_FEATURES = (
    _feature(
        "org-access-controls",
        "App permissions",
        "Each collaborator of an app has permissions of their own. Always on here.",
        enabled=True,
    ),
    _feature(
        "team-invite-acceptance",
        "Invitations",
        "New members must accept an invitation. Off here: no mail is sent, so accounts that "
        "there are become members at once.",
        enabled=False,
    ),
)


class Create(msgspec.Struct):
    """``POST /teams``; what Heroku asks for in order to be paid is let pass."""

    name: str


class Update(msgspec.Struct):
    """``PATCH /teams/{team}``."""

    name: str | None = None
    default: bool | None = None


class Preferences(msgspec.Struct, rename="kebab"):
    """``PATCH /teams/{team}/preferences``."""

    addons_controls: bool | None = None
    default_permission: Literal["admin", "member", "viewer"] | None = None


class Allow(msgspec.Struct):
    """``POST /teams/{team}/allowed-addon-services``: a service by name or id."""

    addon_service: str


async def listed(call: SignedIn) -> Answer:
    """List the teams that the account is in."""
    found = await teams.listed(call.platform.store, call.account)
    return Listing([encode.team(one) for one in found], ("name", "id"))


async def create(call: SignedIn) -> Answer:
    """Make a team, with the account as its administrator."""
    name = decode.body(call, Create).name
    return Reply(encode.team(await teams.create(call.platform.store, call.account, name)), 201)


async def info(call: OnTeam) -> Answer:
    """Tell about one team."""
    return Reply(encode.team(call.team))


async def update(call: OnTeam) -> Answer:
    """Rename the team, which administrators may; or make it the account's default."""
    wanted, team = decode.body(call, Update), call.team
    store = call.platform.store
    if wanted.name is not None and wanted.name != team.name:
        team = await teams.find_as(store, call.account, str(team.id), Role.ADMIN)
        team = await teams.rename(store, call.account, team, wanted.name)
    if wanted.default is not None:
        team = await teams.make_default(store, call.account, team, default=wanted.default)
    return Reply(encode.team(team))


async def destroy(call: OnTeam) -> Answer:
    """Remove a team that owns nothing."""
    await teams.destroy(call.platform.store, call.team)
    return Reply(encode.team(call.team))


def _preferences(team: Team) -> Reply:
    usual = team.default_role.value if team.default_role else None
    return Reply(wire.TeamPreferences(usual, team.addons_controls))


async def preferences(call: OnTeam) -> Answer:
    """Tell what the team has chosen."""
    return _preferences(call.team)


async def prefer(call: OnTeam) -> Answer:
    """Change what the team has chosen."""
    wanted = decode.body(call, Preferences)
    after = await teams.prefer(
        call.platform.store,
        call.account,
        call.team,
        addons_controls=wanted.addons_controls,
        default_role=wanted.default_permission,
    )
    return _preferences(after)


async def features(_: OnTeam) -> Answer:
    """List what teams here do and don't."""
    return Listing(_FEATURES, ("name", "id"))


async def feature(call: OnTeam) -> Answer:
    """Tell about one feature."""
    for one in _FEATURES:
        if call.path("feature") in (one.name, one.id):
            return Reply(one)
    raise errors.NotFound("Couldn't find that team feature.", resource="team_feature")


async def services(call: OnTeam) -> Answer:
    """List the add-on services that the team's apps may have while the list is in force."""
    return Listing(await _services(call))


async def _services(call: OnTeam) -> list[wire.AllowedService]:
    found = await allowed_services.listed(call.platform.store, call.team)
    known = await catalogue.services(call.platform)
    return [encode.allowed(one, _human(known, one.service)) for one in found]


def _human(known: Mapping[str, Service], name: str) -> str:
    """Return how people call a service; one that is not offered any more by its name."""
    return known[name].human_name if name in known else name


async def allow(call: OnTeam) -> Answer:
    """Put an add-on service on the list; answers with the whole list, as Heroku does."""
    wanted = decode.body(call, Allow).addon_service
    offered = (await catalogue.services(call.platform)).values()
    meant = [one for one in offered if wanted in (one.name, addon_service(one)["id"])]
    if not meant:
        raise errors.NotFound("Couldn't find that add-on service.", resource="addon_service")
    await allowed_services.allow(call.platform.store, call.team, meant[0].name, call.account)
    return Reply(await _services(call), 201)


async def disallow(call: OnTeam) -> Answer:
    """Take an add-on service off the list; add-ons that are there stay."""
    gone = await allowed_services.find(call.platform.store, call.team, call.path("service"))
    await allowed_services.disallow(call.platform.store, gone)
    known = await catalogue.services(call.platform)
    return Reply(encode.allowed(gone, _human(known, gone.service)))
