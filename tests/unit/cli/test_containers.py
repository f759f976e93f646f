from __future__ import annotations

import os
from pathlib import Path

import pytest

from hatoba.cli import containers
from hatoba.cli.containers import Build, Tool
from hatoba.client.errors import ClientError


def test_dockerfiles_of_types_are_found_the_closest_first(tmp_path: Path) -> None:
    for name in (
        "Dockerfile",
        "Dockerfile.web",
        "jobs/Dockerfile.worker",
        "jobs/deep/Dockerfile.web",
        ".git/Dockerfile.web",
        "Dockerfile.web.old",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("FROM scratch\n")
    found = containers.recursive(tmp_path)
    assert {
        name: [str(p.relative_to(tmp_path)) for p in paths] for name, paths in found.items()
    } == {
        "web": ["Dockerfile.web", "jobs/deep/Dockerfile.web"],
        "worker": ["jobs/Dockerfile.worker"],
    }


def test_a_build_is_given_variables_one_by_one() -> None:
    assert Build(arg="A=1,B=x y,").options == ["--build-arg", "A=1", "--build-arg", "B=x y"]
    assert Build(no_cache=True).options == ["--no-cache"]
    assert Build().options == []


def _tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_token_is_in_no_list_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _tool(tmp_path, "podman", f'echo "$@" > {tmp_path}/words; cat > {tmp_path}/given')
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    Tool("podman", verbose=True).login("localhost:8080", "HRKU-secret")
    words = (tmp_path / "words").read_text()
    assert words == "login --username=_ --password-stdin --tls-verify=false localhost:8080\n"
    assert (tmp_path / "given").read_text() == "HRKU-secret\n"
    said = capfd.readouterr()
    assert "podman login --username=_" in said.err
    assert "HRKU-secret" not in said.out + said.err


def test_a_tool_that_fails_or_is_missing_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tool(tmp_path, "docker", "exit 7")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert containers.find().name == "docker"
    with pytest.raises(ClientError, match="docker push failed: it exited with 7"):
        Tool("docker").push("localhost:1/harbour/web")
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(ClientError, match="Install one"):
        containers.find()
