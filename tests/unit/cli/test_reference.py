"""The reference page says what the commands say."""

from __future__ import annotations

from pathlib import Path

from hatoba.cli import reference

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/commands.md"


def test_the_page_is_the_commands_own_help() -> None:
    assert PAGE.read_text() == reference.page(), "run python -m hatoba.cli.reference"
