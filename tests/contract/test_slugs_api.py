"""Slugs that are made elsewhere, as by curl: awaited, put, released, fetched."""

from __future__ import annotations

import hashlib
import io
import tarfile
from datetime import timedelta

import pytest

from hatoba.build import slug as slug_files
from hatoba.control import housekeeping
from hatoba.store import tables
from tests.contract.api_platform import Api


def packed(name: str = "./app/web", content: bytes = b"#!/bin/sh\n") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(content), 0o755
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


async def test_a_slug_is_made_put_released_and_fetched(api: Api) -> None:
    app, archive = await api.app(), packed()
    wanted = {
        "process_types": {"worker": "./work", "web": "./web"},
        "commit": "60883d9e",
        "buildpack_provided_description": "Made by hand",
        "checksum": f"SHA256:{hashlib.sha256(archive).hexdigest()}",
    }
    made = await api("POST", f"/apps/{app}/slugs", wanted)
    assert (made.status, made.json["blob"]["method"]) == (201, "PUT")
    assert (made.json["size"], made.json["stack"]["name"]) == (None, "heroku-24")
    slug = f"/apps/{app}/slugs/{made.json['id']}"
    early = await api("POST", f"/apps/{app}/releases", {"slug": made.json["id"]})
    assert (early.status, "archive" in early.json["message"]) == (422, True)
    again = await api("GET", slug)
    for url in (made.json["blob"]["url"], again.json["blob"]["url"]):
        assert (await api("PUT", url + "x", raw=archive, Authorization="")).status == 403
    assert (await api("PUT", made.json["blob"]["url"], raw=archive, Authorization="")).status == 200
    twice = await api("PUT", made.json["blob"]["url"], raw=archive, Authorization="")
    assert (twice.status, twice.json["id"]) == (409, "conflict")
    info = (await api("GET", slug)).json
    assert (info["id"], info["commit"]) == (made.json["id"], "60883d9e")
    assert list(info["process_types"].items()) == [("worker", "./work"), ("web", "./web")]
    assert info["size"] > 0
    release = await api("POST", f"/apps/{app}/releases", {"slug": info["id"]})
    assert (release.status, release.json["description"]) == (201, "Deploy 60883d9e")
    types = {f["type"]: f["command"] for f in (await api("GET", f"/apps/{app}/formation")).json}
    assert types == wanted["process_types"]
    fetched = await api("GET", info["blob"]["url"], Authorization="")
    with tarfile.open(fileobj=io.BytesIO(fetched.body), mode="r:gz") as back:
        content = back.extractfile("./app/web")
        assert content is not None
        assert content.read() == b"#!/bin/sh\n"
    other = await api.app()
    foreign = await api("POST", f"/apps/{other}/releases", {"slug": info["id"]})
    assert foreign.status == 404
    stranger = await api.stranger()
    assert (await stranger("POST", f"/apps/{app}/slugs", wanted)).status in (403, 404)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "process_types"),
        ({"process_types": {"we b": "x"}}, "letters, digits"),
        ({"process_types": {"web": " "}}, "no command"),
        ({"process_types": {"w" * 129: "x"}}, "128"),
        ({"process_types": ["web"]}, "process_types"),
        ({"process_types": {"web": "x"}, "stack": "cedar-14"}, "Stack cedar-14"),
        ({"process_types": {"web": "x"}, "checksum": "MD5:1"}, "SHA256"),
    ],
)
async def test_a_slug_that_can_not_be_is_refused(
    api: Api, wrong: dict[str, object], told: str
) -> None:
    refused = await api("POST", f"/apps/{await api.app()}/slugs", wrong)
    assert (refused.status, told in refused.json["message"]) == (422, True), refused


async def test_a_wrong_archive_is_refused_and_a_good_one_taken_then(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await api.app()
    good = packed()
    wanted = {
        "process_types": {"web": "./web"},
        "checksum": f"SHA256:{hashlib.sha256(good).hexdigest()}",
    }
    made = (await api("POST", f"/apps/{app}/slugs", wanted)).json
    put = made["blob"]["url"]
    other = await api("PUT", put, raw=packed(content=b"else"))
    assert (other.status, "checksum" in other.json["message"]) == (422, True)
    unchecked = (await api("POST", f"/apps/{app}/slugs", {"process_types": {"web": "./web"}})).json
    outside = await api("PUT", unchecked["blob"]["url"], raw=packed("web"))
    assert (outside.status, "./app" in outside.json["message"]) == (422, True)
    with monkeypatch.context() as smaller:
        smaller.setattr("hatoba.control.slugs.MAX_BYTES", 10)
        large = await api("PUT", put, raw=good)
        assert (large.status, large.json["id"]) == (413, "request_too_large")
    assert (await api("PUT", put, raw=good)).status == 200
    assert list(api.platform.sources.glob("uploads/*")) == []
    moved = made["blob"]["url"].replace(made["id"], unchecked["id"])
    assert (await api("PUT", moved, raw=good)).status == 403
    assert slug_files.MAX_BYTES == 500 * 1024 * 1024


async def test_a_slug_whose_archive_never_comes_is_forgotten(api: Api) -> None:
    app = await api.app()
    made = (await api("POST", f"/apps/{app}/slugs", {"process_types": {"web": "./web"}})).json
    kept = (await api("POST", f"/apps/{app}/slugs", {"process_types": {"web": "./web"}})).json
    assert (await api("PUT", kept["blob"]["url"], raw=packed())).status == 200
    long_ago = api.platform.clock.now() - timedelta(days=2)
    async with api.platform.store.begin() as conn:
        await conn.execute(tables.slug_drafts.update().values(created_at=long_ago))
    await housekeeping.tidy(api.platform)
    assert (await api("GET", f"/apps/{app}/slugs/{made['id']}")).status == 404
    late = await api("PUT", made["blob"]["url"], raw=packed())
    assert (late.status, late.json["resource"]) == (404, "slug")
    assert (await api("GET", f"/apps/{app}/slugs/{kept['id']}")).status == 200
