"""What is looked at after a change, and what is said when it is not well."""

from __future__ import annotations

import pytest

from hatoba.client.api import Api
from hatoba.client.dynos import Which
from hatoba.operations import world
from hatoba.operations.apps import Rename
from hatoba.operations.consent import Consent
from hatoba.operations.dynos import Restart
from hatoba.operations.formation import Scale, parse_scale
from hatoba.operations.maintenance import Maintenance
from hatoba.operations.pace import Pace
from hatoba.operations.perform import perform
from hatoba.operations.releases import Rollback
from hatoba.operations.trash import Destroy
from tests.unit.fake_platform import FakePlatform
from tests.unit.operations.conftest import Somebody

YES = Consent(yes=True)


def test_scaling_up_is_verified_by_formation_dynos_and_router(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    somebody = Somebody()
    wishes = parse_scale(["web=2", "worker=1"])
    outcome = perform(Scale(api, "harbour", wishes, pace=pace), somebody, Consent())
    assert outcome.exit_code == 0
    assert [check.ok for check in outcome.checks] == [True, True, True]
    assert "✓ formation is web=2:basic worker=1:basic" in somebody.heard
    assert "✓ http://harbour.localhost:8080 answered 200 in 4 ms" in somebody.heard
    assert visits == ["http://harbour.localhost:8080/"]
    assert outcome.undo == "heroku ps:scale web=1:basic worker=0:basic -a harbour"
    assert platform.receipts[0]["verified"] is True


def test_a_dyno_that_crashes_is_applied_but_not_verified(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    platform.crash.add("web.2")
    somebody = Somebody()
    outcome = perform(Scale(api, "harbour", parse_scale(["web=2"]), pace=pace), somebody, YES)
    assert outcome.exit_code == 4
    assert any(line.startswith("✗ web.2 is up: it crashed") for line in somebody.heard)
    assert "Applied, but not verified (exit 4)." in somebody.heard
    assert platform.receipts[0]["verified"] is False


def test_an_app_that_answers_with_an_error_is_not_verified(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    platform.web_status = 500
    outcome = perform(Restart(api, "harbour", Which(), pace=pace), Somebody(), Consent())
    assert outcome.exit_code == 4
    assert outcome.checks[-1].what == "http://harbour.localhost:8080 answered 500 in 4 ms"


def test_a_restart_that_keeps_the_old_dynos_is_not_verified(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    platform.generation = -1

    def undo_the_restart() -> None:
        platform.generation = -2

    platform.before_change = undo_the_restart
    outcome = perform(Restart(api, "harbour", Which(), pace=pace), Somebody(), Consent())
    assert outcome.exit_code == 4
    assert pace.monotonic() >= world.DYNOS_DEADLINE


def test_a_restart_that_leaves_the_release_before_serving_is_not_verified(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    platform.serving = 1
    outcome = perform(Restart(api, "harbour", Which(), pace=pace), Somebody(), Consent())
    assert outcome.exit_code == 4


def test_rollback_takes_the_release_before_and_verifies_the_new_one(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    platform.releases.append(("Deploy bad0bad0", "succeeded"))
    outcome = perform(Rollback(api, "harbour", None, pace=pace), Somebody(), YES)
    assert platform.releases[-1][0] == "Rollback to v2"
    assert outcome.verified
    assert outcome.checks[0].what == "v4 is current"
    assert outcome.undo == "heroku rollback v3 -a harbour"


def test_rollback_to_what_runs_changes_nothing(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    outcome = perform(Rollback(api, "harbour", "v2", pace=pace), Somebody(), Consent())
    assert not outcome.changed
    assert len(platform.releases) == 2


def test_maintenance_is_verified_by_the_page_that_visitors_get(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    outcome = perform(Maintenance(api, "harbour", on=True, pace=pace), Somebody(), YES)
    assert outcome.checks[-1].what.endswith("serves the maintenance page (503)")
    assert visits


def test_maintenance_without_its_page_is_not_verified(
    api: Api, pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world, "visit", lambda _: (None, 0))
    outcome = perform(Maintenance(api, "harbour", on=True, pace=pace), Somebody(), YES)
    assert outcome.exit_code == 4


def test_destroying_is_verified_by_api_router_and_trash(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    outcome = perform(Destroy(api, "harbour", pace=pace), Somebody(), Consent(confirm="harbour"))
    assert platform.destroyed
    assert outcome.checks[-1].what == "in the trash until 2026-11-30T10:00:00Z"
    assert outcome.undo == "heroku apps:restore a-1"


def test_renaming_is_verified_at_the_new_address(
    api: Api, platform: FakePlatform, pace: Pace, visits: list[str]
) -> None:
    outcome = perform(Rename(api, "harbour", "pier", pace=pace), Somebody(), YES)
    assert outcome.verified
    assert visits == ["http://pier.localhost:8080/"]
