"""Fixtures that start a real Postgres once, and the API over it for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract.api_platform import Api, database, served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api_database() -> AsyncIterator[str]:
    async with database() as url:
        yield url


@pytest.fixture
async def api(api_database: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with served(api_database, tmp_path) as client:
        yield client
