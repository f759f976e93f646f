"""Who asks in the fuzz: the owner, others, and tokens that are dead or good for less."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from hatoba.auth import authorizations, scopes
from hatoba.auth.scopes import Scope
from tests.contract.api_platform import Api, deployed
from tests.contract.crew import public_key

CANARY = "canary-7d1f0c"
FOREIGN = "petrel-51c0de"
_LESS = (Scope.IDENTITY, Scope.READ, Scope.WRITE, Scope.READ_PROTECTED)
_OPEN = frozenset({Scope.READ_PROTECTED, Scope.WRITE_PROTECTED, Scope.GLOBAL})


@dataclass(frozen=True)
class Asker:
    """A client, how often it asks, what its token is good for, and what it must never see.

    A token without ``scope`` is good for nothing at all.
    """

    name: str
    api: Api
    weight: int
    scope: Scope | None
    hidden: tuple[str, ...]

    def may(self, needed: Scope) -> bool:
        """Tell whether the token is good for what needs that scope."""
        return self.scope is not None and scopes.covers((self.scope.value,), needed)


async def askers(api: Api, stranger: Api) -> list[Asker]:
    """Return the owner of what has the canary, a foreign one, and tokens of less."""
    found = [
        Asker("the owner", api, 8, Scope.GLOBAL, (FOREIGN,)),
        Asker("a stranger", stranger, 3, Scope.GLOBAL, (CANARY, FOREIGN)),
    ]
    for scope in _LESS:
        token = await _token(api, scope)
        hidden = (FOREIGN,) if scope in _OPEN else (CANARY, FOREIGN)
        found.append(Asker(f"{scope} only", replace(api, token=token), 1, scope, hidden))
    over = await _token(api, Scope.GLOBAL, seconds=-1)
    odd = ("", "x", "HRKU-" + "0" * 40, "a" * 3000, "%00")
    for token in (over, await _revoked(api), *odd):
        dead = replace(api, token=token)
        found.append(Asker(f"token {token[:9]}", dead, 1, None, (CANARY, FOREIGN)))
    return found


async def _token(api: Api, scope: Scope, *, seconds: float | None = None) -> str:
    now = api.platform.clock.now()
    until = None if seconds is None else now + timedelta(seconds=seconds)
    made = await authorizations.issue(
        api.platform.store, api.account, scopes=[scope.value], expires_at=until
    )
    return made[1]


async def _revoked(api: Api) -> str:
    made = await api("POST", "/oauth/authorizations", {"scope": ["global"]})
    token = str(made.json["access_token"]["token"])
    used = replace(api, token=token)
    assert (await used("GET", "/account")).status == 200
    gone = await api("DELETE", f"/oauth/authorizations/{made.json['id']}")
    assert gone.status == 200
    return token


async def abroad(foreign: Api) -> dict[str, str]:
    """Give a foreign account one of much, each with its canary; return how each is named."""
    names = await deployed(foreign)
    app = f"/apps/{names['app']}"
    made = [
        (
            "PATCH",
            f"{app}/config-vars",
            {"SECRET": FOREIGN, FOREIGN.upper().replace("-", "_"): "x"},
        ),
        ("PUT", f"{app}/buildpack-installations", {"updates": [{"buildpack": _url("b")}]}),
        ("POST", "/account/keys", {"public_key": f"{public_key()} {FOREIGN}"}),
    ]
    for method, path, body in made:
        assert (got := await foreign(method, path, body)).status < 300, got
    things = {
        "drain": (f"{app}/log-drains", {"url": _url("logs")}),
        "webhook": (
            f"{app}/webhooks",
            {"url": _url("hook"), "include": ["api:app"], "level": "notify"},
        ),
        "pipeline": ("/pipelines", {"name": f"{FOREIGN}-line"}),
        "team": ("/teams", {"name": f"{FOREIGN}-crew"}),
        "client": ("/oauth/clients", {"name": FOREIGN, "redirect_uri": _url("back")}),
        "authorization": ("/oauth/authorizations", {"description": FOREIGN}),
    }
    for name, (path, body) in things.items():
        got = await foreign("POST", path, body)
        assert got.status < 300, got
        names[name] = str(got.json["id"])
    return names


def _url(label: str) -> str:
    return f"https://{FOREIGN}.{label}.example/x"
