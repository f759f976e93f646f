"""Teams as the API shows them."""

from __future__ import annotations

import msgspec

from hatoba.api.encode import apps as encode_app
from hatoba.api.encode.basics import fixed_id, moment
from hatoba.control.place import Place
from hatoba.model import team as model
from hatoba.model.account import Collaborator
from hatoba.model.app import App
from hatoba.model.permission import ordered
from hatoba.schema import teams as wire
from hatoba.schema.platform import Named, User


def team(one: model.Team) -> wire.Team:
    """Return the team."""
    return wire.Team(
        id=str(one.id),
        name=one.name,
        role=one.role.value,
        default=one.default,
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def member(one: model.Member) -> wire.Member:
    """Return the place of somebody in a team."""
    return wire.Member(
        id=str(one.id),
        email=one.email,
        role=one.role.value,
        two_factor_authentication=one.two_factor,
        user=wire.Person(str(one.account_id), one.email, one.name),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def invitation(one: model.Invitation) -> wire.Invitation:
    """Return the invitation. Whom it is for may have no account yet, so it tells their address."""
    return wire.Invitation(
        id=str(one.id),
        team=Named(str(one.team_id), one.team_name),
        role=one.role.value,
        user=wire.Person(fixed_id("invited", one.email), one.email),
        invited_by=wire.Person(str(one.inviter_id), one.inviter_email),
        created_at=moment(one.created_at),
        updated_at=moment(one.updated_at),
    )


def app(one: App, place: Place, *, joined: bool) -> wire.TeamApp:
    """Return an app for somebody of its team."""
    fields = msgspec.structs.asdict(encode_app.app(one, place))
    return wire.TeamApp(**fields, joined=joined, locked=one.locked)


def allowed(one: model.AllowedService, human_name: str) -> wire.AllowedService:
    """Return an add-on service on a team's list."""
    service = {
        "id": fixed_id("addon-service", one.service),
        "name": one.service,
        "human_name": human_name,
    }
    return wire.AllowedService(
        id=str(one.id),
        addon_service=service,
        added_at=moment(one.created_at),
        added_by=User(str(one.account_id), one.email),
    )


def entity(one: App, holders: list[Collaborator]) -> wire.PermissionEntity:
    """Return an app with who may do what there."""
    users = [
        wire.Holder(str(who.account_id), who.email, [p.value for p in ordered(who.permissions)])
        for who in holders
    ]
    return wire.PermissionEntity(str(one.id), one.name, str(one.owner_id), users)
