"""Commands that change something: exit codes, what is printed where, and JSON."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from hatoba.cli import git_login
from tests.unit.cli.conftest import Shell


def test_scaling_up_is_done_verified_and_receipted(shell: Shell) -> None:
    done = shell("ps:scale", "web=2", "-a", "harbour")
    assert done.code == 0, done.err
    assert shell.platform.quantities["web"] == 2
    assert done.out == ""
    lines = done.err.splitlines()
    assert "Scaling... done" in lines
    assert "✓ formation is web=2:basic" in lines
    assert any(line.startswith("Undo: heroku ps:scale web=1:basic") for line in lines)


def test_scaling_without_arguments_shows_the_formation(shell: Shell) -> None:
    assert shell("ps:scale", "-a", "harbour").out == "web=1:basic worker=0:basic\n"


def test_risky_change_without_a_terminal_exits_3_with_a_plan(shell: Shell) -> None:
    arguments = ("config:set", "STRIPE_KEY=sk_new", "-a", "harbour")
    done = shell(*arguments)
    assert done.code == 3
    assert "Nothing was changed" in done.err
    assert "--plan p-1" in done.err
    assert shell.platform.config["STRIPE_KEY"] == "sk_live_old"
    again = shell(*arguments, "--plan", "p-1")
    assert again.code == 0, again.err
    assert shell.platform.config["STRIPE_KEY"] == "sk_new"
    assert "sk_new" not in done.err + done.out + again.err + again.out


def test_yes_goes_ahead(shell: Shell) -> None:
    assert shell("maintenance:on", "-a", "harbour", "--yes").code == 0
    assert shell("maintenance", "-a", "harbour").out == "on\n"


def test_json_of_a_change_is_its_receipt(shell: Shell) -> None:
    done = shell("ps:scale", "web=2", "-a", "harbour", "--json")
    receipt = json.loads(done.out)
    assert receipt["operation"] == "ps:scale"
    assert receipt["before"] == {"web": "1:basic"}
    assert receipt["after"] == {"web": "2:basic"}
    assert receipt["verified"] is True
    assert all(check["ok"] for check in receipt["checks"])
    assert receipt["receipt"] == "r0"


def test_json_of_a_refusal_is_the_review(shell: Shell) -> None:
    done = shell("config:unset", "STRIPE_KEY", "-a", "harbour", "--json")
    review = json.loads(done.out)
    assert done.code == 3
    assert review["changed"] is False
    assert review["plan"] == "p-1"


def test_not_verified_exits_4(shell: Shell) -> None:
    shell.platform.crash.add("web.2")
    done = shell("ps:scale", "web=2", "-a", "harbour")
    assert done.code == 4
    assert "✗ web.2 is up" in done.err


def test_values_can_come_from_standard_input(shell: Shell) -> None:
    lines = "# a comment\nexport A=1\nB='two words'\n\nC=x=y\n"
    done = shell("config:set", "--file", "-", "-a", "harbour", stdin=lines)
    assert done.code == 0, done.err
    assert {k: shell.platform.config[k] for k in "ABC"} == {"A": "1", "B": "two words", "C": "x=y"}


def test_a_word_that_is_no_pair_is_not_repeated(shell: Shell) -> None:
    done = shell("config:set", "sk_live_forgot_the_name", "-a", "harbour")
    assert done.code == 2
    assert "sk_live_forgot_the_name" not in done.err


def test_destroy_wants_the_name_and_removes_the_remote(shell: Shell) -> None:
    subprocess.run(["git", "init", "-q", shell.home], check=True)
    assert shell("git:remote", "-a", "harbour").code == 0
    assert shell("apps:destroy", "-a", "harbour").code == 3
    assert not shell.platform.destroyed
    done = shell("apps:destroy", "-a", "harbour", "--confirm", "harbour")
    assert done.code == 0, done.err
    assert shell.platform.destroyed
    remotes = subprocess.run(
        ["git", "remote"], cwd=shell.home, capture_output=True, text=True, check=True
    )
    assert remotes.stdout == ""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_git_remote_names_the_app_and_the_credential_helper(shell: Shell, scheme: str) -> None:
    subprocess.run(["git", "init", "-q", shell.home], check=True)
    done = shell("git:remote", "-a", "harbour")
    url = f"http://localhost:{shell.platform.port}/harbour.git"
    assert done.out == f"set git remote heroku to {url}\n"
    assert "App harbour (git remote heroku)" in shell("ps").err
    filled = subprocess.run(
        ["git", "credential", "fill"],
        cwd=shell.home,
        env={**shell.env, "GIT_TERMINAL_PROMPT": "0"},
        input=f"protocol={scheme}\nhost=localhost:{shell.platform.port}\n\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "username=heroku\npassword=a-token\n" in filled.stdout


def test_a_token_is_not_given_to_another_host(shell: Shell) -> None:
    question = "protocol=https\nhost=elsewhere.example\n\n"
    done = shell("git:credentials", "get", stdin=question)
    assert done.out == ""


def test_the_stored_login_is_answered_without_the_whole_command(shell: Shell) -> None:
    api = f"http://localhost:{shell.platform.port}"
    hosts = shell.home / "hosts.json"
    hosts.write_text(json.dumps({api: {"api_url": api, "email": "a@b.c", "token": "quick"}}))

    def answer(host: str) -> str:
        return subprocess.run(
            [sys.executable, "-IS", git_login.__file__, str(hosts), api, "get"],
            input=f"protocol=http\nhost={host}\n",
            env=shell.env,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert "password=quick\n" in answer(f"localhost:{shell.platform.port}")
    assert answer("elsewhere.example") == ""


@pytest.mark.parametrize("command", ["buildpacks:add", "buildpacks:set"])
def test_a_buildpack_that_no_build_would_find_is_refused(shell: Shell, command: str) -> None:
    done = shell(command, "heroku/pyton", "-a", "harbour")
    assert done.code == 2
    assert "heroku/pyton is not in the buildpack registry, which has heroku/python." in done.err


@pytest.mark.parametrize("command", ["features:enable", "labs:enable", "features:info"])
def test_a_feature_that_is_none_is_looked_up_next(shell: Shell, command: str) -> None:
    done = shell(command, "nope", "-a", "harbour")
    assert done.code == 1
    assert "You asked for nope. See which there are: heroku features -a harbour" in done.err


def test_a_source_without_app_json_is_not_sent(shell: Shell) -> None:
    (shell.home / "empty").mkdir()
    done = shell("apps:setup", "dock", "--source", "empty")
    assert (done.code, "There is no app.json at the root of empty" in done.err) == (2, True)
    assert shell.platform.requests == []
