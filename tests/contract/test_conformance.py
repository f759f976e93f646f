"""The page that tells how much of the Platform API is served tells what is so."""

from __future__ import annotations

import pytest

from conformance import page
from conformance.__main__ import PAGE, outcomes
from conformance.schema import PLACE


@pytest.mark.skipif(not PLACE.exists(), reason=f"The Platform API's schema is not at {PLACE}.")
async def test_the_page_on_conformance_is_fresh() -> None:
    assert page.markdown(await outcomes()) == PAGE.read_text(), "run make conformance"
