"""What is typed for daily backups, and what is told of a verified transfer."""

from __future__ import annotations

import msgspec
import pytest

from hatoba.errors import UsageError
from hatoba.operations.backups import counted, verified
from hatoba.operations.backups_schedule import parsed
from hatoba.schema.backups import ScheduleRef, Transfer


def made(
    from_type: str = "pg_dump", to_type: str = "gof3r", counts: dict[str, int] | None = None
) -> Transfer:
    return Transfer(
        uuid="t-1",
        num=7,
        from_type=from_type,
        from_name="DATABASE",
        to_type=to_type,
        to_name="BACKUP",
        to_url="",
        created_at="2026-11-23T10:00:00Z",
        updated_at="2026-11-23T10:00:00Z",
        succeeded=True,
        counts=counts,
    )


@pytest.mark.parametrize(
    ("at", "hour", "zone"),
    [
        ("02:00 America/New_York", "02", "America/New_York"),
        ("2:00 PST", "2", "PST"),
        ("23:00", "23", "UTC"),
        ("00:00UTC", "00", "UTC"),
    ],
)
def test_times_of_daily_backups(at: str, hour: str, zone: str) -> None:
    assert parsed(at) == (hour, zone)


@pytest.mark.parametrize(
    "at", ["", "24:00 UTC", "02:30 UTC", "2 UTC", "noon", "-1:00", "02:00 a b", "02:00 Mars/Base"]
)
def test_what_is_no_time_of_a_daily_backup(at: str) -> None:
    with pytest.raises(UsageError, match="America/New_York"):
        parsed(at)


def test_transfers_are_called_as_heroku_calls_them() -> None:
    assert made().name == "b007"
    assert made(to_type="pg_restore").name == "c007"
    assert made(from_type="gof3r", to_type="pg_restore").name == "r007"
    scheduled = msgspec.structs.replace(made(), schedule=ScheduleRef("s-1"))
    assert scheduled.name == "a007"


def test_a_receipt_names_every_table() -> None:
    (check,) = verified(made(counts={"public.b": 1200, "public.a": 4}), "into a scratch database")
    assert check.ok
    assert check.what == "b007 was restored into a scratch database and counted"
    assert check.seen.splitlines() == ["2 tables, 1,204 rows", "public.a: 4", "public.b: 1,200"]
    assert counted({}) == "0 tables, 0 rows"


def test_an_empty_database_is_counted_too() -> None:
    (check,) = verified(made(counts={}), "into a scratch database")
    assert (check.ok, check.seen) == (True, "0 tables, 0 rows")
