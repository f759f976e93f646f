from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hatoba.model import database_archive as rules
from hatoba.model.database_archive import Base

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
WINDOW = timedelta(days=4)


def bases(*hours_ago: float) -> list[Base]:
    return [Base(NOW - timedelta(hours=h), "0" * 24, 1) for h in sorted(hours_ago, reverse=True)]


def test_a_name_is_a_moment_and_back() -> None:
    assert rules.moment_of(rules.name_at(NOW)) == NOW
    assert rules.moment_of("base.new") is None


@pytest.mark.parametrize(
    ("timeline", "position", "name"),
    [
        (1, "0/3000028", "000000010000000000000003"),
        (2, "1A/FF000000", "000000020000001A000000FF"),
        (1, "0/0", "000000010000000000000000"),
    ],
)
def test_the_log_file_of_a_position(timeline: int, position: str, name: str) -> None:
    assert rules.wal_file(timeline, position) == name


def test_a_base_is_due_at_first_every_day_and_after_much_log() -> None:
    assert rules.due([], 0, NOW)
    assert not rules.due(bases(23), 0, NOW)
    assert rules.due(bases(25), 0, NOW)
    assert rules.due(bases(1), rules.BASE_AFTER_BYTES + 1, NOW)


def test_what_reaches_back_over_the_whole_window_is_kept_and_nothing_older() -> None:
    there = bases(200, 150, 100, 50, 2)
    gone = rules.outdated(there, WINDOW, NOW)
    assert gone == bases(200, 150)
    left = [base for base in there if base not in gone]
    assert rules.earliest(left, WINDOW, NOW) == NOW - WINDOW
    assert rules.outdated(bases(50, 2), WINDOW, NOW) == []


def test_a_young_database_goes_back_to_its_first_base_only() -> None:
    assert rules.earliest([], WINDOW, NOW) is None
    assert rules.earliest(bases(3, 1), WINDOW, NOW) == NOW - timedelta(hours=3)


def test_a_moment_is_reached_from_the_newest_base_before_it() -> None:
    there = bases(30, 20, 10)
    assert rules.base_for(there, NOW - timedelta(hours=15)) == there[1]
    assert rules.base_for(there, NOW - timedelta(hours=20)) == there[1]
    assert rules.base_for(there, NOW - timedelta(hours=31)) is None
