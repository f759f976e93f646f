"""What came of the data API's calls, as a table and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.data_world import DataOutcome

_INTRO = """# How much of the data API is served

Made by `make conformance`, which makes each call of the data API that the official CLI makes, on
real databases and a real key-value store: as it should be made, without a token, as a stranger, of
what there is none, and with broken JSON. Each answer has the fields that the official CLI reads.

"""


def number(found: Sequence[DataOutcome]) -> str:
    """Return the one line that counts."""
    served = [one for one in found if one.served]
    return f"{len(served)} of {len(found)} of the data API served"


def table(found: Sequence[DataOutcome]) -> Iterator[str]:
    """Yield the lines of a table of all calls."""
    width = max(len(one.call.shape) for one in found)
    yield f"{'call'.ljust(width)}  served  reason"
    for one in found:
        yield f"{one.call.shape.ljust(width)}  {_word(one.served).ljust(6)}  {_why(one)}".rstrip()


def markdown(found: Sequence[DataOutcome]) -> str:
    """Return the page."""
    rows = "".join(f"| `{one.call.shape}` | {_word(one.served)} | {_why(one)} |\n" for one in found)
    return f"{_INTRO}**{number(found)}.**\n\n| call | served | |\n|---|---|---|\n{rows}"


def _why(one: DataOutcome) -> str:
    return "; ".join(one.problems) or one.call.absent


def _word(yes: bool) -> str:
    return "yes" if yes else "no"
