"""Real builds in the real sandbox: buildpacks, their caches and their errors."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path
from uuid import uuid4

import pytest

from hatoba import errors
from hatoba.build.runtimes import Runtimes
from tests.contract.yard import ROOT, Yard

PINNED = "itsdangerous==2.2.0"


async def test_python_is_built_and_then_taken_from_the_cache(yard: Yard) -> None:
    yard.sample("flask-guestbook")
    cold = await yard.build()
    assert "packages from requirements.txt" in yard.said
    assert cold.process_types["web"].startswith("gunicorn")
    assert ".heroku/python/bin/gunicorn" in yard.names(cold)
    warm = await yard.build()
    assert "all from cache" in yard.said
    assert warm.checksum == cold.checksum
    yard.write(requirements__txt=f"{PINNED}\n")
    await yard.build()
    assert "1 packages from requirements.txt" in yard.said
    await yard.builder.drop_cache(yard.app_id)
    await yard.build()
    assert "from requirements.txt" in yard.said


async def test_pipfile_lock(yard: Yard) -> None:
    entry = {"version": "==2.2.0", "markers": "python_version >= '3.8'"}
    yard.write(Pipfile="", Pipfile__lock=json.dumps({"default": {"itsdangerous": entry}}))
    result = await yard.build()
    assert "1 packages from Pipfile.lock" in yard.said
    assert any(n.endswith("site-packages/itsdangerous/__init__.py") for n in yard.names(result))


async def test_poetry_lock_without_its_development_packages(yard: Yard) -> None:
    lock = (
        '[[package]]\nname = "itsdangerous"\nversion = "2.2.0"\ngroups = ["main"]\n'
        '[[package]]\nname = "no-such-package-here"\nversion = "1"\ngroups = ["dev"]\n'
    )
    yard.write(pyproject__toml="[tool.poetry]\n", poetry__lock=lock)
    await yard.build()
    assert "1 packages from poetry.lock" in yard.said


async def test_uv_lock(yard: Yard, found: Runtimes) -> None:
    project = (
        '[project]\nname = "pier"\nversion = "1"\nrequires-python = ">=3.9"\n'
        f'dependencies = ["{PINNED}"]\n'
    )
    yard.write(pyproject__toml=project)
    lock = await asyncio.create_subprocess_exec(
        str(Path(shutil.which("uv") or ROOT / ".venv/bin/uv")), "lock", "--quiet", cwd=yard.source
    )
    assert await lock.wait() == 0
    await yard.build()
    assert "packages from uv.lock" in yard.said


async def test_the_python_version_is_the_apps(yard: Yard, found: Runtimes) -> None:
    oldest = found.pythons[-1]
    yard.write(requirements__txt="")
    (yard.source / ".python-version").write_text(f"# ours\n{oldest.text}\n")
    await yard.build()
    assert f"Using Python {oldest.text} (.python-version)" in yard.said


async def test_a_python_that_can_not_be_had_names_those_that_can(
    yard: Yard, found: Runtimes
) -> None:
    yard.write(requirements__txt="", runtime__txt="python-3.99.9\n")
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "Python 3.99.9 (runtime.txt) can't be had" in yard.said
    assert found.pythons[0].text in yard.said


async def test_django_collects_its_static_files_unless_told_not_to(yard: Yard) -> None:
    manage = (
        "import sys\n"
        "print('collected' if sys.argv[1] == 'collectstatic' else sys.argv)\n"
        "open('collected.txt', 'w').write('yes')\n"
    )
    yard.write(requirements__txt="django==5.2\n", manage__py=manage)
    assert "collected.txt" in yard.names(await yard.build())
    assert "manage.py collectstatic" in yard.said
    without = await yard.build(env={"DISABLE_COLLECTSTATIC": "1"})
    assert "collected.txt" not in yard.names(without)


async def test_node_runs_its_build_with_the_config_vars(yard: Yard) -> None:
    yard.sample("express-guestbook")
    package = json.loads((yard.source / "package.json").read_text())
    package["scripts"]["build"] = "node -e \"console.log('greeting is ' + process.env.GREETING)\""
    yard.write(package__json=json.dumps(package))
    result = await yard.build(env={"GREETING": "ahoy"})
    assert "greeting is ahoy" in yard.said
    assert "node_modules/express/package.json" in yard.names(result)
    await yard.build()
    assert "all from cache" in yard.said


async def test_an_engine_that_is_not_here_names_those_that_are(yard: Yard, found: Runtimes) -> None:
    yard.write(package__json='{"engines": {"node": "4.x"}}')
    with pytest.raises(errors.BuildFailed):
        await yard.build()
    assert "Node.js 4.x (engines.node in package.json) is not here" in yard.said
    assert found.nodes[0].text in yard.said


async def test_a_static_site_and_a_bare_procfile(yard: Yard) -> None:
    yard.sample("static-page")
    assert (await yard.build()).process_types == {"web": ".heroku/static/start"}
    shutil.rmtree(yard.source)
    yard.write(Procfile="worker: sleep 1\n")
    assert (await yard.build()).process_types == {"worker": "sleep 1"}
    assert "Procfile app detected" in yard.said


async def test_buildpacks_in_order_hand_on_their_export(yard: Yard) -> None:
    first = yard.pack("first", 'echo "export TIDE=high" > "$(dirname "$0")/../export"')
    second = yard.pack("second", 'echo "tide is $TIDE, word is $(cat "$3/WORD")"')
    yard.write(Procfile="web: x\n")
    result = await yard.build(first, second, env={"WORD": "ahoy"})
    assert "tide is high, word is ahoy" in yard.said
    assert result.buildpack_description == "first + second"
    assert not (yard.packs / "first/export").exists()


async def test_the_cache_folder_is_the_apps_own(yard: Yard) -> None:
    pack = yard.pack("counting", 'echo x >> "$2/count"; wc -l < "$2/count"')
    await yard.build(pack)
    await yard.build(pack)
    assert "\n2\n" in yard.said
    yard.app_id = uuid4()
    await yard.build(pack)
    assert "\n1\n" in yard.said


async def test_a_build_sees_neither_the_machines_files_nor_other_apps(yard: Yard) -> None:
    (yard.folder / "secret").write_text("hidden words")
    look = f"cat {yard.folder}/secret; ls {yard.folder}; id -u; true"
    await yard.build(yard.pack("nosy", look))
    assert "hidden words" not in yard.said
    if os.getuid() == 0:
        assert "\n204321\n" in yard.said


async def test_errors_are_one_line(yard: Yard) -> None:
    with pytest.raises(errors.BuildFailed, match="No buildpack fits"):
        await yard.build()
    yard.write(Procfile="web\n")
    with pytest.raises(errors.BuildFailed, match="Procfile line 1"):
        await yard.build()
    with pytest.raises(errors.BuildFailed, match="failing buildpack failed"):
        await yard.build(yard.pack("failing", "exit 3"))


async def test_a_cancelled_build_leaves_no_process(yard: Yard) -> None:
    yard.write(Procfile="web: x\n")
    pack = yard.pack("slow", "exec sleep 300.4321")
    build_id = uuid4()
    task = asyncio.create_task(yard.build(pack, build_id=build_id))
    while not _sleeping():
        await asyncio.sleep(0)
        assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not _sleeping()
    assert not (yard.folder / "work/builds" / str(build_id)).exists()


def _sleeping() -> bool:
    wanted = b"sleep\x00300.4321\x00"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == wanted:
                return True
        except OSError:
            continue
    return False
