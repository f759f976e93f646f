"""help, commands, completion: what the command line tells of itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hatoba.cli import completion, registry
from hatoba.cli.command import Command
from tests.unit.cli.conftest import Shell

HEROKU = Path(sys.executable).parent / "heroku"


@pytest.mark.parametrize("name", registry.shown())
def test_each_command_has_a_summary_and_an_example_of_itself(name: str) -> None:
    made = registry.load(name)
    assert isinstance(made, Command)
    assert made.help
    names = [name, *(alias for alias, meant in registry.ALIASES.items() if meant == name)]
    assert any(
        f" {one}" in f" {line} ".replace('"$(', " ") for one in names for line in made.examples
    )


@pytest.mark.parametrize("name", sorted({registry.topic(name) for name in registry.shown()}))
def test_each_topic_says_what_it_is_about(name: str) -> None:
    assert (name in registry.TOPICS) != (name in registry.COMMANDS)


def test_help_of_a_topic_and_of_a_command(shell: Shell) -> None:
    topics = shell("help")
    assert "  redis " in topics.out
    assert "ps:scale" not in topics.out
    assert "ps:scale" in shell("help", "--all").out
    ps = shell("help", "ps")
    assert "Usage: heroku ps" in ps.out
    assert "ps:scale" in ps.out
    assert shell("help", "container").out.startswith("COMMANDS\n")
    assert "redis:timeout" in shell("help", "redis").out
    rollback = shell("help", "rollback").out
    assert "$ heroku rollback v42 -a harbour" in rollback
    assert "Also: heroku rollback" in rollback
    wrong = shell("help", "ps:scal")
    assert (wrong.code, "Did you mean ps:scale?" in wrong.err) == (2, True)


def test_commands_are_told_to_programs(shell: Shell) -> None:
    found = {one["id"]: one for one in json.loads(shell("commands", "--json").out)}
    assert found.keys() == set(registry.shown())
    scale = found["ps:scale"]
    assert "scale" in scale["aliases"]
    assert {"app", "yes", "plan", "json"} <= scale["flags"].keys()
    assert scale["examples"]


def test_what_is_of_herokus_own_says_so(shell: Shell) -> None:
    done = shell("spaces:create", "x")
    assert (done.code, "Private Spaces" in done.err) == (2, True)
    assert (shell("update").code, "pip install" in shell("update").err) == (1, True)
    assert shell("plugins").code == 0
    assert shell("plugins", "install", "x").code == 1
    assert "=== releases:rollback" in shell("which", "rollback").out
    assert shell("which", "nothing").code == 2
    assert "certs:add" in shell("search", "certificate").out
    assert shell("search", "xyzzy").code == 1


@pytest.mark.parametrize("shell_name", completion.SHELLS)
def test_a_script_for_each_shell(shell: Shell, shell_name: str) -> None:
    done = shell("completion", shell_name)
    assert (done.code, completion.VARIABLE in done.out) == (0, True)
    assert shell_name in shell("autocomplete", shell_name).out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_with_colons_and_options(tmp_path: Path) -> None:
    asks = (
        f'eval "$({HEROKU} completion bash)"; '
        "for words in 'heroku ps:sc' 'heroku apps:sta' 'heroku ps:scale --pl'; do "
        "COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); COMPREPLY=(); "
        '_heroku_completion heroku; echo "${COMPREPLY[@]}"; done'
    )
    env = {"PATH": f"{HEROKU.parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        ["bash", "--norc", "-c", asks], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["ps:scale", "apps:stacks apps:stacks:set", "--plan"]


def test_a_command_of_the_official_line_says_what_takes_its_place(shell: Shell) -> None:
    for arguments in (("orgs:open",), ("help", "orgs:open")):
        done = shell(*arguments)
        assert (done.code, "heroku members -t TEAM" in done.err) == (2, True), done
    assert "heroku addons:create heroku-postgresql" in shell("data:pg:create", "-a", "x").err
    assert shell("autocomplete:script", "bash").out == shell("completion", "bash").out
