"""App features, and those of accounts, of which there is one that is always on."""

from __future__ import annotations

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import features as encode
from hatoba.api.encode.basics import fixed_id
from hatoba.control import features
from hatoba.model.feature import FEATURES, Feature


class Switch(msgspec.Struct):
    """``PATCH /apps/{app}/features/{feature}``."""

    enabled: bool


async def listed(call: OnApp) -> Answer:
    """List the features of an app."""
    found = await features.listed(call.platform, call.app)
    return Listing([encode.feature(one) for one in found], ("name", "id"))


async def info(call: OnApp) -> Answer:
    """Tell about one feature."""
    wanted = _named(call)
    found = await features.listed(call.platform, call.app)
    return Reply(encode.feature(next(one for one in found if one.feature is wanted)))


async def update(call: OnApp) -> Answer:
    """Switch a feature on or off."""
    on = decode.body(call, Switch).enabled
    feature = _named(call)
    switched = await features.switch(call.platform, call.actor, call.app, feature, on=on)
    return Reply(encode.feature(switched))


def _named(call: OnApp) -> Feature:
    """Return the feature that the path names, by name or id."""
    identity = call.path("feature")
    by_id = {fixed_id("feature", name): name for name in FEATURES}
    return features.find(by_id.get(identity, identity))


async def of_account(_: SignedIn) -> Answer:
    """List the features of an account: none, as nothing here is switched for one person."""
    return Listing((), ("name", "id"))


# What the official command line asks for before it reads a pipeline's repository from this API
# instead of from a service of Heroku's.
_REPOSITORIES = "dashboard-repositories-api"


async def account_feature(call: SignedIn) -> Answer:
    """Tell of the one feature that all accounts have, always."""
    if call.path("feature") != _REPOSITORIES:
        raise errors.NotFound("Couldn't find that account feature.", resource="account_feature")
    return Reply(encode.account_feature(_REPOSITORIES))
