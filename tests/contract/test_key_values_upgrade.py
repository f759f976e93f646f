"""Key-value stores on a newer version, with what they held: real servers of two versions."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from hatoba.addons.key_value import programs
from hatoba.addons.key_value.programs import Valkey
from hatoba.control import key_values, key_values_upgrade

from .api_platform import Api
from .key_values import move, older


async def _store(api: Api, line: str) -> dict[str, Any]:
    """Make a store, and have it run on an older line of versions."""
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/addons", {"plan": "heroku-redis"})).json
    await move(api.platform, UUID(made["id"]), line)
    url = str((await api("GET", f"/apps/{app}/config-vars")).json["REDIS_URL"])
    return {"path": f"/redis/v0/databases/{made['name']}", "id": UUID(made["id"]), "url": url}


async def _version(api: Api, store: dict[str, Any]) -> str:
    return str((await api("GET", store["path"])).json["version"])


async def test_a_store_is_brought_to_a_newer_version_with_its_keys(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await older(api.platform)
    newest = (await api.platform.key_values.programs())[-1]
    store = await _store(api, old.line)
    upgrade = f"{store['path']}/upgrade"
    assert await _version(api, store) == old.text
    async with Redis.from_url(store["url"], decode_responses=True) as session:
        await session.set("boat", "Kaiyo")
        await session.set("tide", "low", ex=600)
    unknown = await api("POST", upgrade, {"version": "7.2"})
    assert (unknown.status, newest.text in unknown.json["message"]) == (422, True)
    # What doesn't hold the same keys is not kept.
    with monkeypatch.context() as patch:
        patch.setattr(key_values_upgrade, "lost", lambda *_: True)
        failed = await api("POST", upgrade, {"version": newest.line})
    assert (failed.status, "as it was" in failed.json["message"]) == (503, True)
    assert await _version(api, store) == old.text
    done = await api("POST", upgrade, {"version": newest.line})
    assert (done.status, newest.text in done.json["message"]) == (200, True), done
    assert await _version(api, store) == newest.text
    async with Redis.from_url(store["url"], decode_responses=True) as session:
        assert await session.get("boat") == "Kaiyo"
        assert await session.ttl("tide") > 0
    again = await api("POST", upgrade, {"version": newest.line})
    assert (again.status, "the newest" in again.json["message"]) == (422, True)
    folder = Path(api.platform.key_values._folder(store["id"]))
    assert [one.name for one in folder.parent.iterdir()] == [folder.name]
    await api.platform.key_values.stop(store["id"])
    # Whatever a killed daemon was giving back is what the store has.
    folder.rename(folder.with_suffix(".before"))
    await key_values.build(api.platform, store["id"])
    async with Redis.from_url(store["url"], decode_responses=True) as session:
        assert await session.get("boat") == "Kaiyo"


def test_which_program_a_version_means() -> None:
    there = [Valkey((8, 1, 4), Path("/a")), Valkey((9, 1, 0), Path("/b"))]
    there.append(Valkey((9, 1, 2), Path("/c")))
    assert programs.chosen(there, "8.1").text == "8.1.4"
    assert programs.chosen(there, "9.1").text == "9.1.2"
    assert programs.chosen(there, "7.2").text == programs.chosen(there, None).text == "9.1.2"
    for version, meant in (("9", "9.1.2"), ("9.1.0", "9.1.0"), ("8.1", "8.1.4")):
        found = programs.named(there, version)
        assert found is not None
        assert found.text == meant
    assert programs.named(there, "9.11") is None
    assert programs.running({"valkey_version": "9.1.2"}) == (9, 1, 2)


def test_keys_that_may_expire_are_not_missed() -> None:
    before = {"db0": {"keys": 3, "expires": 1}, "db1": {"keys": 1}, "uptime": 3}
    assert not key_values_upgrade.lost(before, before)
    assert not key_values_upgrade.lost(before, {"db0": {"keys": 2}, "db1": {"keys": 1}})
    assert key_values_upgrade.lost(before, {"db0": {"keys": 1}, "db1": {"keys": 1}})
    assert key_values_upgrade.lost(before, {"db0": {"keys": 3}})
