"""Call every link of the schema and print what came of it: `make conformance`.

With ``--write`` the page docs/reference/conformance.md is made anew.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from conformance import page
from conformance.calls import Outcome, ordered, outcome
from conformance.schema import PLACE, ROOT, Schema
from conformance.world import World
from tests.contract.api_platform import database, served
from tests.contract.provider import running

PAGE = ROOT / "docs/reference/conformance.md"


async def outcomes() -> list[Outcome]:
    """Call every link on a platform of its own; return what came of each, in the file's order."""
    schema = Schema()
    with tempfile.TemporaryDirectory() as folder:
        async with database() as url, served(url, Path(folder)) as api, running() as provider:
            world = World(api, await api.stranger(), await api.stranger(), schema, provider)
            await world.prepare()
            found = [await outcome(world, link) for link in ordered(schema.links)]
    return sorted(found, key=lambda one: schema.links.index(one.link))


def main() -> None:
    """Print the table and the number."""
    if not PLACE.exists():
        print(f"Skipped: the Platform API's schema is not at {PLACE}; HATOBA_API_SCHEMA names it.")
        return
    found = asyncio.run(outcomes())
    if "--write" in sys.argv:
        PAGE.write_text(page.markdown(found))
    for line in page.table(found):
        print(line)
    print(page.number(found))


if __name__ == "__main__":
    main()
