from __future__ import annotations

from pathlib import Path

import pytest

from hatoba.engines.node import wire
from hatoba.engines.node.spool import Spool


def records(data: bytes) -> list[tuple[str, bytes]]:
    decoder, found = wire.Decoder(), []
    decoder.feed(data)
    while (record := decoder.next()) is not None:
        found.append((record[0]["d"], record[1]))
    return found


def everything(spool: Spool) -> list[tuple[str, bytes]]:
    found, at = [], spool.start
    while data := spool.read(at, 1 << 20):
        found += records(data)
        at += len(data)
    return found


def test_records_come_back_in_order_over_segments(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment=100)
    for number in range(20):
        spool.append({"d": "a"}, b"line %d\n" % number)
    assert len(list(tmp_path.iterdir())) > 1
    assert everything(spool) == [("a", b"line %d\n" % number) for number in range(20)]


def test_a_new_spool_goes_on_where_the_old_one_ended(tmp_path: Path) -> None:
    old = Spool(tmp_path, segment=100)
    for _ in range(9):
        old.append({"d": "a"}, b"old")
    new = Spool(tmp_path, segment=100)
    assert new.end == old.end
    new.append({"d": "a"}, b"new")
    assert everything(new)[-2:] == [("a", b"old"), ("a", b"new")]


def test_a_record_that_was_half_written_is_cut_off(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append({"d": "a"}, b"whole")
    [segment] = tmp_path.iterdir()
    with segment.open("ab") as file:
        file.write(wire.encode({"d": "a"}, b"half")[:-2])
    assert everything(Spool(tmp_path)) == [("a", b"whole")]
    assert Spool(tmp_path).end == spool.end


def test_acknowledged_segments_leave_the_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment=100)
    for _ in range(20):
        spool.append({"d": "a"}, b"line")
    spool.acknowledge(spool.end)
    assert len(list(tmp_path.iterdir())) == 1


def test_it_is_full_by_what_is_not_acknowledged(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment=100, bound=300)
    while not spool.full:
        spool.append({"d": "a"}, b"line")
    spool.acknowledge(spool.end)
    assert not spool.full


def test_what_each_dyno_loses_is_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append({"d": "a"}, b"stored")
    spool.acknowledge(spool.end)
    spool.append({"d": "a"}, b"12345")
    spool.append({"d": "b", "x": 100}, b"123")
    assert spool.drop_oldest() == {"a": 5, "b": 103}
    assert everything(spool) == []
    spool.append({"d": "a"}, b"next")
    assert everything(spool) == [("a", b"next")]


def test_a_frame_that_is_too_long_is_refused() -> None:
    decoder = wire.Decoder()
    decoder.feed(b"\xff" * 8)
    with pytest.raises(wire.WireError):
        decoder.next()


def damaged(folder: Path, at: int) -> Spool:
    """A spool of three segments, the first of which is damaged from a byte on."""
    spool = Spool(folder, segment=100)
    for number in range(9):
        spool.append({"d": "a"}, b"line %d\n" % number)
    first = sorted(folder.iterdir())[0]
    first.write_bytes(first.read_bytes()[:at].ljust(first.stat().st_size, b"\xff"))
    return spool


def test_what_is_damaged_is_passed_by_segment(tmp_path: Path) -> None:
    spool = damaged(tmp_path, 0)
    with pytest.raises(wire.WireError):
        records(spool.read(0, 1 << 20))
    at = spool.past(0)
    assert records(spool.read(at, 1 << 20))
    spool.acknowledge(at)
    assert (spool.start, everything(spool)[-1]) == (at, ("a", b"line 8\n"))


def test_damage_in_the_newest_segment_is_passed_too(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append({"d": "a"}, b"lost")
    at = spool.past(0)
    assert (at, spool.past(at)) == (spool.end, spool.end)
    spool.append({"d": "a"}, b"kept")
    assert records(spool.read(at, 1 << 20)) == [("a", b"kept")]


def test_damage_stops_neither_a_start_nor_room_for_more(tmp_path: Path) -> None:
    spool = damaged(tmp_path, 30)
    assert spool.drop_oldest() == {"a": len(b"line 0\n")}
    for segment in tmp_path.iterdir():
        segment.write_bytes(b"\xff" * 50)
    assert Spool(tmp_path).end == sorted(int(p.name) for p in tmp_path.iterdir())[-1]
