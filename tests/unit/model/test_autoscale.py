"""When autoscaling takes a step, and when it leaves the app alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.model.autoscale import Load, Monitor, bounds_problem, step
from hatoba.model.traffic import Count, Window, bucket, latencies, millis, percentile, series

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(hours=1)
MONITOR = Monitor(uuid4(), uuid4(), uuid4(), True, 2, 5, 500, 3, LONG_AGO, LONG_AGO, LONG_AGO)


def load(*minute: int, calm: tuple[int, ...] | None = None) -> Load:
    def counted(times: tuple[int, ...]) -> dict[int, int]:
        return {bucket(time): 30 for time in times}

    return Load(counted(minute), counted(minute if calm is None else calm))


@pytest.mark.parametrize(
    ("monitor", "quantity", "seen", "wanted"),
    [
        (MONITOR, 3, load(800), 4),
        (MONITOR, 3, load(450), None),
        # Little used: one dyno less carries it too.
        (MONITOR, 3, load(100), 2),
        (MONITOR, 3, load(), 2),
        # It was slow within the last five minutes.
        (MONITOR, 3, load(100, calm=(100, 600)), None),
        # Bounds.
        (replace(MONITOR, quantity=5), 5, load(800), None),
        (replace(MONITOR, quantity=2), 2, load(), None),
        # A step each minute, and calm for five before a step down.
        (replace(MONITOR, scaled_at=NOW - timedelta(seconds=59)), 3, load(800), None),
        (replace(MONITOR, scaled_at=NOW - timedelta(seconds=61)), 3, load(800), 4),
        (replace(MONITOR, scaled_at=NOW - timedelta(minutes=4)), 3, load(10), None),
        # Scaled by hand beyond the bounds, or to nothing.
        (replace(MONITOR, quantity=9), 9, load(800), None),
        (replace(MONITOR, quantity=1), 1, load(800), None),
        (replace(MONITOR, quantity=0), 0, load(), None),
        # Just enabled.
        (replace(MONITOR, quantity=None), 1, load(), 2),
        (replace(MONITOR, quantity=None), 9, load(), 5),
        (replace(MONITOR, quantity=None), 3, load(), None),
    ],
)
def test_a_step(monitor: Monitor, quantity: int, seen: Load, wanted: int | None) -> None:
    found = step(monitor, quantity, seen, NOW)
    assert (found.quantity if found else None) == wanted


def test_few_requests_say_nothing() -> None:
    few = {bucket(9000): 19}
    assert step(MONITOR, 3, Load(few, few), NOW) is None


@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=200))
def test_percentiles_are_within_a_tenth(times: list[int]) -> None:
    counted: dict[int, int] = {}
    for time in times:
        counted[bucket(time)] = counted.get(bucket(time), 0) + 1
    exact = sorted(times)[-(-len(times) * 95 // 100) - 1]
    found = percentile(counted, 0.95)
    assert found is not None
    assert exact * 0.99 - 1 <= found <= exact * 1.1 + 1
    assert millis(bucket(1)) == 1


def test_counts_become_series() -> None:
    window = Window(NOW - timedelta(hours=2), NOW)
    hours = window.hours
    assert len(hours) == 2
    counts = [
        Count(hours[0], "router", "code:H12", 3),
        Count(hours[1], "router", "code:H12", 1),
        Count(hours[1], "router", f"ms:{bucket(100)}", 7),
        Count(NOW - timedelta(days=1), "router", "code:H12", 9),
    ]
    assert series(counts, "code", hours) == {"H12": [3, 1]}
    assert latencies(counts, hours)["latency.ms.p95"] == [None, millis(bucket(100))]


@pytest.mark.parametrize(
    ("bounds", "good"),
    [
        ((1, 1, 1), True),
        ((2, 1, 500), False),
        ((0, 3, 500), False),
        ((1, 101, 500), False),
        ((1, 2, 0), False),
    ],
)
def test_bounds(bounds: tuple[int, int, int], good: bool) -> None:
    assert (bounds_problem(*bounds) is None) is good
