from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from hatoba.kit.clock import SystemClock
from hatoba.logs import hub as hubs
from hatoba.logs.base import LogFilter
from hatoba.logs.bounds import KEEP_LINES, LogFile, beyond, scan
from hatoba.logs.hub import LogHub

DAY = 24 * 3600.0
NOW = 100 * DAY
ONE, TWO = UUID(int=1), UUID(int=2)


def _files(app: UUID, *each: tuple[int, int, float]) -> list[LogFile]:
    """Files of (first line, size, age in days)."""
    return [
        LogFile(app, Path(f"/{app}/{first}.log"), first, size, NOW - age * DAY)
        for first, size, age in each
    ]


def _firsts(files: list[LogFile]) -> list[tuple[UUID, int]]:
    return [(file.app, file.first) for file in files]


def test_lines_older_than_a_week_go_though_nothing_new_comes() -> None:
    files = _files(ONE, (1, 10, 20), (5000, 10, 8), (7000, 10, 8), (8500, 10, 8))
    assert _firsts(beyond(files, NOW)) == [(ONE, 1), (ONE, 5000)]


def test_the_last_1500_lines_stay_whatever_their_age_and_size() -> None:
    files = _files(ONE, (1, 10, 50), (1000, 10, 50), (2400, 10, 50))
    assert beyond(files, NOW, bound=1) == []


def test_beyond_the_bound_yesterdays_lines_go_before_todays() -> None:
    one = _files(ONE, (1, 10, 2), (3000, 10, 0.5), (6000, 10, 0))
    two = _files(TWO, (1, 10, 3), (3000, 10, 0.5), (6000, 10, 0))
    assert _firsts(beyond([*one, *two], NOW, bound=60)) == []
    assert _firsts(beyond([*one, *two], NOW, bound=50)) == [(TWO, 1)]
    assert _firsts(beyond([*one, *two], NOW, bound=40)) == [(TWO, 1), (ONE, 1)]


def test_of_todays_lines_those_of_the_loudest_app_go_first() -> None:
    quiet = _files(ONE, (1, 10, 0), (3000, 10, 0), (6000, 10, 0))
    loud = _files(TWO, *((1 + 3000 * n, 10, 0) for n in range(8)))
    gone = _firsts(beyond([*quiet, *loud], NOW, bound=60))
    assert gone == [(TWO, 1 + 3000 * n) for n in range(5)]


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 100), st.floats(0, 20)), min_size=1),
    st.integers(0, 2000),
)
def test_what_goes_is_always_the_oldest_and_never_the_promised(
    gaps: list[tuple[int, int, float]], bound: int
) -> None:
    firsts = [sum(gap for gap, _, _ in gaps[:n]) + 1 for n in range(len(gaps))]
    ages = sorted((age for _, _, age in gaps), reverse=True)
    files = _files(ONE, *zip(firsts, (size for _, size, _ in gaps), ages, strict=True))
    gone = beyond(files, NOW, bound=bound)
    left = [file for file in files if file not in gone]
    assert sorted(f.first for f in gone) == firsts[: len(gone)]
    assert not gone or left[-1].first - left[0].first >= KEEP_LINES


class _Later(SystemClock):
    ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


async def test_the_hub_deletes_known_apps_files_and_others(tmp_path: Path) -> None:
    clock = _Later()
    app, silent = uuid4(), uuid4()
    hub = LogHub(tmp_path, clock)
    for _ in range(60):
        for one in (app, silent):
            hub.event(one, "\n".join(["x" * 900] * 100))
    hub.close()
    hub = LogHub(tmp_path, clock)
    before = hub.recent(app, 10_000, LogFilter())
    assert len(before) == 6000
    await hub.tidy()
    assert len(hub.recent(app, 10_000, LogFilter())) == 6000
    clock.ahead = timedelta(days=8)
    await hub.tidy()
    kept = hub.recent(app, 10_000, LogFilter())
    assert KEEP_LINES <= len(kept) < 6000
    assert kept == before[-len(kept) :]
    assert len(hub.recent(silent, 10_000, LogFilter())) == len(kept)
    hub.close()


async def test_all_apps_together_stay_within_the_bound(tmp_path: Path) -> None:
    bound = 20_000_000
    hub = LogHub(tmp_path, SystemClock(), bound=bound)
    for app in [uuid4() for _ in range(4)]:
        for _ in range(100):
            hub.event(app, "\n".join(["x" * 900] * 100))
    assert sum(file.size for file in scan(tmp_path)) > bound
    await hub.tidy()
    assert sum(file.size for file in scan(tmp_path)) <= bound
    hub.close()


async def test_files_of_idle_apps_are_closed_and_opened_again(tmp_path: Path) -> None:
    def opened() -> int:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(str(tmp_path) in str(link.readlink()) for link in links)

    hub = LogHub(tmp_path, SystemClock())
    apps = [uuid4() for _ in range(hubs.OPEN_FILES + 50)]
    for turn in ("first", "second"):
        for app in apps:
            hub.event(app, turn)
        assert opened() <= hubs.OPEN_FILES + 5
    for app in apps:
        words = [line.text.split()[-1] for line in hub.recent(app, 10, LogFilter())]
        assert words == [b"first", b"second"]
    hub.close()
    assert opened() == 0
