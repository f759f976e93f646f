"""When a domain's certificate is tried again, and when it is renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hatoba.model import acm
from hatoba.model.acm import AcmStatus, Managed
from hatoba.model.certificate import Facts
from hatoba.model.route import Challenge

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def managed(endpoint: UUID | None = None) -> Managed:
    return Managed(uuid4(), uuid4(), "a.example", endpoint, AcmStatus.PENDING, None, NOW, 0)


def test_a_new_domain_is_tried_later_and_later_then_no_more() -> None:
    now, pauses = managed(), []
    while now.status is not AcmStatus.FAILED:
        now = acm.failed(now, "no such name", NOW)
        pauses.append(now.due and now.due - NOW)
    minutes = [timedelta(minutes=m) for m in (1, 5, 15, 60, 240)]
    assert pauses == [*minutes, None]
    assert now.reason == "no such name"


def test_a_renewal_is_never_given_up() -> None:
    now = managed(uuid4())
    for _ in range(50):
        now = acm.failed(now, "no such name", NOW)
    assert now.status is AcmStatus.FAILING
    assert now.due == NOW + timedelta(hours=12)


def test_an_authority_that_is_away_is_not_counted() -> None:
    after = acm.waits(managed(), "it is away", NOW)
    assert (after.attempts, after.status) == (0, AcmStatus.PENDING)
    assert after.due == NOW + acm.UNREACHABLE_PAUSE


def test_a_certificate_is_renewed_when_a_third_of_its_life_is_left() -> None:
    asked = acm.verifying(managed(uuid4()), Challenge("/x", "y"))
    facts = Facts(("a.example",), "i", "s", False, NOW, NOW + timedelta(days=90))
    after = acm.issued(acm.failed(asked, "once", NOW), facts)
    assert after.due == NOW + timedelta(days=60)
    assert (after.status, after.attempts, after.reason) == (AcmStatus.ISSUED, 0, None)
    assert after.challenge is None
