"""What is no answer of a shape is told where it differs."""

from __future__ import annotations

import pytest

from conformance.shapes import Shape, differences


@pytest.mark.parametrize(
    ("shape", "answer", "told"),
    [
        ({"a": int}, {"a": 1, "b": 2}, []),
        ({"a": int}, {}, ["$ lacks a"]),
        ({"a": {"b": str}}, {"a": {"b": 1}}, ["$.a.b: str is wanted, not int"]),
        ({"a": int}, {"a": True}, ["$.a: int is wanted, not bool"]),
        ({"a": bool | None}, {"a": True}, []),
        ({"a": str | None}, {"a": None}, []),
        ([str], [], ["$: a list with something in it is wanted, not an empty list"]),
        ([str], ["x", 1], ["$[1]: str is wanted, not int"]),
        ([str], {"a": 1}, ["$: a list with something in it is wanted, not dict"]),
        (list, [], []),
        ({"a": str}, [], ["$: an object is wanted, not an empty list"]),
        (None, "anything", []),
    ],
)
def test_differences_are_told_with_their_place(
    shape: Shape, answer: object, told: list[str]
) -> None:
    assert list(differences(shape, answer)) == told
