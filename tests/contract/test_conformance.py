"""The API has the shapes of the Platform API's schema, and the page about it tells what is so."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance import page
from conformance.__main__ import PAGE, outcomes
from conformance.schema import PLACE
from hatoba.api.routes import TABLE


@pytest.mark.skipif(not PLACE.exists(), reason=f"The Platform API's schema is not at {PLACE}.")
async def test_what_is_served_has_the_schemas_shape_and_the_page_is_fresh() -> None:
    found = await outcomes()
    wrong = [f"{one.link.name}: {one.reason}" for one in found if one.served and not one.valid]
    assert wrong == []
    assert page.markdown(found) == PAGE.read_text(), "run make conformance"


def test_every_route_is_in_the_table_once() -> None:
    served = Counter((route.method, route.path) for route in TABLE)
    assert [one for one, times in served.items() if times > 1] == []
