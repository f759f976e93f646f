"""Key-value stores on a real platform, by the own CLI and the official one."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.platform import Platform, wait_for

APP = "cached"
# It counts visits in the store, over nothing but a socket.
SERVER = """
import http.server, os, socket, urllib.parse

class Visit(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(os.environ["REDIS_URL"])
        with socket.create_connection((url.hostname, url.port)) as store:
            store.sendall(f"AUTH {url.password}\\r\\nINCR visits\\r\\n".encode())
            answers = store.makefile("rb")
            answers.readline()
            count = answers.readline()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(count.strip())

http.server.HTTPServer(("", int(os.environ["PORT"])), Visit).serve_forever()
"""


@pytest.fixture(scope="module")
def app(platform: Platform) -> str:
    """An app that counts its visits in a store."""
    path = platform.folder / APP
    path.mkdir()
    (path / "Procfile").write_text("web: python3 server.py\n")
    (path / "server.py").write_text(SERVER)
    platform.git("init", "--initial-branch=main", cwd=path).ok()
    platform.commit(path, "first")
    platform.heroku("apps:create", APP, cwd=path).ok()
    made = platform.heroku("addons:create", "heroku-redis", "-a", APP).ok()
    assert "answers" in made.all
    platform.git("push", "heroku", "main", cwd=path).ok()
    return APP


def test_an_app_counts_in_it_and_an_operator_looks(platform: Platform, app: str) -> None:
    seen = int(platform.get(app).data[1:])
    assert platform.get(app).data == b":%d" % (seen + 1)
    looked = platform.heroku("redis:cli", "-a", app, stdin="CONFIG GET dir\nPING\nGET visits\n")
    assert looked.out == f"PONG\n{seen + 1}\n"
    assert looked.status == 1
    assert "(error)" in looked.err
    shown = platform.heroku("redis", "-a", app).ok().out
    assert "Mini" in shown
    told = platform.heroku("redis:credentials", "-a", app).ok().out
    assert told.startswith("redis://:••••@localhost:")


def test_settings_and_a_new_password(platform: Platform, app: str) -> None:
    changed = platform.heroku("redis:maxmemory", "--policy", "allkeys-lru", "-a", app).ok()
    assert "--policy noeviction -a" in changed.err.partition("Undo: heroku redis:maxmemory")[2]
    platform.heroku("redis:timeout", "--seconds", "0", "-a", app).ok()
    assert platform.heroku("redis:credentials", "--reset", "-a", app).status == 3
    done = platform.heroku("redis:credentials", "--reset", "--yes", "-a", app).ok()
    assert "the password is another one" in done.all
    wait_for("the app has the new one", lambda: platform.get(app).status == 200)
    shown = platform.heroku("redis:info", "-a", app).ok().out
    assert "allkeys-lru" in shown


def test_another_plan_and_another_name(platform: Platform, app: str) -> None:
    done = platform.heroku("addons:upgrade", "heroku-redis:premium-1", "-a", app).ok()
    assert "is on heroku-redis:premium-1" in done.all
    assert "100 MB" in platform.heroku("redis:info", "-a", app).ok().out
    addon = platform.json("addons", "-a", app)[0]["name"]
    platform.heroku("addons:rename", addon, "visits", "-a", app).ok()
    bad = platform.heroku("addons:rename", "visits", "no good", "-a", app)
    assert bad.status != 0
    platform.heroku("addons:downgrade", "visits", "heroku-redis:mini", "-a", app).ok()
    platform.heroku("addons:wait", "-a", app).ok()


def test_keys_outlive_the_daemon(platform: Platform, app: str) -> None:
    os.kill(platform.pid("hatobad"), signal.SIGKILL)
    assert platform.get(app).status == 200
    wait_for("the daemon is back", lambda: platform.heroku("redis:wait", "-a", app).status == 0)


def test_the_official_cli(platform: Platform, app: str, official_cli: Path) -> None:
    del official_cli
    assert "REDIS_URL" in platform.official("redis:info", "-a", app).ok().out
    platform.official("redis:wait", "-a", app).ok()
    platform.official("redis:maxmemory", "--policy", "volatile-ttl", "-a", app).ok()
    platform.official("redis:timeout", "--seconds", "120", "-a", app).ok()
    assert "redis://" in platform.official("redis:credentials", "-a", app).ok().out
    asked = platform.official("redis:cli", "--confirm", app, "-a", app, stdin="PING\n")
    assert "PONG" in asked.out
    platform.official("addons:create", "heroku-redis:premium-0", "-a", app).ok()
    second = next(a["name"] for a in platform.json("addons", "-a", app) if "0" in a["plan"]["name"])
    platform.official("redis:promote", second, "-a", app).ok()
    wait_for("an empty store counts from 1", lambda: platform.get(app).data == b":1")


def test_both_go_when_confirmed(platform: Platform, app: str) -> None:
    platform.heroku("ps:scale", "web=0", "--yes", "-a", app).ok()
    for addon in platform.json("addons", "-a", app):
        assert platform.heroku("addons:destroy", addon["name"], "-a", app).status == 3
        platform.heroku("addons:destroy", addon["name"], "--confirm", app, "-a", app).ok()
    assert platform.json("addons", "-a", app) == []
