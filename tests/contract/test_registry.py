"""The registry over HTTP: OCI Distribution, with the API's accounts."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hatoba import errors
from hatoba.auth import authorizations
from hatoba.control import image_releases, images
from hatoba.control.platform import Actor
from hatoba.images.files import UPLOAD_SECONDS, BlobFiles
from hatoba.store import apps as app_rows
from hatoba.store.tables import blob_links, image_tags
from hatoba.store.tables import images as image_table
from tests.contract.api_platform import Api, Got
from tests.contract.pushes import push, put, upload
from tests.images import DOCKER, MACHINE, OCI, HandMade, digest, layer

INDEX = "application/vnd.oci.image.index.v1+json"
MEGABYTE = 1024 * 1024
NOWHERE = "sha256:" + "0" * 64


def codes(answer: Got) -> list[str]:
    return [one["code"] for one in answer.json["errors"]]


def image(text: str = "hello", **more: Any) -> HandMade:
    return HandMade([layer({"greeting": text.encode()})], **more)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


async def test_clients_log_in_with_any_name_and_a_token(api: Api) -> None:
    for credentials, status in (
        (basic("_", api.token), 200),
        (basic(api.account.email, api.token), 200),
        (f"Bearer {api.token}", 200),
        (basic("_", "wrong"), 401),
        ("", 401),
    ):
        answer = await api("GET", "/v2/", Authorization=credentials)
        assert answer.status == status
        if status == 401:
            assert answer.headers["www-authenticate"].startswith("Basic realm=")
            assert codes(answer) == ["UNAUTHORIZED"]
        else:
            assert answer.headers["docker-distribution-api-version"] == "registry/2.0"
    unknown = await api("GET", "/v2/_catalog")
    assert (unknown.status, codes(unknown)) == (404, ["NAME_UNKNOWN"])


async def test_an_image_is_pushed_in_pieces_and_pulled(api: Api) -> None:
    name = f"{await api.app()}/web"
    made = image()
    content = made.layers[0]
    begun = await api("POST", f"/v2/{name}/blobs/uploads/")
    assert (begun.status, begun.headers["range"]) == (202, "0-0")
    where = begun.headers["location"]
    half = len(content) // 2
    first = await api("PATCH", where, raw=content[:half])
    assert (first.status, first.headers["range"]) == (202, f"0-{half - 1}")
    wrong = await api("PATCH", where, raw=content[half:], Content_Range=f"{half + 1}-{half + 9}")
    assert (wrong.status, codes(wrong)) == (416, ["BLOB_UPLOAD_INVALID"])
    assert (await api("GET", where)).headers["range"] == f"0-{half - 1}"
    finishing = f"{where}?digest={digest(content)}"
    rest = f"{half}-{len(content) - 1}"
    for _ in range(2):  # A client that lost the answer asks again.
        done = await api("PUT", finishing, raw=content[half:], Content_Range=rest)
        assert (done.status, done.headers["docker-content-digest"]) == (201, digest(content))
    blob = done.headers["location"]
    assert (await api("HEAD", blob)).headers["content-length"] == str(len(content))
    assert (await api("GET", blob)).body == content
    part = await api("GET", blob, Range="bytes=5-9")
    assert (part.status, part.body) == (206, content[5:10])

    lost = await put(api, name, made)
    assert (lost.status, codes(lost)) == (404, ["MANIFEST_BLOB_UNKNOWN"])
    assert made.id in lost.json["errors"][0]["message"]
    assert (await upload(api, name, made.config)).status == 201
    for _ in range(2):
        assert (await put(api, name, made)).status == 201
    for reference in ("latest", made.digest):
        pulled = await api("GET", f"/v2/{name}/manifests/{reference}", Accept=OCI)
        assert pulled.body == made.manifest
        assert pulled.headers["content-type"] == OCI
        asked = await api("HEAD", f"/v2/{name}/manifests/{reference}")
        assert asked.headers["docker-content-digest"] == made.digest
        assert asked.headers["content-length"] == str(len(made.manifest))


async def test_what_is_not_as_it_says_is_refused(api: Api) -> None:
    name = f"{await api.app()}/web"
    begun = (await api("POST", f"/v2/{name}/blobs/uploads/")).headers["location"]
    answers = {
        "DIGEST_INVALID": [
            await api("PUT", f"{begun}?digest={NOWHERE}", raw=b"other"),
            await api("PUT", f"{begun}?digest=md5:1"),
            await api("POST", f"/v2/{name}/blobs/uploads/?digest=../../etc"),
            await api("GET", f"/v2/{name}/blobs/sha256:.."),
            await put(api, name, image(), NOWHERE),
            await api("POST", f"/v2/{name}/blobs/uploads/?mount=%00"),
        ],
        "BLOB_UPLOAD_UNKNOWN": [
            await api("PATCH", begun, raw=b"gone by now"),
            await api("DELETE", f"/v2/{name}/blobs/uploads/{UUID(int=1)}"),
        ],
        "BLOB_UNKNOWN": [await api("GET", f"/v2/{name}/blobs/{NOWHERE}")],
        "MANIFEST_UNKNOWN": [
            await api("GET", f"/v2/{name}/manifests/{tag}") for tag in ("latest", NOWHERE)
        ],
        "MANIFEST_INVALID": [
            await api("PUT", f"/v2/{name}/manifests/x", raw=raw, Content_Type=OCI)
            for raw in (
                b"",
                b"[]",
                b"{}",
                b"[" * 100_000,
                json.dumps({"schemaVersion": 1, "fsLayers": []}).encode(),
                json.dumps({"schemaVersion": 2, "config": {}, "layers": []}).encode(),
                json.dumps({"schemaVersion": 2, "config": 1, "layers": "x" * 10}).encode(),
            )
        ],
        "MANIFEST_INVALID ": [
            await put(api, name, image(), tag) for tag in ("a%20b", "x" * 129, ".x", "sha256:1")
        ],
        "SIZE_INVALID": [
            await api("PUT", f"/v2/{name}/manifests/x", raw=b" " * (4 * MEGABYTE + 1))
        ],
        "UNSUPPORTED": [await api("PATCH", f"/v2/{name}/manifests/x", raw=b"{}")],
        "NAME_UNKNOWN": [
            await api("GET", f"/v2/{name}/tags/list"),
            await api("GET", "/v2/nothing/web/tags/list"),
            await api("GET", f"/v2/{name.partition('/')[0]}/We.b/tags/list"),
            await api("GET", f"/v2/{name}/more/tags/list"),
            await api("GET", f"/v2/{name}/manifests/a%00"),
            await api("GET", "/v2/%00/web/tags/list"),
        ],
    }
    for code, given in answers.items():
        assert [codes(answer) for answer in given] == [[code.strip()]] * len(given)
        assert all(400 <= answer.status < 500 for answer in given)


@pytest.mark.parametrize(
    "runs", [{"Cmd": ["a\0"]}, {"Entrypoint": ["\ud800"]}, {"Cmd": [1]}, {"Cmd": {"a": 1}}]
)
async def test_a_command_that_nobody_can_run_is_refused(api: Api, runs: dict[str, Any]) -> None:
    name, made = f"{await api.app()}/web", image(runs=runs)
    for content in made.blobs.values():
        assert (await upload(api, name, content)).status == 201
    assert codes(await put(api, name, made)) == ["MANIFEST_INVALID"]


async def test_only_those_who_deploy_an_app_reach_its_images(api: Api) -> None:
    name, other = f"{await api.app()}/web", await api.stranger()
    made = image("secret")
    await push(api, name, made)
    blob = digest(made.layers[0])
    foreign = f"{await other.app()}/web"
    for answer in (
        await other("GET", f"/v2/{name}/manifests/latest"),
        await other("GET", f"/v2/{name}/blobs/{blob}"),
        await other("POST", f"/v2/{name}/blobs/uploads/"),
        await other("DELETE", f"/v2/{name}/manifests/{made.digest}"),
    ):
        assert (answer.status, codes(answer)) == (403, ["DENIED"])
    # That the platform has a blob is nobody's business, and no way to get it.
    assert codes(await other("GET", f"/v2/{foreign}/blobs/{blob}")) == ["BLOB_UNKNOWN"]
    mounting = f"/v2/{foreign}/blobs/uploads/?mount={blob}&from="
    assert (await other("POST", mounting + name)).status == 202
    assert (await other("POST", mounting)).status == 202
    assert (await other("POST", mounting + "%00/web")).status == 202
    assert codes(await put(other, foreign, made)) == ["MANIFEST_BLOB_UNKNOWN"]
    own = f"{await api.app()}/worker"
    mounted = await api("POST", f"/v2/{own}/blobs/uploads/?mount={blob}&from={name}")
    assert (mounted.status, mounted.headers["location"]) == (201, f"/v2/{own}/blobs/{blob}")
    assert (await api("GET", mounted.headers["location"])).body == made.layers[0]
    _, token = await authorizations.issue(
        api.platform.store, api.account, description="CI", scopes=("read-protected",)
    )
    reading = basic("_", token)
    assert (await api("GET", f"/v2/{name}/manifests/latest", Authorization=reading)).status == 200
    assert codes(await api("POST", f"/v2/{name}/blobs/uploads/", Authorization=reading)) == [
        "DENIED"
    ]


async def test_an_index_gives_each_client_what_it_understands(api: Api) -> None:
    name = f"{await api.app()}/web"
    api.engine.place.runs_images_for = MACHINE
    here, there = image("here", media_type=DOCKER), image("there", architecture="s390x")
    for made in (here, there):
        for content in made.blobs.values():
            await upload(api, name, content)
        assert (await put(api, name, made, made.digest)).status == 201
    children = [
        {
            "mediaType": one.media_type,
            "digest": one.digest,
            "size": len(one.manifest),
            "platform": {"architecture": one.architecture, "os": "linux"},
        }
        for one in (there, here)
    ]
    raw = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": children}).encode()
    path = f"/v2/{name}/manifests/latest"
    assert (await api("PUT", path, raw=raw, Content_Type=INDEX)).status == 201
    assert (await api("GET", path, Accept=f"{OCI}, {INDEX}")).body == raw
    old = await api("GET", path, Accept=DOCKER)
    assert (old.body, old.headers["content-type"]) == (here.manifest, DOCKER)
    assert old.json["config"]["digest"] == here.id
    api.engine.place.runs_images_for = "riscv64"
    assert (await api("GET", path, Accept=DOCKER)).status == 422


async def test_tags_come_in_pages_and_go(api: Api) -> None:
    name = f"{await api.app()}/web"
    made = image()
    await push(api, name, made)
    for tag in ("a", "b", "c", "d"):
        assert (await put(api, name, made, tag)).status == 201
    path, seen = f"/v2/{name}/tags/list?n=2", list[str]()
    while path:
        page = await api("GET", path)
        seen += page.json["tags"]
        path = page.headers.get("link", "").partition("<")[2].partition(">")[0]
    assert seen == ["a", "b", "c", "d", "latest"]
    assert (await api("DELETE", f"/v2/{name}/manifests/a")).status == 202
    assert codes(await api("DELETE", f"/v2/{name}/manifests/a")) == ["MANIFEST_UNKNOWN"]
    blob = f"/v2/{name}/blobs/{digest(made.layers[0])}"
    assert codes(await api("DELETE", blob)) == ["UNSUPPORTED"]
    assert (await api("DELETE", f"/v2/{name}/manifests/{made.digest}")).status == 202
    assert (await api("GET", f"/v2/{name}/manifests/latest")).status == 404
    assert (await api("DELETE", blob)).status == 202
    assert (await api("GET", blob)).status == 404


async def test_an_upload_that_was_cut_off_goes_on(api: Api) -> None:
    name = f"{await api.app()}/web"
    content = os.urandom(3 * MEGABYTE)
    where = (await api("POST", f"/v2/{name}/blobs/uploads/")).headers["location"]
    _, writer = await asyncio.open_connection("127.0.0.1", int(api.url.rpartition(":")[2]))
    head = (
        f"PATCH {where} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {api.token}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    writer.write(head.encode() + content[:2_000_000])
    await writer.drain()
    writer.transport.abort()
    kept = 0
    async with asyncio.timeout(20):
        while True:
            kept = int((await api("GET", where)).headers["range"].partition("-")[2]) + 1
            rest = await api(
                "PATCH", where, raw=content[kept:], Content_Range=f"{kept}-{len(content) - 1}"
            )
            if rest.status == 202:
                break
            # The daemon is still writing down what came before the end.
            assert codes(rest) in (["UNSUPPORTED"], ["BLOB_UPLOAD_INVALID"])
    assert kept > 1
    done = await api("PUT", f"{where}?digest={digest(content)}")
    assert done.status == 201


async def test_a_sweep_leaves_what_is_tagged_run_or_just_coming(api: Api) -> None:
    app_name = await api.app()
    api.engine.place.runs_images_for = MACHINE
    await api("PATCH", f"/apps/{app_name}", {"build_stack": "container"})
    name, p = f"{app_name}/web", api.platform
    tagged, ran, untagged = image("tagged"), image("ran"), image("untagged")
    for made in (untagged, ran, tagged):
        await push(api, name, made)
        if made is ran:
            async with p.store.begin() as conn:
                app = await app_rows.by_name(conn, app_name)
            assert app is not None
            await image_releases.create(p, Actor(api.account), app, {"web": ran.id})
    where = (await api("POST", f"/v2/{name}/blobs/uploads/")).headers["location"]
    await api("PATCH", where, raw=b"half")
    assert await images.tidy(p) == 0
    await _grow_old(p.images, api)
    assert await images.tidy(p) == 3
    for made, there in ((tagged, True), (ran, True), (untagged, False)):
        found = {p.images.size(one) is not None for one in made.blobs}
        assert found == {there}
        pulled = await api("GET", f"/v2/{name}/manifests/{made.digest}")
        assert (pulled.status == 200) == there
    assert (await api("GET", where)).status == 404


async def _grow_old(files: BlobFiles, api: Api) -> None:
    """Let two days go by."""
    long_ago = api.platform.clock.now() - timedelta(seconds=2 * UPLOAD_SECONDS)
    for path in files.folder.rglob("*"):
        os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    async with api.platform.store.begin() as conn:
        await conn.execute(blob_links.update().values(used_at=long_ago))
        await conn.execute(image_table.update().values(pushed_at=long_ago))
        assert await conn.scalar(sa.select(sa.func.count()).select_from(image_tags))


async def test_a_large_layer_does_not_grow_the_daemon(api: Api) -> None:
    name, piece, count = f"{await api.app()}/web", os.urandom(MEGABYTE), 256
    where = (await api("POST", f"/v2/{name}/blobs/uploads/")).headers["location"]

    def send() -> int:
        def pieces() -> Iterator[bytes]:
            for _ in range(count):
                yield piece

        answer = api.pool.request(
            "PATCH",
            api.url + where,
            body=pieces(),
            headers={"Authorization": f"Bearer {api.token}"},
        )
        return answer.status

    Path("/proc/self/clear_refs").write_text("5")
    before = _peak()
    assert await asyncio.to_thread(send) == 202
    assert _peak() - before < 64 * MEGABYTE
    assert (await api("GET", where)).headers["range"] == f"0-{count * MEGABYTE - 1}"


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    if os.getuid() != 0:
        pytest.skip("a small disk needs root, to mount a tmpfs")
    folder = tmp_path / "small"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk needs a tmpfs")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_full_disk_refuses_the_push_and_keeps_what_was(api: Api, small: Path) -> None:
    object.__setattr__(api.platform, "images", BlobFiles(small))
    name, made = f"{await api.app()}/web", image()
    await push(api, name, made)
    large = os.urandom(3 * MEGABYTE)
    refused = await upload(api, name, large)
    assert (refused.status, codes(refused)) == (413, ["DENIED"])
    assert "No space is left on the platform's disk" in refused.json["errors"][0]["message"]
    with pytest.raises(errors.DiskFull):
        await api.platform.images.put(large)
    # Nothing of it takes space, and what was there is whole.
    assert [path for path in (small / "uploads").rglob("*") if path.is_file()] == []
    assert (await api("GET", f"/v2/{name}/manifests/latest")).body == made.manifest
    assert (await api("GET", f"/v2/{name}/blobs/{digest(made.layers[0])}")).body == made.layers[0]
    assert (await upload(api, name, b"small")).status == 201


async def test_the_api_tells_of_images(api: Api) -> None:
    name, made = await api.app(), image()
    await push(api, f"{name}/web", made)
    created = await api("POST", f"/apps/{name}/oci-images", {"digest": made.digest})
    assert (created.status, created.json["image_repo"]) == (201, f"{name}/web")
    assert created.json["process_types"]["web"]["command"] == "serve"
    for identity in (made.digest, created.json["id"]):
        found = await api("GET", f"/apps/{name}/oci-images/{identity}")
        assert found.json == [created.json]
    assert (await api("GET", f"/apps/{name}/oci-images/{NOWHERE}")).status == 404
    refused = await api("POST", f"/apps/{name}/oci-images", {"digest": NOWHERE})
    assert (refused.status, "Push it first" in refused.json["message"]) == (422, True)
