"""Calls about teams and who is in them."""

from __future__ import annotations

from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.schema.teams import Invitation, Member, Team, TeamApp


def listed(api: Api) -> list[Team]:
    """Return the teams that the account is in."""
    return api.pages("/teams", Team)


class UnknownTeam(ClientError):
    """The account is in no team of that name."""

    id = "team"


def check(api: Api, name: str | None) -> None:
    """Raise UnknownTeam unless the account is in the team; None is no team."""
    if name is not None and not any(name in (one.name, one.id) for one in listed(api)):
        raise UnknownTeam(f"You are in no team {name}. See which there are: heroku teams")


def create(api: Api, name: str) -> Team:
    """Make a team, with the account as its administrator."""
    return api.change("POST", "/teams", Team, body={"name": name})


def rename(api: Api, team: str, name: str) -> Team:
    """Give a team another name."""
    return api.change("PATCH", f"/teams/{team}", Team, body={"name": name})


def destroy(api: Api, team: str) -> Team:
    """Remove a team that owns nothing."""
    return api.change("DELETE", f"/teams/{team}", Team)


def members(api: Api, team: str) -> list[Member]:
    """Return who is in a team."""
    return api.pages(f"/teams/{team}/members", Member)


def put_member(api: Api, team: str, email: str, role: str | None) -> Member:
    """Take an account into a team, or give it another role there."""
    body = {"email": email, **({"role": role} if role else {})}
    return api.change("PUT", f"/teams/{team}/members", Member, body=body)


def remove_member(api: Api, team: str, email: str) -> Member:
    """Take an account out of a team."""
    return api.change("DELETE", f"/teams/{team}/members/{email}", Member)


def invitations(api: Api, team: str) -> list[Invitation]:
    """Return the open invitations of a team."""
    return api.pages(f"/teams/{team}/invitations", Invitation)


def apps(api: Api, team: str) -> list[TeamApp]:
    """Return the apps of a team that the account sees."""
    return api.pages(f"/teams/{team}/apps", TeamApp)


def app(api: Api, name: str) -> TeamApp:
    """Return an app as its team sees it."""
    return api.get(f"/teams/apps/{name}", TeamApp)


def create_app(api: Api, team: str, name: str | None, **more: str | bool | None) -> TeamApp:
    """Make an app that a team owns."""
    wanted = {"team": team, "name": name, **more}
    body = {key: value for key, value in wanted.items() if value is not None}
    return api.change("POST", "/teams/apps", TeamApp, body=body)


def lock(api: Api, name: str, *, locked: bool, version: int | None = None) -> TeamApp:
    """Keep members from joining an app by themselves, or let them."""
    path = f"/teams/apps/{name}"
    return api.change("PATCH", path, TeamApp, body={"locked": locked}, version=version)


def give(api: Api, name: str, owner: str, version: int | None = None) -> TeamApp:
    """Give an app to a team, or to somebody in its team, at once."""
    path = f"/teams/apps/{name}"
    return api.change("PATCH", path, TeamApp, body={"owner": owner}, version=version)
