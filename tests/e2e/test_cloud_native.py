"""Apps on the stack cnb: built by a builder's lifecycle in a container, run by its launcher."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.cnb.images import BUILDER, RUN_IMAGE, USER, Lifecycle, load, run_image
from tests.docker_engine import DockerEngine, missing
from tests.e2e.platform import Done, Platform, wait_for
from tests.images import BUSYBOX

OTHER = "harbour/other:1"
ABSENT = "harbour/absent:1"
SECRET = "hush-48151623"
NAMED = '[io.buildpacks]\nbuilder = "{}"\n'
GROUP = '[[io.buildpacks.group]]\nid = "{}"\n'


@pytest.fixture(scope="module")
def engine() -> Iterator[DockerEngine]:
    if why := missing():
        pytest.skip(why)
    if BUSYBOX is None or shutil.which("docker") is None:
        pytest.skip("there is no busybox or no docker; apt-get install busybox-static docker-cli")
    made = DockerEngine()
    made.start()
    load(made, BUILDER, Lifecycle().image())
    load(made, OTHER, Lifecycle(run_image="harbour/nowhere:1").image())
    load(made, RUN_IMAGE, run_image())
    yield made
    made.close()


@pytest.fixture(scope="module")
def platform(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    builders = {"HATOBA_CNB_BUILDER": f"{BUILDER} {OTHER} {ABSENT}"}
    running = Platform.up(tmp_path_factory.mktemp("cnb"), more={**engine.settings, **builders})
    yield running
    running.down()


@pytest.fixture(scope="module")
def path(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the app."""
    path = tmp_path_factory.mktemp("repository") / "jetty"
    path.mkdir()
    platform.git("init", "--initial-branch", "main", cwd=path).ok()
    platform.official("apps:create", "jetty", "--stack", "cnb", cwd=path).ok()
    platform.heroku("git:remote", "-a", "jetty", cwd=path).ok()
    platform.heroku("config:set", f"SECRET={SECRET}", "GREETING=hello-there", "-a", "jetty").ok()
    return path


def pushed(platform: Platform, path: Path, files: Mapping[str, str | None]) -> Done:
    """Change files, None deletes one, and push."""
    for name, text in files.items():
        file = path / name
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(text)
    platform.git("add", "--all", cwd=path).ok()
    platform.git("commit", "--allow-empty", "--message", "Change", cwd=path).ok()
    done = platform.git("push", "heroku", "main", cwd=path, timeout=300)
    assert not {SECRET, "hello-there"} & set(done.err.split())
    assert "Traceback" not in done.err
    return done


def page(platform: Platform, name: str = "index.html") -> bytes:
    return platform.get("jetty", f"/{name}").data


def test_an_app_is_built_and_run(platform: Platform, path: Path) -> None:
    first = pushed(platform, path, {"index.html": "first\n"}).ok().err
    for line in ("=== Building with harbour/builder:24", "===> DETECTING", "---> Making tools"):
        assert line in first
    assert (page(platform), page(platform, "greeting")) == (b"first\n", b"hello-there\n")
    procfile = "release: cat index.html\nworker: sleep 1000\n"
    second = pushed(platform, path, {"index.html": "second\n", "Procfile": procfile}).ok().err
    for line in (
        "Previous image found",
        "Restoring data for harbour_static:tools from cache",
        "---> Using the tools of the last build",
        "Reusing layer 'harbour_static:tools'",
        "Release phase: running the release command...",
        "       second",
    ):
        assert line in second
    assert page(platform) == b"second\n"
    types = {one["type"]: one["command"] for one in platform.json("ps:type", "-a", "jetty")}
    assert (types["web"], types["worker"]) == ("serve", "sleep 1000")
    platform.heroku("rollback", "v3", "-a", "jetty", "--yes").ok()
    assert page(platform) == b"first\n"
    assert platform.json("buildpacks", "-a", "jetty") == ["harbour/static"]
    platform.heroku("rollback", "v4", "-a", "jetty", "--yes").ok()


def test_one_off_dynos_run_by_the_launcher(platform: Platform) -> None:
    for run in (platform.heroku, platform.official):
        said = run("run", "-a", "jetty", "-x", "--", "env").ok().out
        assert "LAUNCHED=yes" in said
        assert f"SECRET={SECRET}" not in said
        plain = run("run", "-a", "jetty", "-x", "--no-launcher", "--", "env").ok().out
        assert "LAUNCHED" not in plain
    platform.heroku("run", "-a", "jetty", "-x", "--", "touch /workspace/new index.html").ok()
    failed = platform.heroku("run", "-a", "jetty", "-x", "--", "test -e nothing")
    assert failed.status == 1


