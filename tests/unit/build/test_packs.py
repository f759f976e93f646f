from __future__ import annotations

from pathlib import Path

import pytest

from hatoba import errors
from hatoba.build import packs


def _a_pack(folder: Path) -> Path:
    (folder / "bin").mkdir(parents=True)
    for name in ("detect", "compile"):
        (folder / "bin" / name).write_text("#!/bin/sh\n")
    return folder


async def test_the_built_in_ones_have_names(tmp_path: Path) -> None:
    for name in ("heroku/python", "urn:buildpack:heroku/nodejs", "heroku/static"):
        pack = await packs.find(name, tmp_path, ())
        assert pack.script("compile").is_file()


async def test_a_folder_must_be_allowed(tmp_path: Path) -> None:
    folder = _a_pack(tmp_path / "allowed/one")
    found = await packs.find(str(folder), tmp_path / "t", (tmp_path / "allowed",))
    assert found.folder == folder
    for name in (str(folder), f"file://{folder}", f"{tmp_path}/allowed/../allowed/one"):
        with pytest.raises(errors.BuildFailed, match="HATOBA_BUILDPACKS"):
            await packs.find(name, tmp_path / "t", (tmp_path / "elsewhere",))


@pytest.mark.parametrize(
    "name", ["heroku/cobol", "--upload-pack=touch /tmp/x https://h/r", "ext::sh -c id", "-x://y"]
)
async def test_other_names_are_never_fetched(tmp_path: Path, name: str) -> None:
    with pytest.raises(errors.BuildFailed, match="is not here"):
        await packs.find(name, tmp_path / "t", ())
    assert not (tmp_path / "t").exists()


async def test_an_unreachable_address_is_told(tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:9/r.git", "http://127.0.0.1:9/p.tgz"):
        with pytest.raises(errors.BuildFailed, match="can't be fetched"):
            await packs.find(address, tmp_path / "t", ())
