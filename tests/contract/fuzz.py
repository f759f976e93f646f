"""Requests at random, from a seed: odd paths, bodies, headers and tokens, several at once."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from hatoba.api.endpoint import Route
from hatoba.api.routes import TABLE
from tests.contract.api_platform import Got
from tests.contract.fuzz_askers import Asker

AT_ONCE = 8
# Field names of all bodies, so that values often land where they are read.
FIELDS = """name maintenance stack region build_stack updates type quantity size dyno_size command
attach env release slug description source_blob url version checksum buildpacks buildpack user
lines source dyno tail scope expires_in operation app_version digest review before after checks
verified undo values enabled plan config attachment addon app hostname sni_endpoint pipeline stage
owner id email role permissions locked include level recipient state branch timezone""".split()
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    "",
    "\0",
    "é",
    "\ud800",
    "../../etc/passwd",
    "%00",
    "web",
]
ODD += ["+1", "v1", "~", "' OR 1=1 --", "a" * 5000, [], {}, [[]], [None], {"id": None}, {"name": 1}]
RAW = [b"", b"null", b"[]", b"{", b'"x"', b'{"a":1e999}', b"\x00", b"\xff\xfe", b"[" * 9000, b"1"]
RAW += [b'{"a":' * 3000, b"{}" + b" " * 1_100_000]
RANGES = ["id ..", "name a..z; max=2", "version 1..; order=desc,max=1", "x", "id ..; max=0", "\xe9"]
_JSON = "application/json"
# The account and its token must last for the whole of it.
LASTING = ("/oauth/authorizations/{", "/account", "/users/{", "/hatoba/account")


def routes() -> list[Route[Any]]:
    """Return the routes that leave the one who asks able to go on."""
    return [
        route
        for route in TABLE
        if route.method == "GET" or not (route.path.startswith(LASTING) or route.streams)
    ]


@dataclass
class Fuzz:
    """Asks as everybody who may, and who may not. ``wrong`` is what came of it.

    ``names`` are the owner's things, ``foreign`` those of somebody who doesn't ask at all.
    """

    askers: Sequence[Asker]
    names: dict[str, str]
    foreign: dict[str, str]
    seed: int
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._routes = routes()

    async def run(self, count: int) -> None:
        """Send that many requests, some at once."""
        for _ in range(0, count, AT_ONCE):
            await asyncio.gather(*(self._one() for _ in range(AT_ONCE)))

    async def _one(self) -> None:
        choose = self._random
        route = choose.choice(self._routes)
        path = self._path(route)
        (who,) = choose.choices(self.askers, [one.weight for one in self.askers])
        headers = {"Range": choose.choice(RANGES)} if choose.random() < 0.2 else {}
        if choose.random() < 0.1:
            headers["Hatoba_If_Version"] = choose.choice(["1", "x", str(10**20), "-1"])
        got = await who.api(route.method, path, raw=self._body(route), **headers)
        self._judge(route, path, who, got)

    def _path(self, route: Route[Any]) -> str:
        parts = []
        for part in route.path.replace(":path}", "}").split("/"):
            name = part.strip("{}")
            if name == part:
                parts.append(part)
            elif name in self.names and not self._ends(route) and self._random.random() < 0.7:
                parts.append(self.names[name])
            elif name in self.foreign and self._random.random() < 0.5:
                parts.append(self.foreign[name])
            else:
                odd = str(self._random.choice(ODD)).encode(errors="replace")
                parts.append(quote(odd, safe="") or "x")
        return "/".join(parts)

    def _ends(self, route: Route[Any]) -> bool:
        """Tell whether the route would destroy what all others need."""
        return (route.method, route.path) in {("DELETE", "/apps/{app}")}

    def _body(self, route: Route[Any]) -> bytes | None:
        if route.method == "GET":
            return None
        if self._random.random() < 0.15:
            return self._random.choice(RAW)
        count = self._random.randrange(5)
        body = {self._random.choice(FIELDS): self._value(2) for _ in range(count)}
        return json.dumps(body).encode()

    def _value(self, depth: int) -> Any:
        if depth and self._random.random() < 0.2:
            return {self._random.choice(FIELDS): self._value(depth - 1) for _ in range(2)}
        if depth and self._random.random() < 0.1:
            return [self._value(depth - 1) for _ in range(2)]
        known = [*self.names.values(), *self.foreign.values()]
        return (
            self._random.choice(known) if self._random.random() < 0.3 else self._random.choice(ODD)
        )

    def _judge(self, route: Route[Any], path: str, who: Asker, got: Got) -> None:
        what = f"{who.name}: {route.method} {path[:120]}: {got.status} {got.body[:200]!r}"
        if got.status >= 500 or b"Traceback" in got.body:
            self.wrong.append(what)
        if any(one.encode() in got.body for one in who.hidden):
            self.wrong.append(f"a leak to somebody else: {what}")
        needed = getattr(route.access, "scope", None)
        if got.status < 400 and needed is not None and not who.may(needed):
            self.wrong.append(f"let in without the scope {needed}: {what}")
        # Pages for people, and what is no HTTP at all, have errors of their own kind.
        refused = got.status >= 400 and got.headers.get("content-type", "").startswith(_JSON)
        if refused and not {"id", "message"} <= set(json.loads(got.body)):
            self.wrong.append(f"no error of the API: {what}")
