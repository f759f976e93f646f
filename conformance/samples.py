"""A valid body for each change; ``$noun`` stands for the identity of such a thing in the world."""

from __future__ import annotations

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
    "POST /apps/{}/sni-endpoints": {"certificate_chain": "$chain", "private_key": "$key"},
    "PATCH /apps/{}/sni-endpoints/{}": {"certificate_chain": "$chain", "private_key": "$key"},
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
    "PATCH /apps/{}/webhooks/{}": {"include": ["api:app", "dyno"]},
    "POST /filters/apps": {"in": {"id": ["$app-id"]}},
}
_NAME = re.compile(r"\$([a-z][a-z-]*[a-z])")


def body(link: Link, schema: Schema, names: Mapping[str, str]) -> object:
    """Return a valid body for a link; None for one that takes none."""
    named = f"{link.name} {link.title}"
    if named in SAMPLES or link.name in SAMPLES:
        return _filled(SAMPLES.get(named, SAMPLES.get(link.name)), names)
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
