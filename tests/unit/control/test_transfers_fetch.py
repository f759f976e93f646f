"""Dumps that are fetched from somewhere else."""

from __future__ import annotations

import pytest

from hatoba import errors
from hatoba.control.transfers_fetch import fetch


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:1/a.dump?key=sekrit", "Connection refused"),
        ("ftp://localhost/sekrit", "URLSchemeUnknown"),
    ],
)
async def test_why_a_dump_can_not_be_fetched_is_told_without_its_url(url: str, why: str) -> None:
    with pytest.raises(errors.InvalidParams, match=why) as caught:
        await anext(fetch(url))
    assert "sekrit" not in str(caught.value)
