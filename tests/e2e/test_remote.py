"""A platform with a public name, used from "elsewhere": the own command by its TLS address, the
official one, git and scripts by ``hatoba connect``."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import BIN, NODE, Done, Platform, free_port

DOMAIN = "paas.localhost"


class Elsewhere:
    """A machine that knows nothing of the platform but its address and a token."""

    def __init__(self, platform: Platform, home: Path) -> None:
        self.platform = platform
        self.url = f"https://{DOMAIN}:{platform.port}"
        login = json.loads((platform.folder / "data/login.json").read_text())
        home.mkdir()
        self.env = {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "HATOBA_DATA_DIR": str(home / "nothing"),
            "HATOBA_PORT": "1",
            "HATOBA_CA": login["ca"],
        }
        self.token = login["token"]
        self.run("heroku", "login", "--token-stdin", direct=True, stdin=f"{self.token}\n").ok()

    def run(
        self, *argv: str, direct: bool = False, stdin: str = "", cwd: Path | None = None
    ) -> Done:
        env = {**self.env, **({"HEROKU_HOST": self.url} if direct else {})}
        program, *rest = argv
        own = str(BIN / program) if program in ("heroku", "hatoba") else program
        return self.platform.command(own, *rest, env=env, stdin=stdin, cwd=cwd, timeout=180)

    def connected(self, *argv: str, cwd: Path | None = None, stdin: str = "") -> Done:
        port = str(free_port())
        return self.run(
            "hatoba", "connect", self.url, "--port", port, "--", *argv, cwd=cwd, stdin=stdin
        )


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    folder = tmp_path_factory.mktemp("remote")
    platform = Platform.up(folder, more={"HATOBA_DOMAIN": DOMAIN})
    yield Elsewhere(platform, folder / "elsewhere")
    platform.down()


def test_the_own_command_goes_there_directly(elsewhere: Elsewhere) -> None:
    platform = elsewhere.platform
    repo = platform.repo("worker", "pier")
    elsewhere.run("heroku", "apps:create", "pier", direct=True, cwd=repo).ok()
    remote = platform.git("remote", "get-url", "heroku", cwd=repo).ok().out.strip()
    assert remote == f"https://{DOMAIN}:{platform.port}/pier.git"
    info = json.loads(
        elsewhere.run("heroku", "apps:info", "-a", "pier", "--json", direct=True).ok().out
    )
    assert info["app"]["web_url"] == f"https://pier.{DOMAIN}:{platform.port}/"
    refused = elsewhere.run("heroku", "apps", direct=False).all
    assert "paas" not in refused
    plain = platform.command(
        str(BIN / "heroku"), "apps", env={**elsewhere.env, "HEROKU_HOST": "http://paas.example.com"}
    )
    assert plain.status == 1
    assert "over TLS only" in plain.err


def test_the_official_command_and_git_go_through_a_local_port(
    elsewhere: Elsewhere, official_cli: Path
) -> None:
    platform = elsewhere.platform
    repo = platform.repo("flask-guestbook", "harbour")
    script = """
        set -e
        heroku() { "$OFFICIAL" "$@"; }
        heroku apps:create harbour
        heroku config:set GREETING=Ahoy -a harbour
        git push heroku main
        heroku run -x -a harbour -- 'echo 6 times 7 is $((6*7)); exit 7' || echo "exit code $?"
        heroku logs -a harbour -n 20
        heroku releases:output -a harbour
    """
    helper = elsewhere.platform.folder / "bin"
    helper.mkdir()
    (helper / "heroku").symlink_to(official_cli)
    path = f"{helper}:{NODE}:{platform.env['PATH']}"
    elsewhere.env |= {"OFFICIAL": str(official_cli), "PATH": path}
    done = elsewhere.connected("bash", "-c", script, cwd=repo).ok()
    assert "Verifying deploy... done." in done.all
    assert "6 times 7 is 42" in done.out
    assert "exit code 7" in done.out
    assert "heroku[web.1]: State changed from starting to up" in done.out
    assert elsewhere.token not in done.all
    answer = platform.get("harbour", headers={"Host": f"harbour.{DOMAIN}"})
    assert answer.status == 200


def test_run_sessions_are_carried_by_the_one_port(elsewhere: Elsewhere) -> None:
    done = elsewhere.run(
        "heroku", "run", "-a", "harbour", "--", "echo over one port; exit 3", direct=True
    )
    assert "over one port" in done.out
    assert done.status == 3


def test_backups_and_sources_have_addresses_that_lead_there(elsewhere: Elsewhere) -> None:
    script = 'curl -sS --cacert "$NODE_EXTRA_CA_CERTS" -X POST -H "Authorization: Bearer '
    script += '$HEROKU_API_KEY" -H "Accept: application/vnd.heroku+json; version=3" '
    script += '"https://${HEROKU_HOST#http://}/sources"'
    blob = json.loads(elsewhere.connected("sh", "-c", script).ok().out)["source_blob"]
    assert blob["put_url"].startswith("https://localhost:")
    assert f":{elsewhere.platform.port}/" not in blob["put_url"]


def test_a_connection_needs_tls_a_login_and_a_command(elsewhere: Elsewhere) -> None:
    host = f"{DOMAIN}:{elsewhere.platform.port}"
    plain = elsewhere.run("hatoba", "connect", f"http://{host}", "--", "true")
    assert (plain.status, "over TLS only" in plain.err) == (1, True)
    unknown = elsewhere.run("hatoba", "connect", "https://nobody.localhost:1", "--", "true")
    assert (unknown.status, "heroku login" in unknown.err) == (1, True)
    shell = elsewhere.run("hatoba", "connect", elsewhere.url)
    assert (shell.status, "-- COMMAND" in shell.err) == (2, True)
    missing = elsewhere.connected("no-such-program")
    assert (missing.status, "can't be run" in missing.err) == (1, True)
    assert elsewhere.connected("sh", "-c", "exit 9").status == 9


def test_the_certificate_is_for_the_domain_and_what_is_below_it(elsewhere: Elsewhere) -> None:
    ca = elsewhere.env["HATOBA_CA"]
    context = ssl.create_default_context(cafile=ca)
    for name in (DOMAIN, f"api.{DOMAIN}", f"harbour.{DOMAIN}"):
        with (
            socket.create_connection(("127.0.0.1", elsewhere.platform.port)) as raw,
            context.wrap_socket(raw, server_hostname=name) as secured,
        ):
            assert secured.version()
