"""Images pushed and released by both command lines, docker, skopeo and podman."""

from __future__ import annotations

import json
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine, missing
from tests.e2e.apart import HOST, REGISTRY, Apart, context
from tests.e2e.platform import OFFICIAL_CLI, wait_for
from tests.images import BUSYBOX

URL = f"https://harbour.{HOST}/"
FROM = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n"
WEB = FROM + "ARG TEXT=hello\nCOPY www /www\nCMD /bin/busybox httpd -f -p $PORT -h /www\n"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    if why := missing():
        pytest.skip(why)
    if BUSYBOX is None:
        pytest.skip("images are made of busybox, which is missing: apt-get install busybox-static")
    engine = DockerEngine()
    engine.start()
    platform = Apart.beside(engine, tmp_path_factory.mktemp("apart"))
    platform.heroku("apps:create", "harbour").ok()
    platform.heroku("stack:set", "container", "-a", "harbour", "--yes").ok()
    yield platform
    platform.down()
    engine.close()


@pytest.fixture(scope="module")
def code(apart: Apart) -> Path:
    """A folder with Dockerfiles."""
    assert BUSYBOX is not None
    files = {
        "Dockerfile": WEB,
        "www/index.html": "one",
        "jobs/Dockerfile.worker": FROM + 'ENTRYPOINT ["/bin/busybox", "sleep", "1000"]\n',
        "jobs/Dockerfile.release": FROM + 'CMD echo "migrating $COLOUR"; exit ${STATUS:-0}\n',
    }
    return context(apart.folder / "code", files, Path(BUSYBOX))


def page(apart: Apart) -> str:
    return apart.fetch(URL)


def test_our_own_command_line_pushes_and_releases(apart: Apart, code: Path) -> None:
    unknown = apart.heroku("container:release", "web", "-a", "harbour")
    assert (unknown.status, "Push it first" in unknown.err) == (1, True)
    apart.heroku("container:login").ok()
    pushed = apart.heroku("container:push", "web", "-a", "harbour", cwd=code).ok()
    assert "the registry has web as sha256:" in pushed.err
    assert "Your image has been successfully pushed." in pushed.err
    again = apart.heroku("container:push", "web", "-a", "harbour", cwd=code).ok()
    assert "has them already" in again.err
    apart.heroku("container:release", "web", "-a", "harbour").ok()
    assert page(apart) == "one"
    shown = apart.heroku("apps:info", "-a", "harbour").ok().out
    assert re.search(r"^Registry Size: +\d[\d.]*[KM]$", shown, re.MULTILINE)
    assert re.search(r"1 app, 1 dyno, \d[\d.]*[KM] of images", apart.hatoba("status").ok().out)
    ran = apart.heroku("run", "-x", "-a", "harbour", "--", "echo $COLOUR-$DYNO; exit 3")
    assert (ran.status, ran.out.startswith("-run.")) == (3, True)
    inside = apart.heroku("ps:exec", "-a", "harbour", "--", "/bin/busybox cat /www/index.html")
    assert inside.ok().out.strip() == "one"


def test_an_image_is_built_and_run_on_this_machine(apart: Apart, code: Path) -> None:
    words = ("--", "/bin/busybox", "sh", "-c", "echo at $PORT; exit 5")
    ran = apart.heroku("container:run", "web", "-a", "harbour", "-p", "5055", *words, cwd=code)
    assert (ran.status, ran.out) == (5, "at 5055\n")
    (code / "Broken").mkdir()
    (code / "Broken/Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")
    failed = apart.heroku("container:push", "web", "-a", "harbour", cwd=code / "Broken")
    assert failed.status == 1
    assert "docker build failed: it exited with 1." in failed.err
    assert page(apart) == "one"


