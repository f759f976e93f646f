"""App features on a real platform, by the own CLI and the official one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.platform import Platform, wait_for

APP = "beacon"
# Answers with its environment, and uses what it has of the processor and some memory.
SERVER = """\
import http.server, json, os
kept = bytearray(24 * 1024 * 1024)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(dict(os.environ)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_HEAD = do_GET
http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.fixture(scope="module")
def app(platform: Platform) -> str:
    path = platform.folder / APP
    path.mkdir()
    (path / "Procfile").write_text("web: python3 server.py\n")
    (path / "server.py").write_text(SERVER)
    (path / "requirements.txt").write_text("")
    platform.git("init", "--initial-branch=main", cwd=path).ok()
    platform.commit(path, "A beacon")
    platform.heroku("apps:create", APP, cwd=path).ok()
    platform.git("push", "heroku", "main", cwd=path).ok()
    return APP


def test_dynos_are_told_what_they_run(platform: Platform, app: str) -> None:
    assert b"HEROKU_APP_NAME" not in platform.get(app).data
    done = platform.heroku("labs:enable", "runtime-dyno-metadata", "-a", app).ok()
    assert "✓ runtime-dyno-metadata is enabled" in done.all
    env = platform.get(app).json()
    assert env["HEROKU_APP_NAME"] == app
    assert env["HEROKU_SLUG_DESCRIPTION"] == f"Deploy {env['HEROKU_SLUG_COMMIT'][:8]}"
    assert env["HEROKU_RELEASE_VERSION"] == "v3"
    refused = platform.heroku("labs:disable", "runtime-dyno-metadata", "-a", app)
    assert refused.status == 3
    platform.heroku("labs:disable", "runtime-dyno-metadata", "-a", app, "--yes").ok()
    assert b"HEROKU_APP_NAME" not in platform.get(app).data


def test_what_a_dyno_uses_is_measured(platform: Platform, app: str) -> None:
    done = platform.heroku("labs:enable", "log-runtime-metrics", "-a", app).ok()
    assert "✓ the log says what dynos use" in done.all
    lines = platform.heroku("logs", "-n", "100", "--source", "heroku", "-a", app).ok().out
    line = next(text for text in lines.splitlines() if "sample#memory_total" in text)
    values = dict(
        word.removeprefix("sample#").split("=") for word in line.split(": ", 1)[1].split()
    )
    assert values["source"] == "web.1"
    assert 24 < float(values["memory_rss"].removesuffix("MB")) < 100
    assert values["memory_quota"] == "512.00MB"
    platform.heroku("labs:disable", "log-runtime-metrics", "-a", app, "--yes").ok()


def test_a_browser_stays_with_its_dyno(platform: Platform, app: str) -> None:
    platform.heroku("ps:scale", "web=3", "-a", app).ok()
    done = platform.heroku("features:enable", "http-session-affinity", "-a", app).ok()
    assert "✓ the router sets the cookie heroku-session-affinity" in done.all
    first = platform.get(app)
    cookie = first.headers["set-cookie"].partition(";")[0]
    dyno = first.json()["DYNO"]
    seen = {platform.get(app, headers={"Cookie": cookie}).json()["DYNO"] for _ in range(12)}
    assert seen == {dyno}
    # The dyno is gone after a restart; another one takes the browser over.
    platform.heroku("ps:restart", "-a", app).ok()
    assert platform.get(app, headers={"Cookie": cookie}).status == 200
    platform.heroku("features:disable", "http-session-affinity", "-a", app, "--yes").ok()
    assert "set-cookie" not in platform.get(app).headers
    platform.heroku("ps:scale", "web=1", "-a", app, "--yes").ok()


def test_preboot_keeps_the_old_dyno_serving(platform: Platform, app: str) -> None:
    platform.heroku("features:enable", "preboot", "-a", app).ok()
    old = platform.get(app).json()
    platform.heroku("config:set", "COLOR=red", "-a", app).ok()
    assert "COLOR" not in platform.get(app).json()
    platform.heroku("features:disable", "preboot", "-a", app, "--yes").ok()
    wait_for("the new dyno serves", lambda: "COLOR" in platform.get(app).json())
    new = platform.get(app).json()
    assert (new["COLOR"], new["PORT"] == old["PORT"]) == ("red", False)


def test_the_official_cli(platform: Platform, app: str, official_cli: Path) -> None:
    del official_cli
    platform.official("features:enable", "preboot", "-a", app).ok()
    assert "[+] preboot" in platform.official("features", "-a", app).ok().out
    again = platform.official("features:enable", "preboot", "-a", app)
    assert "already enabled" in again.all
    platform.official("features:disable", "preboot", "-a", app).ok()
    assert "[ ] log-runtime-metrics" in platform.official("labs", "-a", app).ok().out
    platform.official("labs:enable", "runtime-dyno-metadata", "-a", app).ok()
    assert platform.json("labs:info", "runtime-dyno-metadata", "-a", app)["enabled"] is True
    platform.heroku("labs:disable", "runtime-dyno-metadata", "-a", app, "--yes").ok()
