"""Every option of the official command line is taken here too, or is left out for a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from hatoba.cli import elsewhere, registry

_MANIFEST = Path(__file__).parents[3] / ".official-cli/node_modules/heroku/oclif.manifest.json"

# An option, alone or behind its command -> why it is not taken.
_LEFT_OUT = {
    "--prompt": "is oclif's way to ask for what is missing; here a usage error names it",
    "--space": "an app here has no Private Space",
    "apps:transfer --bulk": "asks which apps, at a terminal; apps:transfer:bulk is told them",
    "authorizations:update --client-id": "an authorization's client is never another one here",
    "authorizations:update --client-secret": "an authorization's client is never another one here",
    "certs:info --endpoint": "names an SSL endpoint, an add-on that was before SNI",
    "certs:remove --endpoint": "names an SSL endpoint, an add-on that was before SNI",
    "certs:update --endpoint": "names an SSL endpoint, an add-on that was before SNI",
    "data:pg:settings --set": "sets parameters of the Advanced tier, which isn't here",
    "orgs --enterprise": "chooses teams of an enterprise account, which isn't here",
    "pg:backups:restore --extensions": "prepares what a dump here creates by itself",
    "ps:autoscale:enable --notifications": "is about e-mail, which the platform does not send",
}


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


def _missing() -> dict[str, str]:
    """Return what is not taken as the official command takes it: by command and option."""
    missing = {}
    for name, about in _official().items():
        ours = registry.resolve(name)
        if ours is None:
            continue
        taken = _taken(ours)
        for long, option in about["flags"].items():
            short = [f"-{option['char']}"] if option.get("char") else []
            if option.get("hidden"):
                continue
            wrong = [
                one
                for one in (f"--{long}", *short)
                if taken.get(one) is not (option["type"] == "boolean")
            ]
            if wrong:
                missing[f"{name} --{long}"] = ", ".join(wrong)
    return missing


def _keys(missing: str) -> tuple[str, str]:
    return missing, missing.rpartition(" ")[2]


def test_every_official_option_is_taken_or_left_out_for_a_reason() -> None:
    unexplained = {
        one: how for one, how in _missing().items() if not {*_keys(one)} & _LEFT_OUT.keys()
    }
    assert unexplained == {}


def test_what_is_left_out_for_a_reason_is_still_missing() -> None:
    assert {key for one in _missing() for key in _keys(one)} >= _LEFT_OUT.keys()


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
