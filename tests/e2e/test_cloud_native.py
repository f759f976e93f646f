"""Apps on the stack cnb: built by a builder's lifecycle in a container, run by its launcher."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cnb.images import BUILDER, RUN_IMAGE, Lifecycle, load, run_image
from tests.docker_engine import DockerEngine, missing
from tests.e2e.platform import Platform
from tests.images import BUSYBOX

OTHER = "harbour/other:1"
ABSENT = "harbour/absent:1"
SECRET = "hush-48151623"


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


def commit(platform: Platform, path: Path, **files: str | None) -> None:
    for name, text in files.items():
        file = path / name.replace("_", ".")
        if text is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(text)
    platform.git("add", "--all", cwd=path).ok()
    platform.git("commit", "--message", "Change", cwd=path).ok()


def test_an_app_is_built_and_run(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "jetty"
    path.mkdir()
    platform.git("init", "--initial-branch", "main", cwd=path).ok()
    (path / ".gitignore").write_text("")
    commit(platform, path, index_html="first\n")
    platform.official("apps:create", "jetty", "--stack", "cnb", cwd=path).ok()
    platform.heroku("git:remote", "-a", "jetty", cwd=path).ok()
    platform.heroku("config:set", f"SECRET={SECRET}", "GREETING=hello", "-a", "jetty").ok()
    pushed = platform.git("push", "heroku", "main", cwd=path, timeout=300)
    pushed.ok()
    assert platform.get("jetty", "/index.html").data == b"first\n"
