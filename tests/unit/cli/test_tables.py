"""Tables and errors at terminals that are narrower than they."""

from __future__ import annotations

import io
import os
import pty
import select
import termios
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.cli import tables
from hatoba.cli.output import Output

HEADS = ("Name", "Description", "ID")
ROWS = [
    ("rope", "ties the boat to the pier, in any weather", "0a1b2c3d"),
    ("buoy", "floats", "4e5f6a7b"),
]


class Narrow:
    """A terminal of 40 columns, and what it shows."""

    def __init__(self) -> None:
        self._own, its = pty.openpty()
        termios.tcsetwinsize(its, (24, 40))
        self.stream = os.fdopen(its, "w")

    def shown(self) -> list[str]:
        self.stream.flush()
        seen = b""
        while select.select([self._own], [], [], 0)[0]:
            seen += os.read(self._own, 65536)
        return seen.decode().splitlines()

    def close(self) -> None:
        self.stream.close()
        os.close(self._own)


@pytest.fixture
def narrow() -> Iterator[Narrow]:
    terminal = Narrow()
    yield terminal
    terminal.close()


def test_cells_are_broken_between_words(narrow: Narrow) -> None:
    Output(color=False, data=narrow.stream).table(ROWS, HEADS)
    assert narrow.shown() == [
        " Name  Description              ID",
        " ────  ───────────────────────  ────────",
        " rope  ties the boat to the     0a1b2c3d",
        "       pier, in any weather",
        " buoy  floats                   4e5f6a7b",
    ]


def test_rows_whose_words_do_not_fit_are_shown_below_each_other(narrow: Narrow) -> None:
    url = f"https://{'a' * 40}.example"
    Output(color=False, data=narrow.stream).table(
        [("rope", url, ""), ("buoy", "floats", "4e")], HEADS
    )
    assert narrow.shown() == [
        "Name:        rope",
        f"Description: {url}",
        "",
        "Name:        buoy",
        "Description: floats",
        "ID:          4e",
    ]


def test_rows_stay_whole_where_that_is_asked_for_or_nobody_looks(narrow: Narrow) -> None:
    out = Output(color=False, data=narrow.stream)
    out.keep_rows()
    out.table(ROWS, HEADS)
    whole = narrow.shown()
    piped = io.StringIO()
    Output(color=False, data=piped).table(ROWS, HEADS)
    assert piped.getvalue().splitlines() == whole
    assert len(whole) == 4


def test_errors_are_broken_between_words_at_a_terminal_only(narrow: Narrow) -> None:
    text = "Nothing was changed: this needs confirmation by somebody."
    Output(color=False, notes=narrow.stream).error(text, ["See heroku help"])
    assert narrow.shown() == [
        " ▸    Nothing was changed: this needs",
        " ▸    confirmation by somebody.",
        " ▸    See heroku help",
    ]
    piped = io.StringIO()
    Output(color=False, notes=piped).error(text)
    assert piped.getvalue() == f" ▸    {text}\n"


def test_what_an_entry_is_goes_on_below_itself(narrow: Narrow) -> None:
    rows = [("ps", "lists the dynos of an app, one a line"), ("run", "")]
    Output(color=False, data=narrow.stream).entries(rows, 6)
    assert narrow.shown() == [
        "  ps     lists the dynos of an app, one",
        "         a line",
        "  run    ",
    ]


@given(
    rows=st.lists(st.tuples(*[st.text("ab -", max_size=30)] * 3), min_size=1, max_size=4),
    room=st.integers(4, 60),
)
def test_what_fits_loses_no_word_and_no_line_is_too_long(
    rows: list[tuple[str, ...]], room: int
) -> None:
    widths = tables.fitting(rows, room)
    if widths is None:
        return
    for row in rows:
        lines = tables.lines(row, widths)
        assert all(len(line) <= room for line in lines)
        words = sorted(word for cell in row for word in cell.split())
        assert sorted(" ".join(lines).split()) == words
