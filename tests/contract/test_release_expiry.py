"""Old releases expire, so that their slugs do not fill the disk."""

from __future__ import annotations

from datetime import timedelta

from hatoba.control import housekeeping
from hatoba.model.release import KEPT_RELEASES
from hatoba.store import slugs, tables
from tests.contract.api_platform import Api
from tests.contract.test_slugs_api import packed


async def slug(api: Api, app: str, content: bytes) -> str:
    made = (await api("POST", f"/apps/{app}/slugs", {"process_types": {"web": "./web"}})).json
    assert (await api("PUT", made["blob"]["url"], raw=packed(content=content))).status == 200
    return str(made["id"])


async def released(api: Api, app: str, content: bytes) -> tuple[str, int]:
    """Release a slug of that content; return its id and the release's version."""
    made = await slug(api, app, content)
    answer = await api("POST", f"/apps/{app}/releases", {"slug": made})
    assert answer.status == 201
    return made, answer.json["version"]


async def archives(api: Api) -> set[str]:
    """Return the checksums of the archives that stay on the disk."""
    async with api.platform.store.begin() as conn:
        return await slugs.checksums(conn)


async def change(api: Api, app: str, times: int) -> None:
    for number in range(times):
        assert (await api("PATCH", f"/apps/{app}/config-vars", {"N": str(number)})).status == 200


async def grow_older(api: Api, days: int) -> None:
    ago = api.platform.clock.now() - timedelta(days=days)
    async with api.platform.store.begin() as conn:
        await conn.execute(tables.releases.update().values(created_at=ago))
        await conn.execute(tables.slugs.update().values(created_at=ago))


async def test_a_release_expires_that_is_old_and_has_many_after_it(api: Api) -> None:
    app = await api.app()
    first, version = await released(api, app, b"first")
    second, later = await released(api, app, b"second")
    await change(api, app, KEPT_RELEASES - 2)
    await grow_older(api, days=31)
    await housekeeping.tidy(api.platform)
    assert (await api("GET", f"/apps/{app}/slugs/{first}")).status == 200
    await change(api, app, 1)
    await grow_older(api, days=31)
    kept = await archives(api)
    said = await housekeeping.tidy(api.platform)
    assert "1 release expired" in said
    assert len(kept - await archives(api)) == 1
    assert (await api("GET", f"/apps/{app}/slugs/{first}")).status == 404
    assert (await api("GET", f"/apps/{app}/slugs/{second}")).status == 200
    gone = (await api("GET", f"/apps/{app}/releases/{version}")).json
    assert (gone["status"], gone["slug"], gone["eligible_for_rollback"]) == ("expired", None, False)
    refused = await api("POST", f"/apps/{app}/releases", {"release": str(version)})
    assert (refused.status, "expired" in refused.json["message"]) == (422, True)
    back = await api("POST", f"/apps/{app}/releases", {"release": str(later)})
    assert (back.status, back.json["slug"]["id"]) == (201, second)


async def test_no_release_of_the_last_days_expires(api: Api) -> None:
    app = await api.app()
    first, _ = await released(api, app, b"first")
    await released(api, app, b"second")
    await change(api, app, KEPT_RELEASES)
    await grow_older(api, days=29)
    await housekeeping.tidy(api.platform)
    assert (await api("GET", f"/apps/{app}/slugs/{first}")).status == 200


async def test_a_slug_stays_that_another_release_has(api: Api) -> None:
    app = await api.app()
    first, version = await released(api, app, b"first")
    await released(api, app, b"second")
    await change(api, app, KEPT_RELEASES)
    assert (await api("POST", f"/apps/{app}/releases", {"release": str(version)})).status == 201
    await grow_older(api, days=400)
    await housekeeping.tidy(api.platform)
    assert (await api("GET", f"/apps/{app}/slugs/{first}")).status == 200
    still = (await api("GET", f"/apps/{app}/releases/{version}")).json
    assert (still["status"], still["eligible_for_rollback"]) == ("succeeded", True)


async def test_a_slug_that_nobody_released_goes(api: Api) -> None:
    app = await api.app()
    never = await slug(api, app, b"never")
    await grow_older(api, days=31)
    await housekeeping.tidy(api.platform)
    assert (await api("GET", f"/apps/{app}/slugs/{never}")).status == 404
