"""The table of an app's own domains."""

from __future__ import annotations

import pytest

from hatoba.cli import domain_table
from hatoba.errors import UsageError
from hatoba.schema.platform import Domain, Named


def domain(hostname: str, *, cert: str | None = None, acm: str | None = None) -> Domain:
    return Domain(
        id=hostname,
        app=Named("a-1", "harbour"),
        hostname=hostname,
        kind="custom",
        cname=f"{hostname}.example.net",
        status="succeeded",
        acm_status=acm,
        acm_status_reason=None,
        sni_endpoint=Named("c-1", cert) if cert else None,
        created_at="2026-11-23T10:00:00Z",
        updated_at="2026-11-23T10:00:00Z",
    )


BUOY = domain("www.buoy.example", cert="mild-quay")
ANCHOR = domain("anchor.example", acm="cert issued")


@pytest.mark.parametrize(
    ("hostname", "record"),
    [
        ("example.com", "ALIAS or ANAME"),
        ("example.co.uk", "ALIAS or ANAME"),
        ("www.example.com", "CNAME"),
        ("www.example.co.uk", "CNAME"),
        ("shop.example.io", "CNAME"),
        ("*.example.com", "CNAME"),
    ],
)
def test_an_apex_can_have_no_cname(hostname: str, record: str) -> None:
    assert domain_table.record_type(hostname) == record


def test_columns_are_those_of_the_official_command() -> None:
    heads = domain_table.heads(None, extended=False)
    assert heads == ["Domain Name", "DNS Record Type", "DNS Target", "SNI Endpoint"]
    row = ["www.buoy.example", "CNAME", "www.buoy.example.example.net", "mild-quay"]
    assert domain_table.rows([BUOY], heads) == [row]
    extended = domain_table.heads(None, extended=True)
    assert domain_table.rows([ANCHOR], extended)[0][-2:] == ["cert issued", ""]


def test_columns_are_chosen_by_head_or_field() -> None:
    assert domain_table.heads("cname, domain name", extended=False) == ["DNS Target", "Domain Name"]
    with pytest.raises(UsageError, match="There is no column colour"):
        domain_table.heads("colour", extended=False)


def test_filtered_and_sorted() -> None:
    both = [BUOY, ANCHOR]
    assert domain_table.chosen(both, None, None) == both
    assert domain_table.chosen(both, None, "Domain Name") == [ANCHOR, BUOY]
    assert domain_table.chosen(both, "Domain Name=buoy", None) == [BUOY]
    assert domain_table.chosen(both, "SNI Endpoint=quay", "hostname") == [BUOY]
    with pytest.raises(UsageError, match="COLUMN=TEXT"):
        domain_table.chosen(both, "buoy", None)


def test_csv_quotes_what_must_be_quoted() -> None:
    assert domain_table.as_csv([["a", "b"], ['x,"y"', "z"]]) == 'a,b\n"x,""y""",z'
