"""The pipeline to act on: named, or the one of an app."""

from __future__ import annotations

import click

from hatoba.cli.command import Body
from hatoba.cli.session import Session
from hatoba.client import pipelines
from hatoba.operations.pipelines import coupled
from hatoba.schema.pipelines import Pipeline


def pipeline_or_app(body: Body) -> Body:
    """Add ``--pipeline`` and ``--app``; the function gets both as they were given."""
    body = click.option("-a", "--app", metavar="APP", help="An app of the pipeline.")(body)
    return click.option("-p", "--pipeline", metavar="NAME", help="The pipeline.")(body)


def chosen(session: Session, pipeline: str | None, app: str | None) -> Pipeline:
    """Return the pipeline to act on, without a name that of the app."""
    if pipeline:
        return pipelines.find(session.api, pipeline)
    place = coupled(session.api, session.app(app, None))
    return pipelines.find(session.api, place.pipeline.id)
