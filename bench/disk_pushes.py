"""A soak of whole pushes: `docker push`, a release, its dynos, and housekeeping as time goes by.

A real platform on a Docker Engine of its own; each cycle pushes an image with a new layer of 1 MB
by docker, releases it over the API and waits until its dyno serves. After each twenty of them two
months go by (what is noted of times is moved back) and the daemon comes back from a kill, which
tidies up. What releases can be rolled back to stays, so that the curve rises to that and must then
be flat. ``HATOBA_BENCH_PUSHES`` sets how many.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path
from time import time
from urllib.parse import quote

import psycopg

from bench.disk import report, used
from hatoba.settings import load as settings
from hatoba.store.postgres_server import ADMIN
from tests.cnb.images import load
from tests.docker_engine import DockerEngine, missing
from tests.e2e.platform import Platform, free_port, wait_for
from tests.images import HandMade, busybox, layer

PUSHES = 200
# Not more often: a daemon that dies again and again is started ever later.
_EVERY = 20
_APP = "harbour"
_LAYER_BYTES = 1024 * 1024
_MONTHS = 60 * 24 * 3600
_TIMES = {
    "releases": ("created_at",),
    "slugs": ("created_at",),
    "images": ("created_at", "pushed_at"),
    "image_tags": ("updated_at",),
    "blob_links": ("used_at",),
}


def _push(platform: Platform, docker: DockerEngine, number: int) -> HandMade:
    """Push an image as somebody's docker does, which keeps nothing of it."""
    files = {"data": os.urandom(_LAYER_BYTES), "www/index.html": str(number).encode()}
    runs = {"Cmd": ["/bin/sh", "-c", "exec /bin/busybox httpd -f -p $PORT -h /www"]}
    made = HandMade([busybox(), layer(files)], runs)
    tag = f"localhost:{platform.port}/{_APP}/web"
    load(docker, f"{tag}:latest", made)
    platform.command("docker", "push", tag).ok()
    platform.command("docker", "rmi", tag).ok()
    return made


def _release(platform: Platform, made: HandMade, number: int) -> None:
    asked = {"Accept": "application/vnd.heroku+json; version=3.docker-releases"}
    body = f'{{"updates": [{{"type": "web", "docker_image": "{made.id}"}}]}}'
    path = f"/apps/{_APP}/formation"
    assert platform.api("PATCH", path, headers=asked, body=body).status == 200
    page = str(number).encode()
    wait_for("the new image serves", lambda: platform.get(_APP).data == page, seconds=60)


def _months_go_by(platform: Platform) -> None:
    where = settings(platform.env)
    password = (where.data_dir / "postgres.password").read_text()
    host = quote(str(where.runtime_dir / "pg"), safe="")
    with psycopg.connect(f"postgresql://{ADMIN}:{password}@/postgres?host={host}") as conn:
        for table, columns in _TIMES.items():
            earlier = ", ".join(f"{name} = {name} - interval '{_MONTHS} s'" for name in columns)
            conn.execute(f"UPDATE {table} SET {earlier}".encode())  # noqa: S608 names from here
    for path in (where.data_dir / "registry").rglob("*"):
        if path.is_file():
            os.utime(path, (time() - _MONTHS,) * 2)
    killed = platform.pid("hatobad")
    os.kill(killed, signal.SIGKILL)
    log = platform.log
    before = log.read_text().count("from the trash")
    wait_for("housekeeping", lambda: log.read_text().count("from the trash") > before)
    wait_for("the daemon", lambda: platform.hatoba("status").status == 0)


def _soak(docker: DockerEngine, folder: Path, pushes: int) -> list[int]:
    port = free_port()
    docker.carry(port)
    platform = Platform.up(folder, port, docker.client_settings)
    curve = []
    try:
        platform.heroku("apps:create", _APP).ok()
        platform.heroku("stack:set", "container", "-a", _APP, "--yes").ok()
        platform.heroku("container:login").ok()
        for number in range(pushes):
            _release(platform, _push(platform, docker, number), number)
            if number % _EVERY == _EVERY - 1:
                _months_go_by(platform)
                curve.append(used(docker.data) + used(folder / "data/registry"))
    finally:
        platform.down()
    return curve


def main() -> None:
    if why := missing():
        print(f"\nDisk of pushes\n  left out: {why}")
        return
    pushes = int(os.environ.get("HATOBA_BENCH_PUSHES", PUSHES))
    docker = DockerEngine()
    docker.start()
    folder = Path(tempfile.mkdtemp(prefix="hatoba-pushes-"))
    folder.chmod(0o711)
    try:
        curve = _soak(docker, folder, pushes)
    finally:
        docker.close()
        shutil.rmtree(folder, ignore_errors=True)
    report(f"Disk after {pushes} pushes and releases of images, 1 MB new in each", curve, _EVERY)


if __name__ == "__main__":
    main()
