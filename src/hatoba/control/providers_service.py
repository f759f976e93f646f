"""A service of a provider elsewhere, by Heroku's Add-on Partner API, version 3.

A request may be sent more than once: the add-on's id is how the provider knows it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from hatoba import errors
from hatoba.addons.partner.client import Answer
from hatoba.control import providers_grants as grants
from hatoba.control import providers_resources as resources
from hatoba.control.platform import Platform
from hatoba.control.providers_drains import drain_of, forget_drain
from hatoba.control.providers_resources import Away, Refused
from hatoba.control.services import NotYet
from hatoba.kit.retry import backoff
from hatoba.model import provider as rules
from hatoba.model.addon import Addon, AddonPlan
from hatoba.model.provider import ACCEPTED_FOR, Holding, Provider, Resource
from hatoba.store import addons as addon_rows
from hatoba.store import providers as rows
from hatoba.store import webhooks as webhook_rows

# A provider that does not answer is asked again after this, then half as often, and so on.
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 3600.0
_PLAN_ATTEMPTS = 10
_LOOK_AGAIN = 600.0
_GONE = (404, 410)


class ProviderService:
    """See ``control.services.Service``."""

    elsewhere = True

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.name = provider.id
        self.human_name = provider.human_name
        self.prefix = provider.id
        self.primary = self.colours = provider.prefix
        self.suffixes: Sequence[str] = provider.suffixes
        self.plans: Mapping[str, AddonPlan] = {plan.name: plan for plan in provider.plans}
        self.single = False
        self.shared = True

    async def reserve(
        self, p: Platform, conn: AsyncConnection, addon: Addon, options: Mapping[str, str]
    ) -> None:
        """Note that the provider is to be asked; it is told the options as they are."""
        values = {"id": addon.id, "provider": self.name, "state": Holding.RESERVED.value}
        empty = resources.sealed(p, addon.id, {})
        await rows.hold(conn, {**values, "options": dict(options), "sealed_config": empty})

    async def build(self, p: Platform, addon: Addon) -> None:
        """Have the provider make it; one that accepts says later when it has."""
        resource = await resources.find(p, addon.id)
        if resource.state is Holding.HELD:
            return
        if resource.state is not Holding.ACCEPTED:
            await self._ask(p, addon, resource)
            return
        left = (addon.created_at + ACCEPTED_FOR - p.clock.now()) / timedelta(seconds=1)
        if left <= 0:
            raise Away(f"The provider of {self.name} did not make it within 12 hours.")
        raise self._being_made(min(left, _LOOK_AGAIN))

    def _being_made(self, after: float) -> NotYet:
        return NotYet(f"The provider of {self.name} is making it.", after=after, fault=False)

    async def _ask(self, p: Platform, addon: Addon, resource: Resource) -> None:
        first = resource.state is Holding.RESERVED
        code, until = await grants.give(p, addon.id)
        # From here on the provider may have something, whatever becomes of the answer.
        await resources.mark(p, addon.id, Holding.ASKED)
        body: dict[str, object] = {
            "uuid": str(addon.id),
            "name": addon.name,
            "plan": addon.plan,
            "region": rules.REGION,
            "callback_url": f"{p.place.public_api_url}/addons/{addon.id}",
            "options": dict(resource.options),
            "oauth_grant": {
                "type": "authorization_code",
                "code": code,
                "expires_at": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        }
        if rules.DRAINS in self.provider.requires:
            body["log_drain_token"] = f"d.{addon.id}"
        answer = await resources.ask(p, self.provider, "POST", body=body)
        if answer.status >= 400:
            if first:
                await resources.mark(p, addon.id, Holding.GONE)
            raise self._refused(answer)
        if answer.foreign:
            raise Away(f"The provider of {self.name} did not answer with a JSON object.")
        await self._keep(p, addon, answer)

    def _refused(self, answer: Answer) -> errors.HatobaError:
        if answer.status == 422 and (message := rules.said(answer.body)):
            return Refused(message)
        return Away(f"The provider of {self.name} can't make it: it {resources.fault(answer)}.")

    async def _keep(self, p: Platform, addon: Addon, answer: Answer) -> None:
        """Keep what the provider answered; it may have called back meanwhile."""
        config = resources.checked(self.provider, answer)
        if url := answer.body.get("log_drain_url"):
            await drain_of(p, addon, self.provider, url)
        async with p.store.begin() as conn:
            row = await rows.resource(conn, addon.id, lock=True)
            now = resources.opened(p, row) if row else None
            values: dict[str, Any] = {}
            if now is not None:
                merged = {**now.config, **config}
                values["sealed_config"] = resources.sealed(p, addon.id, merged)
            done = answer.status != 202 or (now is not None and now.state is Holding.HELD)
            values["state"] = (Holding.HELD if done else Holding.ACCEPTED).value
            await rows.update(conn, addon.id, **values)
            message = rules.said(answer.body)
            await addon_rows.update(conn, addon.id, message=message or addon.message)
        if not done:
            raise self._being_made(_LOOK_AGAIN)

    async def values(self, p: Platform, addon: Addon, credential: str) -> dict[str, str]:
        """Return what the provider gave, by suffix."""
        del credential
        config = (await resources.find(p, addon.id)).config
        return {n.removeprefix(f"{self.primary}_"): value for n, value in config.items()}

    async def change_plan(self, p: Platform, addon: Addon, plan: str) -> None:
        """Have the provider put another plan in force."""
        try:
            answer = await resources.ask(p, self.provider, "PUT", f"/{addon.id}", {"plan": plan})
        except Away as error:
            if addon.attempts + 1 >= _PLAN_ATTEMPTS:
                raise
            raise self._later(addon, error) from error
        if answer.status >= 400:
            message = rules.said(answer.body) if answer.status == 422 else ""
            text = f"The provider of {self.name} {resources.fault(answer)}."
            raise Refused(message or text)
        await self._changed(p, addon, answer)

    async def _changed(self, p: Platform, addon: Addon, answer: Answer) -> None:
        config = resources.checked(self.provider, answer)
        async with p.store.begin() as conn:
            row = await rows.resource(conn, addon.id, lock=True)
            if row is not None and config:
                merged = {**resources.opened(p, row).config, **config}
                await rows.update(
                    conn, addon.id, sealed_config=resources.sealed(p, addon.id, merged)
                )
            await addon_rows.update(conn, addon.id, message=rules.said(answer.body))

    def _later(self, addon: Addon, error: errors.HatobaError) -> NotYet:
        pause = backoff(addon.attempts, first=_FIRST_PAUSE, cap=_LONGEST_PAUSE)
        return NotYet(error.message, after=pause, fault=True)

    async def destroy(self, p: Platform, addon: Addon) -> None:
        """Tell the provider to let go, again and again until it has."""
        await forget_drain(p, addon)
        async with p.store.begin() as conn:
            await webhook_rows.delete_of_addon(conn, addon.id)
        resource = await resources.find(p, addon.id)
        if resource.state in (Holding.RESERVED, Holding.GONE):
            return
        try:
            answer = await resources.ask(p, self.provider, "DELETE", f"/{addon.id}")
        except Away as error:
            raise self._later(addon, error) from error
        if answer.status == 202:
            text = f"The provider of {self.name} is destroying it."
            raise NotYet(text, after=_LONGEST_PAUSE, fault=False)
        if answer.status >= 400 and answer.status not in _GONE:
            text = f"does not let go: it {resources.fault(answer)}."
            raise self._later(addon, Away(f"The provider of {self.name} {text}"))
        await resources.mark(p, addon.id, Holding.GONE)
