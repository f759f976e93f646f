"""Quotas: which are possible, and what they say of a size."""

from __future__ import annotations

import pytest

from hatoba.model.database_quota import Action, Level, Quota, changed, conflict, problem

_GIB = 1024**3
_PLAN = 10 * _GIB


def test_without_a_quota_the_plans_size_is_in_force() -> None:
    assert not Quota().refuses(_PLAN, _PLAN)
    assert Quota().refuses(_PLAN + 1, _PLAN)
    assert Quota().level(_PLAN + 1, _PLAN) is Level.CRITICAL


@pytest.mark.parametrize(
    ("action", "refused"), [(Action.RESTRICT, True), (Action.NOTIFY, False), (Action.NONE, False)]
)
def test_the_action_is_for_ones_own_critical_size_not_for_the_plans(
    action: Action, refused: bool
) -> None:
    quota = Quota(2, 4, action)
    assert quota.level(3 * _GIB, _PLAN) is Level.WARNING
    assert quota.level(5 * _GIB, _PLAN) is Level.CRITICAL
    assert quota.refuses(5 * _GIB, _PLAN) is refused
    assert quota.refuses(_PLAN + 1, _PLAN)
    assert quota.tells(Level.CRITICAL) is (action is not Action.NONE)


def test_without_a_critical_size_the_plans_rule_is_back() -> None:
    quota = Quota(2, 4, Action.NOTIFY)
    assert changed(quota, {"critical_gb": None}) == Quota(2, None, Action.RESTRICT)
    assert changed(quota, {"warning_gb": None}) == Quota(None, 4, Action.NOTIFY)
    assert Quota.of(quota.stored) == quota
    assert Quota.of({}) == Quota()


@pytest.mark.parametrize(
    ("quota", "said"),
    [
        (Quota(critical_gb=11), "plan's size is 10 GB"),
        (Quota(5, 5), "below the critical one"),
        (Quota(warning_gb=10), "below the critical one"),
        (Quota(enforcement_action=Action.NONE), "always refused"),
        (Quota(2, 10, Action.NOTIFY), None),
    ],
)
def test_a_quota_must_fit_the_plan(quota: Quota, said: str | None) -> None:
    found = conflict(quota, _PLAN)
    assert found is None if said is None else said in str(found)


@pytest.mark.parametrize(
    "changes",
    [{"warning_gb": 0}, {"critical_gb": -1}, {"critical_gb": float("inf")}],
)
def test_sizes_are_above_nothing(changes: dict[str, float]) -> None:
    assert "above 0" in str(problem(changes))


def test_an_action_is_one_of_three() -> None:
    assert "notify" in str(problem({"enforcement_action": "shout"}))
    assert problem({"enforcement_action": "none", "warning_gb": None}) is None
