"""Pushes to a registry as clients make them."""

from __future__ import annotations

from tests.contract.api_platform import Api, Got
from tests.images import HandMade, digest


async def upload(api: Api, repository: str, content: bytes) -> Got:
    path = f"/v2/{repository}/blobs/uploads/?digest={digest(content)}"
    return await api("POST", path, raw=content)


async def put(api: Api, repository: str, made: HandMade, tag: str = "latest") -> Got:
    return await api(
        "PUT", f"/v2/{repository}/manifests/{tag}", raw=made.manifest, Content_Type=made.media_type
    )


async def push(api: Api, repository: str, made: HandMade, tag: str = "latest") -> None:
    for content in made.blobs.values():
        assert (await upload(api, repository, content)).status == 201
    answer = await put(api, repository, made, tag)
    assert (answer.status, answer.headers["docker-content-digest"]) == (201, made.digest)
