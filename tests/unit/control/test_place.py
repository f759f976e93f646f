"""Which addresses a caller is given, by how it reached the platform."""

from __future__ import annotations

import pytest

from hatoba.control.place import Place, Reach

HERE = Place(8080, 40001)
PUBLIC = Place(443, 40001, "paas.example.com")


@pytest.mark.parametrize(
    ("place", "host", "forwarded", "url", "terminal"),
    [
        (HERE, "localhost:8080", "http", "http://localhost:8080", "localhost:40001"),
        (HERE, "127.0.0.1:8080", "https", "https://127.0.0.1:8080", "localhost:40001"),
        (HERE, "[::1]:8080", "http", "http://[::1]:8080", "localhost:40001"),
        (HERE, "evil.example.com", "http", "http://localhost:8080", "localhost:40001"),
        (HERE, "paas.example.com", "https", "http://localhost:8080", "localhost:40001"),
        (
            PUBLIC,
            "paas.example.com",
            "https",
            "https://paas.example.com",
            "rendezvous.paas.example.com:443",
        ),
        (
            PUBLIC,
            "API.paas.example.com:8443",
            "https",
            "https://api.paas.example.com:8443",
            "rendezvous.paas.example.com:8443",
        ),
        (PUBLIC, "localhost:23456", "https", "https://localhost:23456", "localhost:23456"),
    ],
)
def test_a_caller_is_given_addresses_by_its_own_way(
    place: Place, host: str, forwarded: str, url: str, terminal: str
) -> None:
    reach = Reach.of(place, {"host": host, "x-forwarded-proto": forwarded})
    assert reach.url == url
    assert reach.terminal("s3cret") == f"rendezvous://{terminal}/s3cret"


def test_addresses_are_known_again_by_either_way() -> None:
    reach = Reach.of(PUBLIC, {"host": "localhost:23456", "x-forwarded-proto": "https"})
    assert reach.owns("localhost", 23456)
    assert reach.owns("localhost", 443)
    assert not reach.owns("localhost", 9999)
    assert not reach.owns("evil.example.com", 23456)


def test_an_app_has_a_name_below_the_domain_and_one_on_this_machine() -> None:
    assert HERE.hosts("pier") == ("pier.localhost",)
    assert HERE.web_url("pier") == "http://pier.localhost:8080/"
    assert PUBLIC.hosts("pier") == ("pier.paas.example.com", "pier.localhost")
    assert PUBLIC.web_url("pier") == "https://pier.paas.example.com/"
    assert PUBLIC.git_url("pier") == "https://paas.example.com/pier.git"
