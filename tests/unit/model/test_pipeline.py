"""Pipelines' names, and what is told of promotions."""

from __future__ import annotations

from uuid import uuid4

import pytest

from hatoba.model.pipeline import (
    PromotionTarget,
    name_problem,
    promote_description,
    promotion_status,
)
from hatoba.model.release import Status


@pytest.mark.parametrize(
    ("name", "good"), [("abc", True), ("a-1", True), ("ab", False), ("1ab", False), ("aB1", False)]
)
def test_names(name: str, good: bool) -> None:
    assert (name_problem(name) is None) is good


def test_descriptions_are_herokus() -> None:
    assert promote_description("quay", 12, "1a2b3c4d5e6f") == "Promote quay v12 1a2b3c4d"
    assert promote_description("quay", 12, None) == "Promote quay v12"


def test_a_promotion_is_as_far_as_its_targets() -> None:
    def target(status: Status) -> PromotionTarget:
        return PromotionTarget(uuid4(), uuid4(), uuid4(), uuid4(), 7, status)

    failed = target(Status.FAILED)
    assert promotion_status([target(Status.SUCCEEDED), target(Status.PENDING)]) == "pending"
    assert promotion_status([target(Status.SUCCEEDED), failed]) == "completed"
    assert failed.error_message == "The release command of v7 failed."
    assert target(Status.SUCCEEDED).error_message is None
