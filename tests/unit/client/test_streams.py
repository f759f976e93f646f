"""Server-sent events and the exit status, wherever the pieces are cut."""

from __future__ import annotations

import itertools
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.client.rendezvous import MARKER, ExitStatus, with_exit_status
from hatoba.client.streams import EventReader

EVENTS = (
    b"retry: 500\n\nid: 7\ndata: first line\n\n:keep-alive\n\n"
    b"event: other\ndata: hidden\n\nid: 8\ndata: second\ndata: third \xe6\xb3\xa2\n\n"
)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(p % (len(data) + 1) for p in places)})
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@given(st.lists(st.integers(0, 1000)))
def test_events_are_the_same_however_they_are_cut(places: list[int]) -> None:
    reader = EventReader()
    lines = [line for piece in cut(EVENTS, places) for line in reader.feed(piece)]
    assert lines == ["first line", "second", "third 波"]
    assert reader.last_id == "8"
    assert reader.retry == 0.5


def test_an_event_that_was_cut_off_is_forgotten() -> None:
    reader = EventReader()
    assert list(reader.feed(b"id: 9\ndata: half a li")) == []
    reader.restart()
    assert list(reader.feed(b"data: whole\n\n")) == ["whole"]
    assert reader.last_id is None


@given(st.lists(st.integers(0, 1000)), st.integers(0, 255))
def test_exit_status_is_found_however_it_is_cut(places: list[int], code: int) -> None:
    output = "hello \uffff world\r\n".encode()
    status = ExitStatus()
    data = output + f"{MARKER}{code}\r\n".encode()
    shown = b"".join(status.feed(piece) for piece in cut(data, places)) + status.finish()
    assert shown == output
    assert status.code == code


def test_exit_status_without_a_line_end_is_found_at_the_end() -> None:
    status = ExitStatus()
    assert status.feed(f"x{MARKER}7".encode()) == b"x"
    assert status.code is None
    assert status.finish() == b""
    assert status.code == 7


def test_output_without_a_status_is_shown_whole() -> None:
    status = ExitStatus()
    data = f"text{MARKER}".encode()
    assert status.feed(data) + status.finish() == data
    assert status.code is None


@pytest.mark.parametrize(("command", "code"), [("true", 0), ("echo a && exit 7", 7), ("a b", 127)])
def test_the_command_tells_its_exit_status_to_a_shell(command: str, code: int) -> None:
    done = subprocess.run(
        ["bash", "-c", with_exit_status(command)], capture_output=True, check=False
    )
    status = ExitStatus()
    status.feed(done.stdout)
    assert status.code == code


def test_a_single_word_is_left_bare() -> None:
    assert with_exit_status("web").startswith("web ; echo ")
