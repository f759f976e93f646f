"""Writes the reference pages of the HTTP API: its routes and its errors.

``python -m hatoba.api.reference docs/reference`` writes both.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from hatoba import errors
from hatoba.api.routes import TABLE

_ROUTES = """# The HTTP API

Hatoba speaks [Heroku's Platform API v3](https://devcenter.heroku.com/articles/platform-api-reference)
at `http://localhost:PORT` and over TLS at the same port: paths, bodies, `Range` paging,
`Request-Id`, error bodies and rate-limit headers are Heroku's. Resources of Hatoba's own are below
`/hatoba`. This page is made from the table of routes:
`python -m hatoba.api.reference docs/reference`.

Three headers are Hatoba's own. `Hatoba-Version` in an answer is the version of the app's state;
sent back as `Hatoba-If-Version` with a change, it has the change refused (409 `stale_review`) when
the state has moved on. `Hatoba-Mask: fingerprint` has values of config vars answered as
fingerprints.

| method | path | command |
|---|---|---|
"""

_ERRORS = """# Exit codes and errors

| exit code | meaning |
|---|---|
| 0 | done and verified, or read |
| 1 | failed |
| 2 | wrong usage |
| 3 | confirmation or review needed, nothing changed |
| 4 | applied but not verified |
| 130 | ended by Ctrl-C |

`heroku run` gives the exit code of the command that it ran.

An answer of the API with a status of 400 or more has a body `{"id": …, "message": …}`. The message
is a sentence that says what happened and what to do. This table is made from the code:
`python -m hatoba.api.reference docs/reference`.

| id | status | meaning |
|---|---|---|
"""


def routes() -> str:
    """Return the page of routes."""
    return _ROUTES + "".join(_route_rows())


def _route_rows() -> Iterator[str]:
    for route in TABLE:
        path = re.sub(r"\{(\w+)(:path)?\}", r"{\1}", route.path)
        yield f"| {route.method} | `{path}` | {_code(route.serves)} |\n"


def _code(serves: str) -> str:
    return ", ".join(f"`{name.strip()}`" for name in serves.split(",")) if serves else ""


def error_ids() -> str:
    """Return the page of exit codes and errors."""
    return _ERRORS + "".join(_error_rows(errors.HatobaError))


def _error_rows(kind: type[errors.HatobaError]) -> Iterator[str]:
    # One without an id of its own never leaves the machine.
    if "id" in vars(kind):
        meaning = (kind.__doc__ or "").strip().splitlines()[0]
        yield f"| `{kind.id}` | {kind.status} | {meaning} |\n"
    below = (k for k in kind.__subclasses__() if k.__module__ == errors.__name__)
    for more in sorted(below, key=lambda k: (k.status, k.id)):
        yield from _error_rows(more)


def pages() -> dict[str, str]:
    """Return every page by its file's name."""
    return {"http-api.md": routes(), "errors.md": error_ids()}


if __name__ == "__main__":
    for name, text in pages().items():
        (Path(sys.argv[1]) / name).write_text(text)
