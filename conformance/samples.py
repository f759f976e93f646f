"""A valid body for each change; ``$noun`` stands for the identity of such a thing in the world."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from conformance.schema import Link, Schema

SAMPLES: dict[str, object] = {
    "PATCH /account": {"name": "Ada"},
    "PATCH /users/{}": {"name": "Ada"},
    "POST /apps": {},
    "PATCH /apps/{}": {"maintenance": True},
    "POST /apps/{}/collaborators": {"user": "$friend"},
    "PATCH /apps/{}/config-vars": {"A": "1", "B": None},
    "PATCH /apps/{}/features/{}": {"enabled": True},
    "PATCH /apps/{}/formation": {"updates": [{"type": "web", "quantity": "+1"}]},
    "PATCH /apps/{}/formation/{}": {"quantity": 2, "size": "eco"},
    "POST /apps/{}/dynos": {"command": "echo"},
    "POST /apps/{}/builds": {"source_blob": {"url": "$source", "version": "1a2b3c4"}},
    "POST /apps/{}/slugs": {"process_types": {"web": "./web"}},
    "POST /apps/{}/oci-images": {"digest": "$oci-image"},
    "POST /apps/{}/releases": {"slug": "$slug"},
    "POST /apps/{}/releases Rollback": {"release": "$release"},
    "POST /apps/{}/log-sessions": {"lines": 5, "tail": True},
    "POST /apps/{}/log-drains": {"url": "https://logs.example/$unique"},
    "PUT /apps/{}/buildpack-installations": {
        "updates": [{"buildpack": "https://buildpacks.example/python.git"}]
    },
    "POST /oauth/authorizations": {"scope": ["global"]},
    "PATCH /oauth/authorizations/{}": {"description": "x"},
    "POST /apps/{}/addons": {"plan": "heroku-postgresql:essential-0"},
    "PATCH /apps/{}/addons/{}": {"plan": "heroku-postgresql:essential-1"},
    "POST /addon-attachments": {"addon": "$add-on", "app": "$app", "name": "$name"},
    "POST /actions/addons/resolve": {"addon": "$add-on", "app": "$app"},
    "POST /actions/addon-attachments/resolve": {
        "addon_attachment": "DATABASE_URL",
        "app": "$app",
    },
    "POST /apps/{}/domains": {"hostname": "$unique.schema.example", "sni_endpoint": None},
    "PATCH /apps/{}/domains/{}": {"sni_endpoint": None},
    "POST /apps/{}/sni-endpoints": {"certificate_chain": "$chain", "private_key": "$secret"},
    "PATCH /apps/{}/sni-endpoints/{}": {
        "certificate_chain": "$chain",
        "private_key": "$secret",
    },
    "PATCH /apps/{}/acm": {"acm_refresh": True},
    "POST /pipelines": {"name": "p$unique"},
    "PATCH /pipelines/{}": {"name": "p$unique"},
    "POST /pipeline-couplings": {"app": "$other-app", "pipeline": "$pipeline", "stage": "staging"},
    "PATCH /pipeline-couplings/{}": {"stage": "development"},
    "POST /pipeline-promotions": {
        "pipeline": {"id": "$pipeline"},
        "source": {"app": {"id": "$app-id"}},
        "targets": [{"app": {"id": "$target-id"}}],
    },
    "POST /pipeline-transfers": {
        "pipeline": {"id": "$pipeline"},
        "new_owner": {"id": "$self", "type": "user"},
    },
    "POST /apps/{}/webhooks": {
        "url": "https://hooks.example/$unique",
        "include": ["api:app"],
        "level": "notify",
    },
    "POST /telemetry-drains": {
        "owner": {"id": "$app-id", "type": "app"},
        "signals": ["logs"],
        "exporter": {"type": "otlphttp", "endpoint": "https://otel.example/", "headers": {}},
    },
    "PATCH /telemetry-drains/{}": {"signals": ["logs"]},
    "PATCH /apps/{}/webhooks/{}": {"include": ["api:app", "dyno"]},
    "PATCH /users/{}/preferences": {"timezone": "Europe/Berlin"},
    "POST /account/app-transfers": {"app": "$spare-app", "recipient": "$friend"},
    "PATCH /account/app-transfers/{}": {"state": "accepted"},
    "POST /oauth/clients": {"name": "Buoy", "redirect_uri": "https://buoy.example/back"},
    "PATCH /oauth/clients/{}": {"name": "Bell buoy"},
    "POST /oauth/tokens": {
        "client": {"secret": "$client-secret"},
        "grant": {"type": "authorization_code", "code": "$code"},
        "refresh_token": {},
    },
    "POST /password-resets/{}/actions/finalize": {
        "password": "a lantern on the quay",
        "password_confirmation": "a lantern on the quay",
    },
    "POST /teams": {"name": "t$unique"},
    "PATCH /teams/{}": {"default": True},
    "PATCH /teams/{}/preferences": {"addons-controls": True},
    "PUT /teams/{}/members": {"email": "$newcomer", "role": "member"},
    "POST /teams/{}/members": {"email": "$newcomer", "role": "member"},
    "PATCH /teams/{}/members": {"email": "$team-member", "role": "admin"},
    "PUT /teams/{}/invitations": {"email": "$newcomer", "role": "member"},
    "POST /teams/{}/allowed-addon-services": {"addon_service": "heroku-postgresql"},
    "POST /teams/apps": {"team": "$team"},
    "PATCH /teams/apps/{} Update Locked": {"locked": True},
    "PATCH /teams/apps/{} Transfer to Account": {"owner": "$self"},
    "PATCH /teams/apps/{} Transfer to Team": {"owner": "$team"},
    "POST /teams/apps/{}/collaborators": {"user": "$newcomer", "permissions": ["view"]},
    "PATCH /teams/apps/{}/collaborators/{}": {"permissions": ["view", "deploy"]},
    "POST /app-setups": {"source_blob": {"url": "$source"}},
    "POST /review-apps": {
        "branch": "b$unique",
        "pipeline": "$pipeline",
        "source_blob": {"url": "$source", "version": "1a2b3c4"},
    },
    "PATCH /pipelines/{}/stage/{}/config-vars": {"A": "1"},
    "POST /test-runs": {
        "commit_branch": "main",
        "commit_message": "Mend the sail",
        "commit_sha": "1a2b3c4",
        "pipeline": "$pipeline",
        "source_blob_url": "$source",
    },
    "PATCH /test-runs/{}": {"status": "cancelled", "message": "Enough."},
    "POST /addons/{}/webhooks": {
        "url": "https://hooks.example/$unique",
        "include": ["api:addon"],
        "level": "notify",
    },
    "PATCH /addons/{}/webhooks/{}": {"level": "sync"},
    "PUT /addons/{}/log-drains/{}": {"url": "https://logs.example/$unique"},
    "PATCH /addons/{}/config": {"config": [{"name": "ACME_URL", "value": "https://acme.example"}]},
    "POST /filters/apps": {"in": {"id": ["$app-id"]}},
}
_NAME = re.compile(r"\$([a-z][a-z-]*[a-z])")


def wanted(link: Link) -> set[str]:
    """Return what a link's sample names."""
    return set(_NAME.findall(json.dumps(_sample(link))))


