"""What people write behind ps:scale and ps:type."""

from __future__ import annotations

import pytest

from hatoba.errors import UsageError
from hatoba.operations.formation import Wish, parse_scale, parse_sizes


@pytest.mark.parametrize(
    ("word", "wish"),
    [
        ("web=2", Wish("web", quantity=2)),
        ("web=0", Wish("web", quantity=0)),
        ("worker+1", Wish("worker", step=1)),
        ("worker-2", Wish("worker", step=-2)),
        ("web-api=3", Wish("web-api", quantity=3)),
        ("worker=1:standard-2x", Wish("worker", quantity=1, size="standard-2x")),
        ("web+1:Basic", Wish("web", step=1, size="Basic")),
    ],
)
def test_scale_words(word: str, wish: Wish) -> None:
    assert parse_scale([word]) == [wish]


@pytest.mark.parametrize("word", ["web", "web=", "web=two", "=2", "web=2:", "web==2", "web=-1"])
def test_words_that_are_not_scale_words(word: str) -> None:
    with pytest.raises(UsageError, match="web=2:basic"):
        parse_scale([word])


def test_one_size_is_for_every_type() -> None:
    assert parse_sizes(["basic"], ["web", "worker"]) == [
        Wish("web", size="basic"),
        Wish("worker", size="basic"),
    ]


def test_sizes_by_type() -> None:
    assert parse_sizes(["web=standard-1x"], ["web"]) == [Wish("web", size="standard-1x")]
    with pytest.raises(UsageError):
        parse_sizes(["web=1", "worker=basic"], ["web", "worker"])
