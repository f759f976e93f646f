"""Calls about the images of container apps, and about what was pushed to their registry."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from hatoba.client import apps, cloud_native
from hatoba.client.api import Api, decode, reviewed
from hatoba.client.errors import ApiError, ClientError
from hatoba.client.target import Target
from hatoba.schema.hatoba import Registry
from hatoba.schema.platform import App, ContainerFormation

STACK = "container"
_DOCKER_RELEASES = "application/vnd.heroku+json; version=3.docker-releases"
_MANIFESTS = ", ".join(
    f"application/vnd.{kind}+json"
    for kind in ("docker.distribution.manifest.v2", "oci.image.manifest.v1")
)


@dataclass(frozen=True)
class Pushed:
    """An image in the registry: its manifest's digest, and the id that Docker shows."""

    digest: str
    id: str

    def is_image(self, identity: str) -> bool:
        """Tell whether it is the image that a container tool knows by that id."""
        return identity in (self.id, self.digest, self.id.removeprefix("sha256:"))


class _Config(msgspec.Struct):
    digest: str


class _Manifest(msgspec.Struct):
    config: _Config


def registry(target: Target) -> str:
    """Return the registry's host as images are named: on this machine the one without TLS."""
    if target.is_local:
        return f"localhost:{target.origin.port}"
    host = target.origin.host.removeprefix("api.")
    port = "" if target.origin.port == 443 else f":{target.origin.port}"
    return f"registry.{host}{port}"


def container_app(api: Api, app: str, command: str) -> App:
    """Return the app. Raises ClientError when it does not run images."""
    found = apps.find(api, app)
    if STACK in (found.stack.name, found.build_stack.name):
        return found
    if STACK not in {stack.name for stack in apps.stacks(api)}:
        raise ClientError(
            f"{command} needs a Docker engine, and this platform runs {found.name} on the local "
            "engine. Start it on Docker: hatoba up --engine swarm. "
            "Or deploy the same code with: git push heroku main"
        )
    raise ClientError(
        "This command is for Docker apps only. "
        f"Switch stacks by running heroku stack:set container -a {found.name}. Or, to deploy "
        f"{found.name} with {found.stack.name}, run git push heroku main instead."
    )


def running(api: Api, app: str) -> dict[str, ContainerFormation]:
    """Return the process types with the images that they run."""
    headers = {"Accept": _DOCKER_RELEASES}
    found = api.pages(f"/apps/{app}/formation", ContainerFormation, headers)
    return {one.type: one for one in found}


def room(api: Api, app: App) -> Registry | None:
    """Return how much of a Hatoba's registry an app takes, None for an app without images."""
    if app.stack.name not in (STACK, cloud_native.STACK) or api.target.is_heroku:
        return None
    return api.get(f"/hatoba/apps/{app.name}/registry", Registry)


def pushed(api: Api, app: str, name: str) -> Pushed | None:
    """Return what was pushed last for a process type, None when nothing was."""
    credentials = base64.b64encode(f"_:{api.target.token}".encode()).decode()
    headers = {"Accept": _MANIFESTS, "Authorization": f"Basic {credentials}"}
    try:
        answer = _registry(api).send("GET", f"/v2/{app}/{name}/manifests/latest", headers=headers)
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    digest = answer.headers.get("docker-content-digest", "")
    return Pushed(digest, decode(answer, _Manifest).config.digest)


def _registry(api: Api) -> Api:
    """Return what calls the registry: at a Hatoba the API's host answers for it."""
    if not api.target.is_heroku:
        return api
    return Api(replace(api.target, origin=replace(api.target.origin, host=registry(api.target))))


def release(
    api: Api, app: str, updates: Sequence[Mapping[str, Any]], version: int | None = None
) -> None:
    """Release images, or with None as one end the process type."""
    headers = {**reviewed(version), "Accept": _DOCKER_RELEASES}
    api.send("PATCH", f"/apps/{app}/formation", body={"updates": list(updates)}, headers=headers)
