"""Hatoba's own resources: status, plans, receipts, fingerprints, trash."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, Listing, OnApp, Reply, SignedIn
from hatoba.api.encode import apps as encode_app
from hatoba.api.encode import hatoba as encode
from hatoba.auth.identity import as_uuid
from hatoba.control import apps, config, image_room, plans, receipts
from hatoba.control.status import report
from hatoba.schema import hatoba as wire


async def status(call: SignedIn) -> Answer:
    """Tell how the platform's parts are."""
    return Reply(encode.status(await report(call.platform, call.service.health)))


async def registry(call: OnApp) -> Answer:
    """Tell how much of the registry the app takes."""
    return Reply(encode.registry(await image_room.of(call.platform, call.app)))


async def make_plan(call: OnApp) -> Answer:
    """Keep a review."""
    wanted = decode.body(call, wire.PlanRequest)
    draft = plans.Draft(wanted.operation, wanted.app_version, wanted.digest, wanted.review)
    made = await plans.make(call.platform, call.actor, call.app, draft)
    return Reply(encode.plan(made, call.app), 201)


async def plan(call: OnApp) -> Answer:
    """Tell about a plan."""
    found = await plans.find(call.platform, call.app, call.path("plan"))
    return Reply(encode.plan(found, call.app))


async def use_plan(call: OnApp) -> Answer:
    """Take a plan for use, which can be done once."""
    used = await plans.use(call.platform, call.actor, call.app, call.path("plan"))
    return Reply(encode.plan(used, call.app))


async def keep_receipt(call: OnApp) -> Answer:
    """Add to the audit trail."""
    wanted = decode.body(call, wire.ReceiptRequest)
    kept = await receipts.keep(call.platform, call.actor, call.app, wanted.operation, _seen(wanted))
    return Reply(encode.receipt(kept), 201)


def _seen(wanted: wire.ReceiptRequest) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.to_builtins(wanted)
    return {name: value for name, value in body.items() if name not in ("operation", "about")}


async def list_receipts(call: OnApp) -> Answer:
    """List the audit trail, the newest first."""
    found = await receipts.listed(call.platform, call.app)
    return Listing([encode.receipt(r) for r in found])


async def receipt(call: OnApp) -> Answer:
    """Tell about one receipt."""
    found = await receipts.find(call.platform, call.app, call.path("receipt"))
    return Reply(encode.receipt(found))


async def keep_own_receipt(call: SignedIn) -> Answer:
    """Add a change of no app's to the account's audit trail."""
    wanted = decode.body(call, wire.ReceiptRequest)
    kept = await receipts.keep_own(
        call.platform, call.actor, wanted.about, wanted.operation, _seen(wanted)
    )
    return Reply(encode.receipt(kept), 201)


async def list_own_receipts(call: SignedIn) -> Answer:
    """List the account's audit trail, to an administrator that of all, the newest first."""
    return Listing([encode.receipt(r) for r in await receipts.own(call.platform, call.actor)])


async def own_receipt(call: SignedIn) -> Answer:
    """Tell about one receipt of an account's."""
    found = await receipts.find_own(call.platform, call.actor, call.path("receipt"))
    return Reply(encode.receipt(found))


async def fingerprints(call: OnApp) -> Answer:
    """Tell the fingerprints that values would have as config vars."""
    values = decode.body(call, wire.FingerprintRequest).values
    return Reply(wire.Fingerprints(config.fingerprints(call.platform, call.app, values)))


async def trash(call: SignedIn) -> Answer:
    """List the destroyed apps that can be brought back."""
    kept = timedelta(days=apps.TRASH_DAYS)
    found = await apps.trashed(call.platform, call.actor)
    return Listing([encode.trashed(app, kept=kept) for app in found])


async def restore(call: SignedIn) -> Answer:
    """Bring a destroyed app back."""
    app_id = as_uuid(call.path("id"))
    if app_id is None:
        raise errors.NotFound("That app is not in the trash.", resource="app")
    app = await apps.restore(call.platform, call.actor, app_id)
    return Reply(encode_app.app(app, call.platform.place))
