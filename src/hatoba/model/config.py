"""Config vars: what a name and a set of values may be."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hatoba.model.route import OwnPages

# https://devcenter.heroku.com/articles/config-vars#limits-and-restrictions
MAX_TOTAL_BYTES = 64 * 1024
# Envoy's answers have at most 4,096 bytes, and a page is around it.
_MAX_ADDRESS = 1000
_WEB = re.compile(r"(?i)(https?:)?//[^/]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def name_problem(name: str) -> str | None:
    """Return why a config var can't have this name, or None when it can."""
    if not name:
        return "A config var name can't be empty."
    if not _NAME.fullmatch(name):
        return (
            f"Config var name {name!r} is not valid: use letters, digits and underscores, "
            "and start with a letter or an underscore."
        )
    return None


def merge(current: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return the config vars after the changes; None removes a name."""
    merged = dict(current)
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = value
    return merged


def size_problem(values: Mapping[str, str]) -> str | None:
    """Return why this set of config vars is too big, or None when it is not."""
    total = sum(len(k.encode()) + len(v.encode()) for k, v in values.items())
    if total > MAX_TOTAL_BYTES:
        return (
            f"Config vars can't exceed 64 KB in all; these take {total / 1024:.0f} KB. "
            "Keep large values in a file or a store of your own."
        )
    return None


def own_pages(values: Mapping[str, str]) -> OwnPages:
    """Return the pages that config vars name; what is no address of a web page names none.

    https://devcenter.heroku.com/articles/error-pages
    """
    return OwnPages(
        maintenance=_web_address(values.get("MAINTENANCE_PAGE_URL", "")),
        error=_web_address(values.get("ERROR_PAGE_URL", "")),
    )


def _web_address(text: str) -> str | None:
    fits = len(text) <= _MAX_ADDRESS and text.isascii() and text.isprintable()
    return text if fits and _WEB.match(text) else None


def describe_change(current: Mapping[str, str], changes: Mapping[str, str | None]) -> str | None:
    """Return the release description as Heroku words it, or None when nothing changes.

    ``Set A, B config vars``, ``Remove A config vars``, ``Set A and remove B config vars``.
    """
    put = [k for k, v in changes.items() if v is not None and current.get(k) != v]
    cut = [k for k, v in changes.items() if v is None and k in current]
    if put and cut:
        return f"Set {', '.join(put)} and remove {', '.join(cut)} config vars"
    if put:
        return f"Set {', '.join(put)} config vars"
    if cut:
        return f"Remove {', '.join(cut)} config vars"
    return None