def _sample(link: Link) -> object:
    return SAMPLES.get(f"{link.name} {link.title}", SAMPLES.get(link.name))


def body(link: Link, schema: Schema, names: Mapping[str, str]) -> object:
    """Return a valid body for a link; None for one that takes none."""
    sample = _sample(link)
    if sample is not None:
        return _filled(sample, names)
    if link.body is None or link.method in ("GET", "DELETE"):
        return None
    return {name: _example(link, schema, name, names) for name in link.required}


def _filled(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _NAME.sub(lambda match: names.get(match[1], match[0]), value)
    if isinstance(value, dict):
        return {key: _filled(inner, names) for key, inner in value.items()}
    return [_filled(inner, names) for inner in value] if isinstance(value, list) else value


def _example(link: Link, schema: Schema, name: str, names: Mapping[str, str]) -> Any:  # noqa: ANN401
    """Return what the schema gives as an example, or the name of such a thing in the world."""
    prop = schema.resolved((link.body or {})["properties"][name])
    parts = prop["from"].split("/")
    if len(parts) > 2 and parts[-1] in ("identity", "id", "name") and parts[2] in names:
        return names[parts[2]]
    if "example" in prop:
        return prop["example"]
    return {"string": "x", "integer": 1, "boolean": True, "array": [], "object": {}}.get(
        next((t for t in prop.get("type", ["object"]) if t != "null"), "object")
    )
