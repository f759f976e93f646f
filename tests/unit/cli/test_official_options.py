"""Every option of the official command line is taken here too, or its error says why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from hatoba.cli import elsewhere, registry
from tests.unit.cli.conftest import Shell

_MANIFEST = Path(__file__).parents[3] / ".official-cli/node_modules/heroku/oclif.manifest.json"


def _official() -> dict[str, Any]:
    """Return the official commands by name. What they hide from their own help is left alone."""
    if not _MANIFEST.exists():
        pytest.skip("the official command line is not installed here")
    found: dict[str, Any] = json.loads(_MANIFEST.read_text())["commands"]
    return found


def _taken(name: str) -> dict[str, bool]:
    """Return each spelling of a command's options, and whether it is a switch."""
    options = [one for one in registry.load(name).params if isinstance(one, click.Option)]
    return {spelling: one.is_flag for one in options for spelling in one.opts}


def _missing() -> set[tuple[str, str]]:
    """Return what is not taken as the official command takes it: command and spelling."""
    missing = set()
    for name, about in _official().items():
        ours = registry.resolve(name)
        if ours is None:
            continue
        taken = _taken(ours)
        for long, option in about["flags"].items():
            short = [f"-{option['char']}"] if option.get("char") else []
            if option.get("hidden"):
                continue
            for one in (f"--{long}", *short):
                if taken.get(one) is not (option["type"] == "boolean"):
                    missing.add((name, one))
    return missing


def test_every_official_option_is_taken_or_its_error_says_why_not() -> None:
    assert {one for one in _missing() if elsewhere.option_reason(*one) is None} == set()


def test_what_has_a_reason_is_still_missing() -> None:
    missing = {key for name, one in _missing() for key in (one, f"{name} {one}")}
    assert elsewhere.OPTIONS.keys() <= missing


def test_an_option_that_is_not_here_says_why(shell: Shell) -> None:
    for option in ("-e", "--extensions"):
        done = shell("pg:backups:restore", option, "pg_trgm", "-a", "harbour")
        assert (done.code, "A dump here makes the extensions" in done.err) == (2, True), done
    assert "See heroku ps --help" in shell("ps", "--nope").err
    assert "an error names it" in shell("ps", "--prompt").err


def test_every_official_command_is_there_or_says_what_takes_its_place() -> None:
    missing = {name for name in _official() if registry.resolve(name) is None}
    assert {name for name in missing if elsewhere.reason(name) is None} == set()
    assert {name for name in elsewhere.REASONS if registry.resolve(name)} == {"plugins"}


def test_every_other_name_of_an_official_command_leads_to_ours_too() -> None:
    others = {
        other: registry.resolve(name)
        for name, about in _official().items()
        for other in about.get("aliases", [])
        if registry.resolve(name)
    }
    assert {other: registry.resolve(other) for other in others} == others
