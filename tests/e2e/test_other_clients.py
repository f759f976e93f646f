"""Other clients of Heroku's API, unmodified: heroku3, heroku-client, the MCP server, curl, psql."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.clients.mcp_session import McpSession, session
from tests.e2e.platform import BIN, NODE, ROOT, Platform

APP = "others"
SCRIPTS = Path(__file__).parent / "clients"
NODE_MODULES = ROOT / ".npm-clients/node_modules"
needs_npm = pytest.mark.skipif(
    not NODE_MODULES.exists(), reason="the npm clients are not installed; `make test` does it"
)
JSON = "application/vnd.heroku+json; version=3"


@pytest.fixture(scope="module")
def app(platform: Platform) -> Iterator[str]:
    """An app that is deployed."""
    platform.deployed("static-page", APP)
    yield APP
    platform.heroku("apps:destroy", APP, "--confirm", APP).ok()


def test_heroku3_from_python(platform: Platform, app: str) -> None:
    env = platform.official_env()
    script = str(SCRIPTS / "heroku3_session.py")
    done = platform.command(str(BIN / "python"), script, app, env=env).ok()
    assert done.out.splitlines()[-1] == "all as it should be"


@needs_npm
def test_heroku_client_from_node(platform: Platform, app: str) -> None:
    env = {**platform.official_env(), "NODE_PATH": str(NODE_MODULES)}
    done = platform.command("node", str(SCRIPTS / "heroku_client.js"), app, env=env).ok()
    found = json.loads(done.out)
    assert found["app"] == app
    assert app in found["apps"]
    assert found["config"]["FROM_NODE"] == "1"
    assert found["formation"] == ["web"]
    assert found["destroyed"] is True
    assert found["missing"] == {"status": 404, "id": "not_found"}


@pytest.fixture
def mcp(platform: Platform, official_cli: Path, tmp_path: Path) -> Iterator[McpSession]:
    """Heroku's MCP server, which runs the official CLI; without npx it takes that of the path."""
    for name in ("git", "sh"):
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    (tmp_path / "node").symlink_to(NODE / "node")
    (tmp_path / "heroku").symlink_to(official_cli)
    env = {**platform.env, **platform.official_env(), "PATH": str(tmp_path)}
    start = NODE_MODULES / "@heroku/mcp-server/bin/heroku-mcp-server.mjs"
    argv = ["node", "--import", str(SCRIPTS / "extensions.mjs"), str(start)]
    with session([str(tmp_path / "node"), *argv[1:]], env) as opened:
        yield opened


@needs_npm
def test_the_mcp_server_of_heroku(platform: Platform, app: str, mcp: McpSession) -> None:
    tools = {one["name"] for one in mcp.request("tools/list")["tools"]}
    assert {"list_apps", "get_app_info", "ps_scale", "pg_info", "pipelines_list"} <= tools
    assert app in mcp.call("list_apps")
    assert f"http://{app}.localhost:{platform.port}/" in mcp.call("get_app_info", app=app)
    assert "web.1" in mcp.call("ps_list", app=app)
    assert "now running web at 1:Basic" in mcp.call("ps_scale", app=app, dyno="web=1")
    assert "done" in mcp.call("maintenance_on", app=app)
    assert platform.json("apps:info", "-a", app)["app"]["maintenance"] is True
    assert "done" in mcp.call("maintenance_off", app=app)
    assert "app[api]: " in mcp.call("get_app_logs", app=app)
    assert "heroku-postgresql" in mcp.call("list_addon_services")


def test_curl_as_in_the_api_reference(platform: Platform, app: str) -> None:
    env = platform.official_env()
    netrc = Path(platform.env["HOME"]) / ".netrc"
    netrc.write_text(f"machine localhost login ada password {env['HEROKU_API_KEY']}\n")
    netrc.chmod(0o600)
    url = f"{env['HEROKU_HOST']}/apps/{app}"
    curl = ("curl", "-sn", "-H", f"Accept: {JSON}")
    try:
        assert json.loads(platform.command(*curl, url).ok().out)["name"] == app
        change = ("-X", "PATCH", "-d", '{"FROM_CURL":"1"}', "-H", "Content-Type: application/json")
        changed = platform.command(*curl, *change, f"{url}/config-vars").ok().out
        assert json.loads(changed)["FROM_CURL"] == "1"
        logs = platform.command(*curl, "-X", "POST", f"{url}/log-sessions").ok().out
        lines = platform.command("curl", "-s", json.loads(logs)["logplex_url"]).ok().out
        assert "FROM_CURL config vars" in lines
        tag = platform.command(*curl, "-o", "/dev/null", "-w", "%header{etag}", url).ok().out
        again = (*curl, "-H", f"If-None-Match: {tag}", "-o", "/dev/null", "-w", "%{http_code}")
        assert platform.command(*again, url).ok().out == "304"
    finally:
        netrc.unlink()


@pytest.mark.skipif(not shutil.which("psql"), reason="psql is not installed (postgresql-client)")
def test_psql_on_the_databases_url(platform: Platform, app: str) -> None:
    platform.heroku("addons:create", "heroku-postgresql:essential-0", "-a", app, "--wait").ok()
    url = platform.heroku("config:get", "DATABASE_URL", "--reveal", "-a", app).ok().out.strip()
    done = platform.command("psql", url, "-Atc", "SELECT 6 * 7")
    assert done.ok().out.strip() == "42"
