"""Run sessions over real TLS, as the official command speaks them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest

from hatoba.api import rendezvous
from hatoba.api.rendezvous import BANNER, Meeting, Rendezvous
from hatoba.control.sessions import Session, Sessions
from hatoba.kit.scrub import Scrubber
from tests.unit.cli.rendezvous import certificate

MARKED = "\uffff heroku-command-exit-status: 7\n".encode()


class Dyno:
    """Streams whose other end is the test."""

    def __init__(self) -> None:
        self.output: asyncio.Queue[bytes] = asyncio.Queue()
        self.input: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    async def read(self) -> bytes:
        return await self.output.get()

    async def write(self, data: bytes) -> None:
        self.input.put_nowait(data)

    async def end_input(self) -> None:
        self.input.put_nowait(None)

    async def close(self) -> None:
        self.closed.set()

    def prints(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.output.put_nowait(piece)


class Door:
    """The server under test; each secret opens once."""

    def __init__(self, folder: Path) -> None:
        self.ca, key = certificate(folder)
        self.dyno = Dyno()
        self.left = asyncio.Event()
        self.meetings = {
            "pipe": Meeting(self.dyno, False, Scrubber(["swordfish"])),
            "terminal": Meeting(self.dyno, True, Scrubber([])),
            "raw": Meeting(self.dyno, False, Scrubber([]), raw=True, leave=self.left.set),
        }
        self.server = Rendezvous(self._connect, certificate=self.ca, key=key)
        self.port = 0

    async def _connect(self, secret: str) -> Meeting | None:
        return self.meetings.pop(secret, None)

    async def meet(
        self, secret: str, end: str = "\r\n"
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        context = ssl.create_default_context(cafile=str(self.ca))
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        writer.write(f"{secret}{end}".encode())
        return reader, writer


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    made = Door(tmp_path)
    made.port = await made.server.open("127.0.0.1", 0)
    async with asyncio.timeout(20):
        yield made
        await made.server.close()


async def test_a_client_that_sends_no_newline_is_let_in_too(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendezvous, "_NEWLINE_SECONDS", 0.01)
    session = Session(uuid4(), uuid4(), terminal=False, hidden=())
    sessions = Sessions()
    secret = sessions.open(session, AsyncMock())
    sessions.close()
    door.meetings[secret] = door.meetings["pipe"]
    reader, writer = await door.meet(secret, end="")
    assert await reader.readexactly(len(BANNER)) == BANNER
    writer.write(b"typed\n")
    assert await door.dyno.input.get() == b"typed\n"
    writer.close()


async def test_banner_then_output_then_the_end(door: Door) -> None:
    reader, writer = await door.meet("pipe")
    assert await reader.readexactly(len(BANNER)) == BANNER
    door.dyno.prints(b"hello\n", b"")
    assert await reader.read() == b"hello\n"
    await door.dyno.closed.wait()
    writer.close()


@pytest.mark.parametrize("secret", ["unknown", "", "x" * 1000])
async def test_an_unknown_secret_is_answered_by_nothing(door: Door, secret: str) -> None:
    reader, writer = await door.meet(secret)
    assert await reader.read() == b""
    writer.close()


async def test_0x04_ends_the_input_of_a_pipe_and_output_goes_on(door: Door) -> None:
    reader, writer = await door.meet("pipe")
    await reader.readexactly(len(BANNER))
    writer.write(b"typed\n\x04")
    assert await door.dyno.input.get() == b"typed\n"
    assert await door.dyno.input.get() is None
    door.dyno.prints(b"after\n", b"")
    assert await reader.read() == b"after\n"
    writer.close()


async def test_a_raw_session_takes_0x04_for_a_byte_like_any_other(door: Door) -> None:
    reader, writer = await door.meet("raw")
    await reader.readexactly(len(BANNER))
    writer.write(b"bytes\x04")
    assert await door.dyno.input.get() == b"bytes\x04"
    door.dyno.prints(b"\x00\xff", b"")
    assert await reader.read() == b"\x00\xff"
    await door.left.wait()
    writer.close()


async def test_a_terminal_gets_0x04_as_it_is(door: Door) -> None:
    reader, writer = await door.meet("terminal")
    await reader.readexactly(len(BANNER))
    writer.write(b"\x04")
    assert await door.dyno.input.get() == b"\x04"
    writer.close()


@pytest.mark.parametrize("typed", [b"", b"all\x04"])
async def test_the_dyno_is_hung_up_on_when_the_client_goes(door: Door, typed: bytes) -> None:
    reader, writer = await door.meet("pipe")
    await reader.readexactly(len(BANNER))
    writer.write(typed)
    writer.close()
    await door.dyno.closed.wait()


@pytest.mark.parametrize("cut", [1, 2, 3, 10, len(MARKED) - 1])
async def test_the_exit_status_comes_in_one_piece(door: Door, cut: int) -> None:
    reader, writer = await door.meet("pipe")
    await reader.readexactly(len(BANNER))
    door.dyno.prints(b"out" + MARKED[:cut])
    assert await reader.read(100) == b"out"
    door.dyno.prints(MARKED[cut:])
    assert await reader.read(100) == MARKED
    writer.close()


async def test_secrets_are_masked_over_pieces(door: Door) -> None:
    reader, writer = await door.meet("pipe")
    await reader.readexactly(len(BANNER))
    door.dyno.prints(b"it is sword", b"fish\n", b"")
    assert await reader.read() == "it is ••••\n".encode()
    writer.close()


async def test_a_session_without_a_byte_ends(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendezvous, "_IDLE_SECONDS", 0.05)
    reader, writer = await door.meet("pipe")
    assert await reader.read() == BANNER
    await door.dyno.closed.wait()
    writer.close()


async def test_input_that_ends_after_the_output_is_still_taken(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendezvous, "_LAST_INPUT_SECONDS", 20.0)
    reader, writer = await door.meet("pipe")
    await reader.readexactly(len(BANNER))
    door.dyno.prints(b"hello\n", b"")
    assert await reader.readexactly(6) == b"hello\n"
    writer.write(b"late\x04")
    assert await door.dyno.input.get() == b"late"
    assert await door.dyno.input.get() is None
    assert await reader.read() == b""
    await door.dyno.closed.wait()
    writer.close()
