"""Commands that only look."""

from __future__ import annotations

import json
import stat
import subprocess
import sys

import pytest

from tests.unit.cli.conftest import Shell
from tests.unit.fake_platform import FakePlatform


def test_ps_lists_dynos_by_type(shell: Shell) -> None:
    shell.platform.quantities["web"] = 2
    done = shell("ps", "-a", "harbour")
    assert done.code == 0
    assert done.out.splitlines()[0] == "=== web (basic): bin/web (2)"
    assert [line.split(" ")[:2] for line in done.out.splitlines()[2:4]] == [
        ["web.1:", "up"],
        ["web.2:", "up"],
    ]
    assert "App harbour (--app)" in done.err


def test_ps_of_a_type_that_does_not_run_fails(shell: Shell) -> None:
    done = shell("ps", "worker", "-a", "harbour")
    assert done.code == 1
    assert "No worker dynos on harbour" in done.err
    assert done.out == ""


def test_apps_lists_own_apps(shell: Shell) -> None:
    assert shell("apps").out == "=== ada@harbour.example Apps\n\nharbour\n"


def test_json_is_data_on_standard_output(shell: Shell) -> None:
    assert [d["name"] for d in json.loads(shell("ps", "-a", "harbour", "--json").out)] == ["web.1"]


def test_config_never_shows_a_value(shell: Shell) -> None:
    for arguments in (("config",), ("config", "-s"), ("config:get", "STRIPE_KEY")):
        done = shell(*arguments, "-a", "harbour")
        assert done.code == 0
        assert "••••" in done.out
        assert "sk_live_old" not in done.out + done.err


def test_config_in_shell_format_is_comments_so_that_a_redirect_does_no_harm(shell: Shell) -> None:
    lines = shell("config", "-s", "-a", "harbour").out.splitlines()
    assert lines
    assert all(line.startswith("# ") for line in lines)


def test_config_reveals_one_value_on_request(shell: Shell) -> None:
    done = shell("config:get", "STRIPE_KEY", "--reveal", "-a", "harbour")
    assert done.out == "sk_live_old\n"


def test_config_goes_to_a_private_file_without_being_shown(shell: Shell) -> None:
    done = shell("config", "--output", "vars.env", "-a", "harbour")
    path = shell.home / "vars.env"
    assert path.read_text() == "STRIPE_KEY=sk_live_old\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "sk_live_old" not in done.out + done.err


def test_unknown_command_suggests_another_and_exits_2(shell: Shell) -> None:
    done = shell("ps:scael")
    assert done.code == 2
    assert "Did you mean ps:scale?" in done.err


def test_unknown_app_is_one_clear_line(shell: Shell) -> None:
    done = shell("ps", "-a", "nowhere")
    assert done.code == 1
    assert "Couldn't find that" in done.err
    assert "Traceback" not in done.err


def test_missing_app_exits_2(shell: Shell) -> None:
    done = shell("ps")
    assert done.code == 2
    assert "-a, --app" in done.err


def test_no_platform_is_one_clear_line(shell: Shell) -> None:
    done = shell("apps", env={"HEROKU_HOST": "http://localhost:9"})
    assert done.code == 1
    assert "http://localhost:9 does not answer" in done.err


def test_heroku_app_names_the_app(shell: Shell) -> None:
    done = shell("ps", env={"HEROKU_APP": "harbour"})
    assert done.code == 0
    assert "App harbour (HEROKU_APP)" in done.err


def test_a_reader_that_leaves_is_no_error(shell: Shell) -> None:
    line = f"{sys.executable} -m hatoba.cli.main help 2>&1 >&3 3>&- | cat; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", f"exec 3> >(exec head -n 1 >/dev/null); {line}"],
        env=shell.env,
        cwd=shell.home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_another_character_set_is_no_error(shell: Shell) -> None:
    done = shell("config", "-a", "harbour", env={"PYTHONIOENCODING": "latin-1"})
    assert done.code == 0
    assert "\\u2022" in done.out


def test_a_file_that_is_not_there_is_said_in_words(shell: Shell) -> None:
    for command in (
        ("certs:add", "nope.pem", "nope.key", "-a", "harbour"),
        ("keys:add", "nope.pub"),
    ):
        done = shell(*command)
        assert done.code == 2
        assert "can't be read: No such file or directory." in done.err
        assert "Errno" not in done.err


def test_an_app_may_be_named_alone(shell: Shell) -> None:
    assert shell("apps:info", "harbour").out == shell("apps:info", "-a", "harbour").out
    assert "nowhere" in shell("info", "nowhere").err


def test_a_default_team_is_what_apps_are_listed_of(shell: Shell) -> None:
    team = {"HEROKU_TEAM": "crew"}
    assert "/teams/crew/apps" in shell("apps", env=team).err
    for own in (shell("apps", "-p", env=team), shell("apps")):
        assert (own.code, own.out.split()[-1]) == (0, "harbour")


def test_a_pipeline_is_found_by_the_git_remote_of_an_app(shell: Shell) -> None:
    done = shell("ci", "-r", "staging")
    assert done.code == 2
    assert "The git remote staging is not one of this platform." in done.err


@pytest.mark.parametrize("option", ["--ps", "--dyno"])
def test_a_log_of_a_dyno_that_is_none_says_so(shell: Shell, option: str) -> None:
    done = shell("logs", option, "nope", "-a", "harbour")
    assert (done.code, done.out) == (0, ""), done.err
    assert "harbour has no dyno and no process type nope. It has: web, worker, web.1" in done.err
    assert "No log lines of web yet." in shell("logs", option, "web", "-a", "harbour").err
    assert "no dyno" not in shell("logs", option, "router", "-a", "harbour").err


def test_log_lines_are_coloured_for_a_pipe_by_force_only(
    shell: Shell, platform: FakePlatform
) -> None:
    platform.log = ["2026-11-23T10:00:00+00:00 app[web.1]: hello"]
    assert shell("logs", "-a", "harbour").out == f"{platform.log[0]}\n"
    assert "\x1b[" in shell("logs", "--force-colors", "-a", "harbour").out
    assert shell("logs", "--force-colors", "--no-color", "-a", "harbour").code == 2
