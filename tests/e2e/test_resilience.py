"""Parts are killed; nothing that was acknowledged is lost, and everything heals."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from hatoba.kit import process
from tests.e2e.platform import Platform, free_port, wait_for


@pytest.fixture
def serving(own_platform: Platform) -> Platform:
    own_platform.deployed("flask-guestbook", "harbour")
    return own_platform


def _healed(platform: Platform, part: str, old: int) -> bool:
    status = platform.status() if platform.hatoba("status").status == 0 else {}
    pids = {c["name"]: c["pid"] for c in status.get("components", [])}
    return bool(status.get("ready")) and pids.get(part) not in (None, old)


def _dynos(platform: Platform) -> set[str]:
    return {d["id"] for d in platform.json("ps", "-a", "harbour")}


def test_a_killed_daemon_stops_no_dyno_and_loses_no_request_and_no_line(
    serving: Platform,
) -> None:
    before, daemon = _dynos(serving), serving.pid("hatobad")
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            number = len(statuses)
            statuses.append(serving.get("harbour", f"/?request-{number}-end").status)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        wait_for("some requests", lambda: len(statuses) > 20)
        os.kill(daemon, signal.SIGKILL)
        wait_for("the daemon", lambda: _healed(serving, "hatobad", daemon))
        count = len(statuses)
        wait_for("more requests", lambda: len(statuses) > count + 20)
    finally:
        over.set()
        asker.join()
    assert set(statuses) == {200}
    assert _dynos(serving) == before
    last = f"request-{len(statuses) - 1}-end"
    wait_for("the last line", lambda: last in serving.heroku("logs", "-a", "harbour").out)
    logged = serving.heroku("logs", "-n", "1500", "--dyno", "router", "-a", "harbour").ok().out
    kept = min(len(statuses), 1000)
    missing = [
        n for n in range(len(statuses) - kept, len(statuses)) if f"request-{n}-end" not in logged
    ]
    assert missing == []


@pytest.mark.parametrize("part", ["envoy", "postgres", "runner"])
def test_a_killed_part_heals_and_the_app_serves_on(serving: Platform, part: str) -> None:
    before, pid = _dynos(serving), serving.pid(part)
    os.kill(pid, signal.SIGKILL)
    wait_for(f"{part} to come back", lambda: _healed(serving, part, pid))
    wait_for("an answer", lambda: serving.get("harbour").status == 200)
    assert _dynos(serving) == before
    serving.heroku("config:set", "AFTER=the-kill-of-it", "-a", "harbour").ok()


def test_a_killed_keeper_is_replaced(own_platform: Platform) -> None:
    pid = own_platform.pid("keeper")
    os.kill(pid, signal.SIGKILL)
    wait_for("the keeper", lambda: _healed(own_platform, "keeper", pid))


@pytest.mark.parametrize("killed", [False, True])
def test_down_leaves_nothing_running(own_platform: Platform, *, killed: bool) -> None:
    own_platform.deployed("worker", "busy")
    own_platform.heroku("ps:scale", "worker=1", "-a", "busy").ok()
    pids = [c["pid"] for c in own_platform.status()["components"] if c["pid"]]
    if killed:
        os.kill(own_platform.pid("hatobad"), signal.SIGKILL)
    own_platform.hatoba("down").ok()
    assert [p for p in pids if process.identify(p)] == []
    folder = str(own_platform.folder).encode()
    assert [p for p in Path("/proc").glob("[0-9]*") if folder in _environ(p)] == []
    assert own_platform.hatoba("down").status == 0


def _environ(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:
        return b""


def test_up_again_brings_everything_back(serving: Platform) -> None:
    serving.hatoba("down").ok()
    serving.hatoba("up", "--detach").ok()
    wait_for("the app", lambda: serving.get("harbour").status == 200)
    logs = serving.heroku("logs", "-n", "500", "--dyno", "web.1", "-a", "harbour").ok().out
    assert "State changed from up to down" in logs
    assert "crashed" not in logs


def test_two_platforms_side_by_side(own_platform: Platform, tmp_path: Path) -> None:
    other = Platform.up(tmp_path / "other")
    try:
        own_platform.heroku("apps:create", "only-here").ok()
        assert "only-here" not in other.heroku("apps").ok().out
    finally:
        other.down()
    assert own_platform.hatoba("status").status == 0


def test_a_second_up_says_so(own_platform: Platform) -> None:
    again = own_platform.hatoba("up", "--detach")
    assert again.status == 0
    assert "already up" in again.all
    assert "Commands go to it" not in again.all
    lost = own_platform.hatoba("up", "--detach", env={"HEROKU_HOST": "http://localhost:9"})
    assert "Commands go to it after: export HEROKU_HOST=http" in lost.all


def test_a_taken_port_is_one_clear_line(own_platform: Platform, tmp_path: Path) -> None:
    done = own_platform.hatoba("up", "--detach", env={"HATOBA_DATA_DIR": str(tmp_path / "second")})
    assert done.status == 1
    assert str(own_platform.port) in done.err
    assert "Traceback" not in done.all


def test_an_unreadable_folder_is_one_clear_line(own_platform: Platform, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    env = {"HATOBA_DATA_DIR": str(blocked / "data"), "HATOBA_PORT": str(free_port())}
    done = own_platform.hatoba("up", "--detach", env=env)
    assert done.status == 1
    assert str(blocked) in done.err
    assert "Traceback" not in done.all
