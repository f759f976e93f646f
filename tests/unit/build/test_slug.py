from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
import zstandard

from hatoba import errors
from hatoba.build import released, slug


def _app(folder: Path) -> Path:
    (folder / "lib").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".git/config").write_text("x")
    (folder / "lib/a.py").write_text("a = 1\n")
    (folder / "docs.md").write_text("words")
    (folder / "link").symlink_to("lib/a.py")
    return folder


def _names(path: Path) -> list[str]:
    with (
        path.open("rb") as raw,
        zstandard.ZstdDecompressor().stream_reader(raw) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        return [member.name for member in archive]


def test_the_same_content_is_the_same_slug(tmp_path: Path) -> None:
    one = slug.pack(_app(tmp_path / "one"), tmp_path / "slugs")
    two = slug.pack(_app(tmp_path / "two"), tmp_path / "slugs")
    assert one == two
    kept = tmp_path / "slugs" / f"{one.checksum}.tar.zst"
    assert kept.stat().st_size == one.size
    assert _names(kept) == ["lib", "docs.md", "link", "lib/a.py"]


def test_slugignore_leaves_out(tmp_path: Path) -> None:
    app = _app(tmp_path / "app")
    (app / ".slugignore").write_text("# none of these\n*.md\n/lib/\n")
    packed = slug.pack(app, tmp_path / "slugs")
    names = _names(tmp_path / "slugs" / f"{packed.checksum}.tar.zst")
    assert names == [".slugignore", "link"]


def test_one_that_is_too_large_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slug, "MAX_BYTES", 10)
    with pytest.raises(errors.BuildFailed, match="more than the maximum"):
        slug.pack(_app(tmp_path / "app"), tmp_path / "slugs")
    assert list((tmp_path / "slugs").iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(errors.DiskFull):
        slug.pack(_app(tmp_path / "app"), tmp_path / "slugs")
    assert list((tmp_path / "slugs").iterdir()) == []


def test_what_bin_release_says() -> None:
    text = (
        "---\naddons:\n  - heroku-postgresql\nconfig_vars:\n  LANG: en_US.UTF-8\n"
        "default_process_types:\n  web: npm start\n  worker: 'node w.js'\n"
    )
    said = released.parse(text)
    assert said.process_types == {"web": "npm start", "worker": "node w.js"}
    assert said.config_vars == {"LANG": "en_US.UTF-8"}
    later = said.then(released.parse("default_process_types:\n  web: other\n"))
    assert later.process_types == {"web": "other"}
    assert later.config_vars == said.config_vars
