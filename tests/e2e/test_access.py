"""Accounts, teams and logins on a real platform, by the own CLI and the official one."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from time import time
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.e2e.platform import BIN, OFFICIAL_CLI, Platform
from tests.e2e.terminal import CTRL_D, Terminal, typed

ADA, PASSWORD = "ada@quay.example", "anchor and chain"


@pytest.fixture(scope="module")
def ada(platform: Platform) -> dict[str, str]:
    """The environment of a second user, with a password and nobody logged in."""
    platform.heroku("users:add", ADA, "--name", "Ada").ok()
    assert platform.heroku("users:reset", ADA).status == 2
    token = platform.heroku("users:reset", ADA, "--reveal").ok().out
    asked = platform.heroku("users:password", "--token-stdin", stdin=f"{token}{PASSWORD}\n").ok()
    assert PASSWORD not in asked.all
    home = platform.folder / "ada"
    home.mkdir()
    return {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "HEROKU_API_KEY": ""}


def signed_out(platform: Platform, ada: dict[str, str]) -> dict[str, str]:
    """The environment in which the official CLI has no token."""
    env = {**platform.env, **platform.official_env(), **ada}
    env.pop("HEROKU_API_KEY")
    return {**env, "HEROKU_NETRC_WRITE": "true"}


def fill_in(url: str, **fields: str) -> bytes:
    body = urlencode({"answer": "allow", "email": ADA, "password": PASSWORD, **fields})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with urllib3.PoolManager(timeout=60) as pool:
        return pool.request("POST", url, body=body, headers=kind).data


def test_the_own_cli_logs_in_with_a_password_and_out(
    platform: Platform, ada: dict[str, str]
) -> None:
    env = {**platform.env, **ada, "HATOBA_DATA_DIR": str(platform.folder / "no-data")}
    answers = [("Email:", f"{ADA}\n"), ("Password:", f"{PASSWORD}\n")]
    done = typed(f"{BIN}/heroku login -i", answers, cwd=platform.folder, env=env)
    assert (done.status, f"as {ADA}" in done.screen) == (0, True), done.screen
    assert PASSWORD not in done.screen
    assert platform.heroku("whoami", env=env).ok().out.strip() == ADA
    assert platform.heroku("users", env=env).status == 1
    assert platform.heroku("logout", env=env).ok()
    assert platform.heroku("whoami", env=env).status == 1
    wrong = [("Email:", f"{ADA}\n"), ("Password:", "wrong\n")]
    refused = typed(f"{BIN}/heroku login -i", wrong, cwd=platform.folder, env=env)
    assert (refused.status, "There was a problem" in refused.screen) == (1, True)
    assert "run hatoba up" not in refused.screen
    for answered in range(2):
        asked = [(q, CTRL_D if n == answered else a) for n, (q, a) in enumerate(wrong)]
        ended = typed(f"{BIN}/heroku login -i", asked[: answered + 1], cwd=platform.folder, env=env)
        assert (ended.status, "Traceback" in ended.screen) == (1, False), ended.screen
    unasked = platform.heroku("login", "-i")
    assert (unasked.status, "no terminal to ask on" in unasked.all) == (1, True)


def test_the_own_cli_logs_in_by_a_browser(platform: Platform, ada: dict[str, str]) -> None:
    env = {**platform.env, **ada, "HATOBA_DATA_DIR": str(platform.folder / "no-data")}
    env["BROWSER"] = "true"
    terminal = Terminal(f"{BIN}/heroku login", cwd=platform.folder, env=env)
    terminal.until("Waiting for login", seconds=60)
    url = re.search(r"http://localhost:\d+/auth/browser/\S+", terminal.screen)
    assert url, terminal.screen
    assert b"You can close this window" in fill_in(url[0])
    done = terminal.end(seconds=60)
    assert (done.status, f"as {ADA}" in done.screen) == (0, True), done.screen
    platform.heroku("logout", env=env).ok()


@pytest.mark.usefixtures("official_cli")
def test_the_official_cli_logs_in_with_two_factors_and_by_a_browser(
    platform: Platform, ada: dict[str, str]
) -> None:
    env = signed_out(platform, ada)
    cwd = platform.folder
    device, recovery = enabled(platform, ada)
    code = device.generate(int(time())).decode()
    answers = [
        ("Email", f"{ADA}\r"),
        ("Password", f"{PASSWORD}\r"),
        ("Two-factor code", f"{code}\r"),
    ]
    done = typed(f"{OFFICIAL_CLI} login -i", answers, cwd=cwd, env=env)
    assert (done.status, f"Logged in as {ADA}" in done.screen) == (0, True), done.screen
    assert platform.command(str(OFFICIAL_CLI), "whoami", env=env).out.strip() == ADA
    guarded(platform, ada, recovery)
    token = next(iter((Path(ada["HOME"]) / ".netrc").read_text().split("password ")[1:])).split()[0]
    out = platform.command(str(OFFICIAL_CLI), "logout", env=env).ok()
    assert "Logging out... done" in out.all
    bearer = {"Authorization": f"Bearer {token}"}
    assert platform.api("GET", "/account", headers=bearer).status == 401, "the token is revoked"
    platform.api("DELETE", f"/hatoba/accounts/{ADA}/two-factor")
    terminal = Terminal(f"{OFFICIAL_CLI} login --browser=true", cwd=cwd, env=env)
    terminal.until("Press any key", seconds=60)
    terminal.type("y")
    terminal.until("Waiting for login", seconds=60)
    url = re.search(r"http://localhost:\d+/auth/browser/\S+", terminal.screen)
    assert url, terminal.screen
    fill_in(url[0])
    done = terminal.end(seconds=60)
    assert (done.status, f"Logged in as {ADA}" in done.screen) == (0, True), done.screen


def guarded(platform: Platform, ada: dict[str, str], recovery: list[str]) -> None:
    """Have an app take a second factor, and show it to both command lines when they ask."""
    env = {**platform.env, **ada, "HATOBA_DATA_DIR": str(platform.folder / "no-data")}
    platform.heroku("apps:create", "ada-guarded", "--no-remote", env=env).ok()
    platform.heroku("apps:guard", "-a", "ada-guarded", env=env).ok()
    refused = platform.heroku("config:set", "A=1", "-a", "ada-guarded", env=env)
    assert (refused.status, "apps:guard:open" in refused.all) == (1, True)
    done = typed(
        f"{OFFICIAL_CLI} config:set A=1 -a ada-guarded",
        [("Two-factor code", f"{recovery[0]}\r")],
        cwd=platform.folder,
        env=signed_out(platform, ada),
    )
    assert done.status == 0, done.screen
    platform.heroku("config:set", "A=2", "-a", "ada-guarded", "-y", env=env).ok()
    platform.heroku("apps:unguard", "-a", "ada-guarded", "-y", env=env).ok()
    platform.heroku("apps:destroy", "-a", "ada-guarded", "--confirm", "ada-guarded", env=env).ok()


def enabled(platform: Platform, ada: dict[str, str]) -> tuple[TOTP, list[str]]:
    """Switch the second factor on with the own CLI; return the device and recovery codes."""
    env = {**platform.env, **ada, "HATOBA_DATA_DIR": str(platform.folder / "no-data")}
    answers = [("Email:", f"{ADA}\n"), ("Password:", f"{PASSWORD}\n")]
    typed(f"{BIN}/heroku login -i", answers, cwd=platform.folder, env=env)
    terminal = Terminal(f"{BIN}/heroku auth:2fa:enable", cwd=platform.folder, env=env)
    terminal.until("Code that the app shows:", seconds=60)
    uri = re.search(r"otpauth://\S+", terminal.screen)
    assert uri, terminal.screen
    secret = parse_qs(urlsplit(uri[0]).query)["secret"][0]
    device = TOTP(base64.b32decode(secret), 6, SHA1(), 30)  # noqa: S303
    # The code of the step before, so that this step's is still good for a login.
    terminal.type(f"{device.generate(int(time()) - 30).decode()}\n")
    done = terminal.end(seconds=60)
    assert (done.status, "Two-factor authentication is on" in done.screen) == (0, True), done.screen
    assert "enabled" in platform.heroku("auth:2fa", env=env).ok().out
    return device, re.findall(r"^ {2}([0-9a-f]{10})$", done.screen, re.MULTILINE)


@pytest.mark.usefixtures("official_cli")
def test_a_team_shares_apps(platform: Platform, ada: dict[str, str]) -> None:
    del ada
    platform.heroku("teams:create", "harbour-crew").ok()
    added = platform.heroku("members:add", ADA, "-t", "harbour-crew", "-r", "member").ok()
    assert f"✓ {ADA} is there: member" in added.all
    platform.official("apps:create", "team-buoy", "-t", "harbour-crew").ok()
    assert "team-buoy" in platform.official("apps", "-t", "harbour-crew").ok().out
    assert "team-buoy" in platform.heroku("apps", "-t", "harbour-crew").ok().out
    platform.official("access:add", ADA, "-p", "deploy", "-a", "team-buoy").ok()
    told = platform.official("access", "-a", "team-buoy").ok().out
    assert re.search(rf"{ADA}\s+collaborator\s+deploy, view", told)
    stopped = platform.heroku("access:update", ADA, "-p", "operate", "-a", "team-buoy")
    assert (stopped.status, "can't deploy" in stopped.all) == (3, True)
    platform.official("access:update", ADA, "-p", "operate,view", "-a", "team-buoy").ok()
    assert "view, operate" in platform.heroku("access", "-a", "team-buoy").ok().out
    for command in ("apps:lock", "apps:join"):
        assert "done" in platform.official(command, "-a", "team-buoy").ok().all
    platform.official("members:set", ADA, "-t", "harbour-crew", "-r", "viewer").ok()
    assert "viewer" in platform.heroku("members", "-t", "harbour-crew").ok().out
    platform.official("members:remove", ADA, "-t", "harbour-crew").ok()
    last = platform.heroku("members:remove", "-y", "-t", "harbour-crew", owner(platform))
    assert (last.status, "last administrator" in last.all) == (1, True)
    given = platform.heroku("apps:transfer", owner(platform), "-a", "team-buoy")
    assert (given.status, "--confirm team-buoy" in given.all) == (3, True)
    platform.official(
        "apps:transfer", owner(platform), "-a", "team-buoy", "--confirm", "team-buoy"
    ).ok()
    offered = platform.heroku("apps:transfer", ADA, "-a", "team-buoy").ok()
    assert f"team-buoy is on offer to {ADA}" in offered.all
    twice = platform.official("apps:transfer", ADA, "-a", "team-buoy")
    assert (twice.status, "on offer already" in twice.all) == (2, True)
    twice = platform.heroku("apps:transfer", ADA, "-a", "team-buoy")
    assert (twice.status, "heroku apps:transfers:cancel -a team-buoy" in twice.all) == (1, True)
    platform.heroku("apps:transfers:cancel", "-a", "team-buoy").ok()
    platform.heroku("apps:destroy", "-a", "team-buoy", "--confirm", "team-buoy").ok()
    platform.heroku("teams:destroy", "harbour-crew", "--confirm", "harbour-crew").ok()
    kept = platform.json("receipts", "--account", "-n", "99")
    mine = [one["operation"] for one in kept if one["about"] in ("harbour-crew", ADA)]
    assert mine[0] == "teams:destroy"
    assert {"teams:create", "members:add", "users:add"} <= set(mine)


def owner(platform: Platform) -> str:
    return platform.heroku("whoami").ok().out.strip()


@pytest.mark.usefixtures("official_cli")
def test_keys_tokens_and_clients(platform: Platform) -> None:
    key = platform.folder / "buoy-key"
    platform.command(
        "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me@buoy", "-f", str(key)
    ).ok()
    assert platform.heroku("keys:add", str(key)).status == 2, "that is the private one"
    platform.official("keys:add", f"{key}.pub").ok()
    assert "me@buoy" in platform.heroku("keys").ok().out
    removed = platform.heroku("keys:remove", "me@buoy", "--yes", "--json").ok()
    receipt = json.loads(removed.out)["receipt"]
    told = platform.heroku("receipts:info", receipt, "--account").ok().out
    assert "keys:remove" in told
    assert "ssh-ed25519" in told
    assert "You have no SSH keys" in platform.official("keys").ok().all
    made = platform.official("authorizations:create", "-d", "CI", "-s", "read", "-S").ok()
    token = made.out.strip()
    platform.heroku("apps:create", "ada-buoy", "--no-remote").ok()
    read = platform.heroku("apps", env={"HEROKU_API_KEY": token}).ok()
    assert re.search(rf"=== Apps\n[^=]*ada-buoy +{owner(platform)}", read.out)
    platform.heroku("apps:destroy", "-a", "ada-buoy", "--confirm", "ada-buoy").ok()
    refused = platform.heroku("apps:create", "no-scope", env={"HEROKU_API_KEY": token})
    assert (refused.status, "scope" in refused.all) == (1, True)
    listed = platform.heroku("authorizations").ok().out
    found = re.search(r"CI\s+([0-9a-f-]{36})\s+read", listed)
    assert found, listed
    rotated = platform.heroku("authorizations:rotate", found[1], "--yes", "--reveal").ok()
    newest = platform.json("receipts", "--account")[0]
    assert (newest["operation"], newest["about"]) == ("authorizations:rotate", "CI")
    assert rotated.out.strip() not in json.dumps(newest)
    assert rotated.out.strip().startswith("HRKU-")
    assert platform.heroku("apps", env={"HEROKU_API_KEY": token}).status == 1
    platform.official("authorizations:revoke", found[1]).ok()
    secret = platform.folder / "client-secret"
    url = "https://buoy.example/back"
    created = platform.heroku("clients:create", "Buoy", url, "--output", str(secret)).ok()
    assert secret.read_text().strip() not in created.all
    assert secret.stat().st_mode & 0o777 == 0o600
    assert "Buoy" in platform.official("clients").ok().out
    platform.heroku("clients:destroy", "Buoy", "--yes").ok()
    assert "No OAuth sessions" in platform.official("sessions").ok().all
