"""Automatic certificate management: what becomes of a domain, and when it is tried next. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from hatoba.model.certificate import Facts
from hatoba.model.route import Challenge


class AcmStatus(StrEnum):
    """Heroku's words: https://devcenter.heroku.com/articles/automated-certificate-management."""

    PENDING = "pending"
    VERIFYING = "verified"
    ISSUED = "cert issued"
    FAILING = "failing"
    FAILED = "failed"


@dataclass(frozen=True)
class Managed:
    """A domain whose certificate the platform gets and renews by itself.

    ``due`` is when it is looked at next (None: not until somebody asks), ``attempts`` counts
    failures in a row, ``challenge`` is what the host answers the authority at the moment.
    """

    domain_id: UUID
    app_id: UUID
    hostname: str
    endpoint_id: UUID | None
    status: AcmStatus
    reason: str | None
    due: datetime | None
    attempts: int
    challenge: Challenge | None = None


# Let's Encrypt takes five failures of a name an hour: letsencrypt.org/docs/rate-limits
_PAUSES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
_RENEWAL_PAUSE = timedelta(hours=12)
# The authority's own absence is not counted.
UNREACHABLE_PAUSE = timedelta(minutes=5)
# A certificate that ends this soon should have been renewed long before.
ALARM = timedelta(days=14)

WILDCARD = (
    "A wildcard can't be validated over HTTP. Add a certificate of your own: "
    "heroku certs:add CRT KEY"
)


def verifying(managed: Managed, challenge: Challenge) -> Managed:
    """Return the domain while the authority asks its host."""
    return replace(managed, status=AcmStatus.VERIFYING, challenge=challenge)


def failed(managed: Managed, why: str, now: datetime) -> Managed:
    """Return the domain after the authority has refused it.

    One that has a certificate is tried for as long as it takes; a new one fails for good after
    some tries, since its DNS has to be mended first.
    """
    done = managed.attempts
    if done < len(_PAUSES):
        status, due = AcmStatus.FAILING, now + _PAUSES[done]
    elif managed.endpoint_id is not None:
        status, due = AcmStatus.FAILING, now + _RENEWAL_PAUSE
    else:
        status, due = AcmStatus.FAILED, None
    return _after(managed, status, why, due, done + 1)


def waits(managed: Managed, why: str, now: datetime) -> Managed:
    """Return the domain after the authority was not to be reached."""
    return _after(managed, managed.status, why, now + UNREACHABLE_PAUSE, managed.attempts)


def issued(managed: Managed, facts: Facts) -> Managed:
    """Return the domain with its new certificate, to be renewed when a third of its life is left.

    https://letsencrypt.org/docs/integration-guide/#when-to-renew
    """
    life = facts.expires_at - facts.starts_at
    return _after(managed, AcmStatus.ISSUED, None, facts.expires_at - life / 3, 0)


def hopeless(managed: Managed) -> Managed:
    """Return a wildcard domain, which no authority can ask over HTTP."""
    return _after(managed, AcmStatus.FAILED, WILDCARD, None, managed.attempts)


def _after(
    before: Managed, status: AcmStatus, reason: str | None, due: datetime | None, attempts: int
) -> Managed:
    return replace(before, status=status, reason=reason, due=due, attempts=attempts, challenge=None)
