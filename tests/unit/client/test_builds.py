"""Which builds are the newest."""

from __future__ import annotations

from typing import Any

from hatoba.client import builds
from tests.unit.client.test_api import Script, make, ok

SECOND, EARLIER = "2026-01-02T03:04:05Z", "2026-01-02T03:04:04Z"


def build(name: str, created_at: str) -> dict[str, Any]:
    return {
        "id": name,
        "app": {"id": "1"},
        "buildpacks": None,
        "output_stream_url": "",
        "source_blob": {"checksum": None, "url": "", "version": None, "version_description": None},
        "release": None,
        "slug": None,
        "stack": "cnb",
        "status": "pending",
        "user": {"id": "1", "email": "ada@harbour.example"},
        "created_at": created_at,
        "updated_at": created_at,
    }


def test_of_two_builds_in_one_second_the_later_is_the_newest() -> None:
    told = [build("a", EARLIER), build("b", SECOND), build("c", SECOND)]
    assert [b.id for b in builds.latest(make(Script(ok(told))), "harbour", 2)] == ["c", "b"]
