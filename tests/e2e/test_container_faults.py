"""What goes wrong around a container app that serves: not one of its requests fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cnb.images import load
from tests.docker_engine import DockerEngine, missing
from tests.e2e.apart import context
from tests.e2e.platform import Done, Platform, free_port, wait_for
from tests.images import BUSYBOX, DOCKER, HandMade, busybox

FROM = "FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n"
WEB = FROM + "COPY www /www\nCMD /bin/busybox httpd -f -p $PORT -h /www\n"
APP = "harbour"
# The disk for the registry's blobs.
DISK = 20 * 1024 * 1024


@dataclass
class Yard:
    """A platform whose dynos are containers, and docker beside it."""

    platform: Platform
    engine: DockerEngine
    code: Path

    def docker(self, *words: str) -> Done:
        host = {"DOCKER_HOST": f"unix://{self.engine.socket}"}
        return self.platform.command("docker", *words, env=host)

    def tag(self, name: str) -> str:
        return f"localhost:{self.platform.port}/{APP}/{name}"

    def build(self, tag: str, dockerfile: str) -> None:
        (self.code / "Dockerfile").write_text(dockerfile)
        self.docker("build", "--tag", tag, str(self.code)).ok()

    def release(self, name: str = "web") -> Done:
        return self.platform.heroku("container:release", name, "-a", APP, "--yes")

    @property
    def registry(self) -> Path:
        return self.platform.folder / "data/registry"

    def uploaded(self) -> int:
        """The bytes of uploads that are not blobs yet."""
        files = (path for path in (self.registry / "uploads").rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files)

    def things(self) -> Counter[str]:
        """Count what there is of everything that could be left behind."""
        count = Counter(
            containers=self.docker("ps", "--all", "--quiet").ok().out.count("\n"),
            networks=self.docker("network", "ls", "--quiet").ok().out.count("\n"),
            blobs=sum(1 for path in self.registry.glob("sha256/*/*")),
            releases=len(self.platform.json("releases", "-a", APP)),
            dynos=len(self.platform.json("ps", "-a", APP)),
        )
        images = self.docker("images", "--all", "--format", "{{.Repository}}").ok().out.split()
        return count + Counter(images=sum(name.startswith("hatoba/") for name in images))


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Yard]:
    if why := missing():
        pytest.skip(why)
    if BUSYBOX is None or shutil.which("docker") is None:
        pytest.skip("there is no busybox or no docker; apt-get install busybox-static docker-cli")
    folder = tmp_path_factory.mktemp("faults")
    engine = DockerEngine()
    engine.start()
    port = free_port()
    engine.carry(port)
    registry = folder / "data/registry"
    registry.mkdir(parents=True, mode=0o700)
    small = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", str(registry)]
    subprocess.run(small, check=True)
    platform = Platform.up(folder, port, {**engine.settings, **engine.client_settings})
    code = context(folder / "code", {"www/index.html": "one"}, Path(BUSYBOX))
    made = Yard(platform, engine, code)
    _first_release(made)
    yield made
    platform.down()
    engine.close()
    subprocess.run(["umount", str(registry)], check=True)


def _first_release(yard: Yard) -> None:
    yard.platform.heroku("apps:create", APP).ok()
    yard.platform.heroku("stack:set", "container", "-a", APP, "--yes").ok()
    yard.platform.heroku("container:login").ok()
    (yard.code / "Dockerfile").write_text(WEB)
    yard.platform.heroku("container:push", "web", "-a", APP, cwd=yard.code).ok()
    yard.release().ok()


@contextmanager
def served(yard: Yard, page: bytes = b"one") -> Iterator[None]:
    """See that every request meanwhile is answered, with that page."""
    seen: Counter[tuple[int, bytes]] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answer = yard.platform.get(APP)
            seen[answer.status, answer.data] += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
        before = seen.total()
        wait_for("more requests", lambda: seen.total() > before + 5 or not asking.is_alive())
    finally:
        over.set()
        asking.join()
    assert set(seen) == {(200, page)}


@contextmanager
def as_it_was(yard: Yard) -> Iterator[None]:
    """The same, and nothing is there afterwards that wasn't before."""
    before = yard.things()
    with served(yard):
        yield
    assert yard.things() == before


def one_line(done: Done, *words: str) -> None:
    """See that a command failed, and said why in a line."""
    assert done.status == 1, done.all
    line = done.err.strip().splitlines()[-1]
    for word in words:
        assert word in line
    assert "Traceback" not in done.all


def test_an_image_that_can_not_run(yard: Yard) -> None:
    with as_it_was(yard):
        one_line(yard.release("worker"), "There is no image of worker", "heroku container:push")
    load(yard.engine, yard.tag("foreign:latest"), HandMade([busybox()], architecture="riscv64"))
    load(yard.engine, yard.tag("silent:latest"), HandMade([busybox()], {}))
    for name in ("foreign", "silent"):
        yard.docker("push", yard.tag(name)).ok()
    with as_it_was(yard):
        one_line(yard.release("foreign"), "is for riscv64", "Build it with --platform linux/")
        one_line(yard.release("silent"), "has no command", "CMD")


