"""Tables in the room that there is: columns whose text is broken between words. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

Row = Sequence[str]
GAP = 2


def natural(rows: Sequence[Row]) -> list[int]:
    """Return how wide each column is when nothing is broken."""
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def fitting(rows: Sequence[Row], room: int) -> list[int] | None:
    """Return how wide each column may be for rows to fit in ``room`` characters.

    None when words would have to be broken: ids and URLs must stay whole, to be copied.
    """
    widths = natural(rows)
    floors = [max(map(_longest_word, column)) for column in zip(*rows, strict=True)]
    left = room - GAP * (len(widths) - 1)
    if sum(floors) > left:
        return None
    while sum(widths) > left:
        spare = [i for i, width in enumerate(widths) if width > floors[i]]
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def lines(row: Row, widths: Sequence[int]) -> list[str]:
    """Return the lines that a row takes in columns of these widths."""
    cells = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    gap = " " * GAP
    return [
        gap.join(part.ljust(width) for part, width in zip(parts, widths, strict=True)).rstrip()
        for parts in zip_longest(*cells, fillvalue="")
    ]


def wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of at most ``width``, broken between words only."""
    if len(text) <= width:
        return [text]
    return textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False)


def _longest_word(cell: str) -> int:
    return max(map(len, cell.split()), default=0)
