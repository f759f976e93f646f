"""How results are printed."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One result. ``ratio`` is ours to theirs; ``aim`` says what is hoped for."""

    what: str
    ours: str
    theirs: str
    ratio: float | None
    aim: str


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def show(title: str, rows: Sequence[Row]) -> None:
    """Print a table with a title."""
    cells = [("what", "ours", "against", "ratio", "aim")]
    cells += [
        (r.what, r.ours, r.theirs, "" if r.ratio is None else f"{r.ratio:.2f}", r.aim) for r in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(5)]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
