from __future__ import annotations

import pytest

from hatoba.client import origin
from hatoba.client.images import Pushed, registry
from hatoba.client.target import Target


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://localhost:8080", "localhost:8080"),
        ("https://localhost", "localhost:443"),
        ("http://api.localhost:5000", "localhost:5000"),
        ("https://paas.example.com", "registry.paas.example.com"),
        ("https://api.paas.example.com:8443", "registry.paas.example.com:8443"),
        ("https://api.heroku.com", "registry.heroku.com"),
    ],
)
def test_the_registry_is_beside_the_api(url: str, host: str) -> None:
    assert registry(Target(origin.parse(url)[0], "token", None)) == host


def test_an_image_is_known_by_what_docker_or_podman_call_it() -> None:
    pushed = Pushed("sha256:aa", "sha256:bb")
    assert all(map(pushed.is_image, ("sha256:bb", "bb", "sha256:aa")))
    assert not pushed.is_image("sha256:cc")
