"""Call the Platform API and the data API, and print what came of it: `make conformance`.

With ``--write`` the pages docs/reference/conformance.md and data-conformance.md are made anew.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from conformance import data_page, data_world, page
from conformance.calls import Outcome, ordered, outcome
from conformance.data_world import DataOutcome
from conformance.schema import PLACE, ROOT, Schema
from conformance.world import World
from tests.contract.api_platform import Api, database, served
from tests.contract.provider import running

PAGE = ROOT / "docs/reference/conformance.md"
DATA_PAGE = ROOT / "docs/reference/data-conformance.md"


@asynccontextmanager
async def _platform() -> AsyncIterator[Api]:
    with tempfile.TemporaryDirectory() as folder:
        async with database() as url, served(url, Path(folder)) as api:
            yield api


async def outcomes() -> list[Outcome]:
    """Call every link on a platform of its own; return what came of each, in the file's order."""
    schema = Schema()
    async with _platform() as api, running() as provider:
        world = World(api, await api.stranger(), await api.stranger(), schema, provider)
        await world.prepare()
        found = [await outcome(world, link) for link in ordered(schema.links)]
    return sorted(found, key=lambda one: schema.links.index(one.link))


async def data_outcomes() -> list[DataOutcome]:
    """Make every call of the data API on a platform of its own; return what came of each."""
    async with _platform() as api:
        return await data_world.outcomes(api)


def main() -> None:
    """Print the tables and the numbers."""
    write = "--write" in sys.argv
    data = asyncio.run(data_outcomes())
    if write:
        DATA_PAGE.write_text(data_page.markdown(data))
    for line in data_page.table(data):
        print(line)
    print(data_page.number(data))
    if not PLACE.exists():
        print(f"Skipped: the Platform API's schema is not at {PLACE}; HATOBA_API_SCHEMA names it.")
        return
    found = asyncio.run(outcomes())
    if write:
        PAGE.write_text(page.markdown(found))
    for line in page.table(found):
        print(line)
    print(page.number(found))


if __name__ == "__main__":
    main()
