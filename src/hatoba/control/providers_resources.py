"""What providers hold for add-ons: read, asked for with retries, kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hatoba import errors
from hatoba.addons.partner.client import Answer, Credentials, Unanswered
from hatoba.control.platform import Platform
from hatoba.kit.retry import backoff
from hatoba.model import provider as rules
from hatoba.model.provider import Holding, Provider, Resource
from hatoba.store import providers as rows

# A provider that stumbles is asked again at once; one that is away, by whoever asked.
_QUICK_ATTEMPTS = 3
_FIRST_PAUSE = 0.5


class Refused(errors.InvalidParams):
    """The add-on's provider refused."""

    id = "provider_refused"


class Away(errors.InvalidParams):
    """The add-on's provider did not do what it was asked for. Try again later."""

    id = "provider_failed"


async def find(p: Platform, addon_id: UUID) -> Resource:
    """Return what a provider holds. Raises NotFound."""
    async with p.store.begin() as conn:
        row = await rows.resource(conn, addon_id)
    if row is None:
        raise errors.NotFound("Couldn't find that add-on.", resource="add_on")
    return opened(p, row)


def opened(p: Platform, row: Mapping[str, Any]) -> Resource:
    """Return the resource that a row holds."""
    config = json.loads(p.vault.unseal(row["sealed_config"], _bound(row["id"])))
    return Resource(
        id=row["id"],
        provider=row["provider"],
        state=Holding(row["state"]),
        options=row["options"],
        config=config,
        granted_at=row["granted_at"],
        access_until=row["access_until"],
    )


def sealed(p: Platform, addon_id: UUID, config: Mapping[str, str]) -> bytes:
    """Return config vars as they are stored."""
    return p.vault.seal(json.dumps(dict(config)).encode(), _bound(addon_id))


def _bound(addon_id: UUID) -> str:
    return f"resource:{addon_id}"


async def mark(p: Platform, addon_id: UUID, state: Holding) -> None:
    """Note what a provider has."""
    async with p.store.begin() as conn:
        await rows.update(conn, addon_id, state=state.value)


async def ask(
    p: Platform,
    provider: Provider,
    method: str,
    path: str = "",
    body: Mapping[str, object] | None = None,
) -> Answer:
    """Call a provider, again when it stumbles. Raises Away when it does not answer properly.

    Answers from 200 to 499 but 429 are given back.
    """
    credentials = Credentials(provider.id, provider.password)
    for attempt in range(_QUICK_ATTEMPTS):
        if attempt:
            await asyncio.sleep(backoff(attempt - 1, first=_FIRST_PAUSE, cap=5.0))
        try:
            answer = await p.partners.call(method, f"{provider.base_url}{path}", credentials, body)
        except Unanswered as error:
            why = str(error)
        else:
            if 200 <= answer.status < 300 or (400 <= answer.status < 500 and answer.status != 429):
                return answer
            why = fault(answer)
    raise Away(f"The provider of {provider.id} {why}.")


def fault(answer: Answer) -> str:
    """Say what an error was: ``answered 503: down for maintenance``."""
    message = rules.said(answer.body)
    return f"answered {answer.status}: {message}" if message else f"answered {answer.status}"


def checked(provider: Provider, answer: Answer) -> dict[str, str]:
    """Return the config vars of an answer. Raises Away for some that it may not give."""
    config = rules.config_of(answer.body)
    if config is None:
        raise Away(f"The provider of {provider.id} gave config vars that are not text.")
    if foreign := sorted(set(config) - set(provider.config_vars)):
        raise Away(
            f"The provider of {provider.id} gave the config var {foreign[0]}, "
            "which its manifest does not name."
        )
    return config
