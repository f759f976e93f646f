"""What the diagnostic commands ask, cut or with another number of rows."""

from __future__ import annotations

import pytest

from hatoba.cli.queries import QUERIES


@pytest.mark.parametrize("name", ["pg:calls", "pg:locks", "pg:outliers"])
def test_long_statements_are_cut_where_that_is_wished(name: str) -> None:
    query = QUERIES[name]
    assert query.asking() == query.sql
    assert query.asking(truncate=True).count("left(") == 1
    assert query.asking(truncate=True) != query.sql


def test_as_many_outliers_as_wished() -> None:
    outliers = QUERIES["pg:outliers"]
    assert "LIMIT 10\n" in outliers.asking()
    assert "LIMIT 25\n" in outliers.asking(number=25)
    assert "LIMIT 10\n" not in outliers.asking(number=25)
