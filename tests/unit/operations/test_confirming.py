"""How changes are confirmed, by their class."""

from __future__ import annotations

import pytest

from hatoba.client.api import Api
from hatoba.operations.config import SetConfig, UnsetConfig
from hatoba.operations.consent import Consent
from hatoba.operations.errors import Moved, NotConfirmed
from hatoba.operations.formation import Scale, parse_scale
from hatoba.operations.maintenance import Maintenance
from hatoba.operations.pace import Pace
from hatoba.operations.perform import perform
from hatoba.operations.trash import Destroy
from tests.unit.fake_platform import FakePlatform
from tests.unit.operations.conftest import Somebody

pytestmark = pytest.mark.usefixtures("visits")


def _changes(platform: FakePlatform) -> list[str]:
    return [m for m, path, _ in platform.requests if m != "GET" and "/hatoba/" not in path]


def test_a_new_value_goes_ahead_without_asking(
    api: Api, platform: FakePlatform, pace: Pace
) -> None:
    nobody = Somebody()
    outcome = perform(SetConfig(api, "harbour", {"TZ": "UTC"}, pace=pace), nobody, Consent())
    assert outcome.exit_code == 0
    assert platform.config["TZ"] == "UTC"
    assert nobody.asked == []


def test_overwriting_asks_and_no_changes_nothing(
    api: Api, platform: FakePlatform, pace: Pace
) -> None:
    somebody = Somebody(answer="n")
    operation = SetConfig(api, "harbour", {"STRIPE_KEY": "new"}, pace=pace)
    with pytest.raises(NotConfirmed) as refusal:
        perform(operation, somebody, Consent())
    assert refusal.value.exit_code == 3
    assert somebody.asked == ["STRIPE_KEY exists and will be overwritten. Go on? [y/N]"]
    assert _changes(platform) == []


def test_overwriting_without_a_terminal_leaves_a_plan_that_can_be_applied_once(
    api: Api, platform: FakePlatform, pace: Pace
) -> None:
    def operation() -> SetConfig:
        return SetConfig(api, "harbour", {"STRIPE_KEY": "new"}, pace=pace)

    with pytest.raises(NotConfirmed) as refusal:
        perform(operation(), Somebody(), Consent())
    plan = refusal.value.plan
    assert plan is not None
    assert plan.id in refusal.value.message
    assert _changes(platform) == []

    assert perform(operation(), Somebody(), Consent(plan=plan.id)).exit_code == 0
    assert platform.config["STRIPE_KEY"] == "new"
    platform.config["STRIPE_KEY"] = "sk_live_old"
    platform.version -= 1
    with pytest.raises(NotConfirmed, match="applied already"):
        perform(operation(), Somebody(), Consent(plan=plan.id))


def test_the_apps_name_confirms_what_is_risky_too(
    api: Api, platform: FakePlatform, pace: Pace
) -> None:
    operation = UnsetConfig(api, "harbour", ("STRIPE_KEY",), pace=pace)
    with pytest.raises(NotConfirmed, match="harbor is not harbour"):
        perform(operation, Somebody(), Consent(confirm="harbor"))
    assert _changes(platform) == []
    assert perform(operation, Somebody(), Consent(confirm="harbour")).exit_code == 0
    assert "STRIPE_KEY" not in platform.config


def test_a_plan_is_for_exactly_its_change(api: Api, platform: FakePlatform, pace: Pace) -> None:
    with pytest.raises(NotConfirmed) as refusal:
        perform(SetConfig(api, "harbour", {"STRIPE_KEY": "a"}, pace=pace), Somebody(), Consent())
    plan = refusal.value.plan
    assert plan is not None
    other = SetConfig(api, "harbour", {"STRIPE_KEY": "b"}, pace=pace)
    with pytest.raises(NotConfirmed, match="another change"):
        perform(other, Somebody(), Consent(plan=plan.id))
    assert _changes(platform) == []


def test_a_plan_is_for_exactly_its_state(api: Api, platform: FakePlatform, pace: Pace) -> None:
    def operation() -> UnsetConfig:
        return UnsetConfig(api, "harbour", ("STRIPE_KEY",), pace=pace)

    with pytest.raises(NotConfirmed) as refusal:
        perform(operation(), Somebody(), Consent())
    plan = refusal.value.plan
    assert plan is not None
    platform.version += 1
    with pytest.raises(Moved):
        perform(operation(), Somebody(), Consent(plan=plan.id))
    assert _changes(platform) == []


def test_values_are_neither_said_nor_stored(api: Api, platform: FakePlatform, pace: Pace) -> None:
    somebody = Somebody(answer="y")
    operation = SetConfig(api, "harbour", {"STRIPE_KEY": "sk_new_secret"}, pace=pace)
    outcome = perform(operation, somebody, Consent())
    assert outcome.verified
    assert "•••• " in somebody.text
    kept = repr((somebody.text, outcome.shown, platform.receipts, platform.plans))
    assert "sk_new_secret" not in kept
    assert "sk_live_old" not in kept


def test_state_that_moves_between_review_and_apply_stops_the_change(
    api: Api, platform: FakePlatform, pace: Pace
) -> None:
    def somebody_else() -> None:
        platform.before_change = None
        platform.version += 1
        platform.quantities["web"] = 5

    platform.before_change = somebody_else
    operation = Scale(api, "harbour", parse_scale(["web=2"]), pace=pace)
    with pytest.raises(Moved) as stop:
        perform(operation, Somebody(), Consent())
    assert platform.quantities["web"] == 5
    assert "web: 1:basic → 5:basic" in stop.value.message
    assert stop.value.exit_code == 3


@pytest.mark.parametrize("words", ["web=0", "web-1"])
def test_scaling_down_is_risky(api: Api, platform: FakePlatform, pace: Pace, words: str) -> None:
    with pytest.raises(NotConfirmed, match="web traffic"):
        perform(Scale(api, "harbour", parse_scale([words]), pace=pace), Somebody(), Consent())
    assert platform.quantities["web"] == 1


def test_maintenance_on_is_risky_and_off_is_not(
    api: Api, platform: FakePlatform, pace: Pace
) -> None:
    with pytest.raises(NotConfirmed):
        perform(Maintenance(api, "harbour", on=True, pace=pace), Somebody(), Consent())
    on = Maintenance(api, "harbour", on=True, pace=pace)
    assert perform(on, Somebody(), Consent(yes=True)).verified
    off = Maintenance(api, "harbour", on=False, pace=pace)
    assert perform(off, Somebody(), Consent()).verified


@pytest.mark.parametrize("given", [Consent(), Consent(yes=True), Consent(confirm="harbor")])
def test_destroying_wants_the_name(
    api: Api, platform: FakePlatform, pace: Pace, given: Consent
) -> None:
    with pytest.raises(NotConfirmed):
        perform(Destroy(api, "harbour", pace=pace), Somebody(), given)
    with pytest.raises(NotConfirmed, match="That is not harbour"):
        perform(Destroy(api, "harbour", pace=pace), Somebody(answer="y"), Consent())
    assert not platform.destroyed
