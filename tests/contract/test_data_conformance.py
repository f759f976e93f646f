"""The data API answers what the official CLI reads, and the page about it tells what is so."""

from __future__ import annotations

import shutil

import pytest

from conformance import data_page, data_world
from conformance.__main__ import DATA_PAGE
from conformance.data_calls import CALLS
from conformance.schema import ROOT
from hatoba.addons.postgres import poolers
from tests.contract.api_platform import Api

RECORDED = ROOT.parent / "shared/reference/official-cli-endpoints.md"


async def test_each_call_has_the_fields_that_are_read_and_the_page_is_fresh(api: Api) -> None:
    if len(await api.platform.databases.installed()) < 2:
        pytest.skip("this machine has one version of Postgres only; install postgresql")
    if shutil.which("pgbouncer", path=poolers.PATH) is None:
        pytest.skip("this machine has no PgBouncer; install pgbouncer")
    found = await data_world.outcomes(api)
    assert {one.call.shape: one.problems for one in found if one.problems} == {}
    assert data_page.markdown(found) == DATA_PAGE.read_text(), "run make conformance"


@pytest.mark.skipif(not RECORDED.exists(), reason=f"What was recorded is not at {RECORDED}.")
def test_the_calls_are_those_that_were_recorded() -> None:
    listed = RECORDED.read_text().partition("### Data API")[2].split("```")[1]
    recorded = {
        f"{method} {path}"
        for path, *methods in map(str.split, listed.strip().splitlines())
        for method in methods
    }
    assert sorted(call.shape for call in CALLS) == sorted(recorded)
