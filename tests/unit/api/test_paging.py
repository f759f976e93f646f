"""Ranges: what a page has, and that all pages together have everything once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba import errors
from hatoba.api.paging import DEFAULT_MAX, Item, page

BY = ("id", "version", "name")


def _items(count: int) -> list[Item]:
    return [{"id": f"{n:04}", "version": n, "name": f"n{count - n:04}"} for n in range(count)]


def _versions(items: object) -> list[int]:
    return [i["version"] for i in items]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ("version ..; max=3", [0, 1, 2]),
        ("version ..; max=3;", [0, 1, 2]),
        ("version ..; max=2, order=desc", [9, 8]),
        ("version ..; order=desc,max=1", [9]),
        ("version ..; order=desc", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("version 7..", [7, 8, 9]),
        ("version ]7..", [8, 9]),
        ("version 2..4", [2, 3, 4]),
        ("version 2..4[", [2, 3]),
        ("version ]4..; order=desc", [3, 2, 1, 0]),
        ("id ]0007..; max=1000;", [8, 9]),
        ("name ..n0002", [9, 8]),
    ],
)
def test_range(header: str, versions: list[int]) -> None:
    assert _versions(page(_items(10), BY, header).items) == versions


@pytest.mark.parametrize("header", [None, "", "   "])
def test_without_a_range_the_list_keeps_its_order(header: str | None) -> None:
    items = list(reversed(_items(10)))
    got = page(items, BY, header)
    assert (got.items, got.status) == (items, 200)
    assert "Next-Range" not in got.headers


@pytest.mark.parametrize(
    "header",
    [
        "nonsense",
        "bytes=0-5",
        "shoe ..",
        "version x..",
        "version ²..",
        "version ..; max=0",
        "id ..; max=1001",
        "id ..; max=ten",
        "id ..; max=²",
        "id ..; order=up",
        "id ..; sort=asc",
    ],
)
def test_bad_ranges_are_refused(header: str) -> None:
    with pytest.raises(errors.RangeNotSatisfiable):
        page(_items(3), BY, header)


def test_empty_list_has_an_empty_page_whatever_the_bounds() -> None:
    got = page((), ("seq",), "seq 5..; order=desc,max=1000")
    assert (list(got.items), got.status) == ([], 200)


@given(
    count=st.integers(0, 450),
    size=st.integers(1, 300),
    attribute=st.sampled_from(BY),
    descending=st.booleans(),
)
def test_pages_join_to_the_whole_list(
    count: int, size: int, attribute: str, descending: bool
) -> None:
    items = _items(count)
    header: str | None = f"{attribute} ..; {'order=desc,' if descending else ''}max={size}"
    joined: list[Item] = []
    while header:
        got = page(items, BY, header)
        joined += got.items
        header = got.headers.get("Next-Range")
        assert got.status == (206 if header else 200)
    versions = _versions(joined)
    rising = (attribute == "name") == descending
    assert versions == sorted(range(count), reverse=not rising)


def test_long_list_is_cut_without_being_asked() -> None:
    got = page(_items(DEFAULT_MAX + 1), ("version", "id"), None)
    assert len(got.items) == DEFAULT_MAX
    assert got.headers["Next-Range"] == f"version ]{DEFAULT_MAX - 1}..; max={DEFAULT_MAX}"
