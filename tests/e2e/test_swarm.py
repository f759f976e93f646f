"""A platform whose dynos are containers: deploy, add-ons, sessions, and Docker going away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine, missing
from tests.e2e.platform import Platform, wait_for
from tests.images import BUSYBOX


@pytest.fixture(scope="module")
def own_docker() -> Iterator[DockerEngine]:
    if why := missing():
        pytest.skip(why)
    engine = DockerEngine()
    engine.start()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def swarm(own_docker: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    settings = {**own_docker.settings, "HATOBA_DYNO_DISK": "200"}
    running = Platform.up(tmp_path_factory.mktemp("swarm"), more=settings)
    yield running
    running.down()


def signed(platform: Platform, app: str) -> bool:
    return b"Ada" in platform.get(app).data


def states(platform: Platform) -> dict[str, str]:
    return {part["name"]: part["state"] for part in platform.status()["components"]}


def test_an_app_with_a_database_is_deployed_and_operated(swarm: Platform) -> None:
    path = swarm.repo("django-guestbook", "harbour")
    swarm.heroku("apps:create", "harbour", cwd=path).ok()
    swarm.heroku("addons:create", "heroku-postgresql:essential-0", "-a", "harbour").ok()
    pushed = swarm.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    assert "Verifying deploy... done." in pushed.err
    signing = "INSERT INTO guestbook_entry (name, message, written_at) VALUES ('Ada', 'Hi', now())"
    swarm.heroku("pg:psql", "-a", "harbour", "-c", signing).ok()
    assert signed(swarm, "harbour")
    ran = swarm.heroku("run", "-a", "harbour", "-x", "--", "cat /proc/1/cmdline; id -u; exit 3")
    assert ran.status == 3
    assert "/run/hatoba" in ran.out
    scaled = swarm.json("ps:scale", "web=2", "-a", "harbour")
    assert scaled
    assert {dyno["state"] for dyno in swarm.json("ps", "-a", "harbour")} == {"up"}
    logged = swarm.heroku("logs", "-a", "harbour", "-n", "200").ok().out
    assert "app[web.1]" in logged
    assert "app[release." in logged


def test_a_dyno_that_fills_the_disk_is_ended_and_says_so(swarm: Platform) -> None:
    fill = "head -c 300M /dev/zero >/tmp/big; exec sleep 1000"
    ended = swarm.heroku("run", "-x", "-a", "harbour", "--", fill)
    assert (ended.status, "ended without telling" in ended.err) == (1, True)
    logged = swarm.heroku("logs", "-a", "harbour", "-n", "20").ok().out
    assert "Error (Disk quota exceeded) -> Its files take more than 200M" in logged
    assert signed(swarm, "harbour")


_HEROKU_YML = """\
setup:
  config:
    SECRET: hush-12345
build:
  docker:
    web: Dockerfile
    worker: worker/Dockerfile
  config:
    GREETING: hello from heroku.yml
release:
  image: web
  command: [echo releasing with $SECRET, test -f /www/index.html]
run:
  web: httpd -f -p $PORT -h /www
