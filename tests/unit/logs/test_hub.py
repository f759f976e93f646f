from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from hatoba.engines.base import Output
from hatoba.kit.clock import SystemClock
from hatoba.logs.base import LogFilter
from hatoba.logs.bounds import KEEP_LINES
from hatoba.logs.hub import LogHub
from hatoba.logs.segments import Segments
from hatoba.router.base import RouterLine

APP, DYNO = uuid4(), uuid4()
AT = datetime(2026, 11, 23, 14, 0, 0, 123456, tzinfo=UTC)
START = "2026-11-23T14:00:00.123456+00:00 "
EVERYTHING = LogFilter()


def _hub(folder: Path) -> LogHub:
    return LogHub(folder, SystemClock())


def _piece(data: bytes, offset: int, *, dyno: UUID = DYNO, name: str = "web.1") -> Output:
    return Output(APP, dyno, name, AT, data, offset)


def _texts(hub: LogHub, chosen: LogFilter = EVERYTHING, lines: int = 100) -> list[str]:
    return [line.text.decode() for line in hub.recent(APP, lines, chosen)]


async def test_output_becomes_lines_in_herokus_format(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"one\ntw", 1))
    hub.ingest(_piece(b"o\r\n\nthree\n", 2))
    assert _texts(hub) == [f"{START}app[web.1]: {w}" for w in ("one", "two", "", "three")]
    hub.close()


async def test_the_same_piece_twice_counts_once(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    for _ in range(2):
        hub.ingest(_piece(b"once\n", 1))
    assert len(_texts(hub)) == 1
    hub.close()


async def test_a_long_line_is_cut_every_10000_bytes(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"a" * 25_000 + b"\nshort\n", 1))
    sizes = [len(t) - len(f"{START}app[web.1]: ") for t in _texts(hub)]
    assert sizes == [10_000, 10_000, 5_000, 5]
    hub.close()


async def test_a_line_without_end_does_not_grow_in_memory(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    for offset in range(1, 30):
        hub.ingest(_piece(b"x" * 1000, offset))
    assert len(_texts(hub)) >= 2
    hub.close()


async def test_what_ends_without_a_newline_becomes_a_line(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"password? ", 1))
    assert _texts(hub) == []
    hub.flush()
    assert _texts(hub) == [f"{START}app[web.1]: password? "]
    hub.close()


async def test_broken_utf8_is_replaced(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"\xff\xfe ok \xe2\x80\xa2\n", 1))
    assert _texts(hub) == [f"{START}app[web.1]: \ufffd\ufffd ok •"]
    hub.close()


async def test_lines_are_chosen_by_source_and_dyno(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"from web\n", 1))
    hub.ingest(_piece(b"from worker\n", 2, dyno=uuid4(), name="worker.1"))
    hub.platform(APP, "web.1", "State changed from starting to up", at=AT)
    hub.event(APP, "Release v2 created by user a@example.com", at=AT)
    hub.router([RouterLine(str(APP), AT, "at=info method=GET"), RouterLine("", AT, "nobody's")])
    app = [t.split(" ", 1)[1] for t in _texts(hub, LogFilter(source="app", dyno="web"))]
    assert app == ["app[web.1]: from web"]
    assert len(_texts(hub, LogFilter(dyno="web.1"))) == 2
    assert len(_texts(hub, LogFilter(source="heroku"))) == 2
    router = _texts(hub, LogFilter(dyno="router"))
    assert router == [f"{START}heroku[router]: at=info method=GET"]
    assert len(_texts(hub, LogFilter(dyno="worker"))) == 1
    hub.close()


async def test_nothing_is_lost_or_doubled_over_a_kill(tmp_path: Path) -> None:
    """A new hub over the same folder, without the old one being closed, is what a kill leaves."""
    killed = _hub(tmp_path)
    killed.ingest(_piece(b"stored\nbegin", 1))
    again = _hub(tmp_path)
    assert again.acknowledged == 1
    again.ingest(_piece(b"stored\nbegin", 1))
    again.ingest(_piece(b"ning and end\n", 2))
    words = [t.rpartition(": ")[2] for t in _texts(again)]
    assert words == ["stored", "beginning and end"]
    again.close()


