"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.docker_engine import DockerEngine, missing

# The time that an example takes says more about the machine than about the code.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def docker() -> Iterator[DockerEngine]:
    """A Docker Engine for all tests that do not hurt it."""
    if why := missing():
        pytest.skip(why)
    engine = DockerEngine()
    engine.start()
    yield engine
    engine.close()


# These share one Docker Engine, so they stay together.
_WITH_DOCKER = frozenset(
    {
        "test_engine.py",
        "test_engine_images.py",
        "test_engine_swarm.py",
        "test_image_builds.py",
        "test_stacks.py",
        "test_swarm.py",
    }
)
_E2E = Path(__file__).with_name("e2e")
_SAID = "said"


def _group(item: pytest.Item) -> str:
    """Return the tests that one worker runs with this one, one after the other.

    All that start whole platforms are one group: two of them fill two cores.
    """
    if item.path.name in _WITH_DOCKER:
        return "docker"
    return "e2e" if item.path.is_relative_to(_E2E) else item.path.stem


# Before the plugin that shares the groups out; the largest go first, so that all end together.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    largest = ["e2e", "docker"]
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=lambda item: largest.index(g) if (g := _group(item)) in largest else 2)


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say something at the end of the whole run: a number that people want to know."""
    return lambda text: record_property(_SAID, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    for report in reports:
        for name, text in report.user_properties:
            if name == _SAID:
                terminalreporter.write_line(str(text))
