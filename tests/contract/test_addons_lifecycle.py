"""Add-ons between their states: cut off, renamed, seen from another app."""

from __future__ import annotations

from uuid import UUID

import pytest

from hatoba.control import addons
from hatoba.model.addon import AddonState
from hatoba.store import addons as rows

from .api_platform import Api

STORE = {"plan": "heroku-redis"}


async def test_a_destruction_that_was_cut_off_is_finished_at_the_next_start(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", STORE)).json
    p = api.platform
    addon = await addons.find(p, made["id"])
    async with p.store.begin() as conn:
        await rows.update(conn, UUID(made["id"]), state=AddonState.DEPROVISIONING)
    await addons.service_of(addon).destroy(p, addon)
    assert (await api("GET", f"/apps/{app}/addons")).json[0]["state"] == "deprovisioning"
    await addons.resume(p)
    assert (await api("GET", f"/apps/{app}/addons")).json == []
    assert (await api("GET", f"/apps/{app}/config-vars")).json == {}
    assert (await api("GET", f"/apps/{app}/addon-attachments")).json == []


async def test_one_that_can_not_be_destroyed_stays_as_it_was(api: Api) -> None:
    app = await api.app()
    plan = {"plan": "heroku-postgresql:standard-0"}
    leader = (await api("POST", f"/apps/{app}/addons", plan)).json
    follower = await api("POST", f"/apps/{app}/addons", {**plan, "config": {"follow": "DATABASE"}})
    assert follower.status == 201, follower
    got = await api("DELETE", f"/apps/{app}/addons/{leader['name']}")
    assert got.status == 409
    p = api.platform
    async with p.store.begin() as conn:
        await rows.update(conn, UUID(leader["id"]), state=AddonState.DEPROVISIONING)
    await addons.resume(p)
    found = (await api("GET", f"/apps/{app}/addons/{leader['name']}")).json
    assert found["state"] == "provisioned"
    for name in (follower.json["name"], leader["name"]):
        assert (await api("DELETE", f"/apps/{app}/addons/{name}")).status == 200


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
    refused = await api("DELETE", f"/apps/{owner}/addons/{made['name']}")
    assert refused.status == 409
    forced = await api("DELETE", f"/apps/{owner}/addons/{made['name']}", {"force": True})
    assert forced.status == 200
    assert (await api("GET", f"/apps/{other}/config-vars")).json == {}
