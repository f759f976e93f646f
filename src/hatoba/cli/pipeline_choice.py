"""The pipeline to act on: named, or the one of an app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

import click

from hatoba.cli.command import Body
from hatoba.cli.session import Session
from hatoba.client import pipelines
from hatoba.operations.pipelines import coupled
from hatoba.schema.pipelines import Pipeline


@dataclass(frozen=True)
class Place:
    """How a pipeline was named: itself, or by an app of it, or by the app's git remote."""

    pipeline: str | None
    app: str | None
    remote: str | None


def pipeline_or_app(body: Callable[..., int | None]) -> Body:
    """Add ``--pipeline``, ``--app`` and ``--remote``; the function gets them as ``place``."""

    @wraps(body)
    def call(
        session: Session,
        *,
        pipeline: str | None,
        app: str | None,
        remote: str | None,
        **options: object,
    ) -> int | None:
        return body(session, place=Place(pipeline, app, remote), **options)

    for option in (
        click.option("-r", "--remote", metavar="REMOTE", help="Git remote of an app of it."),
        click.option("-a", "--app", metavar="APP", help="An app of the pipeline."),
        click.option("-p", "--pipeline", metavar="NAME", help="The pipeline."),
    ):
        option(call)
    return call


def chosen(session: Session, place: Place) -> Pipeline:
    """Return the pipeline to act on, without a name that of the app."""
    if place.pipeline:
        return pipelines.find(session.api, place.pipeline)
    its = coupled(session.api, session.app(place.app, place.remote))
    return pipelines.find(session.api, its.pipeline.id)