def test_release_phase_and_other_types(apart: Apart, code: Path) -> None:
    jobs = code / "jobs"
    shutil.copy(code / "busybox", jobs / "busybox")
    apart.heroku("config:set", "COLOUR=green", "STATUS=7", "-a", "harbour").ok()
    apart.heroku("container:push", "--recursive", "-a", "harbour", cwd=jobs).ok()
    types = ("worker", "release")
    failed = apart.heroku("container:release", *types, "-a", "harbour", "--yes")
    assert failed.status == 4
    assert "migrating green" in failed.out
    assert "the release before goes on serving" in failed.err
    assert page(apart) == "one"
    apart.heroku("config:unset", "STATUS", "-a", "harbour", "--yes").ok()
    receipt = apart.json("container:release", *types, "-a", "harbour", "--yes")
    assert receipt["verified"]
    assert receipt["undo"].startswith("heroku rollback v")
    scaled = apart.heroku("ps:scale", "worker=1", "-a", "harbour").ok()
    assert "worker.1 up" in scaled.err
    (code / "www/index.html").write_text("two")
    apart.heroku("container:push", "web", "-a", "harbour", cwd=code).ok()
    refused = apart.heroku("container:release", "web", "-a", "harbour")
    assert (refused.status, "needs confirmation" in refused.err) == (3, True)
    apart.heroku("container:release", "web", "-a", "harbour", "--yes").ok()
    assert page(apart) == "two"
    apart.heroku("rollback", "-a", "harbour", "--yes").ok()
    assert page(apart) == "one"
    apart.heroku("container:rm", "worker", "-a", "harbour", "--yes").ok()
    assert {dyno["name"] for dyno in apart.json("ps", "-a", "harbour")} == {"web.1"}


@pytest.mark.skipif(not OFFICIAL_CLI.exists(), reason="the official command line is not installed")
def test_the_official_command_line_does_the_same(apart: Apart, code: Path) -> None:
    (code / "www/index.html").write_text("three")
    apart.official("container:logout").ok()
    out = apart.official("container:push", "web", "-a", "harbour", cwd=code)
    assert out.status == 1
    login = apart.official("container:login").ok()
    assert "Login Succeeded" in login.all
    pushed = apart.official("container:push", "web", "-a", "harbour", cwd=code).ok()
    assert "Your image has been successfully pushed." in pushed.all
    assert f"{REGISTRY}/harbour/web" in pushed.all
    released = apart.official("container:release", "web", "-a", "harbour").ok()
    assert "Releasing images web to harbour... done" in released.all
    assert "migrating green" in released.all
    wanted = apart.json("releases", "-a", "harbour")[0]
    assert wanted["description"].startswith("Deployed web (")
    # The official command does not wait for the dynos.
    wait_for("the new image serves", lambda: page(apart) == "three")
    apart.official("container:pull", "web", "-a", "harbour").ok()
    removed = apart.official("container:rm", "release", "-a", "harbour").ok()
    assert "Removing container release for" in removed.all


@pytest.mark.skipif(not OFFICIAL_CLI.exists(), reason="the official command line is not installed")
def test_a_promotion_takes_the_images_along(apart: Apart) -> None:
    apart.heroku("apps:create", "pier", "--no-remote").ok()
    apart.heroku("pipelines:create", "docks", "-a", "harbour", "--stage", "staging").ok()
    apart.heroku("pipelines:add", "docks", "-a", "pier", "--stage", "production").ok()
    refused = apart.heroku("pipelines:promote", "-a", "harbour")
    assert (refused.status, "needs confirmation" in refused.err) == (3, True)
    promoted = apart.official("pipelines:promote", "-a", "harbour").ok()
    assert "Promotion successful" in promoted.out
    there = f"https://pier.{HOST}/"
    wait_for("the image serves there too", lambda: apart.fetch(there) == page(apart))
    again = apart.heroku("pipelines:promote", "-a", "harbour", "--yes").ok()
    assert "All of them run that already." in again.err
    runs = [apart.json("ps:type", "-a", app) for app in ("pier", "harbour")]
    assert {one["command"] for one in runs[0]} == {one["command"] for one in runs[1]}
    now, _, earlier, *_ = (f"v{one['version']}" for one in apart.json("releases", "-a", "harbour"))
    apart.heroku("rollback", earlier, "-a", "harbour", "--yes").ok()
    assert page(apart) == "one"
    done = apart.heroku("pipelines:promote", "-a", "harbour", "--yes").ok()
    assert "pier has the code of harbour" in done.err
    assert apart.fetch(there) == "one"
    apart.heroku("rollback", "-a", "pier", "--yes").ok()
    assert apart.fetch(there) == "three"
    apart.heroku("rollback", now, "-a", "harbour", "--yes").ok()
    apart.heroku("apps:destroy", "pier", "--confirm", "pier").ok()


