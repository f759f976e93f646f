"""Which buildpacks an app is built with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hatoba import errors
from hatoba.api import decode
from hatoba.api.call import Answer, OnApp, Reply
from hatoba.control import buildpacks
from hatoba.model import buildpack as rules
from hatoba.schema import platform as wire

_MAX = 20
_MAX_URL = 2048


class Buildpack(msgspec.Struct):
    """A buildpack by its URL, or by its name in a registry."""

    url: str


class Installation(msgspec.Struct):
    """One wanted buildpack."""

    buildpack: str


class Update(msgspec.Struct):
    """``PUT /apps/{app}/buildpack-installations``: the whole list, in order."""

    updates: list[Installation]


def check_urls(urls: Sequence[str]) -> list[str]:
    """Return the URLs as they were given. Raises InvalidParams."""
    if len(urls) > _MAX:
        raise errors.InvalidParams(f"An app can't have more than {_MAX} buildpacks.")
    for url in urls:
        if not url or len(url) > _MAX_URL or not url.isprintable() or " " in url:
            raise errors.InvalidParams(f"buildpack is invalid: {url!r} is no URL or name of one.")
        if rules.missing(url):
            names = ", ".join(one.slug for one in rules.BUILT_IN)
            raise errors.InvalidParams(
                f"{url} is not in the buildpack registry, which has {names}. "
                "Name others by URL: https://HOST/REPOSITORY.git"
            )
    return list(urls)


async def listed(call: OnApp) -> Answer:
    """List the buildpacks in order."""
    return _shown(await buildpacks.listed(call.platform, call.app))


async def replace(call: OnApp) -> Answer:
    """Set the buildpacks."""
    urls = check_urls([u.buildpack for u in decode.body(call, Update).updates])
    return _shown(await buildpacks.replace(call.platform, call.actor, call.app, urls))


def _shown(urls: Sequence[str]) -> Reply:
    return Reply(
        [wire.BuildpackInstallation(n, wire.Buildpack(url, url)) for n, url in enumerate(urls)]
    )
