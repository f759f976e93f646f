"""Real builds of Python apps: projects, Django, and what is said when they can't be built."""

from __future__ import annotations

import pytest

from hatoba import errors
from hatoba.build.runtimes import Runtimes
from tests.contract.yard import Yard

DJANGO = "django==5.2\n"
SETTINGS = (
    "from pathlib import Path\n"
    "import os\n"
    "BASE = Path(__file__).parent\n"
    "SECRET_KEY = os.environ['SECRET_KEY']\n"
    "INSTALLED_APPS = ['django.contrib.staticfiles']\n"
    "STATIC_URL, STATIC_ROOT = 'static/', BASE / 'collected'\n"
    "STATICFILES_DIRS = [BASE / 'pictures']\n"
)
MANAGE = (
    "import os, sys\n"
    "os.environ['DJANGO_SETTINGS_MODULE'] = 'site_settings'\n"
    "from django.core.management import execute_from_command_line\n"
    "execute_from_command_line(sys.argv)\n"
)


def _django(yard: Yard) -> None:
    yard.write(requirements__txt=DJANGO, manage__py=MANAGE, site_settings__py=SETTINGS)
    (yard.source / "pictures").mkdir()
    (yard.source / "pictures/pier.svg").write_text("<svg/>")


async def test_djangos_static_files_are_collected_with_the_config_vars(yard: Yard) -> None:
    _django(yard)
    result = await yard.build(env={"SECRET_KEY": "k3y"})
    assert "1 static file copied" in yard.said
    assert "collected/pier.svg" in yard.names(result)


async def test_a_failed_collection_says_how_to_do_without(yard: Yard) -> None:
    _django(yard)
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "KeyError: 'SECRET_KEY'" in yard.said
    assert "heroku config:set DISABLE_COLLECTSTATIC=1" in yard.said


async def test_a_project_without_a_lock_file(yard: Yard) -> None:
    project = (
        '[project]\nname = "pier"\nversion = "1"\ndependencies = ["itsdangerous==2.2.0"]\n'
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    )
    yard.write(pyproject__toml=project)
    (yard.source / "pier").mkdir()
    (yard.source / "pier/__init__.py").write_text("")
    await yard.build()
    assert "2 packages from pyproject.toml" in yard.said


async def test_a_pipfile_without_its_lock_file_is_told(yard: Yard) -> None:
    yard.write(Pipfile="[packages]\n")
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "Run `pipenv lock` and commit the file" in yard.said


async def test_a_python_version_file_that_can_not_be_met_names_those_here(
    yard: Yard, found: Runtimes
) -> None:
    yard.write(requirements__txt="")
    (yard.source / ".python-version").write_text("2.7\n")
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "Python 2.7 (.python-version) can't be had" in yard.said
    assert all(python.text in yard.said for python in found.pythons)


async def test_an_index_that_is_not_reached_is_told(
    yard: Yard, found: Runtimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for name in ("UV_FIND_LINKS", "UV_INDEX"):
        monkeypatch.delenv(name, raising=False)
    lonely = Yard(yard.folder, found)
    lonely.write(requirements__txt="no-such-package-here\n")
    with pytest.raises(errors.BuildFailed):
        await lonely.build()
    assert "the\n       platform's environment name: UV_DEFAULT_INDEX" in lonely.said
