"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

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
