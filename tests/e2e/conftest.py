from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.e2e.platform import OFFICIAL_CLI, ON_SWARM, Platform


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failure what the platforms said of themselves meanwhile."""
    report = yield
    if report.failed:
        for found in getattr(item, "funcargs", {}).values():
            if isinstance(found, Platform):
                report.sections.append(("hatobad.log, its end", found.told()))
    return report


@pytest.fixture(scope="session", autouse=True)
def containers(request: pytest.FixtureRequest) -> Iterator[DockerEngine | None]:
    """With HATOBA_ENGINE=swarm these tests' platforms run containers (`make test-swarm`).

    Unless HATOBA_DOCKER_HOST names a Docker Engine to use, they bring one of their own.
    """
    if not ON_SWARM or "HATOBA_DOCKER_HOST" in os.environ:
        yield None
        return
    docker: DockerEngine = request.getfixturevalue("docker")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in docker.client_settings.items():
            patch.setenv(name, value)
        yield docker


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One platform for all tests that leave it as whole as they found it."""
    running = Platform.up(tmp_path_factory.mktemp("platform"))
    yield running
    running.down()


@pytest.fixture
def own_platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform for a test that hurts it."""
    running = Platform.up(tmp_path)
    yield running
    running.down()


@pytest.fixture(scope="session")
def official_cli() -> Path:
    """The official CLI, which `make test` installs."""
    if not OFFICIAL_CLI.exists():
        pytest.skip("the official CLI is not installed; `make test` does it (npm)")
    return OFFICIAL_CLI
