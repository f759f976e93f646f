"""The table of commands, and what every command has."""

from __future__ import annotations

import pytest

from hatoba.cli import registry
from hatoba.cli.command import Command, PassThrough
from tests.unit.cli.conftest import Shell


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_no_option_hides_another(name: str) -> None:
    found = [parameter.name for parameter in registry.load(name).params]
    assert sorted(found, key=str) == sorted(set(found), key=str)


@pytest.mark.parametrize("name", registry.COMMANDS)
def test_every_command_is_there_with_help_and_an_example(name: str) -> None:
    command = registry.load(name)
    assert isinstance(command, Command)
    assert command.name == name
    assert command.help
    assert command.examples
    assert any("--json" in parameter.opts for parameter in command.params)


def test_every_alias_names_a_command() -> None:
    assert set(registry.ALIASES.values()) <= set(registry.COMMANDS)
    assert not set(registry.ALIASES) & set(registry.COMMANDS)


@pytest.mark.parametrize(
    ("typed", "meant"), [("ps:scael", "ps:scale"), ("confg", "config"), ("rolback", "rollback")]
)
def test_suggestions(typed: str, meant: str) -> None:
    assert registry.resolve(typed) is None
    assert registry.suggest(typed) == meant


def test_help_shows_examples(shell: Shell) -> None:
    done = shell("help", "ps:scale")
    assert done.code == 0
    assert "$ heroku ps:scale web=2 worker=1 -a harbour" in done.out
    assert done.out.startswith(shell("ps:scale", "--help").out)
    assert "Also: heroku dyno:scale, heroku scale" in done.out


def test_help_lists_every_command(shell: Shell) -> None:
    out = shell("help", "--all").out
    assert all(name in out for name in registry.COMMANDS if name not in registry.HIDDEN)


def test_unknown_option_exits_2_and_names_the_help(shell: Shell) -> None:
    done = shell("ps", "--nonsense", "-a", "harbour")
    assert done.code == 2
    assert "--nonsense" in done.err
    assert "See heroku ps --help" in done.err


def test_the_short_option_for_data_is_everywhere_but_with_foreign_words() -> None:
    for name in registry.COMMANDS:
        made = registry.load(name)
        spellings = {one for option in made.params for one in option.opts}
        assert ("-j" in spellings) is not isinstance(made, PassThrough), name
