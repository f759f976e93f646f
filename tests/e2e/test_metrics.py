"""Errors, autoscaling and favorites on a real platform, by the own CLI and the official one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.platform import Platform

APP = "buoy"


@pytest.fixture(scope="module")
def app(platform: Platform) -> str:
    path = platform.folder / APP
    path.mkdir()
    (path / "Procfile").write_text("web: python3 -m http.server $PORT\n")
    (path / "requirements.txt").write_text("")
    platform.git("init", "--initial-branch=main", cwd=path).ok()
    platform.commit(path, "A buoy")
    platform.heroku("apps:create", APP, cwd=path).ok()
    platform.git("push", "heroku", "main", cwd=path).ok()
    return APP


def test_errors_are_counted(platform: Platform, app: str, official_cli: Path) -> None:
    del official_cli
    assert "No errors on buoy" in platform.heroku("apps:errors", "-a", app).ok().out
    platform.heroku("ps:scale", "web=0", "-a", app, "--yes").ok()
    for _ in range(3):
        assert platform.get(app).status == 503
    platform.heroku("ps:scale", "web=1", "-a", app).ok()
    own = platform.heroku("apps:errors", "-a", app).ok().out
    assert [line.split() for line in own.splitlines() if "H14" in line] == [
        ["router", "H14", "critical", "No", "web", "dynos", "running", "3"]
    ]
    assert "H14" in platform.official("apps:errors", "-a", app).ok().out


def test_web_is_autoscaled(platform: Platform, app: str, official_cli: Path) -> None:
    del official_cli
    enabled = platform.heroku("ps:autoscale:enable", "--min", "2", "--max", "3", "-a", app).ok()
    assert "✓ formation is web=2" in enabled.all
    audit = platform.json("receipts", "-a", app)
    assert {"ps:autoscale", "ps:autoscale:enable"} <= {one["operation"] for one in audit}
    refused = platform.official("ps:autoscale:enable", "--min=1", "--max=2", "-a", app)
    assert "only available with Performance" in refused.all
    platform.heroku("ps:type", "web=performance-m", "-a", app, "--yes").ok()
    platform.official("ps:autoscale:enable", "--min=1", "--max=2", "--p95=300", "-a", app).ok()
    shown = platform.json("ps:autoscale", "-a", app)
    assert (shown["min_quantity"], shown["max_quantity"], shown["value"]) == (1, 2, 300)
    platform.official("ps:autoscale:disable", "-a", app).ok()
    assert "off" in platform.heroku("ps:autoscale", "-a", app).ok().out


def test_favorites_and_status(platform: Platform, app: str, official_cli: Path) -> None:
    del official_cli
    platform.official("apps:favorites:add", "-a", app).ok()
    assert app in platform.heroku("apps:favorites").ok().out
    platform.heroku("apps:favorites:remove", "-a", app).ok()
    assert "No known issues at this time." in platform.official("status").ok().out
    assert "No unread notifications." in platform.official("notifications").ok().out
