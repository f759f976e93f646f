"""The main job with this project's own command line, on the real samples."""

from __future__ import annotations

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.platform import Platform, wait_for


@pytest.fixture(scope="module")
def guestbook(platform: Platform) -> str:
    platform.deployed("flask-guestbook", "guestbook")
    return "guestbook"


def test_a_push_is_built_released_run_and_routed(platform: Platform) -> None:
    path = platform.repo("flask-guestbook", "first-deploy")
    created = platform.heroku("apps:create", "first-deploy", cwd=path).ok()
    assert "http://first-deploy.localhost" in created.all
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    for line in (
        "remote: -----> Python app detected",
        "remote: -----> Discovering process types",
        "remote: -----> Launching...",
        "web.1 up",
        "remote: Verifying deploy... done.",
    ):
        assert line in pushed.err
    assert platform.get("first-deploy").status == 200
    releases = platform.json("releases", "-a", "first-deploy")
    assert [r["version"] for r in releases if r["current"]] == [2]
    head = platform.git("rev-parse", "HEAD", cwd=path).ok().out
    assert releases[0]["description"] == f"Deploy {head[:8]}"


@pytest.mark.parametrize(
    ("sample", "detected"),
    [("express-guestbook", "Node.js"), ("static-page", "Static")],
)
def test_the_other_web_samples(platform: Platform, sample: str, detected: str) -> None:
    path = platform.repo(sample)
    platform.heroku("apps:create", sample, cwd=path).ok()
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    assert f"-----> {detected}" in pushed.err
    answer = platform.get(sample)
    assert answer.status == 200
    assert "html" in answer.headers["Content-Type"]


def test_a_worker_runs_when_it_is_scaled_up(platform: Platform) -> None:
    platform.deployed("worker", "worker-app")
    assert platform.get("worker-app").status == 503
    platform.heroku("ps:scale", "worker=1", "-a", "worker-app").ok()
    assert "worker.1" in platform.heroku("ps", "-a", "worker-app").ok().out
    wait_for(
        "a heartbeat in the log",
        lambda: "app[worker.1]" in platform.heroku("logs", "-a", "worker-app").out,
    )


def test_a_build_that_fails_refuses_the_push(platform: Platform) -> None:
    path = platform.repo("flask-guestbook", "broken-build")
    (path / "requirements.txt").write_text("no-such-package-for-sure==99\n")
    platform.commit(path, "break")
    platform.heroku("apps:create", "broken-build", cwd=path).ok()
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300)
    assert pushed.status != 0
    assert "no-such-package-for-sure" in pushed.err
    assert "[remote rejected] main -> main" in pushed.err
    assert len(platform.json("releases", "-a", "broken-build")) == 1


def test_a_bad_procfile_line_is_named(platform: Platform) -> None:
    path = platform.repo("flask-guestbook", "bad-procfile")
    (path / "Procfile").write_text("web gunicorn app:app\n")
    platform.commit(path, "break")
    platform.heroku("apps:create", "bad-procfile", cwd=path).ok()
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300)
    assert pushed.status != 0
    assert "Procfile line 1" in pushed.err


def test_a_slug_that_does_not_start_leaves_the_old_one_serving(platform: Platform) -> None:
    path = platform.deployed("flask-guestbook", "no-boot")
    (path / "Procfile").write_text("web: python -c 'raise SystemExit(7)'\n")
    platform.commit(path, "does not start")
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300)
    assert pushed.status != 0
    assert "web.1 crashed with status 7" in pushed.err
    assert platform.get("no-boot").status == 200


def test_a_release_phase_that_fails_leaves_the_old_release(platform: Platform) -> None:
    path = platform.deployed("flask-guestbook", "bad-release")
    current = max(r["version"] for r in platform.json("releases", "-a", "bad-release"))
    procfile = (path / "Procfile").read_text()
    lines = [x for x in procfile.splitlines() if not x.startswith("release:")]
    release = "release: echo migrating things && exit 3"
    (path / "Procfile").write_text("\n".join([*lines, release]) + "\n")
    platform.commit(path, "bad release")
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300)
    assert pushed.status != 0
    assert "migrating things" in pushed.err
    releases = platform.json("releases", "-a", "bad-release")
    assert [r["version"] for r in releases if r["current"]] == [current]
    failed = max(r["version"] for r in releases)
    output = platform.heroku("releases:output", f"v{failed}", "-a", "bad-release")
    assert "migrating things" in output.out
    assert platform.get("bad-release").status == 200


