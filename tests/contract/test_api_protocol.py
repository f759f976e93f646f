"""What every call of the Platform API has in common: ranges, names, limits, headers."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hatoba.store import apps as app_rows
from hatoba.store.tables import apps
from tests.contract.api_platform import Api, Got, served

VARIANTS = (
    "3 3.sdk 3.cedar-acm 3.webhooks 3.docker-releases 3.pipelines 3.filters 3.review-apps "
    "3.repositories-api 3.team-invitations 3.account-quotas 3.run-inside"
).split()


async def many_apps(api: Api, count: int) -> list[str]:
    """Give the account that many apps at once; return their names in order."""
    names = sorted(f"m-{uuid4().hex[:12]}" for _ in range(count))
    common = {"owner_id": api.account.id, "stack": "heroku-24", "region": "us"}
    async with api.platform.store.begin() as conn:
        await conn.execute(apps.insert(), [{**common, "name": name} for name in names])
    return names


async def all_pages(api: Api, path: str, header: str | None = None) -> list[Got]:
    """Follow Next-Range as clients do."""
    pages = []
    while True:
        got = await (api("GET", path, Range=header) if header else api("GET", path))
        pages.append(got)
        header = got.headers.get("next-range")
        if header is None:
            return pages


async def test_a_thousand_apps_come_in_pages(api: Api) -> None:
    names = await many_apps(api, 1000)
    pages = await all_pages(api, "/apps")
    assert [page.status for page in pages] == [206] * 4 + [200]
    assert [one["name"] for page in pages for one in page.json] == names
    assert pages[0].headers["content-range"] == f"name {names[0]}..{names[199]}"
    (whole,) = await all_pages(api, "/apps", "name ..; max=1000;")
    assert len(whole.json) == 1000
    reverse = await all_pages(api, "/apps", "name ..; order=desc,max=400")
    assert [one["name"] for page in reverse for one in page.json] == names[::-1]
    by_id = await all_pages(api, "/apps", "id ..; max=999;")
    assert [len(page.json) for page in by_id] == [999, 1]
    some = await api("GET", "/apps", Range=f"name {names[10]}..{names[12]}")
    assert [one["name"] for one in some.json] == names[10:13]
    some = await api("GET", "/apps", Range=f"name ]{names[10]}..{names[12]}[")
    assert [one["name"] for one in some.json] == names[11:12]


@pytest.mark.parametrize("header", ["x", "nothing ..", "name ..; max=0", "name ..; max=1001"])
async def test_a_range_that_can_not_be_is_refused(api: Api, header: str) -> None:
    got = await api("GET", "/apps", Range=header)
    assert (got.status, got.json["id"]) == (416, "requested_range_not_satisfiable")


async def test_domains_are_ranged_by_their_older_name_too(api: Api) -> None:
    name = await api.app()
    for host in ("b.range.example", "a.range.example"):
        body = {"hostname": host, "sni_endpoint": None}
        assert (await api("POST", f"/apps/{name}/domains", body)).status == 201
    for attribute in ("domain", "hostname"):
        got = await api("GET", f"/apps/{name}/domains", Range=f"{attribute} ..;")
        hosts = [one["hostname"] for one in got.json]
        assert hosts == sorted(hosts)
        assert len(hosts) == 3


@pytest.mark.parametrize("version", VARIANTS)
async def test_every_variant_of_the_version_is_answered(api: Api, version: str) -> None:
    accept = f"application/vnd.heroku+json; version={version}"
    assert (await api("GET", "/account", Accept=accept)).status == 200


async def test_limits_are_told_and_kept(api_database: str, tmp_path: Path) -> None:
    async with served(api_database, tmp_path, requests_an_hour=3) as api:
        answers = [await api("GET", "/account") for _ in range(4)]
        assert [one.status for one in answers] == [200, 200, 200, 429]
        told = [one.headers["ratelimit-remaining"] for one in answers]
        assert told == ["2", "1", "0", "0"]
        assert answers[0].headers["ratelimit-multiplier"] == "1"
        assert answers[-1].json["id"] == "rate_limit"
        assert int(answers[-1].headers["retry-after"]) > 0


async def test_expansions_are_told_to_those_who_ask(api: Api) -> None:
    name = await api.app()
    plan = {"plan": "heroku-postgresql:essential-0"}
    assert (await api("POST", f"/apps/{name}/addons", plan)).status == 201
    path = f"/apps/{name}/addons"
    (addon,) = (await api("GET", path, Accept_Expansion="addon_service,plan")).json
    assert addon["plan"]["name"] == "heroku-postgresql:essential-0"
    assert {"price", "human_name"} <= set(addon["plan"])
    assert addon["addon_service"]["human_name"] == "Heroku Postgres"
    path = f"/apps/{name}/addon-attachments"
    (attached,) = (await api("GET", path, Accept_Inclusion="addon:plan,config_vars")).json
    assert attached["addon"]["plan"]["name"] == "heroku-postgresql:essential-0"
    assert attached["config_vars"] == ["DATABASE_URL"]


async def test_names_ids_and_the_tilde_are_good_for_the_same(api: Api) -> None:
    name = await api.app()
    by_name = (await api("GET", f"/apps/{name}")).json
    assert (await api("GET", f"/apps/{by_name['id']}")).json == by_name
    for path in ("/users/~", f"/users/{api.account.email}", f"/users/{api.account.id}"):
        assert (await api("GET", path)).json["email"] == api.account.email
    made = (await api("POST", "/pipelines", {"name": f"p-{uuid4().hex[:8]}"})).json
    (found,) = (await api("GET", f"/pipelines?eq[name]={made['name']}")).json
    assert found["id"] == made["id"]
    assert (await api("GET", "/pipelines?eq[name]=nothing")).json == []


async def test_an_accounts_apps_are_found_without_a_look_at_everybodys(api: Api) -> None:
    stranger = await api.stranger()
    await many_apps(stranger, 3000)
    mine = await api.app()
    query = sa.select(apps.c.name).where(app_rows.seen_by(api.account.id))
    async with api.platform.store.begin() as conn:
        text = query.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
        await conn.execute(sa.text("ANALYZE apps, collaborators, team_members"))
        plan = "\n".join(await conn.scalars(sa.text(f"EXPLAIN {text}")))
        assert list(await conn.scalars(query)) == [mine]
    assert "Bitmap Heap Scan on apps " in plan, plan
    assert "Seq Scan on apps  (" not in plan, plan
