"""Options of the ci commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hatoba.cli.commands.ci import preparation
from tests.unit.cli.conftest import Shell


@pytest.mark.parametrize(
    ("manifest", "script"),
    [
        (None, None),
        ({}, None),
        ({"scripts": {"test": "make"}}, None),
        ({"scripts": {"test-setup": "seed"}}, "seed"),
        (
            {
                "scripts": {"test-setup": "seed"},
                "environments": {"test": {"scripts": {"test-setup": {"command": "own"}}}},
            },
            "own",
        ),
    ],
)
def test_tests_are_prepared_by_the_script_of_app_json(
    manifest: dict[str, Any] | None, script: str | None
) -> None:
    assert preparation(None if manifest is None else json.dumps(manifest)) == script


def test_there_is_one_node(shell: Shell) -> None:
    refused = shell("ci:info", "1", "--node", "3", "-p", "harbour")
    assert (refused.code, "'3' is not '0'" in refused.err) == (2, True)
