"""Calls each link: once as it should be, and in several ways as it should not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from conformance import absent
from conformance.schema import Link
from conformance.world import CREATES, World
from hatoba.api.access import EVERYBODY
from hatoba.api.endpoint import Route
from hatoba.api.routes import TABLE
from tests.contract.api_platform import Api, Got

_UNKNOWN = "00000000-0000-4000-8000-000000000000"
# What only the one who is signed in can see; strangers must not.
_PRIVATE = frozenset(
    {"app", "add-on", "pipeline", "pipeline-coupling", "team", "oauth-client", "pipeline-promotion"}
)
# Required by the schema, but left out by the official CLI, which means the default by it.
_DEFAULTED = {
    "POST /oauth/authorizations": {"scope"},
    "PATCH /oauth/authorizations/{}": {"client"},
    "PATCH /apps/{}/addons/{}": {"plan"},
    "POST /apps/{}/domains": {"sni_endpoint"},
    "POST /oauth/tokens": {"refresh_token"},
    # A team may have a role that newcomers get, and an app's lock and owner change apart.
    "PUT /teams/{}/invitations": {"role"},
    "PUT /teams/{}/members": {"role"},
    "POST /teams/{}/members": {"role"},
    "PATCH /teams/{}/members": {"role"},
    "PATCH /teams/apps/{}": {"locked", "owner"},
}
# Last, since what they delete holds much of the rest.
_LAST = ("/pipelines/{}", "/teams/{}", "/apps/{}", "/account", "/users/{}")


@dataclass(frozen=True)
class Outcome:
    """What came of a link. ``reason`` is empty where all is as it should be."""

    link: Link
    served: bool
    status: int | None
    valid: bool
    reason: str = ""


def routes() -> dict[tuple[str, str], Route[Any]]:
    """Return the API's routes by method and shape of their path."""
    return {(r.method, re.sub(r"\{[^}]*\}", "{}", r.path)): r for r in TABLE}


def ordered(links: list[Link]) -> list[Link]:
    """Return the links so that things are made, looked at, changed and then deleted."""
    return sorted(links, key=_rank)


def _rank(link: Link) -> tuple[int, int, int]:
    last = _LAST.index(link.shape) + 1 if link.method == "DELETE" and link.shape in _LAST else 0
    makes = link.method == "POST" and link.title in CREATES
    kind = {"GET": 1, "DELETE": 3}.get(link.method, 0 if makes else 2)
    depth = link.shape.count("/") if makes else -link.shape.count("/")
    return kind, last, depth


async def outcome(world: World, link: Link) -> Outcome:
    """Call a link in every way and return what came of it."""
    route = routes().get((link.method, link.shape))
    why = absent.reason(link.shape)
    if route is None:
        return Outcome(
            link, served=False, status=None, valid=False, reason=why or "Not served yet."
        )
    if why is not None:
        return await _truthful(world, link, why)
    await world.ready(link)
    actor = await world.actor(link)
    path = world.path(link)
    if path is None:
        return Outcome(
            link, served=False, status=None, valid=False, reason="There is none to ask for."
        )
    public = route.access is EVERYBODY
    # What is deleted can't be refused any more, what is made twice is refused for that.
    first = link.method == "DELETE"
    early = await _refusals(world, link, path, actor, public=public) if first else []
    got = await actor(link.method, path, await world.body(link))
    if got.status >= 300:
        return Outcome(link, served=False, status=got.status, valid=False, reason=told(got))
    if link.method in ("POST", "PUT") and link.noun not in world.names:
        world.remember(link.noun, got)
    problems = world.schema.problems(link, got.json) + early
    if not first:
        problems += await _refusals(world, link, path, actor, public=public)
    problems += await _by_id(world, link, got) + await _by_head(world, link, path, got)
    return Outcome(
        link, served=True, status=got.status, valid=not problems, reason="; ".join(problems)
    )


