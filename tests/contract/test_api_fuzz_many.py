"""Thousands of bad requests, some at once: no failure, no leak, and a store that is whole."""

from __future__ import annotations

import asyncio
import os

from tests.contract.api_platform import Api, deployed
from tests.contract.fuzz import Fuzz
from tests.contract.fuzz_askers import CANARY, abroad, askers
from tests.contract.invariants import broken

# `make conformance` sends 10,000.
COUNT = int(os.environ.get("HATOBA_FUZZ", "1500"))


async def test_bad_requests_break_nothing_and_tell_nothing(api: Api) -> None:
    names = await deployed(api)
    secret = {"SECRET": CANARY}
    assert (await api("PATCH", f"/apps/{names['app']}/config-vars", secret)).status == 200
    foreign = await abroad(await api.stranger())
    fuzz = Fuzz(await askers(api, await api.stranger()), names, foreign, seed=COUNT)
    await fuzz.run(COUNT)
    assert fuzz.wrong == []
    assert await broken(api.platform.store) == {}


async def test_writes_to_one_app_at_once_leave_it_whole(api: Api) -> None:
    names = await deployed(api)
    app = f"/apps/{names['app']}"
    changes: list[tuple[str, str, object]] = [
        ("PATCH", f"{app}/config-vars", {"A": "1"}),
        ("PATCH", f"{app}/config-vars", {"A": None, "B": "2"}),
        ("PATCH", f"{app}/formation", {"updates": [{"type": "web", "quantity": "+1"}]}),
        ("PATCH", f"{app}/formation", {"updates": [{"type": "web", "quantity": "-1"}]}),
        ("POST", f"{app}/releases", {"slug": names["slug"]}),
        ("POST", f"{app}/releases", {"release": names["release"]}),
        ("PATCH", app, {"maintenance": True}),
        ("POST", f"{app}/collaborators", {"user": (await api.stranger()).account.email}),
    ]
    answers = await asyncio.gather(*(api(*change) for change in changes * 6))
    assert [one for one in answers if one.status >= 500] == []
    assert await broken(api.platform.store) == {}
    releases = (await api("GET", f"{app}/releases")).json
    assert [one["version"] for one in releases] == list(range(1, len(releases) + 1))
