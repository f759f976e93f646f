"""Webhooks' rules: one change a transaction, what an attempt leads to, signatures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from hatoba.model.webhook import Change, include_problem, merged, signature, url_problem

AT = datetime(2026, 11, 27, tzinfo=UTC)
APP = uuid4()


def change(action: str, quantity: int, before: int | None = None, row: str = "1") -> Change:
    previous = {} if before is None else {"id": row, "quantity": before}
    return Change(
        1, APP, "formation", action, {"id": row, "quantity": quantity}, previous, None, AT
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([change("create", 1), change("update", 2, 1)], [("create", 2, {})]),
        ([change("update", 2, 1), change("update", 3, 2)], [("update", 3, {"quantity": 1})]),
        ([change("create", 1), change("destroy", 1)], []),
        ([change("update", 2, 1), change("destroy", 2)], [("destroy", 2, {"quantity": 1})]),
        ([change("create", 1), change("create", 1, row="2")], [("create", 1, {})] * 2),
    ],
)
def test_a_transaction_tells_of_a_row_once(changes: list[Change], told: list[object]) -> None:
    found = merged(changes)
    assert [
        (c.action, c.data["quantity"], {k: v for k, v in c.previous.items() if k != "id"})
        for c in found
    ] == told


def test_two_transactions_tell_twice() -> None:
    later = replace(change("update", 3, 2), at=AT + timedelta(seconds=1))
    assert merged([change("update", 2, 1), later]) == [change("update", 2, 1), later]


def test_the_signature_is_what_receivers_compute() -> None:
    assert signature("secret", b"{}") == "dzJZAsrKgS3CWXM6rNBGtzgXNyx3e42VtAJkdHRRbhM="


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.example/a?b=c", True),
        ("http://127.0.0.1:9000", True),
        ("http://[::1]:9000/", True),
        ("http://hooks.example:0/", False),
        ("http://hooks.example:99999/", False),
        ("file:///etc/passwd", False),
        ("https://user@hooks.example/", False),
        ("https://hooks.example/ x", False),
        ("hooks.example", False),
    ],
)
def test_where_a_webhook_may_lead(url: str, good: bool) -> None:
    assert (url_problem(url) is None) is good


def test_what_it_may_be_about() -> None:
    assert include_problem(["api:app", "dyno"]) is None
    assert "api:moon" in (include_problem(["api:moon"]) or "")
    assert include_problem([]) is not None