def test_a_config_change_while_a_release_command_runs_keeps_the_deploy(
    platform: Platform,
) -> None:
    gate = socket.create_server(("127.0.0.1", 0))
    gate.settimeout(60)
    port = gate.getsockname()[1]
    migrate = f"import socket; socket.create_connection(('127.0.0.1', {port})).recv(1)"
    path = platform.folder / "slow-release"
    path.mkdir()
    (path / "Procfile").write_text(
        f'web: python3 -m http.server $PORT\nrelease: python3 -c "{migrate}"\n'
    )
    platform.git("init", "--initial-branch=main", cwd=path).ok()
    platform.commit(path, "first")
    platform.heroku("apps:create", "slow-release", cwd=path).ok()
    with gate, ThreadPoolExecutor(1) as beside:
        push = beside.submit(platform.git, "push", "heroku", "main", cwd=path, timeout=120)
        first, _ = gate.accept()
        body = b'{"GREETING": "ahoy"}'
        changed = platform.api("PATCH", "/apps/slow-release/config-vars", body=body)
        assert changed.status == 200
        first.close()
        gate.accept()[0].close()
        push.result().ok()
    wait_for(
        "the config var's release",
        lambda: platform.json("releases", "-a", "slow-release")[0]["current"],
    )
    configured, deployed = platform.json("releases", "-a", "slow-release")[:2]
    assert configured["description"] == "Set GREETING config vars"
    assert configured["slug"] == deployed["slug"]
    assert platform.get("slow-release").status == 200


def test_another_branch_is_not_built(platform: Platform, guestbook: str) -> None:
    path = platform.folder / guestbook
    before = platform.json("releases", "-a", guestbook)
    pushed = platform.git("push", "heroku", "HEAD:refs/heads/feature", cwd=path).ok()
    assert "Pushed to non-main branch, skipping build." in pushed.err
    assert platform.json("releases", "-a", guestbook) == before
    platform.commit(path, "from a branch")
    platform.git("branch", "-f", "other-branch", cwd=path).ok()
    platform.git("push", "heroku", "other-branch:main", cwd=path, timeout=300).ok()
    assert len(platform.json("releases", "-a", guestbook)) == len(before) + 1


def test_no_request_fails_while_a_release_and_a_restart_replace_dynos(
    platform: Platform, guestbook: str
) -> None:
    path = platform.folder / guestbook
    statuses: list[int] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            statuses.append(platform.get(guestbook).status)

    asker = threading.Thread(target=ask)
    asker.start()
    try:
        platform.commit(path, "another")
        platform.git("push", "heroku", "HEAD:main", cwd=path, timeout=300).ok()
        platform.heroku("ps:restart", "-a", guestbook).ok()
        platform.heroku("ps:scale", "web=2", "-a", guestbook).ok()
        platform.heroku("ps:scale", "web=1", "--yes", "-a", guestbook).ok()
    finally:
        over.set()
        asker.join()
    assert len(statuses) > 50
    assert set(statuses) == {200}


def test_config_is_reviewed_masked_and_released(platform: Platform, guestbook: str) -> None:
    value = "correct-horse-battery"
    done = platform.heroku("config:set", f"SECRET_WORD={value}", "-a", guestbook).ok()
    listed = platform.heroku("config", "-a", guestbook).ok()
    shell = platform.heroku("config", "-s", "-a", guestbook).ok()
    got = platform.heroku("config:get", "SECRET_WORD", "-a", guestbook).ok()
    for shown in (done, listed, shell, got):
        assert value not in shown.all
    again = platform.heroku("config:set", "SECRET_WORD=other-horse-battery", "-a", guestbook)
    assert again.status == 3
    assert "Nothing was changed" in again.all
    revealed = platform.heroku("config:get", "SECRET_WORD", "--reveal", "-a", guestbook).ok()
    assert revealed.out.strip() == value
    platform.heroku("config:unset", "SECRET_WORD", "--yes", "-a", guestbook).ok()
    assert "SECRET_WORD" not in platform.heroku("config", "-a", guestbook).ok().out


@pytest.mark.parametrize("word", ["A B=1", "=1", "1A=1"])
def test_bad_config_names_change_nothing(platform: Platform, guestbook: str, word: str) -> None:
    before = platform.json("releases", "-a", guestbook)
    done = platform.heroku("config:set", word, "-a", guestbook)
    assert done.status in (1, 2)
    assert platform.json("releases", "-a", guestbook) == before


def test_values_of_more_than_64_kb_are_refused(platform: Platform, guestbook: str) -> None:
    answer = platform.api("PATCH", f"/apps/{guestbook}/config-vars", json={"BIG": "x" * 70_000})
    assert answer.status == 422
    assert answer.json()["id"] == "invalid_params"
    assert "64 KB" in answer.json()["message"]


def test_rollback_brings_code_and_config_back(platform: Platform) -> None:
    path = platform.deployed("flask-guestbook", "rolled-back")
    platform.heroku("config:set", "COLOUR=blue-ish-green", "-a", "rolled-back").ok()
    (path / "Procfile").write_text("web: python -m http.server $PORT\n")
    platform.commit(path, "something else")
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    done = platform.heroku("rollback", "v2", "--yes", "-a", "rolled-back").ok()
    assert "v2" in done.all
    releases = platform.json("releases", "-a", "rolled-back")
    assert next(r for r in releases if r["current"])["description"] == "Rollback to v2"
    assert "COLOUR" not in platform.heroku("config", "-a", "rolled-back").ok().out
    assert platform.get("rolled-back").status == 200


