"""Queries about certificates that the platform manages by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba.model.acm import AcmStatus, Managed
from hatoba.model.route import Challenge
from hatoba.store.tables import apps, domains, sni_endpoints

_select = (
    sa.select(
        domains.c.id.label("domain_id"),
        domains.c.app_id,
        domains.c.hostname,
        domains.c.sni_endpoint_id.label("endpoint_id"),
        domains.c.acm_status.label("status"),
        domains.c.acm_reason.label("reason"),
        domains.c.acm_due.label("due"),
        domains.c.acm_attempts.label("attempts"),
        domains.c.acm_path.label("path"),
        domains.c.acm_answer.label("answer"),
    )
    .join(apps, apps.c.id == domains.c.app_id)
    .where(apps.c.destroyed_at.is_(None), domains.c.acm_status.is_not(None))
)
_nothing: dict[str, Any] = {
    "acm_reason": None,
    "acm_due": None,
    "acm_attempts": 0,
    "acm_path": None,
    "acm_answer": None,
}
_begun = {**_nothing, "acm_status": AcmStatus.PENDING.value, "acm_due": sa.func.now()}
_own = sa.select(sni_endpoints.c.id).where(sni_endpoints.c.acm.is_(False))


def _managed(row: sa.RowMapping) -> Managed:
    values = {**row, "status": AcmStatus(row["status"])}
    path, answer = values.pop("path"), values.pop("answer")
    return Managed(**values, challenge=Challenge(path, answer) if path else None)


async def agree(conn: AsyncConnection, app_id: UUID) -> None:
    """Make what is managed follow from the app's domains and the certificates that they have.

    Domains with a certificate of the app's own are left to it; of an app with automatic
    certificates all others are managed; certificates that served those no longer go.
    """
    mine = domains.c.app_id == app_id
    on = sa.select(apps.c.acm).where(apps.c.id == app_id).scalar_subquery()
    kept = domains.c.sni_endpoint_id.in_(_own)
    await conn.execute(domains.update().where(mine, kept | ~on).values(**_nothing, acm_status=None))
    new = domains.c.acm_status.is_(None)
    lost = (domains.c.acm_status == AcmStatus.ISSUED) & domains.c.sni_endpoint_id.is_(None)
    without_own = domains.c.sni_endpoint_id.is_(None) | ~kept
    await conn.execute(domains.update().where(mine, on, without_own, new | lost).values(**_begun))
    used = sa.select(domains.c.sni_endpoint_id).where(
        mine, domains.c.acm_status.is_not(None), domains.c.sni_endpoint_id.is_not(None)
    )
    await conn.execute(
        sni_endpoints.delete().where(
            sni_endpoints.c.app_id == app_id,
            sni_endpoints.c.acm,
            sni_endpoints.c.id.not_in(used),
        )
    )


async def again(conn: AsyncConnection, app_id: UUID) -> None:
    """Try the domains again that have failed."""
    bad = domains.c.acm_status.in_((AcmStatus.FAILING.value, AcmStatus.FAILED.value))
    await conn.execute(domains.update().where(domains.c.app_id == app_id, bad).values(**_begun))


async def due(conn: AsyncConnection, now: datetime) -> list[Managed]:
    """Return what is to be looked at now, the longest due first."""
    found = await conn.execute(_select.where(domains.c.acm_due <= now).order_by(domains.c.acm_due))
    return [_managed(row) for row in found.mappings()]


async def find(conn: AsyncConnection, domain_id: UUID) -> Managed | None:
    """Return a managed domain, None when it is managed no longer."""
    found = await conn.execute(_select.where(domains.c.id == domain_id))
    row = found.mappings().one_or_none()
    return _managed(row) if row else None


async def every(conn: AsyncConnection) -> list[Managed]:
    """Return all managed domains."""
    found = await conn.execute(_select.order_by(domains.c.hostname))
    return [_managed(row) for row in found.mappings()]


async def challenges(conn: AsyncConnection, app_id: UUID) -> tuple[Challenge, ...]:
    """Return what the app's hosts answer an authority at the moment."""
    query = _select.where(domains.c.app_id == app_id, domains.c.acm_path.is_not(None))
    found = await conn.execute(query.order_by(domains.c.acm_path))
    return tuple(Challenge(row["path"], row["answer"]) for row in found.mappings())


async def save(conn: AsyncConnection, managed: Managed) -> None:
    """Keep what has become of a domain."""
    challenge = managed.challenge
    values = {
        "sni_endpoint_id": managed.endpoint_id,
        "acm_status": managed.status.value,
        "acm_reason": managed.reason,
        "acm_due": managed.due,
        "acm_attempts": managed.attempts,
        "acm_path": challenge.path if challenge else None,
        "acm_answer": challenge.answer if challenge else None,
        "updated_at": sa.func.now(),
    }
    await conn.execute(domains.update().where(domains.c.id == managed.domain_id).values(**values))
