"""The buildpack registry: the buildpacks that come with the platform. Its shapes are Heroku's own.

https://devcenter.heroku.com/articles/buildpack-registry, as the official command reads it.
"""

from __future__ import annotations

import base64
from uuid import NAMESPACE_URL, uuid5

from hatoba import __version__, errors
from hatoba.api.call import Answer, Call, Reply
from hatoba.model import buildpack
from hatoba.model.buildpack import Buildpack


async def listed(call: Call) -> Answer:
    """List the buildpacks, all or those of some namespaces, names or a word of the description."""
    query = call.request.query_params
    spaces, names = query.getlist("in[namespace][]"), query.getlist("in[name][]")
    like = query.get("like[description]", "").lower()
    found = [
        b
        for b in buildpack.BUILT_IN
        if (not spaces or b.namespace in spaces)
        and (not names or b.name in names)
        and like in b.description.lower()
    ]
    return Reply([_shown(b) for b in found])


async def info(call: Call) -> Answer:
    """Tell about one buildpack."""
    return Reply(_shown(_find(call)))


async def revisions(call: Call) -> Answer:
    """List a buildpack's versions: the one of this platform."""
    return Reply(
        [
            {
                "id": _id(_find(call), "revision"),
                "release": __version__,
                "status": "published",
                "license": "MIT",
            }
        ]
    )


async def readme(call: Call) -> Answer:
    """Tell what a buildpack does."""
    text = _find(call).readme.encode()
    return Reply({"content": base64.b64encode(text).decode(), "encoding": "base64"})


def _find(call: Call) -> Buildpack:
    found = buildpack.find(call.path("namespace"), call.path("name"))
    if found is None:
        raise errors.NotFound("Couldn't find that buildpack.", resource="buildpack")
    return found


def _shown(one: Buildpack) -> dict[str, object]:
    return {
        "id": _id(one, "buildpack"),
        "namespace": one.namespace,
        "name": one.name,
        "category": "languages",
        "description": one.description,
        "support": {"method": "website", "address": "the platform's own documentation"},
        "source": {"type": "built-in", "owner": "", "repo": ""},
        "blob_url": f"urn:buildpack:{one.slug}",
        "two_factor_authentication": False,
    }


def _id(one: Buildpack, kind: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{kind}:{one.slug}"))
