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


_SAID = "said"
_LONGEST_FIRST = ("e2e", "contract", "transcript", "unit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that workers that share the files out end together."""
    tests = Path(__file__).parent
    items.sort(key=lambda item: _LONGEST_FIRST.index(item.path.relative_to(tests).parts[0]))


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
