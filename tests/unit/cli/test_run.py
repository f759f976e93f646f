"""heroku run: output, input and exit code over a rendezvous with TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Shell
from tests.unit.cli.rendezvous import Rendezvous
from tests.unit.fake_platform import FakePlatform


@pytest.fixture
def rendezvous(shell: Shell, tmp_path: Path) -> Iterator[Rendezvous]:
    made = Rendezvous(tmp_path)
    shell.platform.attach = made.expect
    api_url = shell.env["HEROKU_HOST"]
    login = {"api_url": api_url, "email": "a@b.c", "token": "a-token", "ca": str(made.ca)}
    config = tmp_path / ".config/hatoba"
    config.mkdir(parents=True)
    (config / "hosts.json").write_text(json.dumps({api_url: login}))
    yield made
    made.close()


def _asked(platform: FakePlatform) -> dict[str, Any]:
    body: dict[str, Any] = next(b for m, p, b in platform.requests if (m, p) == RUN)
    return body


RUN = ("POST", "/apps/harbour/dynos")


def test_output_and_exit_code_are_the_commands_own(shell: Shell, rendezvous: Rendezvous) -> None:
    done = shell("run", "-a", "harbour", "--", "echo hello && exit 7")
    assert (done.code, done.out) == (7, "hello\n"), done.err
    assert rendezvous.secrets == ["a-secret"]
    assert "Running echo hello && exit 7 on harbour... up, run.1 (basic)" in done.err


def test_options_stand_anywhere_and_foreign_ones_are_left_alone(
    shell: Shell, rendezvous: Rendezvous
) -> None:
    done = shell("run", "ls", "-la", "--all", "/tmp", "-a", "harbour", "-x", "-e", "A=1;B=2")
    assert done.code == 0, done.err
    asked = _asked(shell.platform)
    assert asked["command"].startswith("( ls -la --all /tmp ) ; echo ")
    assert asked["env"] == {"A": "1", "B": "2"}
    assert asked["attach"] is True
    assert asked["force_no_tty"] is True


def test_input_is_handed_over_whole(shell: Shell, rendezvous: Rendezvous) -> None:
    text = "line\n" * 200_000
    done = shell("run", "cat", "-a", "harbour", stdin=text)
    assert done.code == 0, done.err
    assert done.out == text


def test_a_platform_with_another_certificate_is_refused(
    shell: Shell, rendezvous: Rendezvous
) -> None:
    (shell.home / ".config/hatoba/hosts.json").unlink()
    done = shell("run", "true", "-a", "harbour")
    assert done.code == 1
    assert "certificate verify failed" in done.err.lower()
    assert rendezvous.secrets == []


def test_nothing_to_run_is_wrong_usage(shell: Shell) -> None:
    assert shell("run", "-a", "harbour").code == 2


def test_detached_names_the_dyno_and_its_log(shell: Shell) -> None:
    done = shell("run:detached", "sleep 1", "-a", "harbour")
    assert done.code == 0
    assert "heroku logs --dyno run.1 -a harbour" in done.err
    assert _asked(shell.platform)["command"] == "sleep 1"
