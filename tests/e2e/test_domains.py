"""Custom domains and certificates on a real platform, by the own CLI and the official one."""

from __future__ import annotations

import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import urllib3

from tests.e2e.platform import Platform
from tests.unit.model.certificates import Issuer

APP, OTHER = "domained", "domainless"
HOST = "www.harbour.example"


@pytest.fixture(scope="module")
def site(platform: Platform) -> Path:
    """A deployed app, and another one without anything."""
    path = platform.deployed("static-page", APP)
    platform.heroku("create", OTHER, "--no-remote", cwd=path).ok()
    return path


def listed(platform: Platform) -> list[str]:
    return [d["hostname"] for d in platform.json("domains", "-a", APP)]


def test_a_domain_reaches_the_app_until_it_is_removed(platform: Platform, site: Path) -> None:
    done = platform.heroku("domains:add", HOST, "-a", APP).ok()
    assert f"a request for {HOST} reaches {APP}" in done.all
    taken = platform.heroku("domains:add", HOST, "-a", OTHER)
    assert taken.status == 1
    assert f"{HOST} is currently in use by another app." in taken.all
    stopped = platform.heroku("domains:remove", HOST, "-a", APP)
    assert stopped.status == 3
    assert HOST in listed(platform)
    removed = platform.heroku("domains:remove", HOST, "-a", APP, "--yes").ok()
    assert f"a request for {HOST} reaches no app" in removed.all
    assert listed(platform) == [f"{APP}.localhost"]


def test_a_certificate_answers_for_its_domain(
    platform: Platform, site: Path, tmp_path: Path
) -> None:
    issuer = Issuer("Harbour Authority", datetime.now(UTC))
    chain, key = issuer.leaf(HOST)
    crt, pem = tmp_path / "server.crt", tmp_path / "server.key"
    crt.write_text(chain + issuer.pem)
    pem.write_text(key)
    platform.heroku("domains:add", HOST, "-a", APP).ok()
    added = platform.heroku("certs:add", str(crt), str(pem), "-a", APP).ok()
    assert "PRIVATE KEY" not in added.all
    assert re.search(rf"✓ \S+ is for {HOST}\n✓ https://{HOST} shows it\n", added.all)
    context = ssl.create_default_context(cadata=issuer.pem)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with urllib3.HTTPSConnectionPool(
        "127.0.0.1", platform.port, ssl_context=context, server_hostname=HOST, assert_hostname=HOST
    ) as pool:
        assert pool.request("GET", "/", headers={"Host": HOST}).status == 200
    assert HOST in platform.heroku("certs", "-a", APP).ok().out
    unknown = platform.heroku("domains:update", HOST, "--cert", "no-such-1", "-a", APP)
    assert unknown.status == 2
    assert "Choose one" in unknown.all

    foreign, key = issuer.leaf(f"other.{HOST}")
    crt.write_text(foreign + issuer.pem)
    unfit = platform.heroku("certs:update", str(crt), str(pem), "-a", APP, "--yes")
    assert unfit.status == 1
    assert "does not fit" in unfit.all
    pem.write_text(key)
    warned = platform.heroku("certs:update", str(crt), str(pem), "-a", APP, "--yes")
    assert warned.status == 4
    assert f"it is for other.{HOST}; browsers will warn visitors" in warned.all
    assert f"✓ https://{HOST} shows it" in warned.all
    assert f"Look: heroku domains -a {APP}" in warned.all
    unused = platform.heroku("certs:add", str(crt), str(pem), "-a", APP).ok()
    assert "No domain is served with it yet: heroku domains:update" in unused.all
    for name in sorted(set(re.findall(r"\w+-\w+-\d{5}", platform.heroku("certs", "-a", APP).out))):
        removed = platform.heroku("certs:remove", "--name", name, "-a", APP, "--yes").ok()
    assert platform.heroku("certs", "-a", APP).out == ""
    assert "still shows" not in removed.all
    platform.heroku("domains:clear", "-a", APP, "--yes").ok()
    assert listed(platform) == [f"{APP}.localhost"]


def test_the_official_cli(platform: Platform, site: Path, official_cli: Path) -> None:
    del official_cli
    added = platform.official("domains:add", HOST, "-a", APP).ok()
    assert f"{APP}.localhost" in added.out
    assert HOST in platform.official("domains", "-a", APP).ok().out
    assert HOST in platform.official("domains:info", HOST, "-a", APP).ok().out
    platform.official("domains:wait", HOST, "-a", APP).ok()
    refused = platform.official("domains:add", HOST, "-a", OTHER)
    assert "currently in use by another app" in refused.all
    platform.official("domains:remove", HOST, "-a", APP).ok()
    assert listed(platform) == [f"{APP}.localhost"]
