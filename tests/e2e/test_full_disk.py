"""A disk that fills up during a push: it is refused with advice, and the app goes on as it was."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hatoba.settings import load
from tests.e2e.platform import Platform


@pytest.fixture
def small_disk(platform: Platform) -> Iterator[None]:
    """Builds have 8 MB of disk."""
    if os.getuid() != 0:
        pytest.skip("a small disk for builds needs root, to mount a tmpfs")
    builds: Path = load(platform.env).work_dir / "builds"
    builds.mkdir(exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=711", "tmpfs", str(builds)]
    done = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk for builds needs a tmpfs: {done.stderr.strip()}")
    yield
    assert list(builds.iterdir()) == []
    subprocess.run(["umount", str(builds)], check=True)


@pytest.fixture
def page(platform: Platform) -> Path:
    return platform.deployed("static-page", "shore")


def test_the_old_release_serves_on(page: Path, small_disk: None, platform: Platform) -> None:
    before = platform.get("shore").data
    (page / "index.html").write_text("<p>another</p>")
    (page / "chart.bin").write_bytes(os.urandom(20_000_000))
    platform.commit(page, "a large chart")
    pushed = platform.git("push", "heroku", "main", cwd=page, timeout=300)
    assert pushed.status != 0
    assert "No space is left on the platform's disk for this build" in pushed.err
    assert platform.get("shore").data == before
    assert max(r["version"] for r in platform.json("releases", "-a", "shore")) == 2
    builds = platform.api("GET", "/apps/shore/builds").json()
    assert [build["status"] for build in builds] == ["succeeded", "failed"]
