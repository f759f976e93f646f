"""What a platform offers: regions, stacks, dyno sizes."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from hatoba import errors
from hatoba.api.call import Answer, Call, Listing, Reply
from hatoba.api.encode import apps as encode
from hatoba.api.encode.basics import moment
from hatoba.model.app import REGION, STACK
from hatoba.model.dyno import SIZES
from hatoba.schema.platform import Region

# When this catalogue was first written down.
_SINCE = datetime(2026, 11, 23, tzinfo=UTC)
_STACK = encode.stack(STACK, _SINCE)
_REGION = encode.region(REGION, _SINCE)
_GENERATION = {
    **msgspec.structs.asdict(encode.GENERATION),
    "created_at": moment(_SINCE),
    "updated_at": moment(_SINCE),
}
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
    return Listing((_GENERATION,), ("name", "id"))


async def generation(call: Call) -> Answer:
    """Tell about one generation."""
    if call.path("generation") not in (_GENERATION["id"], _GENERATION["name"]):
        raise errors.NotFound("Couldn't find that generation.", resource="generation")
    return Reply(_GENERATION)


async def stacks(_: Call) -> Answer:
    """List the stacks."""
    return Listing((_STACK,), ("name", "id"))


async def stack(call: Call) -> Answer:
    """Tell about one stack."""
    if call.path("stack") not in (_STACK.id, _STACK.name):
        raise errors.NotFound("Couldn't find that stack.", resource="stack")
    return Reply(_STACK)


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
