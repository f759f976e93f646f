"""Fixtures that start a real Postgres once, the API over it for each test, and a builder."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from hatoba.build import runtimes
from hatoba.build.runtimes import Runtimes
from tests.contract.api_platform import Api, database, served
from tests.contract.yard import Yard


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api_database() -> AsyncIterator[str]:
    async with database() as url:
        yield url


@pytest.fixture
async def api(api_database: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with served(api_database, tmp_path) as client:
        yield client


@pytest.fixture(scope="session")
def found() -> Runtimes:
    return asyncio.run(runtimes.find())


@pytest.fixture
def yard(found: Runtimes) -> Iterator[Yard]:
    folder = Path(tempfile.mkdtemp(prefix="hatoba-build-"))
    folder.chmod(0o711)
    yield Yard(folder, found)
    shutil.rmtree(folder, ignore_errors=True)
