"""Add-ons of one app, of any app by a name that is unique, and of all apps."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.addon_platform import AddonPlatform
from tests.unit.cli.conftest import Shell

METHODS = ("PATCH", "PUT", "DELETE")


@pytest.fixture
def platform() -> AddonPlatform:
    return AddonPlatform()


def changes(platform: AddonPlatform) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in platform.requests if method in METHODS]


def test_without_an_app_those_of_all_apps_are_listed(shell: Shell) -> None:
    done = shell("addons")
    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()[2:]]
    assert lines == [
        ["harbour", "lamp", "acme:test", "provisioned"],
        ["harbour", "rope", "acme:test", "provisioned"],
        ["pier", "buoy", "acme:test", "provisioned"],
    ]
    both = shell("addons", "--all", "-a", "harbour")
    assert (both.out, both.err) == (done.out, "")
    listed = json.loads(shell("addons", "-A", "--json").out)
    assert [one["name"] for one in listed] == ["lamp", "rope", "buoy"]
    own = shell("addons", "-a", "harbour").out
    assert ("buoy" in own, "lamp" in own) == (False, True)


def test_an_add_on_is_found_by_its_name_without_an_app(shell: Shell) -> None:
    shown = shell("addons:info", "buoy")
    assert shown.code == 0, shown.err
    assert "App pier (it has buoy)" in shown.err
    assert "acme:test" in shown.out
    assert shell("addons:info", "pier::buoy", "-a", "harbour").out == shown.out
    assert shell("addons:wait", "buoy", "--wait-interval", "2").code == 0
    assert shell("addons:docs", "buoy").out == "https://devcenter.heroku.com/articles/acme\n"


def test_a_name_that_several_or_none_have_is_refused(shell: Shell) -> None:
    several = shell("addons:info", "acme")
    assert several.code == 1
    assert "acme can mean several add-ons: lamp, rope, buoy." in several.err
    none = shell("addons:info", "anchor", "-a", "harbour")
    assert none.code == 1
    assert "Couldn't find that add-on." in none.err
    assert "You asked for anchor. See which there are: heroku addons -a harbour" in none.err
    app = shell("addons:info", "lamp", "-a", "quay")
    assert app.code == 1
    assert ("Couldn't find that app." in app.err, "asked for quay." in app.err) == (True, True)


def test_rename_and_upgrade_act_on_the_app_that_has_it(
    shell: Shell, platform: AddonPlatform
) -> None:
    renamed = shell("addons:rename", "buoy", "float", "--yes")
    assert renamed.code == 0, renamed.err
    assert "Undo: heroku addons:rename float buoy -a pier" in renamed.err
    upgraded = shell("addons:upgrade", "float:premium")
    assert upgraded.code == 0, upgraded.err
    assert platform.on["float"] == "acme:premium"
    back = shell("addons:downgrade", "float", "test")
    assert back.code == 0, back.err
    unknown = shell("addons:upgrade", "float", "acme:gold")
    assert (unknown.code, "acme has no plan gold." in unknown.err) == (2, True)
    assert shell("addons:upgrade", "float").code == 2


def test_several_are_destroyed_at_once_and_waited_for(
    shell: Shell, platform: AddonPlatform
) -> None:
    platform.lingering = 2
    done = shell("addons:destroy", "lamp", "rope", "--wait", "--confirm", "harbour", "--json")
    assert done.code == 0, done.err
    assert list(platform.on) == ["buoy"]
    receipts = json.loads(done.out)
    assert [one["before"]["addon"] for one in receipts] == ["lamp", "rope"]
    assert all(one["verified"] for one in receipts)


def test_nothing_is_destroyed_that_is_not_confirmed(shell: Shell, platform: AddonPlatform) -> None:
    asked = ("addons:destroy", "lamp", "buoy")
    assert shell(*asked).code == 3
    mixed = shell(*asked, "--confirm", "harbour")
    assert (mixed.code, "add-ons of pier too" in mixed.err) == (2, True)
    foreign = shell("addons:destroy", "buoy", "-a", "harbour", "--confirm", "harbour")
    assert (foreign.code, "buoy is on pier, not harbour." in foreign.err) == (2, True)
    assert changes(platform) == []
    assert len(platform.on) == 3


def test_an_attachment_takes_the_place_of_another_once_confirmed(
    shell: Shell, platform: AddonPlatform
) -> None:
    attach = ("addons:attach", "rope", "--as", "acme", "-a", "harbour")
    refused = shell(*attach)
    assert (refused.code, "ACME_URL will not be that of lamp" in refused.err) == (3, True)
    assert shell(*attach, "--confirm", "pier").code == 3
    assert platform.attached == []
    done = shell(*attach, "--confirm", "harbour")
    assert done.code == 0, done.err
    assert platform.attached[-1]["confirm"] == "harbour"
    undo = "heroku addons:attach lamp --as ACME -a harbour --confirm harbour"
    assert f"Undo: {undo}" in done.err
    free = shell("addons:attach", "rope", "--as", "FREE", "-a", "harbour", "--confirm", "harbour")
    assert free.code == 0, free.err
    assert "confirm" not in platform.attached[-1]


def test_what_is_attached_under_that_name_already_stays(
    shell: Shell, platform: AddonPlatform
) -> None:
    done = shell("addons:attach", "lamp", "--as", "acme", "-a", "harbour")
    assert (done.code, "lamp is attached as ACME already." in done.err) == (0, True), done.err
    assert platform.attached == []


def test_a_new_add_on_takes_the_place_of_another_once_confirmed(
    shell: Shell, platform: AddonPlatform
) -> None:
    create = ("addons:create", "acme:test", "-a", "harbour", "--as")
    for name, why in (
        ("acme", "ACME_URL will not be that of lamp"),
        ("stripe", "STRIPE_URL is a config var of harbour already"),
    ):
        platform.config["STRIPE_URL"] = "mine"
        refused = shell(*create, name)
        assert (refused.code, why in refused.err) == (3, True), refused.err
    assert shell(*create, "free", "--confirm", "pier").code == 3
    assert platform.created == []
    done = shell(*create, "acme", "--confirm", "harbour")
    assert done.code == 0, done.err
    assert platform.created[-1]["confirm"] == "harbour"
    assert "Undo: heroku addons:attach lamp --as ACME -a harbour --confirm harbour" in done.err
    free = shell(*create, "free")
    assert (free.code, "confirm" in platform.created[-1]) == (0, False), free.err


def test_a_detached_add_on_is_attached_again_by_the_undo(
    shell: Shell, platform: AddonPlatform
) -> None:
    platform.attachments[0]["namespace"] = "credential:analyst"
    done = shell("addons:detach", "ACME", "-a", "harbour", "--yes")
    assert done.code == 0, done.err
    undo = "heroku addons:attach lamp --as ACME --credential analyst -a harbour"
    assert platform.receipts[-1]["undo"] == undo
    again = shell("addons:detach", "ACME", "-a", "harbour", "--yes")
    assert (again.code, "Its attachments: none." in again.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("addons:attach", "lamp", "--as", "bad name"), "BAD NAME can't be the name"),
        (("addons:create", "acme", "--as", "1BAD"), "1BAD can't be the name"),
        (("addons:create", "acme:gold"), "acme has no plan gold. See: heroku addons:plans acme"),
        (("addons:restore", "sunk", "--as", "acme"), "ACME is the name of lamp on harbour"),
        (("addons:restore", "sunk", "--as", "stripe"), "STRIPE_URL is a config var of harbour"),
        (("addons:create", "nothing"), "no add-on service nothing. See: heroku addons:services"),
    ],
)
def test_what_can_not_be_is_refused_before_the_review(
    shell: Shell, platform: AddonPlatform, arguments: tuple[str, ...], why: str
) -> None:
    platform.config["STRIPE_URL"] = "mine"
    done = shell(*arguments, "-a", "harbour")
    assert (done.code, why in done.err, "harbour add-on" in done.err) == (2, True, False), done
    assert "harbour attachments" not in done.err


def test_a_page_is_opened_where_there_is_a_display(shell: Shell, tmp_path: Path) -> None:
    url = "https://acme.example/buoy"
    assert shell("addons:open", "buoy").out == f"{url}\n"
    seen = tmp_path / "seen"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}\n')
    browser.chmod(0o755)
    env = {"BROWSER": f"{browser} %s"}
    assert shell("addons:open", "buoy", "--show-url", env=env).out == f"{url}\n"
    assert not seen.exists()
    opened = shell("addons:open", "buoy", env=env)
    assert (opened.out, seen.read_text()) == (f"Opening {url}...\n", f"{url}\n")
    assert json.loads(shell("addons:docs", "acme", "--json", env=env).out) == {
        "url": "https://devcenter.heroku.com/articles/acme"
    }
