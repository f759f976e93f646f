"""What a platform offers: regions, stacks, dyno sizes, features."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Call, Listing, OnApp, Reply
from hatoba.api.encode import apps as encode
from hatoba.api.encode.basics import fixed_id, moment
from hatoba.model.app import REGION, STACK
from hatoba.model.dyno import SIZES

# When this catalogue was first written down.
_SINCE = datetime(2026, 11, 23, tzinfo=UTC)
_STACK = encode.stack(STACK, _SINCE)
_REGION = encode.region(REGION, _SINCE)
_SIZES = tuple(encode.dyno_size(size) for size in SIZES.values())
_PREBOOT = {
    "id": fixed_id("feature", "preboot"),
    "name": "preboot",
    "display_name": "Preboot",
    "description": "New web dynos take requests before the old ones stop. Always on here.",
    "doc_url": "https://devcenter.heroku.com/articles/preboot",
    "feedback_email": "",
    "state": "general",
    "enabled": True,
    "created_at": moment(_SINCE),
    "updated_at": moment(_SINCE),
}


class Switch(msgspec.Struct):
    """``PATCH /apps/{app}/features/{feature}``."""

    enabled: bool


async def regions(_: Call) -> Answer:
    """List the regions."""
    return Listing((_REGION,), ("name", "id"))


async def region(call: Call) -> Answer:
    """Tell about one region."""
    if call.path("region") not in (_REGION.id, _REGION.name):
        raise errors.NotFound("Couldn't find that region.", resource="region")
    return Reply(_REGION)


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


async def features(_: OnApp) -> Answer:
    """List the features of an app."""
    return Listing((_PREBOOT,), ("name", "id"))


async def feature(call: OnApp) -> Answer:
    """Tell about one feature."""
    if call.path("feature") not in (_PREBOOT["name"], _PREBOOT["id"]):
        raise errors.NotFound("Couldn't find that app feature.", resource="app_feature")
    return Reply(_PREBOOT)


async def switch_feature(call: OnApp) -> Answer:
    """Leave a feature as it is: the only one can't be switched off."""
    answer = await feature(call)
    if not decode.body(call, Switch).enabled:
        raise errors.InvalidParams("preboot is always on here and can't be disabled.")
    return answer
