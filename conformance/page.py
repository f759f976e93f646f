"""What came of the links, as a table for a terminal and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.calls import Outcome

_INTRO = """# How much of the Platform API is served

Made by `make conformance`, which calls every link of the Platform API's JSON schema with valid and
with invalid input, and holds each answer to the link's own schema.

"""


def number(found: Sequence[Outcome]) -> str:
    """Return the one line that counts."""
    served = [one for one in found if one.served]
    valid = sum(one.valid for one in served)
    return f"{len(served)} of {len(found)} served, {valid} schema-valid"


def table(found: Sequence[Outcome]) -> Iterator[str]:
    """Yield the lines of a table of all links."""
    width = max(len(one.link.name) for one in found)
    yield f"{'link'.ljust(width)}  served  status  schema  reason"
    for one in found:
        cells = (_word(one.served).ljust(6), str(one.status or "-").ljust(6), _word(one.valid))
        yield f"{one.link.name.ljust(width)}  {'  '.join(cells).ljust(22)}  {one.reason}".rstrip()


def markdown(found: Sequence[Outcome]) -> str:
    """Return the page."""
    head = f"{_INTRO}**{number(found)}.**\n\n"
    rows = "".join(
        f"| `{one.link.name}` | {_word(one.served)} | {_word(one.valid)} | {one.reason} |\n"
        for one in found
    )
    return f"{head}| link | served | as the schema has it | |\n|---|---|---|---|\n{rows}"


def _word(yes: bool) -> str:
    return "yes" if yes else "no"
