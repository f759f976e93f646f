"""The services and plans that add-ons are of, and where they are offered."""

from __future__ import annotations

from hatoba import errors
from hatoba.api.call import Answer, Call, Listing, Reply
from hatoba.api.encode import addons as encode
from hatoba.api.resources.catalogue import the_region
from hatoba.control import catalogue
from hatoba.control.services import Service


async def services(call: Call) -> Answer:
    """List the services."""
    found = await catalogue.services(call.platform)
    return Listing([encode.addon_service(s) for s in found.values()], ("id", "name"))


async def service(call: Call) -> Answer:
    """Tell about one service."""
    return Reply(encode.addon_service(await _service(call)))


async def plans(call: Call) -> Answer:
    """List the plans of a service."""
    found = await _service(call)
    return Listing([encode.plan(one, found) for one in found.plans.values()], ("id", "name"))


async def plan(call: Call) -> Answer:
    """Tell about one plan of a service."""
    return Reply(_plan(call, [await _service(call)]))


async def any_plan(call: Call) -> Answer:
    """Tell about one plan of any service."""
    found = await catalogue.services(call.platform)
    return Reply(_plan(call, list(found.values()), short=False))


def _plan(call: Call, among: list[Service], *, short: bool = True) -> encode.Json:
    """Return the plan that the path names; ``short`` names are without their service's."""
    wanted = call.path("plan")
    for found in among:
        for one in found.plans.values():
            shown = encode.plan(one, found)
            if wanted in (shown["id"], one.full_name, *([one.name] if short else ())):
                return shown
    raise errors.NotFound("Couldn't find that plan.", resource="plan")


async def every_capability(call: Call) -> Answer:
    """List where each service is offered."""
    return await _capabilities(call, list((await catalogue.services(call.platform)).values()))


async def capabilities(call: Call) -> Answer:
    """List where one service is offered."""
    return await _capabilities(call, [await _service(call)])


async def in_region(call: Call) -> Answer:
    """List what is offered in one region."""
    the_region(call.path("region"))
    return await every_capability(call)


async def _capabilities(call: Call, among: list[Service]) -> Answer:
    region = the_region(None)
    return Listing([encode.region_capability(one, region) for one in among], ("id",))


async def _service(call: Call) -> Service:
    for one in (await catalogue.services(call.platform)).values():
        if call.path("service") in (one.name, encode.addon_service(one)["id"]):
            return one
    raise errors.NotFound("Couldn't find that add-on service.", resource="addon_service")
