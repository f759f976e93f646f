"""A provider of add-ons elsewhere, for the links that only a provider can follow."""

from __future__ import annotations

from dataclasses import replace

from hatoba.api.encode import webhook_payloads
from hatoba.control import webhook_outbox
from tests.contract.api_platform import Api
from tests.contract.provider import PASSWORD, Provider, says

LINKS = frozenset(
    {
        "PATCH /addons/{}/config",
        "POST /addons/{}/actions/provision",
        "POST /addons/{}/actions/deprovision",
        "PUT /addons/{}/log-drains/{}",
        "POST /addons/{}/webhooks",
        "GET /addons/{}/webhooks",
        "GET /addons/{}/webhooks/{}",
        "PATCH /addons/{}/webhooks/{}",
        "DELETE /addons/{}/webhooks/{}",
    }
)
TOLD = frozenset({"GET /addons/{}/webhook-deliveries/{}", "GET /addons/{}/webhook-events/{}"})

HOOK = {"url": "https://hooks.example/addon", "include": ["api:addon"], "level": "notify"}


async def register(api: Api, provider: Provider) -> None:
    """Let an administrator offer the provider's service."""
    put = await api("PUT", f"/hatoba/addon-providers/{provider.manifest['id']}", provider.manifest)
    assert put.status == 200, put  # noqa: S101 without it nothing of this can be looked at


async def awaited(api: Api, app: str, provider: Provider) -> tuple[dict[str, str], Api]:
    """Return what belongs to an add-on that the provider still works on, and its client."""
    provider.next = [says(202, {"log_drain_url": "https://logs.acme.example/lines"})]
    made = await api("POST", f"/apps/{app}/addons", {"plan": "acme:test"})
    asked = provider.calls("POST")[-1]
    grant = asked["oauth_grant"]
    form = {"grant_type": "authorization_code", "code": grant["code"], "client_secret": PASSWORD}
    token = (await api("POST", "/oauth/token", form)).json["access_token"]
    by = replace(api, token=token)
    hook = await by("POST", f"/addons/{made.json['id']}/webhooks", HOOK)
    names = {"add-on": made.json["id"], "log-drain": asked["log_drain_token"]}
    names["add-on-webhook"] = hook.json["id"]
    return names, by


async def told(by: Api, addon: str) -> dict[str, str]:
    """Make an event of the add-on, that its provider is to be told of; name both."""
    config = {"config": [{"name": "ACME_URL", "value": "https://acme.example"}]}
    await by("PATCH", f"/addons/{addon}/config", config)
    await by("POST", f"/addons/{addon}/actions/provision")
    await webhook_outbox.fan_out(by.platform, webhook_payloads.shape(by.platform.place))
    delivery = (await by("GET", f"/addons/{addon}/webhook-deliveries")).json[0]
    return {
        "add-on-webhook-delivery": delivery["id"],
        "add-on-webhook-event": delivery["event"]["id"],
    }