def test_both_command_lines_tell_of_it(platform: Platform) -> None:
    own = platform.heroku("buildpacks", "-a", "jetty").ok().out
    assert "jetty Cloud Native Buildpacks\n\n1. harbour/static\n2. harbour/procfile" in own
    told = platform.official("buildpacks", "-a", "jetty").ok().out
    assert "Cloud Native Buildpacks (from the latest release's OCI image)" in told
    assert "1. harbour/static\n2. harbour/procfile" in told
    stacks = platform.official("apps:stacks", "-a", "jetty").ok().out
    assert "* cnb" in stacks
    info = platform.official("apps:info", "-a", "jetty").ok().out
    assert "cnb" in info
    assert "Slug Size" not in info
    [build, *_] = platform.json("builds", "-a", "jetty")
    assert (build["stack"], build["status"]) == ("cnb", "succeeded")


def test_a_promotion_takes_the_image_along(platform: Platform) -> None:
    platform.heroku("apps:create", "quay", "--no-remote").ok()
    platform.heroku("config:set", "GREETING=good-day", "-a", "quay").ok()
    platform.heroku("pipelines:create", "docks", "-a", "jetty", "--stage", "staging").ok()
    platform.heroku("pipelines:add", "docks", "-a", "quay", "--stage", "production").ok()
    platform.heroku("pipelines:promote", "-a", "jetty", "--yes").ok()
    # The image is as it was built, its config vars are the target's own.
    assert platform.get("quay", "/greeting").data == b"hello-there\n"
    look = "echo ${#GREETING}; id -G; echo more >>index.html"
    said = platform.heroku("ps:exec", "-a", "quay", "--", look).ok().out.split()
    assert (said[0], said[2]) == ("8", str(USER))
    assert platform.get("quay").data == b"second\nmore\n"
    assert "cnb" in platform.official("apps:info", "-a", "quay").ok().out
    platform.heroku("rollback", "v3", "-a", "jetty", "--yes").ok()
    platform.official("pipelines:promote", "-a", "jetty").ok()
    wait_for("the image before serves", lambda: platform.get("quay").data == b"first\n")
    platform.heroku("rollback", "v4", "-a", "jetty", "--yes").ok()
    platform.heroku("rollback", "-a", "quay", "--yes").ok()
    assert platform.get("quay").data == b"second\n"
    assert platform.json("builds", "-a", "quay") == []
    platform.heroku("apps:destroy", "quay", "--confirm", "quay").ok()


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"index.html": None}, "No buildpack of the builder harbour/builder:24 fits this app"),
        ({"Procfile": "broken: x\n"}, "A buildpack failed; its output says why."),
        ({"project.toml": NAMED.format(ABSENT)}, f"docker pull {ABSENT}"),
        ({"project.toml": NAMED.format(OTHER)}, "The run image harbour/nowhere:1 of the builder"),
        ({"project.toml": NAMED.format("x/y:1")}, "hatoba up --cnb-builder x/y:1"),
        ({"project.toml": GROUP.format("harbour/go")}, "has no buildpack harbour/go; it has har"),
        ({"project.toml": "builder = "}, "project.toml is not TOML"),
    ],
)
def test_what_can_not_be_built_is_told(
    platform: Platform, path: Path, files: Mapping[str, str | None], why: str
) -> None:
    before = platform.json("releases", "-a", "jetty")[0]["version"]
    kept = {name: (path / name).read_text() for name in files if (path / name).exists()}
    refused = pushed(platform, path, files)
    assert refused.status != 0
    assert why in refused.err
    assert platform.json("releases", "-a", "jetty")[0]["version"] == before
    assert page(platform) == b"second\n"
    for name in files:
        (path / name).unlink(missing_ok=True)
    for name, text in kept.items():
        (path / name).write_text(text)


def test_a_project_toml_and_a_killed_daemon(
    platform: Platform, engine: DockerEngine, path: Path
) -> None:
    platform.heroku("builds:cache:purge", "-a", "jetty", "--yes").ok()
    (path / "notes.md").write_text("not for the build")
    waits = '[[io.buildpacks.build.env]]\nname = "WAIT"\nvalue = "2"\n'
    project = f"{GROUP.format('harbour/static')}{waits}[io.buildpacks]\nexclude = ['*.md']\n"
    (path / "project.toml").write_text(project)
    platform.git("add", "--all", cwd=path).ok()
    platform.git("commit", "--message", "Change", cwd=path).ok()
    pushing = subprocess.Popen(
        ["git", "push", "heroku", "main"],
        cwd=path,
        env=platform.env,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pushing:
        assert pushing.stderr
        assert any("---> Making tools" in line for line in pushing.stderr)
        os.kill(platform.pid("hatobad"), signal.SIGKILL)
        pushing.communicate()
    wait_for(
        "the build is done",
        lambda: platform.json("builds", "-a", "jetty")[0]["status"] == "succeeded",
    )
    assert page(platform) == b"second\n"
    assert platform.get("jetty", "/notes.md").status == 404
    assert set(platform.json("buildpacks", "-a", "jetty")) == {"harbour/static"}
    host = {"DOCKER_HOST": f"unix://{engine.socket}"}
    dynos = platform.command("docker", "ps", "--all", "--quiet", env=host).ok().out.split()
    assert len(dynos) == len(platform.json("ps", "-a", "jetty"))