async def test_a_write_that_was_cut_off_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = _hub(tmp_path)
    killed.ingest(_piece(b"first\npart", 1))

    def kill(offset: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(killed._journal, "commit", kill)
    with pytest.raises(KeyboardInterrupt):
        killed.ingest(_piece(b"ial\nsecond\nmore", 2))
    again = _hub(tmp_path)
    assert again.acknowledged == 1
    again.ingest(_piece(b"ial\nsecond\nmore", 2))
    again.flush()
    words = [t.rpartition(": ")[2] for t in _texts(again)]
    assert words == ["first", "partial", "second", "more"]
    again.close()


async def test_a_tail_gets_new_lines_and_those_it_missed(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"1\n2\n3\n", 1))
    tail = hub.tail(APP, EVERYTHING, after=1)
    missed = await anext(tail)
    assert [line.id for line in missed] == [2, 3]
    coming = asyncio.ensure_future(anext(tail))
    await asyncio.sleep(0)
    hub.ingest(_piece(b"4\n", 2))
    assert [line.id for line in await asyncio.wait_for(coming, 5)] == [4]
    await tail.aclose()  # type: ignore[attr-defined]
    hub.close()


async def test_a_slow_tail_is_told_what_it_missed(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    tail = hub.tail(APP, EVERYTHING, after=None)
    coming = asyncio.ensure_future(anext(tail))
    await asyncio.sleep(0)
    for offset in range(1, 8):
        hub.ingest(_piece(b"y" * 999 + b"\n" * 1 + b"z" * 1_000_000 + b"\n", offset))
    lines = await asyncio.wait_for(coming, 5)
    assert b"Error L11 (Tail buffer overflow)" in lines[-1].text
    assert hub.acknowledged == 7
    await tail.aclose()  # type: ignore[attr-defined]
    hub.close()


async def test_dropped_output_is_said(tmp_path: Path) -> None:
    hub = _hub(tmp_path)
    hub.ingest(replace(_piece(b"after\n", 1), dropped=512))
    assert "Error L12 (Local buffer overflow)" in _texts(hub)[0]
    hub.close()


async def test_a_full_disk_keeps_the_newest_lines_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = _hub(tmp_path)
    hub.ingest(_piece(b"before\n", 1))
    tail = hub.tail(APP, EVERYTHING, after=0)
    assert len(await anext(tail)) == 1
    with monkeypatch.context() as patch:
        patch.setattr(Segments, "append", _full)
        hub.ingest(_piece(b"kept 1\nkept 2\n", 2))
        assert "disk takes no lines" in _texts(hub)[1]
        assert [t.rpartition(": ")[2] for t in _texts(hub, lines=2)] == ["kept 1", "kept 2"]
        assert len(_texts(hub, lines=1)) == 1
    hub.ingest(_piece(b"after\n", 3))
    stored = _texts(_hub(tmp_path))
    assert stored == _texts(hub)
    assert [t.rpartition(": ")[2] for t in stored[2:]] == ["kept 1", "kept 2", "after"]
    assert [line.id for line in await asyncio.wait_for(anext(tail), 5)] == [2, 3, 4, 5]
    await tail.aclose()  # type: ignore[attr-defined]
    hub.close()


async def test_what_memory_could_not_keep_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = _hub(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Segments, "append", _full)
        for offset in range(1, 5):
            hub.ingest(_piece(b"x" * 9_000 + b"\n" + b"y\n" * 9_000, offset))
    hub.ingest(_piece(b"after\n", 5))
    texts = _texts(hub, lines=2)
    assert "lines were lost: the platform's disk was full" in texts[0]
    ids = [line.id for line in hub.recent(APP, 100_000, EVERYTHING)]
    assert ids == sorted(set(ids))
    assert ids[-1] == 1 + 4 * 9_001 + 2
    hub.close()


def _full(self: Segments, text: bytes, *, first: int | None = None) -> int:
    raise OSError(28, "No space left on device")


def test_old_segments_go_but_1500_lines_stay(tmp_path: Path) -> None:
    segments = Segments(tmp_path, segment=1000, keep=5000)
    line = b"t app[web.1]: " + b"x" * 85 + b"\n"
    for _ in range(4000):
        segments.append(line)
    kept = segments.recent(10_000, EVERYTHING)
    assert KEEP_LINES <= len(kept) < 2000
    assert kept[-1].id == 4000
    assert [line.id for line in kept] == list(range(kept[0].id, 4001))
    assert [line.id for line in segments.after(3990)] == list(range(3991, 4001))
    again = Segments(tmp_path, segment=1000, keep=5000)
    assert again.next_id == 4001


def test_a_flood_stays_within_its_bound(tmp_path: Path) -> None:
    segments = Segments(tmp_path, segment=100_000, keep=1_000_000)
    line = b"t app[web.1]: " + b"y" * 50 + b"\n"
    for _ in range(300):
        segments.append(line * 200)
    size = sum(p.stat().st_size for p in tmp_path.iterdir())
    assert size < 1_300_000
