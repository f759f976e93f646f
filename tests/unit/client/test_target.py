"""Which platform is found, and that its token goes nowhere else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hatoba.client import credentials, target
from hatoba.client.credentials import Login
from hatoba.settings import load_client


def find(home: Path, **env: str) -> target.Target:
    data = {"HOME": str(home), "HATOBA_DATA_DIR": str(home / "data")}
    return target.find(load_client({**data, **env}))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("heroku.com", "https://api.heroku.com"),
        ("http://localhost:5055", "http://localhost:5055"),
        ("https://localhost:8443/", "https://localhost:8443"),
        ("localhost:8080", "http://localhost:8080"),
    ],
)
def test_heroku_host_names_the_api(tmp_path: Path, host: str, url: str) -> None:
    assert find(tmp_path, HEROKU_HOST=host).api_url == url


def test_the_port_names_a_hatoba(tmp_path: Path) -> None:
    assert find(tmp_path, HATOBA_PORT="8090").api_url == "http://localhost:8090"
    assert find(tmp_path).api_url == "http://localhost:8080"


def test_the_data_folder_names_a_hatoba_and_its_token(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "login.json").write_text(
        '{"api_url": "http://localhost:8123", "email": "a@b.c", "token": "own", "ca": null}'
    )
    found = find(tmp_path)
    assert (found.api_url, found.token) == ("http://localhost:8123", "own")
    assert find(tmp_path, HEROKU_HOST="heroku.com").token is None
    assert find(tmp_path, HATOBA_PORT="9000").token is None


def test_the_stored_token_is_for_its_url_alone_and_private(tmp_path: Path) -> None:
    config = tmp_path / ".config" / "hatoba"
    path = credentials.store(config, Login("http://localhost:8090", "a@b.c", "kept"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert find(tmp_path, HATOBA_PORT="8090").token == "kept"
    assert find(tmp_path, HATOBA_PORT="8091").token is None
    assert find(tmp_path, HATOBA_PORT="8090", HEROKU_API_KEY="said").token == "said"
    assert credentials.forget(config, "http://localhost:8090")
    assert find(tmp_path, HATOBA_PORT="8090").token is None


def test_the_only_platform_of_this_machine_with_a_login_is_meant(tmp_path: Path) -> None:
    config = tmp_path / ".config" / "hatoba"
    credentials.store(config, Login("https://api.heroku.com", "a@b.c", "theirs"))
    assert find(tmp_path).api_url == "http://localhost:8080"
    credentials.store(config, Login("http://localhost:8090", "a@b.c", "kept"))
    found = find(tmp_path)
    assert (found.api_url, found.token) == ("http://localhost:8090", "kept")
    credentials.store(config, Login("http://localhost:8091", "a@b.c", "other"))
    assert find(tmp_path).api_url == "http://localhost:8080"


def test_netrc_is_read_as_the_official_command_writes_it(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine localhost:8090 login a@b.c password net\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert find(tmp_path, HATOBA_PORT="8090").token == "net"


def test_a_token_is_not_in_the_representation(tmp_path: Path) -> None:
    assert "said" not in repr(find(tmp_path, HEROKU_API_KEY="said"))


def test_git_hosts(tmp_path: Path) -> None:
    assert find(tmp_path).git_url("harbour") == "http://localhost:8080/harbour.git"
    heroku = find(tmp_path, HEROKU_HOST="heroku.com")
    assert heroku.git_url("harbour") == "https://git.heroku.com/harbour.git"
