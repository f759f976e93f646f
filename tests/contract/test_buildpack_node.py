"""Real builds of Node.js apps with each package manager's lock file."""

from __future__ import annotations

import json
import shutil

import pytest

from hatoba import errors
from hatoba.build.runtimes import Runtimes
from tests.contract.yard import ROOT, Yard

PACKAGE = {
    "name": "pier",
    "version": "1.0.0",
    "scripts": {"build": "node -e \"require('is-number'); console.log('built with it')\""},
    "dependencies": {"left-pad": "1.3.0"},
    "devDependencies": {"is-number": "7.0.0"},
}
LOCKS = ("yarn.lock", "yarn.lock.later", "pnpm-lock.yaml")


def _app(yard: Yard, lock: str, **more: object) -> None:
    yard.write(package__json=json.dumps({**PACKAGE, **more}), Procfile="web: node x\n")
    shutil.copy(ROOT / "tests/contract/lockfiles" / lock, yard.source / _named(lock))


def _named(lock: str) -> str:
    return lock.removesuffix(".later")


@pytest.mark.parametrize("lock", LOCKS)
async def test_what_the_lock_file_names_is_installed_and_pruned(yard: Yard, lock: str) -> None:
    _app(yard, lock)
    result = await yard.build()
    assert f"from {_named(lock)}" in yard.said
    assert "built with it" in yard.said
    names = yard.names(result)
    assert "node_modules/left-pad" in names
    assert "node_modules/is-number" not in names
    again = await yard.build()
    assert "all from cache" in yard.said
    assert "node_modules/left-pad" in yard.names(again)


@pytest.mark.parametrize("lock", LOCKS)
async def test_a_lock_file_that_does_not_fit_is_refused(yard: Yard, lock: str) -> None:
    _app(yard, lock, dependencies={"left-pad": "1.2.0"})
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "lines above say why" in yard.said


async def test_the_app_may_name_its_package_managers_version(yard: Yard) -> None:
    asks = 'node -e "console.log(process.env.npm_config_user_agent)"'
    for lock, wanted in (("yarn.lock", "yarn@1.22.19"), ("pnpm-lock.yaml", "pnpm@9.15.4")):
        shutil.rmtree(yard.source, ignore_errors=True)
        _app(yard, lock, packageManager=wanted, scripts={"postinstall": asks})
        await yard.build()
        assert wanted.replace("@", "/") in yard.said


async def test_two_lock_files_are_refused(yard: Yard) -> None:
    _app(yard, "yarn.lock")
    _app(yard, "pnpm-lock.yaml")
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "more than one lock file: yarn.lock and pnpm-lock.yaml. Keep the one" in yard.said


async def test_a_registry_that_is_not_reached_is_told(
    yard: Yard, found: Runtimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "http://127.0.0.1:9/")
    monkeypatch.setenv("NPM_CONFIG_FETCH_RETRIES", "0")
    lonely = Yard(yard.folder, found)
    lonely.write(package__json=json.dumps(PACKAGE))
    with pytest.raises(errors.BuildFailed):
        await lonely.build()
    assert "the platform's environment names: NPM_CONFIG_REGISTRY" in lonely.said


async def test_a_file_that_the_environment_names_is_handed_on(
    yard: Yard, found: Runtimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = yard.folder / "private/npmrc"
    kept.parent.mkdir(mode=0o700)
    kept.write_text("fetch-retries=7\n")
    kept.chmod(0o600)
    monkeypatch.setenv("NPM_CONFIG_USERCONFIG", str(kept))
    configured = Yard(yard.folder, found)
    configured.write(
        package__json=json.dumps({"scripts": {"build": "npm config get fetch-retries"}})
    )
    await configured.build()
    assert "       7\n" in configured.said
