"""Teams, their members and apps, transfers and locks through the API."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.contract.api_platform import Api
from tests.contract.crew import crew


async def offer(api: Api, app: str, to: Api) -> dict[str, str]:
    body = {"app": app, "recipient": to.account.email}
    made = await api("POST", "/account/app-transfers", body)
    assert made.status == 201, made
    found: dict[str, str] = made.json
    return found


async def owner_of(api: Api, app: str) -> str:
    return str((await api("GET", f"/apps/{app}")).json["owner"]["email"])


async def test_an_app_goes_to_who_accepts_it(api: Api) -> None:
    app, other = await api.app(), await api.stranger()
    made = await offer(api, app, other)
    assert made["state"] == "pending"
    path = f"/account/app-transfers/{made['id']}"
    twice = {"app": app, "recipient": other.account.email}
    assert (await api("POST", "/account/app-transfers", twice)).status == 422
    assert (await (await api.stranger())("GET", path)).status == 404
    assert (await api("PATCH", path, {"state": "accepted"})).status == 403
    taken = await other("PATCH", path, {"state": "accepted"})
    assert (taken.status, taken.json["state"]) == (200, "accepted")
    assert await owner_of(api, app) == other.account.email
    assert (await other("PATCH", path, {"state": "declined"})).status == 422
    assert (await api("DELETE", f"/apps/{app}")).status == 403, "the former owner only works on it"
    assert (await api("PATCH", f"/apps/{app}/config-vars", {"A": "1"})).status == 200


async def test_offers_are_declined_and_withdrawn(api: Api) -> None:
    app, other = await api.app(), await api.stranger()
    first = await offer(api, app, other)
    path = f"/account/app-transfers/{first['id']}"
    assert (await other("PATCH", path, {"state": "declined"})).json["state"] == "declined"
    second = await offer(api, app, other)
    assert (await other("DELETE", f"/account/app-transfers/{second['id']}")).status == 403
    assert (await api("DELETE", f"/account/app-transfers/{second['id']}")).status == 200
    assert await owner_of(api, app) == api.account.email


async def test_transfers_that_can_not_be(api: Api) -> None:
    app, other = await api.app(), await api.stranger()
    for body, status in (
        ({"app": app, "recipient": api.account.email}, 422),
        ({"app": app, "recipient": "nobody@harbour.example"}, 404),
        ({"app": "no-such-app", "recipient": other.account.email}, 404),
        ({"app": app}, 422),
    ):
        got = await api("POST", "/account/app-transfers", body)
        assert got.status == status, (body, got)
    stolen = {"app": app, "recipient": other.account.email}
    assert (await other("POST", "/account/app-transfers", stolen)).status == 403


async def test_an_offer_ends_with_the_ownership_that_it_was_made_in(api: Api) -> None:
    app, other = await api.app(), await api.stranger()
    made = await offer(api, app, other)
    team = f"t-{uuid4().hex[:10]}"
    assert (await api("POST", "/teams", {"name": team})).status == 201
    assert (await api("PATCH", f"/teams/apps/{app}", {"owner": team})).status == 200
    late = await other("PATCH", f"/account/app-transfers/{made['id']}", {"state": "accepted"})
    assert late.status == 404, late
    assert await owner_of(api, app) == f"{team}@herokumanager.com"


async def test_apps_move_into_teams_and_out_again(api: Api) -> None:
    made = await crew(api)
    app = await api.app()
    moved = await api("PATCH", f"/teams/apps/{app}", {"owner": made.team})
    assert (moved.status, moved.json["team"]["name"]) == (200, made.team)
    viewer, member = made.by["viewer"], made.by["member"]
    assert (await viewer("GET", f"/apps/{app}")).status == 200
    assert (await made.by["view"]("GET", f"/apps/{app}")).status == 403
    own = await member.app()
    assert (await member("PATCH", f"/teams/apps/{own}", {"owner": made.team})).status == 200
    theirs = await viewer.app()
    assert (await viewer("PATCH", f"/teams/apps/{theirs}", {"owner": made.team})).status == 403
    to_stranger = {"owner": made.by["outsider"].account.email}
    assert (await api("PATCH", f"/teams/apps/{app}", to_stranger)).status == 404
    back = await api("PATCH", f"/teams/apps/{app}", {"owner": member.account.email})
    assert back.status == 200, back
    assert await owner_of(member, app) == member.account.email
    assert (await api("DELETE", f"/apps/{app}")).status == 403


async def test_members_join_apps_that_are_not_locked(api: Api) -> None:
    made = await crew(api)
    member, viewer = made.by["member"], made.by["viewer"]
    path = f"/teams/apps/{made.app}/collaborators"
    assert (await api("PATCH", f"/teams/apps/{made.app}", {"locked": True})).json["locked"] is True
    join = {"user": member.account.email, "permissions": ["manage"]}
    refused = await member("POST", path, join)
    assert (refused.status, "locked" in refused.json["message"]) == (403, True)
    assert (await api("PATCH", f"/teams/apps/{made.app}", {"locked": False})).status == 200
    joined = await member("POST", path, join)
    names = [one["name"] for one in joined.json["permissions"]]
    assert (joined.status, names) == (201, ["view", "deploy", "operate"])
    assert (await member("GET", f"/teams/apps/{made.app}")).json["joined"] is True
    assert (await viewer("POST", path, {"user": viewer.account.email})).status == 403
    other = {"user": made.by["outsider"].account.email}
    assert (await member("POST", path, other)).status == 403
    left = await member("DELETE", f"/apps/{made.app}/collaborators/{member.account.email}")
    assert left.status == 200
    assert (await member("GET", f"/teams/apps/{made.app}")).json["joined"] is False
    personal = await api.app()
    assert (await api("PATCH", f"/teams/apps/{personal}", {"locked": True})).status == 422


async def test_who_leaves_a_team_loses_its_apps(api: Api) -> None:
    made = await crew(api)
    deploy = made.by["deploy"]
    assert (await deploy("GET", f"/apps/{made.app}/config-vars")).status == 200
    members = (await api("GET", f"/teams/{made.team}/members")).json
    roles = {one["email"]: one["role"] for one in members}
    assert roles[deploy.account.email] == "collaborator"
    gone = await api("DELETE", f"/teams/{made.team}/members/{deploy.account.email}")
    assert gone.status == 200
    assert (await deploy("GET", f"/apps/{made.app}")).status == 403
    operate = made.by["operate"].account.email
    assert (await api("DELETE", f"/apps/{made.app}/collaborators/{operate}")).status == 200
    left = [one["email"] for one in (await api("GET", f"/teams/{made.team}/members")).json]
    assert operate not in left, "a collaborator without an app is in the team no more"


async def test_a_team_keeps_an_administrator(api: Api) -> None:
    made = await crew(api)
    own = api.account.email
    members = f"/teams/{made.team}/members"
    assert (await api("DELETE", f"{members}/{own}")).status == 422
    for method in ("PUT", "PATCH"):
        got = await api(method, members, {"email": own, "role": "member"})
        assert (got.status, "last administrator" in got.json["message"]) == (422, True)
    second = {"email": made.by["member"].account.email, "role": "admin"}
    assert (await api("PATCH", members, second)).status == 200
    assert (await api("DELETE", f"{members}/{own}")).status == 200
    assert (await api("GET", f"/teams/{made.team}")).status == 404


async def test_members_that_can_not_be(api: Api) -> None:
    made = await crew(api)
    members = f"/teams/{made.team}/members"
    unknown = await api("PUT", members, {"email": "nobody@harbour.example", "role": "member"})
    assert unknown.status == 404
    for body in (
        {"email": api.account.email, "role": "captain"},
        {"role": "member"},
        {"email": made.by["member"].account.email, "role": "member", "federated": True},
    ):
        assert (await api("PUT", members, body)).status == 422
    outside = {"email": made.by["outsider"].account.email, "role": "member"}
    assert (await api("PATCH", members, outside)).status == 404


async def test_an_invitation_waits_for_its_address(api: Api) -> None:
    made = await crew(api)
    invited, thief = made.by["outsider"], await api.stranger()
    body = {"email": invited.account.email, "role": "member"}
    token = (await api("PUT", f"/teams/{made.team}/invitations", body)).json["id"]
    path = f"/teams/invitations/{token}"
    assert (await thief("GET", path)).status == 404
    assert (await thief("POST", f"{path}/accept")).status == 404
    assert (await invited("GET", path)).json["team"]["name"] == made.team
    assert (await invited("POST", f"{path}/accept")).json["role"] == "member"
    assert (await invited("POST", f"{path}/accept")).status == 404
    assert (await invited("GET", f"/teams/{made.team}/members")).status == 200


@pytest.mark.parametrize("name", ["", "ab", "Upper", "apps", "a b", "x" * 31, "-dash"])
async def test_names_that_a_team_can_not_have(api: Api, name: str) -> None:
    assert (await api("POST", "/teams", {"name": name})).status == 422


async def test_a_team_is_renamed_and_destroyed_when_it_owns_nothing(api: Api) -> None:
    made = await crew(api)
    assert (await api("PATCH", f"/teams/{made.team}", {"default": True})).json["default"] is True
    renamed = await api("PATCH", f"/teams/{made.team}", {"name": f"{made.team}x"})
    assert (renamed.status, renamed.json["default"]) == (200, True)
    member = made.by["member"]
    assert (await member("PATCH", f"/teams/{made.team}x", {"name": "mine-now"})).status == 403
    assert await owner_of(api, made.app) == f"{made.team}x@herokumanager.com"
    new = await api("POST", "/teams/apps", {})
    assert new.json["team"]["name"] == f"{made.team}x"
    personal = await api("POST", "/teams/apps", {"personal": True})
    assert personal.json["team"] is None
    owned = await api("DELETE", f"/teams/{made.team}x")
    assert (owned.status, made.app in owned.json["message"]) == (422, True)
    empty = f"t-{uuid4().hex[:10]}"
    assert (await api("POST", "/teams", {"name": empty})).status == 201
    assert (await api("POST", "/teams", {"name": empty})).status == 422
    assert (await api("DELETE", f"/teams/{empty}")).status == 200
    assert (await api("GET", f"/teams/{empty}")).status == 404


async def test_who_founds_an_app_of_a_team_may_do_everything_with_it(api: Api) -> None:
    made = await crew(api)
    member = made.by["member"]
    app = (await member("POST", "/teams/apps", {"team": made.team, "locked": True})).json
    assert (app["locked"], app["joined"]) == (True, True)
    assert (await member("DELETE", f"/apps/{app['name']}")).status == 200
    assert (await made.by["viewer"]("POST", "/teams/apps", {"team": made.team})).status == 403


async def test_a_team_takes_only_services_on_its_list(api: Api) -> None:
    made = await crew(api)
    path = f"/teams/{made.team}/allowed-addon-services"
    assert (await api("POST", path, {"addon_service": "no-such"})).status == 404
    allowed = await api("POST", path, {"addon_service": "heroku-redis"})
    assert [one["addon_service"]["name"] for one in allowed.json] == ["heroku-redis"]
    controls = {"addons-controls": True}
    assert (await api("PATCH", f"/teams/{made.team}/preferences", controls)).status == 200
    plan = {"plan": "heroku-postgresql:essential-0"}
    refused = await api("POST", f"/apps/{made.app}/addons", plan)
    assert (refused.status, "on its list" in refused.json["message"]) == (403, True)


async def test_new_members_are_what_the_team_prefers(api: Api) -> None:
    made = await crew(api)
    wanted = {"default-permission": "viewer"}
    changed = await api("PATCH", f"/teams/{made.team}/preferences", wanted)
    assert changed.json == {"default-permission": "viewer", "addons-controls": False}
    body = {"email": made.by["outsider"].account.email}
    assert (await api("PUT", f"/teams/{made.team}/members", body)).json["role"] == "viewer"


async def test_a_change_of_access_counts_as_one_of_the_app(api: Api) -> None:
    app, other = await api.app(), await api.stranger()
    seen = (await api("GET", f"/apps/{app}")).headers["hatoba-version"]
    share = {"user": other.account.email}
    assert (await api("POST", f"/apps/{app}/collaborators", share)).status == 201
    late = await api(
        "DELETE", f"/apps/{app}/collaborators/{other.account.email}", Hatoba_If_Version=seen
    )
    assert (late.status, late.json["id"]) == (409, "stale_review")
