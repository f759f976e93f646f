from __future__ import annotations

import asyncio
import os
from pathlib import Path
from uuid import uuid4

import pytest

from hatoba.logs import streams
from hatoba.logs.streams import OutputStreams


async def _all(outputs: OutputStreams, stream: object, offset: int = 0) -> bytes:
    return b"".join([data async for data in outputs.follow(stream, offset)])  # type: ignore[arg-type]


async def test_a_reader_follows_to_the_end(tmp_path: Path) -> None:
    outputs, stream = OutputStreams(tmp_path), uuid4()
    reader = asyncio.create_task(_all(outputs, stream))
    for piece in (b"one ", b"two ", b"three"):
        await asyncio.sleep(0)
        outputs.append(stream, piece)
    outputs.finish(stream)
    assert await asyncio.wait_for(reader, 5) == b"one two three"


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    stream = uuid4()
    OutputStreams(tmp_path).append(stream, b"before ")
    again = OutputStreams(tmp_path)
    assert again.exists(stream)
    again.append(stream, b"after")
    again.finish(stream)
    again.finish(stream)
    assert await _all(OutputStreams(tmp_path), stream, 7) == b"after"


async def test_too_much_is_cut_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_BYTES", 20)
    monkeypatch.setattr(streams, "CUT_BYTES", 10)
    outputs, stream = OutputStreams(tmp_path), uuid4()
    for number in range(5):
        outputs.append(stream, b"%010d" % number)
    outputs.finish(stream)
    assert await _all(outputs, stream) == b"%010d%010d" % (3, 4)
    assert await _all(outputs, stream, 45) == b"00004"


async def test_a_reset_begins_anew(tmp_path: Path) -> None:
    outputs, stream = OutputStreams(tmp_path), uuid4()
    outputs.append(stream, b"old")
    outputs.finish(stream)
    outputs.reset(stream)
    assert not outputs.exists(stream)
    outputs.append(stream, b"new")
    outputs.finish(stream)
    assert await _all(outputs, stream) == b"new"


def test_files_are_private(tmp_path: Path) -> None:
    outputs, stream = OutputStreams(tmp_path / "out"), uuid4()
    outputs.append(stream, b"x")
    outputs.finish(stream)
    assert all(p.stat().st_mode & 0o077 == 0 for p in (tmp_path / "out").iterdir())


def test_the_oldest_finished_outputs_go_first(tmp_path: Path) -> None:
    outputs = OutputStreams(tmp_path)
    old, new, running = uuid4(), uuid4(), uuid4()
    for age, stream in enumerate((running, old, new)):
        outputs.append(stream, b"x" * 1000)
        os.utime(tmp_path / str(stream), (age, age))
    for stream in (old, new):
        outputs.finish(stream)
        os.utime(tmp_path / str(stream), (stream == new, stream == new))
    assert outputs.keep_within(3000) == 0
    assert outputs.keep_within(2500) == 1
    assert [outputs.exists(s) for s in (running, old, new)] == [True, False, True]
    assert outputs.keep_within(10) == 1
    assert outputs.exists(running)
    assert sorted(p.name for p in tmp_path.iterdir()) == [str(running)]
