from __future__ import annotations

from pathlib import Path

from hatoba.build import registry


def test_files_that_are_named_are_copied_for_the_build_alone(tmp_path: Path) -> None:
    kept, folder, seen = tmp_path / "uv.toml", tmp_path / "build", Path("/opt/seen")
    kept.write_text("offline = true\n")
    settings = {
        "UV_CONFIG_FILE": str(kept),
        "SSL_CERT_FILE": str(tmp_path / "nowhere"),
        "UV_INDEX": str(kept),
    }
    registry.copy(settings, folder)
    assert (folder / "UV_CONFIG_FILE").read_text() == kept.read_text()
    assert (folder / "UV_CONFIG_FILE").stat().st_mode & 0o777 == 0o600
    assert registry.named(settings, folder, seen) == {
        **settings,
        "UV_CONFIG_FILE": "/opt/seen/UV_CONFIG_FILE",
    }
