"""Add-ons between their states: cut off, renamed, seen from another app."""

from __future__ import annotations

from uuid import UUID

import pytest

from hatoba import errors
from hatoba.control import addons, addons_work, apps, attachments, catalogue
from hatoba.control.attachments import Wish
from hatoba.control.key_values_service import KeyValueService
from hatoba.control.platform import Actor
from hatoba.model.addon import AddonState
from hatoba.store import addons as rows

from .api_platform import Api, Got

STORE = {"plan": "heroku-redis"}


async def killed_while(api: Api, made: dict[str, str], **row: object) -> None:
    """Leave the row as a daemon that was killed at work leaves it."""
    async with api.platform.store.begin() as conn:
        await rows.update(conn, UUID(made["id"]), **row)


async def test_a_destruction_that_was_cut_off_is_finished(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", STORE)).json
    p = api.platform
    addon = await addons.find(p, made["id"])
    await killed_while(api, made, state=AddonState.DEPROVISIONING)
    await (await catalogue.service_of(p, addon)).destroy(p, addon)
    assert (await api("GET", f"/apps/{app}/addons")).json[0]["state"] == "deprovisioning"
    assert await addons_work.carry_out(p, addon.id) is None
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert (await api("GET", f"/apps/{app}/config-vars")).json == {}
    assert (await api("GET", f"/apps/{app}/addon-attachments")).json == []


@pytest.mark.parametrize("reached", ["nothing", "the service", "the config vars"])
async def test_a_provisioning_that_was_cut_off_is_finished(api: Api, reached: str) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", STORE)).json
    before = (await api("GET", f"/apps/{app}/config-vars")).json
    await killed_while(api, made, state=AddonState.PROVISIONING)
    if reached == "nothing":
        await api.platform.key_values.remove(UUID(made["id"]))
    if reached != "the config vars":
        (attached,) = await attachments.of_addon(
            api.platform, await addons.find(api.platform, made["id"])
        )
        async with api.platform.store.begin() as conn:
            await rows.detach(conn, attached.id)
            await rows.attach(conn, attached)
    assert await addons_work.carry_out(api.platform, UUID(made["id"])) is None
    found = (await api("GET", f"/apps/{app}/addons/{made['name']}")).json
    assert (found["state"], found["config_vars"]) == ("provisioned", ["REDIS_URL"])
    assert (await api("GET", f"/apps/{app}/config-vars")).json == before


async def test_a_plan_change_that_was_cut_off_is_finished(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", STORE)).json
    p = api.platform
    addon = await addons.find(p, made["id"])
    await killed_while(api, made, wanted_plan="premium-0")
    # The server has it already, the row does not: that is where the daemon was killed.
    await KeyValueService().change_plan(p, addon, "premium-0")
    assert (await addons.find(p, made["id"])).plan == "mini"
    refused = await api("PATCH", f"/apps/{app}/addons/{made['name']}", {"plan": "heroku-redis"})
    assert refused.status == 409
    await addons_work.tick(p)
    assert await addons_work.carry_out(p, addon.id) is None
    found = (await api("GET", f"/apps/{app}/addons/{made['name']}")).json
    assert found["plan"]["name"] == "heroku-redis:premium-0"


async def test_one_that_can_not_be_destroyed_stays_as_it_was(api: Api) -> None:
    app = await api.app()
    plan = {"plan": "heroku-postgresql:standard-0"}
    leader = (await api("POST", f"/apps/{app}/addons", plan)).json
    follower = await api("POST", f"/apps/{app}/addons", {**plan, "config": {"follow": "DATABASE"}})
    assert follower.status == 201, follower
    got = await api("DELETE", f"/apps/{app}/addons/{leader['name']}")
    assert got.status == 409
    await killed_while(api, leader, state=AddonState.DEPROVISIONING)
    error = await addons_work.carry_out(api.platform, UUID(leader["id"]))
    assert isinstance(error, errors.Conflict)
    found = (await api("GET", f"/apps/{app}/addons/{leader['name']}")).json
    assert found["state"] == "provisioned"
    for name in (follower.json["name"], leader["name"]):
        assert (await api("DELETE", f"/apps/{app}/addons/{name}")).status == 200


async def test_one_that_can_not_be_made_leaves_nothing_behind(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise errors.DiskFull

    monkeypatch.setattr(KeyValueService, "build", broken)
    app = await api.app()
    got = await api("POST", f"/apps/{app}/addons", STORE)
    assert (got.status, got.json["id"]) == (507, "disk_full")
    for path in ("addons", "addon-attachments"):
        assert (await api("GET", f"/apps/{app}/{path}")).json == []
    assert (await api("GET", f"/apps/{app}/config-vars")).json == {}
    monkeypatch.undo()
    assert (await api("POST", f"/apps/{app}/addons", STORE)).json["config_vars"] == ["REDIS_URL"]


async def test_nobody_attaches_what_is_being_destroyed(api: Api) -> None:
    one, two = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{one}/addons", STORE)).json
    await killed_while(api, made, state=AddonState.DEPROVISIONING)
    got = await api("POST", "/addon-attachments", {"addon": made["name"], "app": two})
    assert (got.status, got.json["id"]) == (409, "conflict")
    assert (await api("GET", f"/apps/{two}/config-vars")).json == {}


async def test_an_app_that_attaches_during_a_destruction_keeps_it(api: Api) -> None:
    """What the destruction looked at before is not what counts, but what is when it begins."""
    one, two = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{one}/addons", STORE)).json
    assert (
        await api("POST", "/addon-attachments", {"addon": made["name"], "app": two})
    ).status == 201
    gone = await api("DELETE", f"/apps/{one}/addons/{made['name']}", {"force": False})
    assert gone.status == 409
    assert "1 other app uses" in gone.json["message"]
    found = (await api("GET", f"/apps/{one}/addons/{made['name']}")).json
    assert found["state"] == "provisioned"
    forced = await api("DELETE", f"/apps/{one}/addons/{made['name']}", {"force": True})
    assert forced.status == 200
    assert (await api("GET", f"/apps/{two}/config-vars")).json == {}


async def test_a_slow_service_is_not_asked_with_the_app_locked(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{one}/addons", STORE)).json
    p, values = api.platform, KeyValueService.values
    changed: list[Got] = []

    async def slow(self: KeyValueService, *args: object) -> dict[str, str]:
        if not changed:
            changed.append(await api("PATCH", f"/apps/{two}/config-vars", {"WHILE": "asked"}))
        return await values(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(KeyValueService, "values", slow)
    app = (await api("GET", f"/apps/{two}")).json
    await attachments.attach(
        p,
        Actor(api.account),
        await apps.by_id(p, UUID(app["id"])),
        Wish(await addons.find(p, made["id"])),
        KeyValueService(),
    )
    assert changed[0].status == 200
    assert set((await api("GET", f"/apps/{two}/config-vars")).json) == {"WHILE", "REDIS_URL"}


@pytest.mark.parametrize("name", ["", "1st", "a b", "a/b", "-a", "x" * 300])
async def test_names_that_can_not_be(api: Api, name: str) -> None:
    app = await api.app()
    got = await api("POST", f"/apps/{app}/addons", {**STORE, "name": name})
    assert (got.status, got.json["id"]) == (422, "invalid_params")
    assert (await api("GET", f"/apps/{app}/addons")).json == []


async def test_an_app_lists_what_is_attached_to_it_too(api: Api) -> None:
    owner, other = await api.app(), await api.app()
    made = (await api("POST", f"/apps/{owner}/addons", STORE)).json
    body = {"addon": made["name"], "app": other, "name": "CACHE"}
    assert (await api("POST", "/addon-attachments", body)).status == 201
    (seen,) = (await api("GET", f"/apps/{other}/addons")).json
    assert (seen["name"], seen["app"]["name"]) == (made["name"], owner)
    assert seen["config_vars"] == ["CACHE_URL"]
    shown = (await api("GET", f"/apps/{other}/addons/CACHE")).json
    assert (shown["app"]["name"], shown["config_vars"]) == (owner, ["CACHE_URL"])
    for method, body in (("DELETE", {"force": True}), ("PATCH", {"name": "stolen"})):
        refused = await api(method, f"/apps/{other}/addons/CACHE", body)
        assert (refused.status, refused.json["resource"]) == (404, "add_on")
    refused = await api("DELETE", f"/apps/{owner}/addons/{made['name']}")
    assert refused.status == 409
    forced = await api("DELETE", f"/apps/{owner}/addons/{made['name']}", {"force": True})
    assert forced.status == 200
    assert (await api("GET", f"/apps/{other}/config-vars")).json == {}
