"""Calls about dynos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from hatoba.client.api import ACCEPT, Api, Json, decode, reviewed
from hatoba.schema.platform import Dyno


@dataclass(frozen=True)
class OneOff:
    """What to run in a dyno of its own; ``attach`` asks for its terminal."""

    command: str
    attach: bool
    env: Mapping[str, str]
    size: str | None = None
    type: str | None = None
    no_tty: bool = False


@dataclass(frozen=True)
class Inside:
    """A command to run inside a dyno that runs.

    ``raw`` carries every byte as it is, both ways, without a terminal.
    """

    command: str
    env: Mapping[str, str]
    no_tty: bool = False
    raw: bool = False


@dataclass(frozen=True)
class Which:
    """Some of an app's dynos: one by name, those of a process type, or all."""

    name: str | None = None
    type: str | None = None

    def matches(self, dyno: Dyno) -> bool:
        """Tell whether the dyno is one of them."""
        if self.name:
            return dyno.name == self.name
        return dyno.type == self.type if self.type else True

    def __str__(self) -> str:
        if self.name:
            return self.name
        return f"all {self.type} dynos" if self.type else "all dynos"


def listed(api: Api, app: str) -> list[Dyno]:
    """Return the app's dynos in the order of type and number."""
    return sorted(api.pages(f"/apps/{app}/dynos", Dyno), key=order)


def order(dyno: Dyno) -> tuple[str, int, str]:
    """Return the key that sorts web.2 before web.10."""
    number = dyno.name.rpartition(".")[2]
    return dyno.type, int(number) if number.isdigit() else 0, dyno.name


def restart(api: Api, app: str, which: Which, version: int | None = None) -> None:
    """Restart these dynos."""
    api.send("DELETE", _path(app, which), headers=reviewed(version))


def stop(api: Api, app: str, which: Which, version: int | None = None) -> None:
    """Stop these dynos; those of the formation are started again."""
    api.send("POST", f"{_path(app, which)}/actions/stop", headers=reviewed(version))


def run(api: Api, app: str, one_off: OneOff) -> Dyno:
    """Start a one-off dyno."""
    body: Json = {
        "attach": one_off.attach,
        "command": one_off.command,
        "env": dict(one_off.env),
        "force_no_tty": one_off.no_tty,
        "size": one_off.size,
        "type": one_off.type,
    }
    wanted = {key: value for key, value in body.items() if value is not None}
    return api.change("POST", f"/apps/{app}/dynos", Dyno, body=wanted)


def run_inside(api: Api, app: str, dyno: str, inside: Inside) -> Dyno:
    """Start a command inside a running dyno; return that dyno, with where to attach."""
    body: Json = {
        "command": inside.command,
        "env": dict(inside.env),
        "force_no_tty": inside.no_tty,
        "raw": inside.raw,
    }
    path = f"/apps/{app}/dynos/{quote(dyno, safe='')}"
    answer = api.send("POST", path, body=body, headers={"Accept": f"{ACCEPT}.run-inside"})
    return decode(answer, Dyno)


def resize(api: Api, app: str, attach_url: str, columns: int, rows: int) -> None:
    """Tell a run session's terminal its new size; Heroku's can't be told."""
    secret = urlsplit(attach_url).path.removeprefix("/")
    if not api.target.is_heroku:
        path = f"/hatoba/apps/{app}/sessions/{secret}"
        api.send("PATCH", path, body={"columns": columns, "rows": rows})


def _path(app: str, which: Which) -> str:
    if which.name:
        return f"/apps/{app}/dynos/{quote(which.name, safe='')}"
    if which.type:
        return f"/apps/{app}/formations/{quote(which.type, safe='')}"
    return f"/apps/{app}/dynos"
