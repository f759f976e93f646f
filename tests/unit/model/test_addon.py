"""Add-ons' pure rules: names of attachments."""

from __future__ import annotations

import random

import pytest

from hatoba.model import addon as rules


@pytest.mark.parametrize(
    ("name", "good"),
    [("DATABASE", True), ("REPORTS_2", True), ("", False), ("a", False), ("A-B", False)],
)
def test_names_of_attachments(name: str, good: bool) -> None:
    assert (rules.attachment_problem(name) is None) is good


def test_the_first_has_the_services_own_name_and_the_next_a_free_colour() -> None:
    source = random.Random(1)
    taken: set[str] = set()
    for _ in range(len(rules.COLOURS) + 3):
        name = rules.free_name("DATABASE", "HEROKU_POSTGRESQL", taken, source)
        assert name not in taken
        taken.add(name)
    assert "DATABASE" in taken
    assert {f"HEROKU_POSTGRESQL_{c}" for c in rules.COLOURS} < taken
