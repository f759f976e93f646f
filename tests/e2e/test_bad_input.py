"""Bad input and hostile apps: a clear error, nothing half done, and nobody else is hurt."""

from __future__ import annotations

import pytest

from tests.e2e.platform import Platform, wait_for


@pytest.fixture(scope="module")
def flood(platform: Platform) -> str:
    """An app that prints without end."""
    path = platform.repo("worker", "flood")
    (path / "Procfile").write_text("worker: yes 'the same line over and over again'\n")
    platform.commit(path, "flood")
    platform.heroku("apps:create", "flood", cwd=path).ok()
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    return "flood"


def test_a_dyno_that_prints_without_end_stalls_nobody(platform: Platform, flood: str) -> None:
    platform.heroku("ps:scale", "worker=1", "-a", flood).ok()
    try:

        def size() -> int:
            done = platform.command("du", "--summarize", "--bytes", "data/logs")
            return int(done.out.split()[0])

        wait_for("a flood in the log", lambda: size() > 40_000_000, seconds=60)
        platform.heroku("apps:create", "calm").ok()
        done = platform.heroku("run", "-a", "calm", "--", "echo quiet words").ok()
        assert done.out == "quiet words\n"
        assert size() < 200_000_000
        assert "over and over" in platform.heroku("logs", "-n", "5", "-a", flood).ok().out
    finally:
        platform.heroku("ps:scale", "worker=0", "--yes", "-a", flood).ok()


def test_a_web_process_that_ignores_its_port_is_told_r10(platform: Platform) -> None:
    path = platform.repo("worker", "deaf")
    (path / "Procfile").write_text("web: sleep 600\n")
    platform.commit(path, "deaf")
    platform.heroku("apps:create", "deaf", cwd=path).ok()
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=200)
    assert pushed.status != 0
    assert "web.1 crashed" in pushed.err
    logs = platform.heroku("logs", "-n", "100", "-a", "deaf").ok().out
    assert "Error R10 (Boot timeout)" in logs
    platform.heroku("ps:scale", "web=0", "--yes", "-a", "deaf").ok()


def test_a_push_of_what_answers_with_errors_says_so(platform: Platform) -> None:
    path = platform.repo("flask-guestbook", "faulty")
    source = path / "app.py"
    source.write_text(source.read_text().replace("def entries():\n", "def entries():\n    1 / 0\n"))
    platform.commit(path, "faulty")
    platform.heroku("apps:create", "faulty", cwd=path).ok()
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=200).ok()
    assert (
        f"Verifying deploy... http://faulty.localhost:{platform.port}/ answers 500." in pushed.err
    )
    assert "See why: heroku logs -n 50 -a faulty" in pushed.err
    assert "Verifying deploy... done." not in pushed.err


def test_memory_over_the_quota_is_told_and_far_over_is_killed(platform: Platform) -> None:
    path = platform.repo("worker", "greedy")
    greedy = (
        "import time; kept = []\n"
        "while True:\n"
        "    kept.append(bytearray(b'x') * 40_000_000); print(len(kept)); time.sleep(0.3)\n"
    )
    (path / "greedy.py").write_text(greedy)
    (path / "Procfile").write_text("worker: python3 -u greedy.py\n")
    platform.commit(path, "greedy")
    platform.heroku("apps:create", "greedy", cwd=path).ok()
    platform.git("push", "heroku", "main", cwd=path, timeout=200).ok()
    platform.heroku("ps:scale", "worker=1", "-a", "greedy").ok()
    try:
        for words in ("Error R14 (Memory quota exceeded)", "Error R15"):
            wait_for(
                words,
                lambda words=words: words in platform.heroku("logs", "-a", "greedy").out,  # type: ignore[misc]
                seconds=90,
            )
    finally:
        platform.heroku("ps:scale", "worker=0", "--yes", "-a", "greedy")


def test_a_config_value_never_shows_in_build_release_or_run_output(platform: Platform) -> None:
    secret = "s3cr3t-Value-7731"
    path = platform.repo("worker", "chatty")
    (path / "Procfile").write_text("release: echo releasing with $TOKEN\nworker: sleep 600\n")
    platform.commit(path, "chatty")
    platform.heroku("apps:create", "chatty", cwd=path).ok()
    shown = [platform.heroku("config:set", f"TOKEN={secret}", "-a", "chatty").ok()]
    shown.append(platform.git("push", "heroku", "main", cwd=path, timeout=200).ok())
    assert "releasing with ••••" in shown[-1].err
    shown.append(platform.heroku("run", "-a", "chatty", "--", "echo $TOKEN | base64; env"))
    shown.append(platform.heroku("releases:output", "-a", "chatty"))
    shown += [platform.heroku(*words, "-a", "chatty") for words in (["config"], ["config", "-s"])]
    assert all(secret not in done.all for done in shown)
    kept = [p for p in platform.folder.rglob("*") if p.is_file() and p.suffix in (".log", ".json")]
    assert platform.log in kept
    assert secret not in platform.log.read_text()


def test_what_was_reviewed_must_still_be_so(platform: Platform) -> None:
    platform.heroku("apps:create", "moving").ok()
    version = platform.api("GET", "/apps/moving").headers["Hatoba-Version"]
    platform.heroku("config:set", "A=first-value-here", "-a", "moving").ok()
    stale = platform.api(
        "PATCH",
        "/apps/moving/config-vars",
        json={"A": "second-value-here"},
        headers={"Hatoba-If-Version": version},
    )
    assert stale.status == 409
    assert stale.json()["id"] == "stale_review"


def test_a_plan_is_applied_exactly_once(platform: Platform) -> None:
    platform.heroku("apps:create", "planned").ok()
    asked = platform.heroku("maintenance:on", "-a", "planned")
    assert asked.status == 3
    plan = asked.err.split("--plan ")[1].split()[0]
    platform.heroku("maintenance:on", "--plan", plan, "-a", "planned").ok()
    platform.heroku("maintenance:off", "-a", "planned").ok()
    again = platform.heroku("maintenance:on", "--plan", plan, "-a", "planned")
    assert again.status in (1, 3)
    assert platform.heroku("maintenance", "-a", "planned").out.strip() == "off"


def test_a_post_that_is_sent_again_is_carried_out_once(platform: Platform) -> None:
    headers = {"Request-Id": "7b1d8c1e-5a57-4c5a-9c0e-0d6a0d9d6a11"}
    first = platform.api("POST", "/apps", json={"name": "only-once"}, headers=headers)
    again = platform.api("POST", "/apps", json={"name": "only-once"}, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
