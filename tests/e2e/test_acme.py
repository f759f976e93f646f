"""Automatic certificates from a real ACME authority, by the own CLI and the official one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import authority
from tests.e2e.platform import Platform, free_port

APP = "certified"
HOST, MORE = "www.certified.example", "shop.certified.example"

pytestmark = pytest.mark.skipif(
    shutil.which("pebble") is None, reason="the ACME test authority is missing: apt install pebble"
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform whose certificates come from an authority of the test's own."""
    port = free_port()
    with authority.running(tmp_path_factory.mktemp("authority"), port) as found:
        more = {"HATOBA_ACME_DIRECTORY": found.directory, "HATOBA_ACME_CA": str(found.ca)}
        running = Platform.up(tmp_path_factory.mktemp("platform"), port, more)
        running.deployed("static-page", APP)
        yield running
        running.down()


def statuses(platform: Platform) -> dict[str, Any]:
    found = platform.json("certs:auto", "-a", APP)["domains"]
    return {d["hostname"]: d["acm_status"] for d in found}


def test_certificates_come_by_themselves(platform: Platform) -> None:
    platform.heroku("domains:add", HOST, "-a", APP).ok()
    enabled = platform.heroku("certs:auto:enable", "--wait", "-a", APP).ok()
    assert f"{HOST} has a certificate" in enabled.all
    assert f"https://{HOST} shows it" in enabled.all
    platform.heroku("domains:add", MORE, "--wait", "-a", APP).ok()
    platform.heroku("certs:auto", "--wait", "-a", APP).ok()
    assert statuses(platform) == {HOST: "cert issued", MORE: "cert issued"}
    assert len(platform.json("certs", "-a", APP)) == 2
    assert f"Certificate issued for {MORE}" in platform.heroku("logs", "-a", APP).ok().out


def test_also_while_the_app_is_in_maintenance(platform: Platform) -> None:
    platform.heroku("maintenance:on", "-a", APP, "--yes").ok()
    platform.heroku("domains:add", "late.certified.example", "-a", APP).ok()
    platform.heroku("certs:auto", "--wait", "-a", APP).ok()
    platform.heroku("domains:remove", "late.certified.example", "-a", APP, "--yes").ok()
    platform.heroku("maintenance:off", "-a", APP).ok()
    assert len(platform.json("certs", "-a", APP)) == 2


def test_a_wildcard_says_what_to_do(platform: Platform) -> None:
    platform.heroku("domains:add", "*.certified.example", "-a", APP).ok()
    waited = platform.heroku("certs:auto", "--wait", "-a", APP)
    assert waited.status == 1
    assert "A wildcard can't be validated over HTTP." in waited.all
    platform.heroku("domains:remove", "*.certified.example", "-a", APP, "--yes").ok()


def test_the_official_cli(platform: Platform, official_cli: Path) -> None:
    del official_cli
    told = platform.official("certs:auto", "-a", APP).ok()
    assert "is enabled" in told.out
    assert "Cert issued" in told.out
    platform.official("certs:auto:refresh", "-a", APP).ok()
    platform.official("certs:auto:disable", "-a", APP, "--confirm", APP).ok()
    assert platform.json("certs", "-a", APP) == []
    platform.official("certs:auto:enable", "--wait", "-a", APP).ok()
    assert statuses(platform) == {HOST: "cert issued", MORE: "cert issued"}


def test_ending_it_must_be_confirmed(platform: Platform) -> None:
    stopped = platform.heroku("certs:auto:disable", "-a", APP)
    assert stopped.status == 3
    assert len(platform.json("certs", "-a", APP)) == 2
    platform.heroku("certs:auto:disable", "-a", APP, "--confirm", APP).ok()
    assert platform.json("certs", "-a", APP) == []


def test_a_key_and_a_request_for_elsewhere(platform: Platform, tmp_path: Path) -> None:
    made = platform.heroku("certs:generate", HOST, "--now", "-a", APP, cwd=tmp_path).ok()
    assert "heroku certs:add CERTFILE" in made.all
    assert (tmp_path / f"{HOST}.key").stat().st_mode & 0o077 == 0
    again = platform.heroku("certs:generate", HOST, "--now", "-a", APP, cwd=tmp_path)
    assert again.status != 0
    own = ["--selfsigned", "--subject", f"/C=DE/O=Quay/CN={MORE}"]
    platform.heroku("certs:generate", MORE, *own, "-a", APP, cwd=tmp_path).ok()
    files = f"{MORE}.crt", f"{MORE}.key"
    platform.heroku("certs:add", *files, "-a", APP, cwd=tmp_path).ok()
    (kept,) = platform.json("certs", "-a", APP)
    assert kept["ssl_cert"]["cert_domains"] == [MORE]
    platform.heroku("domains:add", "*.certified.example", "-a", APP).ok()
    planned = platform.heroku("certs:auto:enable", "-a", APP).ok()
    assert "needs a certificate of your own" in planned.all
    assert "Has your own" in platform.heroku("certs:auto", "-a", APP).ok().out
    platform.heroku("certs:auto:disable", "-a", APP, "--confirm", APP).ok()
    platform.heroku("certs:remove", "-a", APP, "--yes").ok()
