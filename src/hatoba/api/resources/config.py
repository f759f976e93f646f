"""Config vars, masked for those who ask for it."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.control import config, releases
from hatoba.kit.secret import DOTS
from hatoba.schema.hatoba import MASK_HEADER, MASKED_HEADER

_FINGERPRINT = "fingerprint"


async def current(call: OnApp) -> Answer:
    """Tell the config vars."""
    return _shown(call, await config.current(call.platform, call.app))


async def of_release(call: OnApp) -> Answer:
    """Tell the config vars as a release has them."""
    release = await releases.find(call.platform, call.app, call.path("release"))
    return _shown(call, await config.of_release(call.platform, release))


async def change(call: OnApp) -> Answer:
    """Set config vars, and unset those that are null."""
    changes = decode.body(call, dict[str, str | None])
    return _shown(call, await config.change(call.platform, call.actor, call.app, changes))


def _shown(call: OnApp, values: Mapping[str, str]) -> Reply:
    wanted = call.request.headers.get(MASK_HEADER)
    if wanted is None:
        return Reply(dict(values))
    if wanted != _FINGERPRINT:
        raise errors.BadRequest(f"{MASK_HEADER} can only be {_FINGERPRINT}.")
    marks = config.fingerprints(call.platform, call.app, values)
    masked = {name: f"{DOTS} {mark}" for name, mark in marks.items()}
    return Reply(masked, headers={MASKED_HEADER: _FINGERPRINT})
