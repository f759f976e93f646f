"""Buildpacks by URL: a git repository and an archive, served over HTTP on loopback."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hatoba import errors
from tests.contract.yard import Yard

GIT = ["git", "-c", "user.name=A", "-c", "user.email=a@example.com"]


class _Host(SimpleHTTPRequestHandler):
    """Serves files, and repositories by git's smart protocol."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("/info/refs?")
        if query != "service=git-upload-pack":
            super().do_GET()
        elif not Path(self.translate_path(path)).is_dir():
            self.send_error(404)
        else:
            refs = self._upload_pack(path, b"", "--advertise-refs")
            self._answer("advertisement", b"001e# service=git-upload-pack\n0000" + refs)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path = self.path.removesuffix("/git-upload-pack")
        self._answer("result", self._upload_pack(path, body))

    def _upload_pack(self, path: str, body: bytes, *options: str) -> bytes:
        argv = [*GIT, "upload-pack", "--stateless-rpc", *options, self.translate_path(path)]
        return subprocess.run(argv, input=body, check=True, capture_output=True).stdout

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def served(yard: Yard) -> Iterator[str]:
    """The address below which the yard's packs folder is served."""
    yard.packs.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Host, directory=str(yard.packs)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _git(folder: Path, *argv: str) -> None:
    subprocess.run([*GIT, *argv], cwd=folder, check=True, capture_output=True)


def _repository(yard: Yard, name: str, compiling: str) -> Path:
    """Make a pack that is a git repository."""
    work = Path(yard.pack(name, compiling))
    _git(work, "init", "--initial-branch=main")
    _git(work, "add", "--all")
    _git(work, "commit", "-m", "first")
    return work


def _publish(yard: Yard, work: Path) -> None:
    _git(yard.packs, "clone", "--bare", str(work), f"{work.name}.git")


def _archive(yard: Yard, name: str, compiling: str) -> None:
    folder = Path(yard.pack(name, compiling))
    with tarfile.open(yard.packs / f"{name}.tgz", "w:gz") as archive:
        archive.add(folder, ".")
    shutil.rmtree(folder)


async def test_a_repository_an_archive_and_a_registry_name_in_order(
    yard: Yard, served: str
) -> None:
    work = _repository(yard, "one", 'echo "export TIDE=high" > "$(dirname "$0")/../export"')
    _publish(yard, work)
    _archive(
        yard,
        "two",
        'echo "the tide is $TIDE"; echo "export WIND=west" > "$(dirname "$0")/../export"',
    )
    third = yard.pack("three", 'echo "tide $TIDE, wind $WIND"')
    yard.write(Procfile="web: x\n")
    named = (f"{served}/one.git", f"{served}/two.tgz", third, "heroku/procfile")
    result = await yard.build(*named)
    assert "the tide is high" in yard.said
    assert "tide high, wind west" in yard.said
    assert result.buildpack_description == "one + two + three + Procfile"


async def test_a_branch_of_a_repository(yard: Yard, served: str) -> None:
    work = _repository(yard, "one", "echo of main")
    _git(work, "switch", "-c", "next")
    (work / "bin/compile").write_text("#!/bin/sh\necho of next\n")
    _git(work, "commit", "--all", "-m", "second")
    _git(work, "switch", "main")
    _publish(yard, work)
    yard.write(Procfile="web: x\n")
    await yard.build(f"{served}/one.git")
    assert "of main" in yard.said
    await yard.build(f"{served}/one.git#next")
    assert "of next" in yard.said


async def test_an_address_that_has_none_is_told(yard: Yard, served: str) -> None:
    (yard.packs / "broken.tgz").write_bytes(b"no archive")
    _archive(yard, "empty", "true")
    yard.write(Procfile="web: x\n")
    for name in ("none.git", "none.tgz", "broken.tgz"):
        with pytest.raises(errors.BuildFailed, match="can't be fetched") as caught:
            await yard.build(f"{served}/{name}")
        assert name in caught.value.message
        assert "\n" not in caught.value.message
