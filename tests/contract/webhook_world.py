"""An app that somebody is told of, for tests that need a webhook, an event and a delivery."""

from __future__ import annotations

from hatoba.api.encode import webhook_payloads
from hatoba.control import webhook_outbox
from tests.contract.api_platform import Api


async def told(api: Api, app: str) -> dict[str, str]:
    """Add a webhook and make an event for it; return their ids by the schema's nouns."""
    body = {"url": "https://hooks.example/x", "include": ["api:app"], "level": "notify"}
    made = await api("POST", f"/apps/{app}/webhooks", body)
    for on in (True, False):
        await api("PATCH", f"/apps/{app}", {"maintenance": on})
    await webhook_outbox.fan_out(api.platform, webhook_payloads.shape(api.platform.place))
    delivery = (await api("GET", f"/apps/{app}/webhook-deliveries")).json[0]
    return {
        "app-webhook": made.json["id"],
        "app-webhook-delivery": delivery["id"],
        "app-webhook-event": delivery["event"]["id"],
    }
