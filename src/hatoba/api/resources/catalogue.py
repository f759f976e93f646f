"""What a platform offers: regions, stacks, dyno sizes."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from hatoba import errors
from hatoba.api.call import Answer, Call, Listing, Reply
from hatoba.api.encode import apps as encode
from hatoba.api.encode.basics import moment
from hatoba.control import builders
from hatoba.model.app import CLOUD_NATIVE, CONTAINER, REGION, STACKS
from hatoba.model.dyno import SIZES
from hatoba.schema import platform as wire
from hatoba.schema.platform import Region

# When this catalogue was first written down.
_SINCE = datetime(2026, 11, 23, tzinfo=UTC)
_STACKS = tuple(encode.stack(name, _SINCE) for name in STACKS)
_REGION = encode.region(REGION, _SINCE)
_GENERATIONS = tuple(
    {**msgspec.structs.asdict(one), "created_at": moment(_SINCE), "updated_at": moment(_SINCE)}
    for one in (encode.GENERATION, encode.CLOUD_NATIVE_GENERATION)
)
_SIZES = tuple(encode.dyno_size(size) for size in SIZES.values())


async def regions(_: Call) -> Answer:
    """List the regions."""
    return Listing((_REGION,), ("name", "id"))


async def region(call: Call) -> Answer:
    """Tell about one region."""
    return Reply(the_region(call.path("region")))


def the_region(identity: str | None) -> Region:
    """Return the region of that name or id, with None the only one. Raises NotFound."""
    if identity not in (None, _REGION.id, _REGION.name):
        raise errors.NotFound("Couldn't find that region.", resource="region")
    return _REGION


async def generations(_: Call) -> Answer:
    """List the generations of Heroku's platform that this one works like."""
    return Listing(_GENERATIONS, ("name", "id"))


async def generation(call: Call) -> Answer:
    """Tell about one generation."""
    for one in _GENERATIONS:
        if call.path("generation") in (one["id"], one["name"]):
            return Reply(one)
    raise errors.NotFound("Couldn't find that generation.", resource="generation")


def _stacks(call: Call) -> list[wire.Stack]:
    """Return the stacks that the platform's engine can run."""
    p = call.platform
    able = {CONTAINER: p.engine.runs_images_for is not None, CLOUD_NATIVE: builders.offered(p)}
    return [one for one in _STACKS if able.get(one.name, True)]


async def stacks(call: Call) -> Answer:
    """List the stacks."""
    return Listing(_stacks(call), ("name", "id"))


async def stack(call: Call) -> Answer:
    """Tell about one stack."""
    for one in _stacks(call):
        if call.path("stack") in (one.id, one.name):
            return Reply(one)
    raise errors.NotFound("Couldn't find that stack.", resource="stack")


async def dyno_sizes(_: Call) -> Answer:
    """List the dyno sizes, the smallest first."""
    return Listing(_SIZES, ("name", "id"))


async def dyno_size(call: Call) -> Answer:
    """Tell about one dyno size."""
    wanted = call.path("size").lower()
    for size in _SIZES:
        if wanted in (size.name.lower(), size.id):
            return Reply(size)
    raise errors.NotFound("Couldn't find that dyno size.", resource="dyno_size")
