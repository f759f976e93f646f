"""What a person sees when the router answers instead of the app."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape

from hatoba.model.route import OwnPages, RouteMode

# Envoy refuses a fixed body of more than 4,096 bytes; a page has about 900.
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;color:#2b3440;background:#f5f7fa;margin:0;
display:grid;place-items:center;min-height:100vh}}main{{max-width:34rem;padding:2rem;
text-align:center}}h1{{font-size:1.6rem;margin:0 0 .5rem}}p{{margin:.25rem 0;color:#5b6675}}
code{{background:#e6eaf0;border-radius:4px;padding:.1rem .3rem}}</style></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""


@dataclass(frozen=True)
class Answer:
    """A fixed answer: its status, Heroku's code and description for the log, and the page."""

    status: int
    code: str
    desc: str
    page: str


def page(title: str, text: str) -> str:
    """Return a whole page; ``text`` is HTML."""
    return _PAGE.format(title=escape(title), text=text)


def frame(address: str) -> str:
    """Return what shows a page of the app's own over the platform's, as Heroku does."""
    style = "position:fixed;inset:0;width:100%;height:100%;border:0;background:#fff"
    return f'<iframe src="{escape(address)}" style="{style}"></iframe>'


_END = "</main>"


def framed(text: str, over: str) -> str:
    """Return a page with that put over it."""
    return text.replace(_END, _END + over)


_LOGS = "If you own this app, <code>heroku logs --tail</code> shows what went wrong."

BROKEN = page("Application error", f"The app could not answer this request. {_LOGS}")

UNKNOWN = Answer(404, "", "", page("No such app", "There's no app configured at that host name."))

ANSWERS = {
    RouteMode.MAINTENANCE: Answer(
        503,
        "H80",
        "Maintenance mode",
        page("Offline for maintenance", "This app is undergoing maintenance. Please check back."),
    ),
    RouteMode.CRASHED: Answer(
        503, "H10", "App crashed", page("Application error", f"The app has crashed. {_LOGS}")
    ),
    RouteMode.NO_WEB: Answer(
        503,
        "H14",
        "No web processes running",
        page("Application error", f"The app has no web process running. {_LOGS}"),
    ),
    RouteMode.BLANK: Answer(
        502,
        "H81",
        "Blank app",
        page("There's nothing here, yet.", "Deploy it with <code>git push heroku main</code>."),
    ),
}


def answer(mode: RouteMode, pages: OwnPages) -> Answer:
    """Return what the router answers for an app in that mode, with the app's own page over it."""
    found = ANSWERS[mode]
    own = {
        RouteMode.MAINTENANCE: pages.maintenance,
        RouteMode.CRASHED: pages.error,
        RouteMode.NO_WEB: pages.error,
    }.get(mode)
    return replace(found, page=framed(found.page, frame(own))) if own else found
