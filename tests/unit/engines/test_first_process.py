"""The first process of a dyno's container, run here, with the pipes that the runner makes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from hatoba.engines.base import DynoSpec
from hatoba.engines.node.child import Child, Meta
from hatoba.engines.swarm import container
from hatoba.engines.swarm.container import Place

SPEC = DynoSpec(
    id=uuid4(),
    app_id=uuid4(),
    name="run.1",
    user=3,
    slug=None,
    command="cat",
    env={},
    memory=1,
    attach=True,
)


@pytest.fixture
def child(tmp_path: Path) -> Iterator[Child]:
    """A dyno that waits for its container."""
    meta = Meta(
        id=str(SPEC.id),
        app_id=str(SPEC.app_id),
        name=SPEC.name,
        user=None,
        port=0,
        listens=False,
        memory_limit=0,
        sandboxed=True,
        contained=True,
    )
    made = Child(tmp_path, meta)
    made.prepare(attach=True, terminal=None)
    yield made
    made.discard()


def started(spec: DynoSpec, folder: Path, words: list[str]) -> subprocess.Popen[bytes]:
    place = Place(image="stack", mounts={}, network="apps", folder=folder, device=None)
    entry = container.config(spec, 3, 5000, place)["Entrypoint"]
    return subprocess.Popen([*entry, *words])


def test_input_that_has_ended_before_the_command_opened_it_is_not_lost(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MEETING", str(child.folder))
    assert child.streams is not None
    os.write(child.streams.stdin, b"hello\n")
    os.close(child.streams.stdin)
    child.streams.stdin = -1
    with started(SPEC, child.folder, ["cat"]) as first:
        child.begin(first.pid, "127.0.0.1")
        try:
            assert first.wait(20) == 0
        finally:
            first.kill()
    assert os.read(child.streams.stdout, 100) == b"hello\n"
    child.streams.let_end()
    assert os.read(child.streams.stdout, 100) == b""


def test_a_command_ends_that_waits_for_the_end_of_its_input(
    child: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "MEETING", str(child.folder))
    assert child.streams is not None
    words = ["sh", "-c", "echo ready; cat; exit 5"]
    with started(replace(SPEC, name="run.2"), child.folder, words) as first:
        child.begin(first.pid, "127.0.0.1")
        os.set_blocking(child.streams.stdout, True)
        assert os.read(child.streams.stdout, 100) == b"ready\n"
        os.close(child.streams.stdin)
        child.streams.stdin = -1
        try:
            assert first.wait(20) == 0
        finally:
            first.kill()
    assert '{"exit-code": 5}' in (child.folder / "status").read_text()
