"""apps:diff: in what two apps differ. Values of config vars are compared, never shown."""

from __future__ import annotations

import click

from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.client import apps, buildpacks, config, features
from hatoba.client.api import Api
from hatoba.operations.promotion import member

Difference = tuple[str, str, str]
_NONE = "-"


@command("apps:diff", "heroku apps:diff harbour-staging harbour-production", app=False)
@click.argument("app1")
@click.argument("app2")
def diff(session: Session, app1: str, app2: str) -> None:
    """Show in what two apps differ: code, config vars, stack, buildpacks, add-ons, features."""
    one, other = _facts(session.api, app1), _facts(session.api, app2)
    found = [
        (name, one.get(name, _NONE), other.get(name, _NONE))
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    ]
    rows = [*found, *_config(session.api, app1, app2)]
    if session.json:
        session.out.json([{"property": p, app1: a, app2: b} for p, a, b in rows])
    elif rows:
        session.out.table(rows, ("property", app1, app2))
    else:
        session.out.say(f"{app1} and {app2} do not differ.")


def _facts(api: Api, name: str) -> dict[str, str]:
    app = apps.find(api, name)
    runs = member(api, app, "").slug
    packs = buildpacks.listed(api, name)
    services = sorted({a["addon_service"]["name"] for a in apps.addons(api, name)})
    switched = [f.name for f in features.listed(api, name) if f.enabled]
    return {
        "slug (checksum)": (runs.checksum or runs.id) if runs else _NONE,
        "stack": app.stack.name,
        **{f"buildpack ({number})": url for number, url in enumerate(packs)},
        **{f"add-on ({service})": "yes" for service in services},
        **{f"feature ({feature})": "enabled" for feature in switched},
    }


def _config(api: Api, app1: str, app2: str) -> list[Difference]:
    """Fingerprints depend on the app, so values can only be compared themselves."""
    one, other = config.revealed(api, app1), config.revealed(api, app2)
    return [
        (f"config ({name})", _told(name in one), _told(name in other, otherwise=name in one))
        for name in dict.fromkeys([*one, *other])
        if one.get(name) != other.get(name)
    ]


def _told(there: bool, *, otherwise: bool = False) -> str:
    if not there:
        return _NONE
    return "set otherwise" if otherwise else "set"
