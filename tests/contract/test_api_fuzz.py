"""Whatever comes in, the API's answer is one of its own, never a failure of the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hatoba.api.resources import addon_pages
from hatoba.api.routes import TABLE
from tests.contract.api_platform import Api, deployed, served

SETTINGS = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Field names of all bodies, so that values often land where they are read.
FIELDS = """name maintenance stack region build_stack updates type quantity size dyno_size command
attach env force_no_tty release slug description source_blob url version checksum buildpacks
buildpack user lines source dyno tail scope expires_in password new_password operation app_version
digest review before after checks verified undo values enabled""".split()
TEXT = st.text(max_size=40) | st.sampled_from(["web", "+1", "-1", "\0", "é", "1e9", "v1", "~"])
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
VALUE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | TEXT, inner, max_size=4)
    ),
    max_leaves=12,
)
BODY = st.dictionaries(st.sampled_from(FIELDS) | TEXT, VALUE, max_size=5)
PIECES = TEXT | st.integers(min_value=-5, max_value=10**30).map(str)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def _run(
    loop: asyncio.AbstractEventLoop, database: str, folder: Path
) -> tuple[Api, dict[str, str], Any]:
    context = served(database, folder)
    api = loop.run_until_complete(context.__aenter__())
    return api, loop.run_until_complete(deployed(api)), context


def test_no_request_breaks_the_api(
    loop: asyncio.AbstractEventLoop, api_database: str, tmp_path: Path
) -> None:
    api, names, context = _run(loop, api_database, tmp_path)
    # The account and its token must last for the whole test.
    lasting = [r for r in TABLE if not r.path.startswith("/oauth/authorizations/{")]

    @SETTINGS
    @given(
        route=st.sampled_from(lasting),
        known=st.sampled_from(["all", "app", "none"]),
        piece=PIECES,
        body=BODY,
        headers=st.fixed_dictionaries(
            {},
            optional={
                "Range": st.sampled_from(["id ..", "name a..z; max=2", "version 1..", "x"]) | TEXT,
                "Hatoba-If-Version": st.integers().map(str),
                "Hatoba-Mask": st.just("fingerprint"),
                "Request-Id": TEXT,
                "Last-Event-ID": TEXT,
            },
        ),
    )
    def check(
        route: Any, known: str, piece: str, body: dict[str, Any], headers: dict[str, str]
    ) -> None:
        fill = _Names(
            {k: v for k, v in names.items() if known in ("all", k)}, quote(piece, safe="") or "x"
        )
        path = route.path.replace(":path}", "}").format_map(fill)
        sent = {k: v.encode(errors="ignore").decode("latin-1") for k, v in headers.items()}
        sent = {k: v.replace("\0", "").replace("\r", "").replace("\n", "") for k, v in sent.items()}
        raw = json.dumps(body).encode()
        got = loop.run_until_complete(api(route.method, path, raw=raw, **sent))
        assert got.status < 500, (route.method, path, body, got)
        if got.status >= 400 and got.body and b"Invalid HTTP" not in got.body:
            if route.handler is addon_pages.page and b"<!doctype html>" in got.body:
                return
            assert set(got.json) >= {"id", "message"}

    try:
        check()
    finally:
        loop.run_until_complete(context.__aexit__(None, None, None))


class _Names(dict[str, str]):
    """Names for the parts of a path; ``other`` where there is none."""

    def __init__(self, names: dict[str, str], other: str) -> None:
        super().__init__(names)
        self._other = other

    def __missing__(self, _: str) -> str:
        return self._other


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"{}", b'{"a":1e999}', b'{"a":"\\ud800"}', b"\x00", b'{"updates":"x"}']
)
async def test_odd_bodies_of_every_change_are_answered(api: Api, raw: bytes) -> None:
    names = await deployed(api)
    for route in TABLE:
        if route.method == "GET" or "DELETE" in route.method or route.streams:
            continue
        path = route.path.format_map(_Names(names, "x"))
        if "/oauth/authorizations/" in path:
            continue
        got = await api(route.method, path, raw=raw)
        assert got.status < 500, (route.method, path, got)
