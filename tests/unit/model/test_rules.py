from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatoba.model import app, config, dyno, formation, procfile


@pytest.mark.parametrize("name", ["abc", "misty-harbour-41210", "a" * 30])
def test_names_that_heroku_takes(name: str) -> None:
    assert app.name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ab", "too short"),
        ("a" * 31, "too long"),
        ("1abc", "must start with a letter"),
        ("abc-", "end with a letter or digit"),
        ("Abc", "lowercase"),
        ("a_b", "lowercase"),
        ("api", "reserved"),
        ("abc\n", "must start"),
    ],
)
def test_names_that_heroku_refuses(name: str, reason: str) -> None:
    assert reason in (app.name_problem(name) or "")


@given(st.integers())
def test_random_names_are_names(seed: int) -> None:
    assert app.name_problem(app.random_name(random.Random(seed))) is None


@pytest.mark.parametrize("name", ["KEY", "_x", "a.b", "A1-B"])
def test_config_var_names(name: str) -> None:
    assert config.name_problem(name) is None


@pytest.mark.parametrize("name", ["", "A=B", "A B", "1A", "Ä", "A\n"])
def test_no_config_var_names(name: str) -> None:
    assert config.name_problem(name)


def test_config_changes_are_described_as_heroku_does() -> None:
    now = {"A": "1", "B": "2"}
    assert config.describe_change(now, {"A": "1"}) is None
    assert config.describe_change(now, {"C": None}) is None
    assert config.describe_change(now, {"A": "x", "C": "3"}) == "Set A, C config vars"
    assert config.describe_change(now, {"A": None}) == "Remove A config vars"
    assert config.describe_change(now, {"C": "3", "A": None}) == "Set C and remove A config vars"


@given(
    st.dictionaries(st.text(), st.text()),
    st.dictionaries(st.text(), st.none() | st.text()),
)
def test_merging_config_vars(now: dict[str, str], changes: dict[str, str | None]) -> None:
    after = config.merge(now, changes)
    assert all(after.get(k) == v for k, v in changes.items())
    assert all(after[k] == v for k, v in now.items() if k not in changes)


def test_config_vars_have_a_total_size() -> None:
    assert config.size_problem({"A": "x" * 65535}) is None
    assert "64 KB" in (config.size_problem({"A": "x" * 65536}) or "")


def test_a_procfile_keeps_its_order() -> None:
    text = "\ufeff# what runs\nweb: gunicorn app:app --bind :$PORT\r\n\nworker:python w.py\n"
    assert list(procfile.parse(text).items()) == [
        ("web", "gunicorn app:app --bind :$PORT"),
        ("worker", "python w.py"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("web gunicorn", "line 1"),
        ("web: a\nweb:", "line 2"),
        ("w b: a", "letters"),
        ("web: a\nweb: b", "twice"),
    ],
)
def test_a_bad_procfile_line_is_named(text: str, reason: str) -> None:
    with pytest.raises(procfile.ProcfileError, match=reason):
        procfile.parse(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2", (2, False)),
        ("+1", (1, True)),
        ("-1", (-1, True)),
        ("x", None),
        ("1.5", None),
        ("", None),
        ("9" * 10, None),
    ],
)
def test_quantities(text: str, read: tuple[int, bool] | None) -> None:
    assert formation.parse_quantity(text) == read


def test_config_vars_name_pages_of_the_apps_own() -> None:
    pages = config.own_pages({"MAINTENANCE_PAGE_URL": "//pages.example/a", "ERROR_PAGE_URL": "no"})
    assert (pages.maintenance, pages.error) == ("//pages.example/a", None)
    for wrong in ("javascript:alert(1)", "data:text/html,x", "/page", "https://", "https://a\nb"):
        assert config.own_pages({"ERROR_PAGE_URL": wrong}).error is None, wrong
    assert config.own_pages({"ERROR_PAGE_URL": "https://a.example/" + "x" * 1000}).error is None
    assert config.own_pages({"ERROR_PAGE_URL": "HTTPS://a.example"}).error == "HTTPS://a.example"


def test_only_web_runs_after_the_first_deploy() -> None:
    assert formation.initial(["web", "worker"], {}) == {"web": 1, "worker": 0}
    assert formation.initial(["worker"], {}) == {"worker": 0}
    assert formation.initial(["web", "clock"], {"web": 3}) == {"web": 3, "clock": 0}
    assert formation.initial(["web"], {"worker": 1}) == {"web": 0}
    assert formation.initial(["web", "release"], {"release": 0}) == {"web": 1, "release": 0}


def test_cool_off_grows_to_a_minute() -> None:
    waits = [dyno.cool_off(n) for n in range(1, 10)]
    assert waits[:4] == [timedelta(seconds=s) for s in (0, 1, 2, 4)]
    assert waits[-1] == timedelta(seconds=60)
    assert waits == sorted(waits)