def test_maintenance_is_served_by_the_router_at_once(platform: Platform, guestbook: str) -> None:
    asked = platform.heroku("maintenance:on", "-a", guestbook)
    assert asked.status == 3
    assert platform.get(guestbook).status == 200
    platform.heroku("maintenance:on", "--yes", "-a", guestbook).ok()
    assert platform.get(guestbook).status == 503
    assert platform.heroku("maintenance", "-a", guestbook).ok().out.strip() == "on"
    own = "MAINTENANCE_PAGE_URL=https://pages.example/soon.html"
    platform.heroku("config:set", own, "-a", guestbook).ok()
    wait_for("its own page", lambda: b"pages.example/soon" in platform.get(guestbook).data)
    assert platform.get(guestbook).status == 503
    platform.heroku("config:unset", "MAINTENANCE_PAGE_URL", "--yes", "-a", guestbook).ok()
    wait_for("the platform's", lambda: b"iframe" not in platform.get(guestbook).data)
    platform.heroku("maintenance:off", "-a", guestbook).ok()
    assert platform.get(guestbook).status == 200


def test_logs_have_app_router_and_platform_lines(platform: Platform, guestbook: str) -> None:
    platform.get(guestbook, "/?marker-for-the-log")
    wait_for(
        "the router's line",
        lambda: "marker-for-the-log" in platform.heroku("logs", "-a", guestbook).out,
    )
    # The dynos of other tests have left thousands of router lines: each kind is asked for alone.
    chosen = [("--dyno", "router"), ("--dyno", "web.1"), ("--dyno", "api")]
    lines = "".join(
        platform.heroku("logs", "-n", "1500", *words, "-a", guestbook).ok().out for words in chosen
    )
    assert re.search(r"^\S+ heroku\[router\]: at=info method=GET path=\"/\?marker", lines, re.M)
    assert re.search(r"^\S+ heroku\[web\.1\]: State changed from starting to up$", lines, re.M)
    assert re.search(r"^\S+ app\[web\.1\]: ", lines, re.M)
    assert re.search(r"^\S+ app\[api\]: Deploy ", lines, re.M)
    only = platform.heroku("logs", "--source", "app", "--dyno", "web", "-a", guestbook).ok().out
    assert only
    assert all(re.match(r"\S+ app\[web\.", line) for line in only.splitlines())


def test_run_gives_output_input_and_exit_code(platform: Platform, guestbook: str) -> None:
    done = platform.heroku("run", "-a", guestbook, "--", "echo hello && exit 7")
    assert (done.status, done.out) == (7, "hello\n")
    echoed = platform.heroku("run", "-a", guestbook, "--", "cat", stdin="from outside\n").ok()
    assert echoed.out == "from outside\n"
    detached = platform.heroku("run:detached", "-a", guestbook, "--", "echo detached-words").ok()
    assert "run." in detached.all
    wait_for(
        "the detached dyno's output",
        lambda: "detached-words" in platform.heroku("logs", "-a", guestbook).out,
    )


def test_a_dyno_sees_no_other_apps_files_or_environment(platform: Platform, guestbook: str) -> None:
    platform.heroku("config:set", "HIDDEN_WORD=swordfish-9", "-a", guestbook).ok()
    platform.heroku("apps:create", "nosy").ok()
    look = f"cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; ls {platform.folder} 2>&1; ls /"
    seen = platform.heroku("run", "-a", "nosy", "--", look)
    assert "swordfish-9" not in seen.all
    assert (
        "vault.key"
        not in platform.heroku("run", "-a", "nosy", "--", f"find {platform.folder} 2>/dev/null").all
    )


def test_unknown_things_are_clear_errors(platform: Platform, guestbook: str) -> None:
    unknown = platform.heroku("apps:info", "-a", "no-such-app")
    assert unknown.status == 1
    assert "Couldn't find that app." in unknown.err
    bad_type = platform.heroku("ps:scale", "nope=1", "-a", guestbook)
    assert bad_type.status == 1
    assert "nope" in bad_type.err
    too_many = platform.heroku("ps:scale", "web=101", "-a", guestbook)
    assert too_many.status == 1
    assert "between 0 and 100" in too_many.err
    bad_token = platform.heroku("apps", env={"HEROKU_API_KEY": "nonsense"})
    assert bad_token.status == 1
    assert "Invalid credentials" in bad_token.err
    taken = platform.heroku("apps:create", guestbook)
    assert taken.status == 1
    assert "already taken" in taken.err


def test_destroying_asks_and_can_be_undone(platform: Platform) -> None:
    platform.deployed("static-page", "short-lived")
    assert platform.heroku("apps:destroy", "-a", "short-lived").status == 3
    assert platform.heroku("apps:destroy", "-a", "short-lived", "--confirm", "x").status in (2, 3)
    assert platform.get("short-lived").status == 200
    platform.heroku("apps:destroy", "-a", "short-lived", "--confirm", "short-lived").ok()
    assert platform.get("short-lived").status == 404
    assert "short-lived" in platform.heroku("apps:trash").ok().out
    platform.heroku("apps:restore", "short-lived").ok()
    wait_for("the restored app", lambda: platform.get("short-lived").status == 200)