def test_an_image_that_lacks_a_blob(yard: Yard) -> None:
    made = HandMade([busybox(("true",))], media_type=DOCKER)
    with as_it_was(yard):
        login = json.loads((yard.platform.folder / "data/login.json").read_text())
        address = f"http://localhost:{yard.platform.port}/v2/{APP}/lost/manifests/latest"
        asked = ["--silent", "-X", "PUT", "-u", f"_:{login['token']}", "--data-binary", "@-"]
        asked += ["-H", f"Content-Type: {DOCKER}", address]
        refused = yard.platform.command("curl", *asked, stdin=made.manifest.decode()).ok()
        assert json.loads(refused.out)["errors"][0]["code"] == "MANIFEST_BLOB_UNKNOWN"
        one_line(yard.release("lost"), "There is no image of lost")
    yard.build(yard.tag("lost"), FROM + f"COPY www /{os.urandom(8).hex()}\nCMD true\n")
    pushed = yard.docker("push", yard.tag("lost")).ok()
    kept = pushed.out.rpartition("digest: sha256:")[2].split()[0]
    manifest = json.loads((yard.registry / "sha256" / kept[:2] / kept).read_text())
    layer = str(manifest["layers"][-1]["digest"]).removeprefix("sha256:")
    (yard.registry / "sha256" / layer[:2] / layer).unlink()
    with as_it_was(yard):
        one_line(yard.release("lost"), f"lacks sha256:{layer[:12]}", "Push it again.")


def test_a_push_that_is_killed(yard: Yard) -> None:
    (yard.code / "big").write_bytes(os.urandom(DISK // 2))
    yard.build(yard.tag("killed"), FROM + "COPY big /\nCMD true\n")
    with as_it_was(yard):
        host = {**yard.platform.env, "DOCKER_HOST": f"unix://{yard.engine.socket}"}
        pushing = subprocess.Popen(
            ["docker", "push", yard.tag("killed")], env=host, stdout=subprocess.DEVNULL
        )
        wait_for("a part of the layer is there", lambda: yard.uploaded() > 0)
        pushing.kill()
        assert pushing.wait() == -signal.SIGKILL
        one_line(yard.release("killed"), "There is no image of killed")


def test_a_push_onto_a_full_disk(yard: Yard) -> None:
    (yard.code / "big").write_bytes(os.urandom(DISK))
    (yard.code / "Dockerfile").write_text(FROM + "COPY big /\nCMD true\n")
    with as_it_was(yard):
        pushed = yard.platform.heroku("container:push", "full", "-a", APP, cwd=yard.code)
        one_line(pushed, "docker push failed")
        assert "denied: No space is left on the platform's disk for this image." in pushed.err
    (yard.code / "big").unlink()


def test_a_dockerfile_that_fails(yard: Yard) -> None:
    (yard.code / "Dockerfile").write_text(FROM + "COPY nothing /\n")
    with as_it_was(yard):
        pushed = yard.platform.heroku("container:push", "web", "-a", APP, cwd=yard.code)
        one_line(pushed, "docker build failed: it exited with 1.")


def test_an_image_that_does_not_boot(yard: Yard) -> None:
    yard.build(yard.tag("web"), FROM + "CMD echo no harbour; exit 3\n")
    yard.docker("push", yard.tag("web")).ok()
    with served(yard):
        failed = yard.release()
        assert failed.status == 4
        assert "it crashed" in failed.err
        assert "heroku rollback v2" in failed.err
        yard.platform.heroku("rollback", "v2", "-a", APP, "--yes").ok()
    assert {dyno["state"] for dyno in yard.platform.json("ps", "-a", APP)} == {"up"}


def test_docker_goes_and_comes_back(yard: Yard) -> None:
    (yard.code / "www/index.html").write_text("one")
    yard.build(yard.tag("web"), WEB + "LABEL again=yes\n")
    yard.docker("push", yard.tag("web")).ok()
    before = yard.things()
    with served(yard):
        yard.engine.stop(signal.SIGKILL)
        one_line(yard.platform.heroku("container:push", "web", "-a", APP, cwd=yard.code), "docker")
        failed = yard.release()
        assert failed.status == 4
        assert "docker is down: dynos start when it is back" in failed.err
        yard.engine.start()
        wait_for(
            "the new image serves",
            lambda: (
                {one["release"]["version"] for one in yard.platform.json("ps", "-a", APP)} == {5}
            ),
        )
    more = Counter(releases=1, images=1)
    wait_for("the old dyno is gone", lambda: yard.things() - before == more, seconds=60)
