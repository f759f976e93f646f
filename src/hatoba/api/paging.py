"""Range paging (https://devcenter.heroku.com/articles/platform-api-reference#ranges)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from hatoba import errors

DEFAULT_MAX = 200
LIMIT = 1000
Item = msgspec.Struct | Mapping[str, object]
T = TypeVar("T", bound=Item)
Key = int | str

_RANGE = re.compile(
    r"(?P<attribute>[a-z_]+)\s+(?P<after>[\[\]]?)(?P<start>[^;\[\]]*?)\.\."
    r"(?P<end>[^;\[\]]*?)(?P<before>[\[\]]?)\s*(?:;(?P<options>.*))?"
)


@dataclass(frozen=True)
class Window:
    """A Range as it was asked for; ``attribute`` None keeps the list's own order."""

    attribute: str | None = None
    start: str = ""
    start_open: bool = False
    end: str = ""
    end_open: bool = False
    descending: bool = False
    max: int = DEFAULT_MAX


@dataclass(frozen=True)
class Page:
    """The items of one page and the headers that tell where it ends."""

    items: Sequence[Item]
    status: int
    headers: dict[str, str]


def parse(header: str | None) -> Window:
    """Read a Range header; none or an empty one asks for the first page.

    Raises RangeNotSatisfiable.
    """
    text = (header or "").strip()
    if not text:
        return Window()
    match = _RANGE.fullmatch(text)
    if not match:
        raise errors.RangeNotSatisfiable(f"The Range header could not be understood: {text!r}.")
    options = _options(match["options"] or "")
    return Window(
        attribute=match["attribute"],
        start=match["start"].strip(),
        start_open=match["after"] == "]",
        end=match["end"].strip(),
        end_open=match["before"] == "[",
        descending=options.get("order", "asc") == "desc",
        max=_max(options.get("max", str(DEFAULT_MAX))),
    )


def _options(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in re.split(r"[,;]", text):
        if part.strip():
            name, _, value = part.partition("=")
            found[name.strip()] = value.strip()
    if found.keys() - {"order", "max"} or found.get("order", "asc") not in ("asc", "desc"):
        raise errors.RangeNotSatisfiable("A Range may have the options order=asc|desc and max=N.")
    return found


def _max(text: str) -> int:
    if not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= LIMIT:
        raise errors.RangeNotSatisfiable(f"The max of a Range must be between 1 and {LIMIT}.")
    return int(text)


def renamed(header: str | None, aliases: Mapping[str, str]) -> str | None:
    """Return a Range header with its attribute by the name that the list has for it."""
    name, space, rest = (header or "").strip().partition(" ")
    return f"{aliases[name]}{space}{rest}" if name in aliases else header


def page(items: Sequence[Item], by: tuple[str, ...], header: str | None) -> Page:
    """Cut the page that the Range header asks for out of the whole list."""
    window = parse(header)
    if window.attribute is not None and window.attribute not in by:
        raise errors.RangeNotSatisfiable(
            f"This list can't be ranged by {window.attribute}, only by {', '.join(by)}."
        )
    chosen = _between(items, window) if window.attribute else list(items)
    headers = {"Accept-Ranges": ", ".join(by)}
    kept = chosen[: window.max]
    if len(chosen) == len(kept):
        return Page(kept, 200, headers)
    if window.attribute is None:
        # The rest can only be asked for by an attribute, so the first page has to be cut by it.
        return page(items, by, f"{by[0]} ..; max={window.max}")
    first, last = (_key(i, window.attribute) for i in (kept[0], kept[-1]))
    order = "order=desc," if window.descending else ""
    end = f"{window.end}{'[' if window.end_open else ''}"
    headers["Content-Range"] = f"{window.attribute} {first}..{last}"
    headers["Next-Range"] = f"{window.attribute} ]{last}..{end}; {order}max={window.max}"
    return Page(kept, 206, headers)


def _key(item: Item, attribute: str) -> Key:
    value = item[attribute] if isinstance(item, Mapping) else getattr(item, attribute)
    return value if isinstance(value, int) else str(value)


def _between(items: Sequence[Item], window: Window) -> list[Item]:
    attribute = window.attribute or ""
    ordered = sorted(items, key=lambda i: _key(i, attribute), reverse=window.descending)
    if not ordered:
        return []
    sample = _key(ordered[0], attribute)
    start, end = _bound(window.start, sample), _bound(window.end, sample)

    def inside(key: Key) -> bool:
        sign = -1 if window.descending else 1
        low = start is None or _compare(key, start) * sign >= (1 if window.start_open else 0)
        high = end is None or _compare(key, end) * sign <= (-1 if window.end_open else 0)
        return low and high

    return [i for i in ordered if inside(_key(i, attribute))]


def _bound(text: str, sample: Key) -> Key | None:
    if not text:
        return None
    if isinstance(sample, str):
        return text
    if not text.isdecimal() or len(text) > 18:
        raise errors.RangeNotSatisfiable(f"The bounds of this Range must be numbers, not {text!r}.")
    return int(text)


def _compare(a: Key, b: Key) -> int:
    if isinstance(a, int) and isinstance(b, int):
        return (a > b) - (a < b)
    return (str(a) > str(b)) - (str(a) < str(b))
