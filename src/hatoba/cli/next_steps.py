"""What to look at when the platform knows no such thing: the command that lists those there are."""

from __future__ import annotations

from collections.abc import Mapping

from hatoba.errors import HatobaError

NOT_FOUND = 404

# By the resource that the error names. These belong to an app, and take its name.
OF_APP: Mapping[str, str] = {
    "add_on": "addons",
    "app_feature": "features",
    "build": "builds",
    "collaborator": "access",
    "domain": "domains",
    "dyno": "ps",
    "log_drain": "drains",
    "release": "releases",
    "sni_endpoint": "certs",
    "webhook": "webhooks",
}
OF_ACCOUNT: Mapping[str, str] = {
    "add_on": "addons",
    "addon_service": "addons:services",
    "app": "apps",
    "authorization": "authorizations",
    "buildpack": "buildpacks:search",
    "key": "keys",
    "oauth_client": "clients",
    "region": "regions",
    "team": "teams",
    "user": "users",
}


def after(error: HatobaError, app: str | None) -> list[str]:
    """Return the lines that say where to look next. ``app`` is the one that was acted on."""
    if error.url:
        return [f"See {error.url}"]
    bare = error.status == NOT_FOUND and error.message.startswith("Couldn't find that")
    resource = getattr(error, "resource", None)
    if not bare or resource is None:
        return []
    named = getattr(error, "asked", None)
    asked = f"You asked for {named}. " if named else ""
    if app and resource in OF_APP:
        return [f"{asked}See which there are: heroku {OF_APP[resource]} -a {app}"]
    if resource in OF_ACCOUNT:
        return [f"{asked}See which there are: heroku {OF_ACCOUNT[resource]}"]
    return []
