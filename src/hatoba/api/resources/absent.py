"""What Heroku has and this platform has none of, said truthfully: empty lists, not found."""

from __future__ import annotations

from hatoba import errors
from hatoba.api.call import Answer, Call, Listing, OnApp, Reply
from hatoba.api.encode.basics import app_named, fixed_id, moment


async def none(_: Call) -> Answer:
    """List nothing."""
    return Listing((), ("id", "name", "seq", "created_at"))


async def no_addon(_: Call) -> Answer:
    """Say that there is no such add-on."""
    raise errors.NotFound("Couldn't find that add-on.", resource="add_on")


async def no_attachment(_: Call) -> Answer:
    """Say that there is no such add-on attachment."""
    raise errors.NotFound("Couldn't find that add-on attachment.", resource="add_on attachment")


async def no_coupling(_: Call) -> Answer:
    """Say that the app is in no pipeline."""
    raise errors.NotFound("Couldn't find that pipeline coupling.", resource="pipeline_coupling")


async def no_feature(_: Call) -> Answer:
    """Say that accounts have no such feature."""
    raise errors.NotFound("Couldn't find that account feature.", resource="account_feature")


async def no_quota(_: Call) -> Answer:
    """Say that dyno hours are not counted."""
    raise errors.NotFound("Dyno hours have no quota here.", resource="quota")


def _heroku_domain(call: OnApp) -> dict[str, object]:
    at = moment(call.app.created_at)
    return {
        "id": fixed_id("domain", str(call.app.id)),
        "app": app_named(call.app),
        "hostname": call.platform.place.host(call.app.name),
        "kind": "heroku",
        "cname": None,
        "status": "none",
        "acm_status": None,
        "acm_status_reason": None,
        "sni_endpoint": None,
        "created_at": at,
        "updated_at": at,
    }


async def domains(call: OnApp) -> Answer:
    """List the one domain that each app has from the start."""
    return Listing((_heroku_domain(call),), ("id", "hostname"))


async def domain(call: OnApp) -> Answer:
    """Tell about that domain."""
    only = _heroku_domain(call)
    if call.path("domain") not in (only["id"], only["hostname"]):
        raise errors.NotFound("Couldn't find that domain.", resource="domain")
    return Reply(only)
