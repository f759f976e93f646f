"""What comes at the wrong moment, or from the future: refused, with nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from hatoba.addons.postgres import transfer, verify
from hatoba.addons.postgres.transfer import Archive, Tools, TransferFailed
from tests.contract.databases import Harbour, harbour


@pytest_asyncio.fixture
async def there() -> AsyncIterator[Harbour]:
    async with harbour() as made:
        yield made


def archive(data: bytes) -> Archive:
    async def read() -> AsyncIterator[bytes]:
        yield data

    chosen: Callable[[], AsyncIterator[bytes]] = read
    return Archive(chosen)


async def test_a_dump_of_a_version_that_nobody_knows_yet_changes_nothing(there: Harbour) -> None:
    tools: Tools = there.tools
    source, target = await there.url("new"), await there.url("old")
    async with verify.moment(source) as now:
        data = b"".join([piece async for piece in transfer.dump(tools, source, now.snapshot)])
    assert data.startswith(b"PGDMP")
    # The two bytes after the mark are the format's version.
    future = data[:5] + bytes([9, 9]) + data[7:]
    with pytest.raises(TransferFailed, match=r"unsupported version \(9\.9\)"):
        await transfer.restore(tools, archive(future), target)
    assert await verify.count(target) == {}
