"""When scheduled backups are due, what transfers are called, and which backups are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.model.backup import Cause, Kind, State, Transfer, counted, number, outdated, retention
from hatoba.model.backup_schedule import Schedule, days_missed, following, zone_name

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def moments(hour: int, zone: str, first: datetime, many: int) -> list[datetime]:
    found = [following(hour, zone, first)]
    while len(found) < many:
        found.append(following(hour, zone, found[-1]))
    return found


def test_the_night_without_two_o_clock_has_its_backup_an_hour_later() -> None:
    before = datetime(2026, 3, 7, 12, tzinfo=UTC)
    found = moments(2, "America/New_York", before, 3)
    assert [m.isoformat() for m in found] == [
        "2026-03-08T07:00:00+00:00",
        "2026-03-09T06:00:00+00:00",
        "2026-03-10T06:00:00+00:00",
    ]


def test_the_night_with_two_one_o_clocks_has_one_backup() -> None:
    before = datetime(2026, 10, 31, 12, tzinfo=UTC)
    found = moments(1, "America/New_York", before, 2)
    assert [m.isoformat() for m in found] == [
        "2026-11-01T05:00:00+00:00",
        "2026-11-02T06:00:00+00:00",
    ]


@given(
    st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"})),
    st.integers(0, 23),
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)),  # noqa: DTZ001
)
def test_every_day_has_exactly_one_moment(zone: str, hour: int, start: datetime) -> None:
    found = moments(hour, zone, start.replace(tzinfo=UTC), 400)
    days = [m.astimezone(ZoneInfo(zone)).date() for m in found]
    assert len(set(days)) == len(days)
    gaps = {(after - before).days for before, after in pairwise(days)}
    # Only zones that once changed the side of the date line have left out a day.
    lost = gaps - {1}
    assert not lost or _left_out(zone, days)


def _left_out(zone: str, days: list[date]) -> bool:
    info = ZoneInfo(zone)
    missing = set()
    for before, after in pairwise(days):
        missing |= {before + timedelta(days=n) for n in range(1, (after - before).days)}
    noons = (datetime(d.year, d.month, d.day, 12, tzinfo=info) for d in missing)
    return all(n.astimezone(UTC).astimezone(info).date() != n.date() for n in noons)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("America/New_York", "America/New_York"),
        ("EST", "America/New_York"),
        ("pst", "America/Los_Angeles"),
        ("UTC", "UTC"),
        ("Z", "UTC"),
        ("Mars/Olympus", None),
        ("", None),
        ("../../etc/passwd", None),
        ("/etc/localtime", None),
        ("America", None),
        ("a\0b", None),
    ],
)
def test_time_zones(text: str, name: str | None) -> None:
    assert zone_name(text) == name


def test_days_in_which_nobody_was_there_are_counted() -> None:
    due = datetime(2026, 11, 20, 2, tzinfo=UTC)
    one = Schedule(uuid4(), uuid4(), uuid4(), "DATABASE_URL", 2, "UTC", due, due, due)
    assert days_missed(one, due) == 1
    assert days_missed(one, due + timedelta(hours=23)) == 1
    assert days_missed(one, due + timedelta(days=3)) == 4
    assert not one.missed(due + timedelta(minutes=59))
    assert one.missed(due + timedelta(minutes=61))


def made(
    cause: Cause, age: timedelta, *, plan: str = "standard-0", state: State = State.SUCCEEDED
) -> Transfer:
    when = NOW - age
    return Transfer(
        id=uuid4(),
        app_id=UUID(int=1),
        num=1,
        kind=Kind.BACKUP,
        cause=cause,
        addon_id=UUID(int=2),
        from_name="DATABASE",
        to_name="BACKUP",
        state=state,
        created_at=when,
        updated_at=when,
        counts={} if state is State.SUCCEEDED else None,
        plan=plan,
    )


@pytest.mark.parametrize(
    ("kind", "cause", "name"),
    [
        (Kind.BACKUP, Cause.MANUAL, "b007"),
        (Kind.BACKUP, Cause.SNAPSHOT, "b007"),
        (Kind.BACKUP, Cause.SCHEDULE, "a007"),
        (Kind.RESTORE, Cause.MANUAL, "r007"),
        (Kind.COPY, Cause.MANUAL, "c007"),
    ],
)
def test_names_are_heroku_s(kind: Kind, cause: Cause, name: str) -> None:
    assert replace(made(cause, timedelta(0)), kind=kind, num=7).name == name
    assert number(name) == 7


@pytest.mark.parametrize("text", ["x001", "b", "b-1", "b1a", "", "١", "b" + "9" * 12])
def test_what_is_no_name(text: str) -> None:
    assert number(text) is None


def test_manual_backups_are_kept_up_to_the_plan_s_limit() -> None:
    backups = [made(Cause.MANUAL, timedelta(days=n)) for n in range(30)]
    assert outdated(backups, NOW) == backups[25:]


def test_a_failed_backup_pushes_out_no_good_one() -> None:
    good = [made(Cause.MANUAL, timedelta(days=n + 1)) for n in range(25)]
    failed = [made(Cause.MANUAL, timedelta(0), state=State.FAILED) for _ in range(25)]
    assert outdated([*failed, *good], NOW) == []


@pytest.mark.parametrize(("plan", "least"), [("essential-0", 8), ("standard-0", 11)])
def test_daily_backups_thin_out_to_weeks(plan: str, least: int) -> None:
    backups = [made(Cause.SCHEDULE, timedelta(days=n, hours=1), plan=plan) for n in range(120)]
    gone = {b.id for b in outdated(backups, NOW)}
    left = [b for b in backups if b.id not in gone]
    assert {b.id for b in backups[:7]} <= {b.id for b in left}
    assert least <= len(left) <= least + 1
    assert outdated(left, NOW) == []


def test_the_newest_good_backup_is_never_deleted() -> None:
    old = [made(Cause.SCHEDULE, timedelta(days=400 + n)) for n in range(3)]
    assert old[0] not in outdated(old, NOW)


def test_a_snapshot_is_kept_until_it_expires() -> None:
    newest = made(Cause.MANUAL, timedelta(0))
    fresh = replace(made(Cause.SNAPSHOT, timedelta(days=6)), expires_at=NOW + timedelta(days=1))
    stale = replace(made(Cause.SNAPSHOT, timedelta(days=8)), expires_at=NOW - timedelta(days=1))
    assert outdated([newest, fresh, stale], NOW) == [stale]


def test_plans_have_their_own_limits() -> None:
    assert retention("heroku-postgresql:premium-0").months == 12
    assert retention("standard-0").weeks == 4
    assert retention("essential-1").weeks == 1


def test_counts_are_said_in_words() -> None:
    assert counted({"public.a": 1203, "public.b": 1}) == "2 tables, 1,204 rows"
    assert counted({"public.a": 1}) == "1 table, 1 row"
