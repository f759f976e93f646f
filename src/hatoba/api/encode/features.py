"""Features as the API shows them."""

from __future__ import annotations

from datetime import UTC, datetime

from hatoba.api.encode.basics import fixed_id, moment
from hatoba.control.features import AppFeature
from hatoba.schema import features as wire

# When the features were first written down.
_SINCE = datetime(2026, 11, 27, tzinfo=UTC)


def feature(one: AppFeature) -> wire.AppFeature:
    """Return the feature as an app has it."""
    kind, switched = one.feature, one.switched
    return wire.AppFeature(
        id=fixed_id("feature", kind.name),
        name=kind.name.value,
        display_name=kind.display_name,
        description=kind.description,
        doc_url=kind.doc_url,
        feedback_email="",
        state=kind.state,
        enabled=one.enabled,
        created_at=moment(switched.created_at if switched else _SINCE),
        updated_at=moment(switched.updated_at if switched else _SINCE),
    )


def account_feature(name: str) -> wire.AppFeature:
    """Return a feature that every account has and nobody can switch."""
    return wire.AppFeature(
        id=fixed_id("feature", name),
        name=name,
        display_name="Repositories of pipelines",
        description="Read a pipeline's repository and its branches from the Platform API",
        doc_url="https://devcenter.heroku.com/articles/pipelines",
        feedback_email="",
        state="general",
        enabled=True,
        created_at=moment(_SINCE),
        updated_at=moment(_SINCE),
    )
