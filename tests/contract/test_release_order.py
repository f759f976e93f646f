"""Which release becomes current when several are not decided yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hatoba.control import release_phase, releases
from hatoba.model.release import Release
from hatoba.store import apps as app_rows
from hatoba.store import releases as rows
from hatoba.store import slugs
from tests.contract.api_platform import Api

SERVE = {"web": "serve"}
MIGRATE = {"web": "serve", "release": "migrate"}


class Shipyard:
    """An app and what is released of it."""

    def __init__(self, api: Api, name: str, app_id: UUID) -> None:
        self._api, self._name, self._id = api, name, app_id

    @classmethod
    async def new(cls, api: Api) -> Shipyard:
        name = await api.app()
        info = (await api("GET", f"/apps/{name}")).json
        return cls(api, name, UUID(info["id"]))

    async def release(self, process_types: dict[str, str]) -> dict[str, Any]:
        values = {"app_id": self._id, "checksum": "ab" * 32, "size": 5, "stack": "heroku-24"}
        async with self._api.platform.store.begin() as conn:
            slug = await slugs.insert(conn, {**values, "process_types": process_types})
        made = await self._api("POST", f"/apps/{self._name}/releases", {"slug": str(slug)})
        assert made.status == 201, made
        return dict(made.json)

    async def configure(self, **values: str) -> Release:
        set_ = await self._api("PATCH", f"/apps/{self._name}/config-vars", values)
        assert set_.status == 200, set_
        return (await self.history())[-1]

    async def history(self) -> list[Release]:
        async with self._api.platform.store.begin() as conn:
            return await rows.of_app(conn, self._id)

    async def current(self) -> Release:
        return next(release for release in await self.history() if release.current)

    async def succeed(self, version: int) -> None:
        async with self._api.platform.store.begin() as conn:
            await app_rows.by_id(conn, self._id, lock=True)
            release = await rows.by_version(conn, self._id, version)
            assert release is not None
            assert release.slug_id is not None
            await releases.activate(conn, release, await slugs.by_id(conn, release.slug_id))

    async def fail(self, version: int) -> None:
        async with self._api.platform.store.begin() as conn:
            release = await rows.by_version(conn, self._id, version)
            assert release is not None
            await rows.fail(conn, release.id)

    async def has_its_turn(self, release: Release) -> None:
        await release_phase.carry_out(self._api.platform, release.id)


async def test_a_config_change_waits_for_the_release_phase_before_it(api: Api) -> None:
    yard = await Shipyard.new(api)
    served = await yard.release(SERVE)
    pending = await yard.release(MIGRATE)
    changed = await yard.configure(GREETING="ahoy")
    assert pending["status"] == "pending"
    assert (changed.status, changed.slug_id) == ("pending", None)
    assert str((await yard.current()).id) == served["id"]
    await yard.fail(pending["version"])
    await yard.has_its_turn(changed)
    now = await yard.current()
    assert now.id == changed.id
    assert str(now.slug_id) == served["slug"]["id"]


async def test_what_brings_code_overtakes_and_is_not_overtaken(api: Api) -> None:
    yard = await Shipyard.new(api)
    await yard.release(MIGRATE)
    changed = await yard.configure(GREETING="ahoy")
    plain = await yard.release(SERVE)
    assert str((await yard.current()).id) == plain["id"]
    await yard.succeed(2)
    await yard.has_its_turn(changed)
    assert str((await yard.current()).id) == plain["id"]
    assert {release.status for release in await yard.history()} == {"succeeded"}


async def test_deciding_a_release_twice_leaves_the_app_with_one_that_is_current(api: Api) -> None:
    yard = await Shipyard.new(api)
    first = await yard.release(MIGRATE)
    await yard.succeed(first["version"])
    await yard.succeed(first["version"])
    assert str((await yard.current()).id) == first["id"]
