"""Calls the data API on databases and stores that are really there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from conformance.data_calls import CALLS, DataCall
from conformance.shapes import differences
from hatoba.control import databases_upgrade, transfers_run
from hatoba.store import database_upgrades as upgrades
from tests.contract import key_values
from tests.contract.api_platform import Api, Got

_UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class DataOutcome:
    """What came of a call. ``problems`` is empty where all is as it should be."""

    call: DataCall
    served: bool
    problems: tuple[str, ...] = ()


@dataclass
class DataWorld:
    """An app with databases and a key-value store; ``names`` are what paths and bodies mean."""

    api: Api
    stranger: Api
    names: dict[str, str] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Make what the calls are about."""
        self.names["app"] = app = await self.api.app()
        p = self.api.platform
        oldest = str(min(await p.databases.installed()))
        old = {"version": oldest}
        for name, plan, config in (
            ("database", "heroku-postgresql:standard-0", old),
            ("old", "heroku-postgresql:standard-0", old),
            ("spare", "heroku-postgresql:essential-0", {}),
            ("store", "heroku-redis:mini", {}),
        ):
            await self._addon(app, name, plan, config)
        await self._addon(
            app, "follower", "heroku-postgresql:standard-0", {"follow": self.names["old"]}
        )
        # A store can only be brought to a newer version from an older one.
        store = (await self.api("GET", f"/addons/{self.names['store']}")).json["id"]
        await key_values.move(p, UUID(store), (await key_values.older(p)).line)
        self.names["newest-valkey"] = (await p.key_values.programs())[-1].text
        self.names |= {"link": "boats", "pool": "leader", "quota": "storage"}
        self.names |= {"credential": "analyst", "v1-credential": "auditor"}
        for name in ("database", "spare"):
            self.names[f"{name}-url"] = await self._url(name)
        self.names["url"] = self.names["database-url"]

    async def _addon(self, app: str, name: str, plan: str, config: dict[str, str]) -> None:
        body = {"plan": plan, "config": config, "attachment": {"name": name.upper()}}
        made = await self.api("POST", f"/apps/{app}/addons", body)
        assert made.status == 201, made  # noqa: S101 without it nothing of this can be looked at
        self.names[name] = str(made.json["name"])

    async def _url(self, name: str) -> str:
        values = (await self.api("GET", f"/apps/{self.names['app']}/config-vars")).json
        return str(values[f"{name.upper()}_URL"])

    def filled(self, value: object) -> Any:  # noqa: ANN401 of the kind that it was given
        """Return a path or body with the names of this world."""
        if isinstance(value, str):
            return re.sub(r"\{([a-z0-9-]+)\}", lambda m: self.names[m[1]], value)
        if isinstance(value, dict):
            return {key: self.filled(inner) for key, inner in value.items()}
        return value

    async def outcome(self, call: DataCall) -> DataOutcome:
        """Make a call as it should be made, and in several ways as it should not."""
        if call.shape in _BEFORE:
            await _BEFORE[call.shape](self)
        path, body = self.filled(call.path), self.filled(call.body)
        # What is deleted can't be refused any more.
        problems = await self._refused(call, path, body)
        got = await self.api(call.method, path, body)
        if call.absent:
            honest = 400 <= got.status < 500 and {"id", "message"} <= set(got.json)
            problems += [] if honest else [f"no error that says so: {got.status}"]
            return DataOutcome(call, served=False, problems=tuple(problems))
        if got.status >= 300:
            return DataOutcome(call, served=False, problems=(f"{got.status} {got.body[:200]!r}",))
        problems += differences(call.reads, got.json if got.body else None)
        if call.shape in _AFTER:
            await _AFTER[call.shape](self, got)
        return DataOutcome(call, served=True, problems=tuple(problems))

    async def _refused(self, call: DataCall, path: str, body: object) -> list[str]:
        found = []
        if (nobody := await self.api(call.method, path, body, Authorization="")).status != 401:
            found.append(f"without a token: {nobody.status}")
        if "{" in call.path:
            foreign = await self.stranger(call.method, path, body)
            if foreign.status not in (403, 404):
                found.append(f"a stranger: {foreign.status}")
            nowhere = re.sub(r"\{[^}]*\}", _UNKNOWN, call.path)
            if (unknown := await self.api(call.method, nowhere, body)).status != 404:
                found.append(f"an unknown identity: {unknown.status}")
        if body:
            broken = await self.api(call.method, path, raw=b'{"a":')
            if not 400 <= broken.status < 500:
                found.append(f"broken JSON: {broken.status}")
        return found


async def _pending(world: DataWorld) -> None:
    """Begin a backup that nobody carries out yet."""
    path = f"/client/v11/databases/{world.names['database']}/backups"
    world.names["pending"] = (await world.api("POST", path)).json["uuid"]


async def _prepared(world: DataWorld) -> None:
    """Prepare the upgrade that was cancelled, again."""
    await _upgraded(world)
    path = f"/client/v11/databases/{world.names['database']}/upgrade/prepare"
    await world.api("POST", path, {})


async def _backed_up(world: DataWorld, got: Got) -> None:
    await _carried_out(world, got)
    world.names["transfer"] = str(got.json["num"])
    world.names["backup-url"] = got.json["to_url"]


async def _carried_out(world: DataWorld, got: Got) -> None:
    await transfers_run.carry_out(world.api.platform, UUID(got.json["uuid"]))


async def _scheduled(world: DataWorld, got: Got) -> None:
    world.names["schedule"] = str(got.json["uuid"])


async def _upgraded(world: DataWorld) -> None:
    """Wait for the upgrades that go on."""
    async with world.api.platform.store.begin() as conn:
        going = await upgrades.going_on(conn)
    for one in going:
        await databases_upgrade.settled(one.id)


_V11 = "/client/v11/databases/{}"
_BEFORE: dict[str, Callable[[DataWorld], Awaitable[None]]] = {
    "POST /client/v11/apps/{}/transfers/{}/actions/cancel": _pending,
    f"POST {_V11}/upgrade/run": _prepared,
    f"PUT {_V11}/reset": _upgraded,
}
_AFTER: dict[str, Callable[[DataWorld, Got], Awaitable[None]]] = {
    f"POST {_V11}/backups": _backed_up,
    f"POST {_V11}/restores": _carried_out,
    f"POST {_V11}/transfers": _carried_out,
    f"POST {_V11}/transfer-schedules": _scheduled,
}


async def outcomes(api: Api) -> list[DataOutcome]:
    """Make every call on this platform; return what came of each, in alphabetical order."""
    world = DataWorld(api, await api.stranger())
    await world.prepare()
    found = [await world.outcome(call) for call in CALLS]
    return sorted(found, key=lambda one: (one.call.shape.split()[1], one.call.method))