def told(got: Got) -> str:
    """Return an error's message."""
    return str(got.json.get("message")) if got.body[:1] == b"{" else got.body[:80].decode("latin-1")


async def _truthful(world: World, link: Link, why: str) -> Outcome:
    """Look that what isn't here is answered by nothing, or by an error."""
    path = link.shape.format(*("x" for _ in link.parameters))
    got = await world.api(link.method, path, await world.body(link))
    empty = got.status == 200 and got.json == []
    honest = empty or _is_error(got)
    return Outcome(
        link,
        served=False,
        status=got.status,
        valid=honest,
        reason=why if honest else f"Neither empty nor an error: {got.body[:80]!r}",
    )


async def _by_id(world: World, link: Link, got: Got) -> list[str]:
    """Look that a thing is found by its id as by its name."""
    nouns = world.nouns(link)
    if link.method != "GET" or not nouns or not isinstance(got.json, dict) or "id" not in got.json:
        return []
    if nouns[-1] != link.noun or world.names.get(nouns[-1]) == "~":
        return []
    path = world.path(link, **{link.noun: got.json["id"]})
    other = await world.api("GET", path or "")
    same = other.status == 200 and _lasting(other) == _lasting(got)
    return [] if same else ["not found by its id"]


def _lasting(got: Got) -> bytes:
    """Return an answer without what signs its URLs, which is another one in the next second."""
    return re.sub(rb'\?expires=[^"]*', b"", got.body)


async def _by_head(world: World, link: Link, path: str, got: Got) -> list[str]:
    if link.method != "GET":
        return []
    head = await world.api("HEAD", path)
    return [] if (head.status, head.body) == (got.status, b"") else ["HEAD differs from GET"]


async def _refusals(world: World, link: Link, path: str, actor: Api, *, public: bool) -> list[str]:
    """Call a link as it should not be; return what was not refused as it has to be."""
    body = await world.body(link)
    found = []
    if not public:
        anonymous = await world.api(link.method, path, body, Authorization="")
        found += [] if anonymous.status == 401 else [f"without a token: {anonymous.status}"]
    nouns = world.nouns(link)
    if nouns and nouns[-1] not in ("stage", "year", "month"):
        unknown = await actor(link.method, world.path(link, **{nouns[-1]: _UNKNOWN}) or "", body)
        found += _is_refusal("an unknown identity", unknown, nouns)
    if _PRIVATE & set(nouns) and not public:
        foreign = await world.stranger(link.method, path, body)
        if foreign.status not in (401, 403, 404) and foreign.json != []:
            found.append(f"a stranger: {foreign.status}")
    return found + await _bad_bodies(actor, link, path, body)


def _is_refusal(what: str, got: Got, nouns: tuple[str, ...]) -> list[str]:
    # A process type that the app hasn't got has no dynos either: there is nothing to refuse.
    if nouns[-1] == "formation_type" or _is_error(got):
        return []
    return [f"{what}: {got.status}"]


def _is_error(got: Got) -> bool:
    return 400 <= got.status < 500 and {"id", "message"} <= set(got.json)


async def _bad_bodies(actor: Api, link: Link, path: str, body: object) -> list[str]:
    if link.body is None or link.method in ("GET", "DELETE") or not isinstance(body, dict):
        return []
    found = []
    broken = await actor(link.method, path, raw=b'{"a":')
    if not _is_error(broken):
        found.append(f"broken JSON: {broken.status}")
    required = set(link.required) - _DEFAULTED.get(link.name, set())
    for name in sorted(required):
        without = await actor(link.method, path, {k: v for k, v in body.items() if k != name})
        if not _is_error(without):
            found.append(f"without {name}: {without.status}")
    for name in link.body.get("properties", {}):
        odd = await actor(link.method, path, {**body, name: [[{}]]})
        if odd.status >= 500 or (name in required and odd.status < 400):
            found.append(f"an odd {name}: {odd.status}")
    return found
