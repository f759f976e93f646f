"""up, down, env and the like, as far as they need no daemon."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
from pathlib import Path

import pytest

from hatoba.client import target
from hatoba.kit import process
from hatoba.settings import chosen, load_client
from tests.unit.cli.conftest import Shell

PEM = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n"


def test_a_taken_port_is_one_clear_line(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = shell("up", "--detach", "--port", port, "--data-dir", "data")
    assert done.code == 1
    assert f"Port {port} is taken by another program." in done.err
    assert "Traceback" not in done.err


def test_a_folder_that_cannot_be_made_is_one_clear_line(shell: Shell) -> None:
    (shell.home / "file").write_text("not a folder")
    done = shell("up", "--detach", "--data-dir", "file/data")
    assert done.code == 1
    assert "can't be used" in done.err
    assert "Traceback" not in done.err


def test_a_bad_port_in_the_environment_is_wrong_usage(shell: Shell) -> None:
    done = shell("apps", env={"HATOBA_PORT": "eighty"})
    assert done.code == 2
    assert "HATOBA_PORT must be a port number" in done.err


def test_down_without_a_platform_says_so(shell: Shell) -> None:
    done = shell("down", "--data-dir", "data")
    assert done.code == 0
    assert "Hatoba is not up" in done.err


def test_down_names_what_a_dead_daemon_has_left_behind(shell: Shell) -> None:
    runtime = chosen(shell.home / "data", None, None).runtime_dir
    runtime.mkdir()
    own = process.identify(os.getpid())
    assert own is not None
    try:
        (runtime / "postgres.json").write_text(json.dumps({"pid": own.pid, "started": own.started}))
        (runtime / "relay.json").write_text(json.dumps({"pid": own.pid, "started": 1}))
        done = shell("down", "--data-dir", "data")
    finally:
        shutil.rmtree(runtime)
    assert done.code == 1
    assert f"left behind: postgres ({own.pid}); dynos" in done.err
    assert "hatoba up" in done.err


def test_up_does_not_call_a_daemon_that_keeps_dying_up(shell: Shell) -> None:
    where = chosen(shell.home / "data", None, None)
    where.log_file.parent.mkdir(parents=True)
    where.log_file.write_text("MemoryError\nkeeper: hatobad ended with status 1 after 2 s\n")
    where.runtime_dir.mkdir()
    own = process.identify(os.getpid())
    assert own is not None
    keeper = {"pid": own.pid, "started": own.started}
    state = {"keeper": keeper, "daemon": {"pid": own.pid, "started": 1}, "deaths": 4}
    try:
        (where.runtime_dir / "keeper.json").write_text(json.dumps(state))
        done = shell("up", "--detach", "--data-dir", "data")
    finally:
        shutil.rmtree(where.runtime_dir)
    assert done.code == 1
    assert "hatobad has ended 4 times in a row" in done.err
    assert "MemoryError" in done.err


def test_status_without_a_platform_exits_1(shell: Shell) -> None:
    done = shell("status", "--json", env={"HEROKU_HOST": "http://localhost:9"})
    assert done.code == 1
    assert json.loads(done.out)["ready"] is False


def test_env_points_the_official_command_here(shell: Shell) -> None:
    done = shell("env", env={"NO_PROXY": "internal.example"})
    url = f"http://localhost:{shell.platform.port}"
    lines = done.out.splitlines()
    assert f"export HEROKU_HOST={url}" in lines
    assert "export HEROKU_DATA_HOST=localhost" in lines
    assert f"export HEROKU_PARTICLEBOARD_URL={url}" in lines
    assert "export HEROKU_API_KEY=a-token" in lines
    assert "export NO_PROXY=internal.example,localhost,127.0.0.1,.localhost" in lines
    script = Path(shell.env["HOME"]) / ".config/hatoba/heroku-hosts.cjs"
    assert f"""export NODE_OPTIONS='--require="{script}"'""" in lines
    assert "particleboard.heroku.com" in script.read_text()
    again = shell("env", env={"NODE_OPTIONS": "--no-deprecation"}).out.splitlines()
    assert any(line.startswith("export NODE_OPTIONS='--no-deprecation --require") for line in again)


def test_git_trusts_the_machines_authorities_too(shell: Shell, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text(PEM)
    api_url = shell.env["HEROKU_HOST"]
    login = {"api_url": api_url, "email": "a@b.c", "token": "a-token", "ca": str(ca)}
    config = tmp_path / ".config/hatoba"
    config.mkdir(parents=True)
    (config / "hosts.json").write_text(json.dumps({api_url: login}))
    lines = dict(line.split("=", 1) for line in shell("env").out.splitlines())
    assert lines["export NODE_EXTRA_CA_CERTS"] == str(ca)
    assert Path(lines["export GIT_SSL_CAINFO"]).read_text().endswith(PEM)


def test_env_for_heroku_itself_is_refused(shell: Shell) -> None:
    done = shell("env", env={"HEROKU_HOST": "heroku.com"})
    assert done.code == 1
    assert done.out == ""


def test_login_tries_the_token_and_keeps_it_private(shell: Shell) -> None:
    del shell.env["HEROKU_API_KEY"]
    assert shell("auth:whoami").code == 1
    done = shell("login", "--token-stdin", stdin="a-token\n")
    assert done.code == 0, done.err
    path = shell.home / ".config/hatoba/hosts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shell("whoami").out == "ada@harbour.example\n"
    assert "a-token" not in shell("auth:token").out
    assert shell("auth:token", "--reveal").out == "a-token\n"
    assert shell("logout").code == 0
    assert shell("whoami").code == 1


def test_the_command_line_speaks_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HATOBA_PORT", "9001")
    assert chosen(None, None, None).port == 9001
    assert chosen(Path("/d"), 9002, "local").port == 9002


def test_a_platforms_token_is_not_for_another_port(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "HATOBA_DATA_DIR": str(tmp_path), "HATOBA_PORT": "9001"}
    (tmp_path / "login.json").write_text(
        '{"api_url": "http://localhost:9002", "email": "a@b.c", "token": "t", "ca": null}'
    )
    assert target.find(load_client(env)).token is None
