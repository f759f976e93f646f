"""When scheduled jobs are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.model.scheduled_job import Every, Rhythm, command_problem, rhythm

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "at", "words", "next_at"),
    [
        ("10m", None, "every 10 minutes", "12:10"),
        ("10 minutes", "", "every 10 minutes", "12:10"),
        ("hour", ":30", "every hour at :30", "12:30"),
        ("1h", ":00", "every hour at :00", "13:00"),
        ("day", "2:05", "every day at 02:05 UTC", "02:05"),
        ("Day", "12:00", "every day at 12:00 UTC", "12:00"),
    ],
)
def test_rhythms_as_people_write_them(every: str, at: str | None, words: str, next_at: str) -> None:
    found = rhythm(every, at)
    assert found.words == words
    assert f"{found.following(NOON):%H:%M}" == next_at


@pytest.mark.parametrize(
    ("every", "at", "why"),
    [
        ("week", None, "choose 10m, hour or day"),
        ("", None, "choose 10m, hour or day"),
        ("10m", ":30", "leave it out"),
        ("hour", None, "such as :30"),
        ("hour", "02:30", "such as :30"),
        ("day", ":30", "such as 02:30"),
        ("day", "24:00", "not a time"),
        ("hour", ":60", "not a time"),
        ("day", "noon", "such as 02:30"),
    ],
)
def test_rhythms_that_can_not_be(every: str, at: str | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rhythm(every, at)


@given(
    st.sampled_from(list(Every)),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 20 * 365 * 86400),
)
def test_the_following_moment_is_the_only_one_within_a_period(
    every: Every, hour: int, minute: int, seconds: int
) -> None:
    after = NOON + timedelta(seconds=seconds)
    chosen = Rhythm(
        every, hour if every is Every.DAY else 0, 0 if every is Every.TEN_MINUTES else minute
    )
    due = chosen.following(after)
    assert timedelta(0) < due - after <= chosen.period
    assert chosen.following(due) == due + chosen.period
    assert chosen.passed(due, due) == 1
    assert chosen.passed(due, due + chosen.period * 3) == 4


@pytest.mark.parametrize("command", ["", "  ", "a\nb", "x" * 2001, "a\0b"])
def test_commands_that_can_not_be(command: str) -> None:
    assert command_problem(command)
    assert command_problem("rake reports:send") is None
