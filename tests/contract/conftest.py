"""Fixtures that start a real Postgres once, and the API over it for each test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.contract.api_platform import Api, migrated, postgres, served


@pytest.fixture(scope="session")
def api_database() -> Iterator[str]:
    with postgres() as url:
        asyncio.run(migrated(url))
        yield url


@pytest.fixture
async def api(api_database: str, tmp_path: Path) -> AsyncIterator[Api]:
    async with served(api_database, tmp_path) as client:
        yield client
