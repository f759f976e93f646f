"""Every transcript in this folder, command after command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.transcript import script
from tests.transcript.conftest import Place

FILES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_transcript(path: Path, place: Place) -> None:
    steps = script.read(path, {"port": place.port, "email": place.email})
    assert steps
    for step in steps:
        problem = script.difference(step, *place.type(step.argv))
        assert problem is None, problem


def test_a_difference_is_seen() -> None:
    (step,) = script.parse("$ heroku ps\nweb.1: up …\n...\nlast\n2> said\nexit 1\n")
    assert script.difference(step, 1, "web.1: up 3s\nx\ny\nlast\n", "App\nsaid\n") is None
    assert script.difference(step, 0, "web.1: up 3s\nlast\n", "said\n")
    assert script.difference(step, 1, "web.1: down\nlast\n", "said\n")
    assert script.difference(step, 1, "web.1: up 3s\nlast\nmore\n", "said\n")
    assert script.difference(step, 1, "web.1: up 3s\nlast\n", "unsaid\n")
