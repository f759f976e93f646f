"""What a platform is told by its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatoba import settings


def test_builders_are_handed_on_to_the_daemon_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HATOBA_CNB_BUILDER", "a/b:1")
    assert settings.chosen(tmp_path, None, None).builders == ("a/b:1",)
    chosen = settings.chosen(tmp_path, None, None, cnb_builder=("heroku/builder:24", "x", "x"))
    handed = settings.daemon_environment(chosen)
    assert settings.load(handed).builders == chosen.builders == ("heroku/builder:24", "x")


def test_a_builder_must_be_an_image() -> None:
    with pytest.raises(ValueError, match=r"must name images such as heroku/builder:24, not '-v'"):
        settings.load({"HATOBA_CNB_BUILDER": "a -v"})


def test_releases_are_kept_for_a_number_of_days() -> None:
    assert settings.release_days({}) == 30
    assert settings.release_days({"HATOBA_RELEASE_DAYS": "7"}) == 7
    for wrong in ("0", "-1", "a week"):
        with pytest.raises(ValueError, match=r"HATOBA_RELEASE_DAYS must be a number of days"):
            settings.release_days({"HATOBA_RELEASE_DAYS": wrong})
