"""Small rules of the API: buckets, field errors, events, scopes, passwords, the table."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from hatoba import errors
from hatoba.api import decode
from hatoba.api.access import Everybody
from hatoba.api.ratelimit import RateLimit
from hatoba.api.resources.formation import Changes
from hatoba.api.resources.log_sessions import event
from hatoba.api.routes import TABLE
from hatoba.auth import passwords, scopes, tokens
from hatoba.auth.scopes import Scope
from hatoba.logs.base import LogLine


class HandClock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_bucket_empties_and_fills_steadily() -> None:
    clock = HandClock()
    limit = RateLimit(clock, 3600)
    assert limit.take("ada") == 3599
    for _ in range(3599):
        limit.take("ada")
    with pytest.raises(errors.RateLimited):
        limit.take("ada")
    assert limit.take("bob") == 3599
    clock.seconds += 2
    assert limit.take("ada") == 1
    clock.seconds += 1_000_000
    assert limit.left("ada") == 3600


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "The request body is invalid: object missing required field `updates`."),
        ({"updates": 3}, "updates is invalid: expected array, got integer."),
        (
            {"updates": [{"type": 3}]},
            "updates[0].type is invalid: expected string or null, got integer.",
        ),
    ],
)
def test_errors_name_the_field(body: object, message: str) -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(body, Changes, strict=False)
    assert decode.explain(str(raised.value)) == message


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (b"plain", b"id: 7\ndata: plain\n\n"),
        (b"end\r", b"id: 7\ndata: end\n\n"),
        (b"one\rtwo", b"id: 7\ndata: one\ndata: two\n\n"),
        (b"\xff", "id: 7\ndata: \N{REPLACEMENT CHARACTER}\n\n".encode()),
        (b"", b"id: 7\ndata: \n\n"),
    ],
)
def test_log_line_is_one_event(text: bytes, sent: bytes) -> None:
    assert event(LogLine(7, text)) == sent


def test_scopes() -> None:
    assert all(scopes.covers(("global",), s) for s in Scope)
    assert not scopes.covers(("read", "identity"), Scope.WRITE)
    assert not scopes.covers(("write",), Scope.READ_PROTECTED)
    assert scopes.covers(("write-protected",), Scope.READ_PROTECTED)
    assert scopes.parse(()) == ("global",)
    with pytest.raises(errors.InvalidParams, match="Invalid scope 'root'"):
        scopes.parse(["read", "root"])


def test_password_is_known_again_and_no_other() -> None:
    stored = passwords.hashed("anchor and chain")
    assert "anchor" not in stored
    assert passwords.matches("anchor and chain", stored)
    assert not passwords.matches("anchor and chains", stored)


@pytest.mark.parametrize(
    ("header", "pair"),
    [
        ("Basic YTpi", ("a", "b")),
        ("basic YTpiOmM=", ("a", "b:c")),
        ("Basic YQ==", None),
        ("Basic not base64", None),
        ("Basic /w==", None),
        ("Bearer YTpi", None),
        (None, None),
    ],
)
def test_basic_credentials(header: str | None, pair: tuple[str, str] | None) -> None:
    assert tokens.basic_pair(header) == pair


def test_only_signed_urls_and_catalogues_are_open_to_everybody() -> None:
    opened = {r.path for r in TABLE if isinstance(r.access, Everybody)}
    catalogue = {"/regions", "/stacks", "/generations", "/dyno-sizes", "/addon-services"}
    one = {"/regions/{region}", "/stacks/{stack}", "/dyno-sizes/{size}"}
    one |= {"/generations/{generation}"}
    service = "/addon-services/{service}"
    plans = {service, f"{service}/plans", f"{service}/plans/{{plan}}", "/plans/{plan}"}
    plans |= {"/addon-region-capabilities", f"{service}/region-capabilities"}
    plans |= {"/regions/{region}/addon-region-capabilities"}
    signed = {
        "/addons-sso/{addon}",
        "/logs/stream",
        "/sources/{source}",
        "/streams/{stream}/{signature}",
    }
    blobs = {"/blobs/slugs/{blob}", "/blobs/builds/{blob}", "/blobs/backups/{backup}"}
    # A client proves itself by its secret and a code, a reset by its token.
    proven = {
        "/oauth/token",
        "/oauth/tokens",
        "/password-resets",
        "/password-resets/{token}/actions/finalize",
    }
    pack = "/buildpacks/{namespace}/{name}"
    plans |= {"/buildpacks", pack, f"{pack}/revisions", f"{pack}/readme"}
    logins = {"/auth", "/auth/browser/{login}", "/auth/cli/{login}"}
    # As Heroku's status page: how the platform is, not what is on it.
    status = {"/api/v4/current-status"}
    assert opened == catalogue | one | plans | signed | blobs | proven | logins | status
