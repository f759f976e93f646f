"""Hatoba's own resources as the API shows them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import msgspec

from hatoba.api.encode.basics import app_named, maybe, moment
from hatoba.control.image_room import Room
from hatoba.control.status import Report
from hatoba.model import record as model
from hatoba.model.app import App
from hatoba.schema import hatoba as wire


def status(one: Report) -> wire.Status:
    """Return how the platform is."""
    return wire.Status(
        version=one.version,
        ready=one.ready,
        components=[wire.Component(**asdict(part)) for part in one.parts],
        notices=one.notices,
        apps=one.apps,
        dynos=one.dynos,
        alarms=one.alarms,
        images=one.images,
    )


def registry(one: Room) -> wire.Registry:
    """Return how much of the registry an app takes."""
    return wire.Registry(one.released, one.unreleased, one.most)


def plan(one: model.Plan, app: App) -> wire.Plan:
    """Return the plan."""
    return wire.Plan(
        id=one.id,
        app=app_named(app),
        app_version=one.app_version,
        operation=one.operation,
        digest=one.digest,
        review=one.review,
        expires_at=moment(one.expires_at),
        used_at=maybe(one.used_at),
    )


def receipt(one: model.Receipt) -> wire.Receipt:
    """Return the receipt."""
    return wire.Receipt(
        id=one.id,
        app=one.about if one.app_id else None,
        about=one.about,
        operation=one.operation,
        user=one.account_email,
        before=one.body["before"],
        after=one.body["after"],
        checks=msgspec.convert(one.body["checks"], list[wire.Check]),
        verified=one.body["verified"],
        undo=one.body["undo"],
        created_at=moment(one.created_at),
    )


def trashed(app: App, *, kept: timedelta) -> wire.Trashed:
    """Return the destroyed app's entry in the trash."""
    at = app.destroyed_at or app.updated_at
    return wire.Trashed(str(app.id), app.name, app.owner_email, moment(at), moment(at + kept))
