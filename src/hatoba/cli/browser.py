"""Showing a page to whoever is at the terminal."""

from __future__ import annotations

import click

from hatoba.cli.command import Body
from hatoba.cli.session import Session


def show_url(body: Body) -> Body:
    """Add ``--show-url``; the function gets it."""
    option = click.option("--show-url", is_flag=True, help="Print the URL, open no browser.")
    return option(body)


def show(session: Session, url: str, *, only_url: bool = False) -> None:
    """Open a page in a web browser; print its URL where there is no display, or ``only_url``."""
    if session.json:
        session.out.json({"url": url})
    elif only_url or not session.settings.display:
        session.out.data(url)
    else:
        _open(session, url)


def _open(session: Session, url: str) -> None:
    import webbrowser

    session.out.data(f"Opening {url}...")
    if not webbrowser.open(url):
        session.out.warn("No web browser was found on this machine. Open the URL yourself.")
