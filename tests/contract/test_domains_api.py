"""Domains and certificates through the API, with a real Postgres behind them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from hatoba.store.tables import sni_endpoints
from tests.contract.api_platform import Api
from tests.unit.model.certificates import Issuer


def fresh() -> str:
    return f"h-{uuid4().hex[:10]}.example"


async def added(api: Api, app: str, hostname: str) -> dict[str, object]:
    body = {"hostname": hostname, "sni_endpoint": None}
    got = await api("POST", f"/apps/{app}/domains", body)
    assert got.status == 201, got
    made: dict[str, object] = got.json
    return made


async def test_a_domain_is_added_found_and_removed(api: Api) -> None:
    app, host = await api.app(), fresh()
    made = await added(api, app, f"WWW.{host}.")
    assert (made["hostname"], made["kind"], made["status"]) == (
        f"www.{host}",
        "custom",
        "succeeded",
    )
    assert made["cname"] == f"{app}.localhost"
    listed = (await api("GET", f"/apps/{app}/domains")).json
    assert [d["hostname"] for d in listed] == [f"{app}.localhost", f"www.{host}"]
    for identity in (made["id"], f"www.{host}"):
        assert (await api("GET", f"/apps/{app}/domains/{identity}")).json == made
    assert (await api("DELETE", f"/apps/{app}/domains/www.{host}")).status == 200
    gone = await api("DELETE", f"/apps/{app}/domains/www.{host}")
    assert (gone.status, gone.json["message"]) == (404, "Couldn't find that domain name.")


async def test_a_domain_leads_to_one_app(api: Api) -> None:
    first, second, host = await api.app(), await api.app(), fresh()
    wanted = {"hostname": host, "sni_endpoint": None}
    got = await asyncio.gather(
        *(api("POST", f"/apps/{app}/domains", wanted) for app in (first, second))
    )
    assert sorted(one.status for one in got) == [201, 422]
    loser = next(one for one in got if one.status == 422)
    assert loser.json["message"] == f"{host} is currently in use by another app."
    winner = first if got[0].status == 201 else second
    again = await api("POST", f"/apps/{winner}/domains", wanted)
    assert (again.status, again.json["message"]) == (422, "Domain already added to this app.")


async def test_a_strangers_wildcard_keeps_its_hosts(api: Api) -> None:
    app, host, stranger = await api.app(), fresh(), await api.stranger()
    theirs = await stranger.app()
    await added(api, app, f"*.{host}")
    for hostname in (f"a.{host}", f"*.b.{host}"):
        got = await stranger("POST", f"/apps/{theirs}/domains", {"hostname": hostname})
        assert got.status == 422
        assert "overlaps with" in got.json["message"]
    await added(api, await api.app(), f"a.{host}")
    other = fresh()
    await added(api, app, f"a.{other}")
    got = await stranger("POST", f"/apps/{theirs}/domains", {"hostname": f"*.{other}"})
    assert got.status == 422


async def test_a_destroyed_apps_domain_is_free(api: Api) -> None:
    app, host = await api.app(), fresh()
    await added(api, app, host)
    assert (await api("DELETE", f"/apps/{app}")).status == 200
    await added(api, await api.app(), host)


async def test_the_own_domain_stays(api: Api) -> None:
    app = await api.app()
    got = await api("DELETE", f"/apps/{app}/domains/{app}.localhost")
    assert got.status == 403
    got = await api("POST", f"/apps/{app}/domains", {"hostname": f"x.{app}.localhost"})
    assert got.status == 422


async def test_a_certificate_goes_to_the_domains_that_it_names(api: Api) -> None:
    app, host = await api.app(), fresh()
    issuer = Issuer("Harbour Authority", datetime.now(UTC))
    before, other = await added(api, app, f"www.{host}"), await added(api, app, fresh())
    chain, key = issuer.leaf(f"*.{host}")
    body = {"certificate_chain": chain + issuer.pem, "private_key": key}
    got = await api("POST", f"/apps/{app}/sni-endpoints", body)
    assert got.status == 201
    assert key not in got.body.decode()
    assert got.json["domains"] == [before["id"]]
    assert got.json["ssl_cert"]["cert_domains"] == [f"*.{host}"]
    after = await added(api, app, f"shop.{host}")
    named = {"id": got.json["id"], "name": got.json["name"]}
    assert after["sni_endpoint"] == named
    path = f"/apps/{app}/domains/{other['id']}"
    chosen = await api("PATCH", path, {"sni_endpoint": named["name"]})
    assert chosen.json["sni_endpoint"] == named
    async with api.platform.store.begin() as conn:
        sealed = await conn.scalar(
            sa.select(sni_endpoints.c.sealed_key).where(sni_endpoints.c.id == named["id"])
        )
    assert sealed is not None
    assert b"PRIVATE KEY" not in sealed
    assert (await api("DELETE", f"/apps/{app}/sni-endpoints/{named['name']}")).status == 200
    listed = (await api("GET", f"/apps/{app}/domains")).json
    assert len(listed) == 4
    assert {str(d["sni_endpoint"]) for d in listed} == {"None"}


async def test_a_certificate_that_can_not_be_served_changes_nothing(api: Api) -> None:
    app = await api.app()
    issuer = Issuer("Harbour Authority", datetime.now(UTC))
    (chain, key), (_, foreign) = issuer.leaf("a.example"), issuer.leaf("b.example")
    path = f"/apps/{app}/sni-endpoints"
    good = await api("POST", path, {"certificate_chain": chain, "private_key": key})
    bad = {"certificate_chain": chain, "private_key": foreign}
    for method, where in (("POST", path), ("PATCH", f"{path}/{good.json['name']}")):
        got = await api(method, where, bad)
        assert got.status == 422
        assert got.json["message"] == "The private key does not fit the certificate."
    assert (await api("GET", path)).json == [good.json]