"""
_DOCKERFILE = """\
FROM scratch AS system
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
FROM system
ARG GREETING
ARG SECRET=none
RUN mkdir /www && echo "$GREETING" >/www/index.html && echo the secret is hush-{} or $SECRET
USER 1000
CMD ["sleep", "1000"]
"""


def _commit(platform: Platform, path: Path, **files: str) -> None:
    for name, text in files.items():
        (path / name).write_text(text)
    platform.git("add", "--all", cwd=path).ok()
    platform.git("commit", "--message", "Change", cwd=path).ok()


@pytest.mark.skipif(
    BUSYBOX is None, reason="there is no static busybox; apt-get install busybox-static"
)
def test_images_are_built_of_what_is_pushed(
    swarm: Platform, own_docker: DockerEngine, tmp_path: Path
) -> None:
    host = {"DOCKER_HOST": f"unix://{own_docker.socket}"}
    path = tmp_path / "barge"
    (path / "worker").mkdir(parents=True)
    for folder in (path, path / "worker"):
        shutil.copy(str(BUSYBOX), folder / "busybox")
    (path / "worker/Dockerfile").write_text(_DOCKERFILE)
    swarm.git("init", "--initial-branch", "main", cwd=path).ok()
    dockerfile = _DOCKERFILE.replace("{}", "12345")
    _commit(swarm, path, Dockerfile=dockerfile, **{"heroku.yml": _HEROKU_YML})
    swarm.official("apps:create", "sister", "--manifest", "--no-remote", cwd=path).ok()
    changed = swarm.official("stack:set", "heroku-24", "-a", "sister").ok()
    assert "Setting stack to heroku-24... done" in changed.err
    made = swarm.heroku("apps:create", "barge", "--manifest", "--json", cwd=path).ok()
    assert [one["operation"] for one in json.loads(made.out)] == ["apps:create", "config:set"]
    for app in ("barge", "sister"):
        assert set(swarm.json("config", "-a", app)) == {"SECRET"}
    pushed = swarm.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    assert "=== Building web (Dockerfile)" in pushed.err
    assert "=== Building worker (worker/Dockerfile)" in pushed.err
    assert "hush-12345" not in pushed.err
    assert "or none" in pushed.err
    assert swarm.get("barge").data == b"hello from heroku.yml\n"
    types = {one["type"]: one["command"] for one in swarm.json("ps:type", "-a", "barge")}
    assert types["worker"] == "sleep 1000"
    ran = swarm.heroku("run", "-a", "barge", "-x", "--", "echo $SECRET; id; exit 3")
    assert (ran.status, "root" in ran.out) == (3, False)

    before = swarm.json("releases", "-a", "barge")[0]["version"]
    for change, why in (
        ({"Dockerfile": "FROM scratch\nFLY\n"}, "Building web (Dockerfile) failed: "),
        ({"heroku.yml": _HEROKU_YML + "  other: x\n"}, "run.other needs the image of other"),
        ({"heroku.yml": "build:"}, "heroku.yml: build.docker must name a Dockerfile"),
    ):
        _commit(swarm, path, **{"Dockerfile": dockerfile, "heroku.yml": _HEROKU_YML, **change})
        refused = swarm.git("push", "heroku", "main", cwd=path, timeout=300)
        assert refused.status != 0
        assert why in refused.err
        assert "Traceback" not in refused.err
    assert swarm.json("releases", "-a", "barge")[0]["version"] == before
    assert swarm.get("barge").data == b"hello from heroku.yml\n"

    # A daemon that is killed amid a build builds again when it is back; nothing is left of the
    # first attempt.
    slow = dockerfile.replace("FROM system\n", "FROM system\nRUN echo 1 >/slow && sleep 3\n")
    _commit(
        swarm, path, **{"Dockerfile": slow, "heroku.yml": _HEROKU_YML.replace("hello", "good day")}
    )
    pushing = subprocess.Popen(
        ["git", "push", "heroku", "main"],
        cwd=path,
        env=swarm.env,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pushing:
        assert pushing.stderr
        assert any("RUN echo 1" in line for line in pushing.stderr)
        os.kill(swarm.pid("hatobad"), signal.SIGKILL)
        pushing.communicate()
    answer = b"good day from heroku.yml\n"
    wait_for("the build is done", lambda: swarm.get("barge").data == answer)
    swarm.heroku("apps:destroy", "-a", "barge", "--confirm", "barge").ok()
    images = swarm.command(
        "docker", "images", "--format", "{{.Repository}}:{{.Tag}}", env=host
    ).ok()
    assert "/build:" not in images.out
    assert "<none>" not in images.out


def test_docker_may_be_restarted_and_the_daemon_killed(
    swarm: Platform, own_docker: DockerEngine
) -> None:
    before = {dyno["id"] for dyno in swarm.json("ps", "-a", "harbour")}
    own_docker.stop(signal.SIGKILL)
    assert states(swarm)["docker"] == "down"
    assert signed(swarm, "harbour")
    refused = swarm.heroku("run", "-a", "harbour", "--", "true")
    assert refused.status == 1
    assert "Docker does not answer" in refused.err
    assert len(refused.err.strip().splitlines()) <= 3

    killed = swarm.pid("hatobad")
    os.kill(killed, signal.SIGKILL)
    wait_for("the daemon is back", lambda: states(swarm).get("hatobad") == "up")
    assert swarm.pid("hatobad") != killed
    assert (states(swarm)["docker"], swarm.hatoba("status").status) == ("down", 1)
    own_docker.start()
    assert signed(swarm, "harbour")
    assert {dyno["id"] for dyno in swarm.json("ps", "-a", "harbour")} == before
    swarm.heroku("ps:restart", "-a", "harbour", "--yes").ok()
    assert {dyno["id"] for dyno in swarm.json("ps", "-a", "harbour")}.isdisjoint(before)


@pytest.mark.skipif(not shutil.which("debootstrap"), reason="there is no debootstrap")
def test_an_app_is_built_and_runs_on_a_stack_of_its_own(
    own_docker: DockerEngine, tmp_path: Path
) -> None:
    more = {"HATOBA_STACK": "debian-bookworm"}
    platform = Platform.of(tmp_path, more={**own_docker.settings, **more})
    refused = platform.hatoba("up", "--detach")
    assert (refused.status, "hatoba stack build" in refused.err) == (1, True)
    built = platform.hatoba("stack", "build", "--json", timeout=600).ok()
    assert Path(json.loads(built.out)["path"]).stat().st_size == json.loads(built.out)["bytes"]
    platform.hatoba("up", "--detach", timeout=120).ok()
    try:
        path = platform.repo("flask-guestbook", "lighthouse")
        platform.heroku("apps:create", "lighthouse", cwd=path).ok()
        pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
        assert "Building on the debian-bookworm stack" in pushed.err
        assert platform.get("lighthouse").status == 200
        look = "readlink -f $(which python); ls /root 2>&1; cat /etc/debian_version"
        ran = platform.heroku("run", "-a", "lighthouse", "--", look).ok()
        assert "/usr/bin/python3.11" in ran.out
        assert "12." in ran.out
    finally:
        platform.down()


def test_up_says_what_is_missing(swarm: Platform) -> None:
    folder = swarm.folder / "other"
    nowhere = {"HATOBA_DOCKER_HOST": "unix:///nowhere.sock", "HATOBA_DATA_DIR": str(folder)}
    for env, word in (
        (nowhere, "Docker does not answer at /nowhere.sock"),
        ({**nowhere, "HATOBA_DOCKER_HOST": "tcp://10.0.0.1"}, "must be a socket of this machine"),
        ({**nowhere, "HATOBA_DYNO_NETWORKS": "10.0.0.1"}, "HATOBA_DYNO_NETWORKS must be a range"),
        ({**nowhere, "HATOBA_DYNO_DISK": "much"}, "HATOBA_DYNO_DISK must be a number of megabytes"),
        ({**nowhere, "HATOBA_ENGINE": "steam"}, "HATOBA_ENGINE must be local or swarm"),
    ):
        failed = swarm.hatoba("up", "--detach", env=env)
        assert failed.status in (1, 2)
        assert word in failed.err
        assert "Traceback" not in failed.err
    assert json.loads(swarm.hatoba("status", "--json").out)["ready"]