@pytest.mark.skipif(not shutil.which("skopeo"), reason="skopeo is missing: apt-get install skopeo")
def test_skopeo_copies_between_repositories(apart: Apart) -> None:
    (apart.folder / "auth.json").write_text("{}")
    auth = ["--authfile", str(apart.folder / "auth.json")]
    login = ["login", *auth, "-u", "_", "--password-stdin", REGISTRY]
    apart.command("skopeo", *login, stdin=apart.token).ok()
    source, target = f"docker://{REGISTRY}/harbour/web", f"docker://{REGISTRY}/harbour/copy:v1"
    apart.command("skopeo", "copy", *auth, source, target).ok()
    seen = [
        json.loads(apart.command("skopeo", "inspect", *auth, place).ok().out)
        for place in (source, target)
    ]
    assert seen[0]["Digest"] == seen[1]["Digest"]
    assert seen[1]["RepoTags"] == ["v1"]
    folder = apart.folder / "layout"
    apart.command("skopeo", "copy", *auth, "--format", "oci", source, f"oci:{folder}:web").ok()
    apart.command("skopeo", "copy", *auth, f"oci:{folder}:web", f"{target}-oci").ok()
    apart.command("skopeo", "delete", *auth, target).ok()
    gone = apart.command("skopeo", "inspect", *auth, target)
    assert (gone.status, "manifest unknown" in gone.err.lower()) == (1, True)
    denied = apart.command("skopeo", "inspect", "--no-creds", source)
    assert (denied.status, "unauthorized" in denied.err.lower()) == (1, True)


@pytest.fixture
def runroot() -> Iterator[str]:
    """A folder with a short name: podman takes no long one."""
    with tempfile.TemporaryDirectory(prefix="pod-", ignore_cleanup_errors=True) as folder:
        yield folder


@pytest.mark.skipif(not shutil.which("podman"), reason="podman is missing: apt-get install podman")
def test_podman_builds_pushes_and_pulls(apart: Apart, code: Path, runroot: str) -> None:
    podman = ["podman", "--root", str(apart.folder / "pods"), "--runroot", runroot]
    podman += ["--storage-driver", "vfs"]
    tag = f"{REGISTRY}/harbour/web"
    (code / "www/index.html").write_text("four")
    chroot = {"BUILDAH_ISOLATION": "chroot"}
    apart.command(*podman, "build", "-t", tag, str(code), env=chroot).ok()
    login = ["login", "-u", "_", "--password-stdin", REGISTRY]
    apart.command(*podman, *login, stdin=apart.token).ok()
    apart.command(*podman, "push", tag).ok()
    apart.command(*podman, "rmi", tag).ok()
    apart.command(*podman, "pull", tag).ok()
    apart.heroku("container:release", "web", "-a", "harbour", "--yes").ok()
    assert page(apart) == "four"


def test_a_release_while_docker_is_stopped_waits_for_it(apart: Apart, code: Path) -> None:
    before, engine = page(apart), apart.engine
    assert engine is not None
    (code / "www/index.html").write_text("five")
    apart.heroku("container:push", "web", "-a", "harbour", cwd=code).ok()
    engine.stop(signal.SIGKILL)
    asked = apart.command(
        "curl",
        *("--silent", "--max-time", "20", "-X", "PATCH", "-u", f"_:{apart.token}"),
        *("-H", "Accept: application/vnd.heroku+json; version=3.docker-releases"),
        *("-d", json.dumps({"docker_image": pushed_id(apart)})),
        "http://localhost:443/apps/harbour/formation/web",
    ).ok()
    assert json.loads(asked.out)["type"] == "web"
    # Nothing new can start, so what ran goes on serving.
    assert page(apart) == before
    engine.start()
    wait_for("the new image serves", lambda: page(apart) == "five", seconds=90)


def pushed_id(apart: Apart) -> str:
    """Return the id of the image that was pushed last for web."""
    url = f"https://{REGISTRY}/v2/harbour/web/manifests/latest"
    found = apart.command("curl", "--silent", "-u", f"_:{apart.token}", url).ok().out
    return str(json.loads(found)["config"]["digest"])
