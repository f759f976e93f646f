"""Envoy's access log in Heroku's words."""

from __future__ import annotations

from typing import Any

import pytest

from hatoba.router.accesslog import Entry, parse
from hatoba.router.snapshot import names
from hatoba.router.snapshot.front import LOG_SEPARATOR


def said(**fields: Any) -> str:
    base = {
        "start": "1700000000.250000",
        "duration": 7,
        "connect": 1,
        "method": "GET",
        "path": "/",
        "host": "wharf.localhost:8080",
        "request_id": "abc",
        "fwd": "127.0.0.1",
        "protocol": "HTTP/1.1",
        "status": 200,
        "bytes": 13,
        "flags": "",
        "details": "via_upstream",
        "route": "k",
        "dyno": "web.1",
    }
    line = parse(written(**{**base, **fields}))
    assert line is not None
    return line.text


def written(**fields: Any) -> bytes:
    values = {**dict.fromkeys(Entry._fields, ""), **fields}
    return LOG_SEPARATOR.join(str(v) for v in values.values()).encode()


def test_a_whole_line() -> None:
    assert said() == (
        'at=info method=GET path="/" host=wharf.localhost:8080 request_id=abc fwd="127.0.0.1" '
        "dyno=web.1 connect=1ms service=7ms status=200 bytes=13 protocol=http1.1 tls=false"
    )


def test_time_is_the_end_of_the_request() -> None:
    line = parse(written(start="1700000000.250000", duration=500, route="k"))
    assert line is not None
    assert line.at.timestamp() == 1700000000.75


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"flags": "UT", "status": 504, "details": "upstream_per_try_timeout"}, "H12"),
        ({"flags": "UC", "status": 503, "details": "upstream_reset_before_response"}, "H13"),
        ({"flags": "SI", "status": 200, "details": "stream_idle_timeout"}, "H15"),
        ({"flags": "UPE", "status": 503, "details": "upstream_reset"}, "H17"),
        ({"flags": "UC", "status": 200}, "H18"),
        ({"flags": "UPE", "status": 200}, "H18"),
        ({"flags": "UF,URX", "status": 503, "details": "x{connection_timeout}"}, "H19"),
        ({"flags": "UF,URX", "status": 503, "details": "x{remote_connection_failure}"}, "H21"),
        ({"flags": "UH", "status": 503, "details": "no_healthy_upstream"}, "H99"),
        ({"flags": "UO,UF", "status": 503, "details": "overflow"}, "H11"),
    ],
)
def test_codes(fields: dict[str, Any], expected: str) -> None:
    assert said(**fields).startswith(f"at=error code={expected} desc=")


def test_a_client_that_went_away() -> None:
    text = said(flags="DC", status=0, details="downstream_remote_disconnect")
    assert text.startswith('at=info code=H27 desc="Client Request Interrupted"')
    assert " status=499 " in text


def test_the_end_of_a_websocket_is_no_error() -> None:
    assert said(flags="UC", status=101).startswith("at=info method=GET")


def test_the_apps_own_error_is_no_error_of_the_router() -> None:
    assert said(status=503).startswith("at=info method=GET")


def test_a_request_can_not_forge_a_line() -> None:
    text = said(path='/" status=200\nat=error', host="a b")
    assert "\n" not in text
    assert 'path="/\\" status=200?at=error"' in text
    assert "host=ab " in text


@pytest.mark.parametrize("raw", [b"", b"1.5", b"x\x1f7", written(start="x", route="k")])
def test_torn_lines_are_left_out(raw: bytes) -> None:
    assert parse(raw) is None


def test_the_front_door_is_left_out() -> None:
    assert parse(written(start="1", route=names.FRONT_KEY)) is None


def test_a_page_names_its_code_in_the_route() -> None:
    route = names.route("k", "H80", "Maintenance mode")
    assert said(route=route, status=503).startswith('at=info code=H80 desc="Maintenance mode" ')


HELD = names.route("k", "H20", "App boot timeout")


def test_a_request_that_was_held_in_vain() -> None:
    text = said(route=HELD, status=503, flags="UF,URX", details="x{connection_failure}", dyno="-")
    assert text.startswith('at=error code=H20 desc="App boot timeout" ')
    assert " dyno= connect= service= " in text


def test_a_request_that_was_held_and_answered() -> None:
    assert said(route=HELD).startswith("at=info method=GET")
    assert "code=H13" in said(route=HELD, status=503, flags="UC", details="upstream_reset")
