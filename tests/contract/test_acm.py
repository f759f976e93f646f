"""Automatic certificates through the API, with an authority that does as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hatoba import errors
from hatoba.acme.base import Issued, Refused, Show
from hatoba.control import acm
from hatoba.control.platform import Platform
from hatoba.model.route import Challenge
from hatoba.store import acm as rows
from hatoba.store.tables import domains
from tests.contract.api_platform import Api
from tests.unit.model.certificates import Issuer


@dataclass
class Authority:
    """Certifies after it has asked; a test says what goes wrong, or looks on meanwhile."""

    issuer: Issuer = field(default_factory=lambda: Issuer("Harbour", datetime.now(UTC)))
    refuse: str = ""
    away: bool = False
    life: int = 80
    asked: list[str] = field(default_factory=list)
    meanwhile: Any = None

    async def issue(self, hostname: str, show: Show) -> Issued:
        self.asked.append(hostname)
        if self.away:
            raise errors.Unavailable("The authority is away.")
        await show(Challenge("/.well-known/acme-challenge/x", "y"))
        if self.meanwhile:
            await self.meanwhile()
        if self.refuse:
            raise Refused(self.refuse)
        chain, key = self.issuer.leaf(hostname, days=self.life)
        return Issued(chain, key)


@dataclass(frozen=True)
class Site:
    """An app with automatic certificates and one domain."""

    api: Api
    platform: Platform
    authority: Authority
    app: str
    host: str

    async def domain(self) -> dict[str, Any]:
        got: dict[str, Any] = (await self.api("GET", f"/apps/{self.app}/domains/{self.host}")).json
        return got

    async def certificates(self) -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = (await self.api("GET", f"/apps/{self.app}/sni-endpoints")).json
        return got

    async def tick(self) -> None:
        await acm.tick(self.platform)

    async def due_now(self) -> None:
        past = {"acm_due": sa.func.now() - timedelta(seconds=5)}
        query = domains.update().where(domains.c.hostname == self.host)
        async with self.platform.store.begin() as conn:
            await conn.execute(query.values(**past))


@pytest.fixture
async def site(api: Api) -> AsyncIterator[Site]:
    app, host = await api.app(), f"h-{uuid4().hex[:10]}.example"
    body = {"hostname": host, "sni_endpoint": None}
    assert (await api("POST", f"/apps/{app}/domains", body)).status == 201
    enabled = await api("POST", f"/apps/{app}/acm", {})
    assert enabled.json["acm"] is True
    authority = Authority()
    yield Site(api, replace(api.platform, authority=authority), authority, app, host)
    await api("DELETE", f"/apps/{app}")


async def test_a_domain_gets_a_certificate_and_a_new_one_in_time(site: Site) -> None:
    assert (await site.domain())["acm_status"] == "pending"
    await site.tick()
    assert (await site.domain())["acm_status"] == "cert issued"
    (first,) = await site.certificates()
    assert first["ssl_cert"]["acm"] is True
    await site.tick()
    assert site.authority.asked == [site.host]
    await site.due_now()
    await site.tick()
    (renewed,) = await site.certificates()
    assert renewed["id"] == first["id"]
    assert renewed["certificate_chain"] != first["certificate_chain"]


async def test_the_host_answers_only_while_it_is_asked(site: Site) -> None:
    app_id = (await site.api("GET", f"/apps/{site.app}")).json["id"]
    seen = []

    async def look() -> None:
        async with site.platform.store.begin() as conn:
            seen.append(await rows.challenges(conn, app_id))

    site.authority.meanwhile = look
    await site.tick()
    await look()
    assert seen == [(Challenge("/.well-known/acme-challenge/x", "y"),), ()]


async def test_a_refusal_is_told_and_tried_again_when_asked(site: Site) -> None:
    site.authority.refuse = "DNS problem: no such name"
    await site.tick()
    found = await site.domain()
    assert (found["acm_status"], found["acm_status_reason"]) == (
        "failing",
        "DNS problem: no such name",
    )
    await site.tick()
    assert len(site.authority.asked) == 1
    site.authority.refuse = ""
    assert (await site.api("PATCH", f"/apps/{site.app}/acm", {})).status == 200
    await site.tick()
    assert (await site.domain())["acm_status"] == "cert issued"


async def test_an_authority_that_is_away(site: Site) -> None:
    site.authority.away = True
    await site.tick()
    found = await site.domain()
    assert (found["acm_status"], found["acm_status_reason"]) == (
        "pending",
        "The authority is away.",
    )


async def test_a_renewal_that_fails_sounds_the_alarm_before_the_end(site: Site) -> None:
    site.authority.life = 10
    await site.tick()
    site.authority.refuse = "DNS problem"
    assert not [a for a in await acm.alarms(site.platform) if site.host in a]
    await site.due_now()
    await site.tick()
    (alarm,) = [a for a in await acm.alarms(site.platform) if site.host in a]
    assert "can't be renewed: DNS problem" in alarm


async def test_what_is_taken_away_meanwhile_stays_away(site: Site) -> None:
    async def disable() -> None:
        assert (await site.api("DELETE", f"/apps/{site.app}/acm")).status == 200

    site.authority.meanwhile = disable
    await site.tick()
    assert await site.certificates() == []
    assert (await site.domain())["acm_status"] is None


async def test_ones_own_certificate_goes_before(site: Site) -> None:
    await site.tick()
    chain, key = site.authority.issuer.leaf(site.host)
    pair = {"certificate_chain": chain, "private_key": key}
    own = await site.api("POST", f"/apps/{site.app}/sni-endpoints", pair)
    assert [e["id"] for e in await site.certificates()] == [own.json["id"]]
    assert (await site.domain())["acm_status"] is None
    gone = await site.api("DELETE", f"/apps/{site.app}/sni-endpoints/{own.json['id']}")
    assert gone.status == 200
    assert (await site.domain())["acm_status"] == "pending"


async def test_its_certificate_goes_with_a_domain(site: Site) -> None:
    await site.tick()
    await site.api("DELETE", f"/apps/{site.app}/domains/{site.host}")
    assert await site.certificates() == []


async def test_trying_again_needs_it_to_be_enabled(api: Api) -> None:
    app = await api.app()
    got = await api("PATCH", f"/apps/{app}/acm", {})
    assert (got.status, got.json["id"]) == (422, "invalid_params")
