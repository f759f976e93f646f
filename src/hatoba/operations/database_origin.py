"""What a new database is made from: another one that it follows, or was a copy of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hatoba.client import databases
from hatoba.client.api import Api
from hatoba.kit.text import plural
from hatoba.schema.addons import Addon
from hatoba.schema.hatoba import Check


def told(options: Mapping[str, str]) -> str:
    """Return in words what a database is to be made from; "" for one that is made empty; pure."""
    if leader := options.get("follow"):
        return f"following {leader}"
    if source := options.get("fork"):
        return f"a fork of {source}"
    if source := options.get("rollback"):
        when = options.get("to") or f"{options.get('by', 'some time')} ago"
        return f"{source} as of {when}"
    return ""


def checks(api: Api, app: str, made: Addon, options: Mapping[str, str]) -> Iterator[Check]:
    """See that a database is made from what was asked for. Raises ClientError."""
    words = told(options)
    if not words or made.addon_service.name != databases.SERVICE:
        return
    now = databases.info(api, made.id)
    what = f"it is {words}: {plural(now.num_tables, 'table')}"
    if "follow" in options:
        yield Check(what, ok=now.following is not None, seen="")
    elif "fork" in options:
        source = databases.resolve(api, app, options["fork"])
        there = databases.info(api, source.addon.id).num_tables
        seen = "" if there == now.num_tables else f"the original has {plural(there, 'table')}"
        yield Check(what, ok=not seen, seen=seen)
    else:
        # How many there were then, nobody can tell but the copy.
        yield Check(what, ok=True, seen="")
