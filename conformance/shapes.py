"""Shapes of answers: which fields a client reads, and of what type each must be.

A dict names fields that must be there (others may be); ``[shape]`` is a list with something in
it, each item of that shape; the type ``list`` alone is a list that may be empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import TypeAlias

Shape: TypeAlias = "type | UnionType | dict[str, Shape] | list[Shape] | None"


def differences(shape: Shape, answer: object, at: str = "$") -> Iterator[str]:
    """Yield in what an answer is not of a shape; ``None`` as a shape takes any."""
    if isinstance(shape, dict):
        yield from _fields(shape, answer, at)
    elif isinstance(shape, list):
        if not isinstance(answer, list) or not answer:
            yield f"{at}: a list with something in it is wanted, not {_kind(answer)}"
            return
        for number, item in enumerate(answer):
            yield from differences(shape[0], item, f"{at}[{number}]")
    elif shape is not None and not _is(shape, answer):
        yield f"{at}: {_named(shape)} is wanted, not {_kind(answer)}"


def _fields(shape: dict[str, Shape], answer: object, at: str) -> Iterator[str]:
    if not isinstance(answer, dict):
        yield f"{at}: an object is wanted, not {_kind(answer)}"
        return
    for name, inner in shape.items():
        if name not in answer:
            yield f"{at} lacks {name}"
        else:
            yield from differences(inner, answer[name], f"{at}.{name}")


def _is(shape: type | UnionType, answer: object) -> bool:
    # To Python a truth value is a number, to a client in JavaScript it isn't.
    if isinstance(answer, bool):
        return shape is bool or (isinstance(shape, UnionType) and bool in shape.__args__)
    return isinstance(answer, shape)


def _named(shape: type | UnionType) -> str:
    return shape.__name__ if isinstance(shape, type) else str(shape)


def _kind(answer: object) -> str:
    if isinstance(answer, list):
        return "an empty list" if not answer else "a list"
    return type(answer).__name__
