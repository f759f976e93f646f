"""The table of an app's own domains: its columns, filtered, sorted, also as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from hatoba.errors import UsageError
from hatoba.schema.platform import Domain

# Second-level names below which people register theirs, as in example.co.uk.
_REGISTRIES = frozenset({"ac", "co", "com", "edu", "go", "gov", "ne", "net", "or", "org"})
_COUNTRY_LETTERS = 2


def record_type(hostname: str) -> str:
    """Return what record a DNS provider needs: the apex of a domain can't have a CNAME."""
    labels = hostname.split(".")
    below = len(labels[-1]) == _COUNTRY_LETTERS and labels[-2:-1] and labels[-2] in _REGISTRIES
    return "ALIAS or ANAME" if len(labels) <= (3 if below else 2) else "CNAME"


_SHOWN: dict[str, Callable[[Domain], str]] = {
    "Domain Name": lambda one: one.hostname,
    "DNS Record Type": lambda one: record_type(one.hostname),
    "DNS Target": lambda one: one.cname or "",
    "SNI Endpoint": lambda one: one.sni_endpoint.name if one.sni_endpoint else "",
}
_EXTENDED: dict[str, Callable[[Domain], str]] = {
    "ACM Status": lambda one: one.acm_status or "",
    "ACM Reason": lambda one: one.acm_status_reason or "",
}
_COLUMNS = {**_SHOWN, **_EXTENDED}
# The official command also takes the names of the fields.
_FIELDS = {
    "hostname": "Domain Name",
    "kind": "DNS Record Type",
    "cname": "DNS Target",
    "sni_endpoint": "SNI Endpoint",
    "acm_status": "ACM Status",
    "acm_status_reason": "ACM Reason",
}


def _column(named: str) -> str:
    name = _FIELDS.get(named.strip(), named.strip())
    for known in _COLUMNS:
        if known.lower() == name.lower():
            return known
    raise UsageError(f"There is no column {name}. The columns: {', '.join(_COLUMNS)}.")


def heads(columns: str | None, *, extended: bool) -> list[str]:
    """Return the columns to show: those asked for with commas between them. Raises UsageError."""
    if columns:
        return [_column(name) for name in columns.split(",")]
    return list(_COLUMNS if extended else _SHOWN)


def chosen(found: Sequence[Domain], wanted: str | None, sort: str | None) -> list[Domain]:
    """Return those with a text in a column (``Domain Name=example``), by a column's order.

    Raises UsageError.
    """
    kept = list(found)
    if wanted is not None:
        name, equals, text = wanted.partition("=")
        if not equals or not text:
            raise UsageError("--filter must be COLUMN=TEXT, such as 'Domain Name=example'.")
        value = _COLUMNS[_column(name)]
        kept = [one for one in kept if text in value(one)]
    return sorted(kept, key=_COLUMNS[_column(sort)]) if sort else kept


def rows(found: Sequence[Domain], columns: Sequence[str]) -> list[list[str]]:
    """Return what is in these columns."""
    return [[_COLUMNS[name](one) for name in columns] for one in found]


def as_csv(table: Sequence[Sequence[str]]) -> str:
    """Write rows as CSV, without the last line's end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue().rstrip("\n")
