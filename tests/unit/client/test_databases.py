"""Which database a name means."""

from __future__ import annotations

import pytest

from hatoba.client import databases
from hatoba.client.databases import AddonOfAttachment, Attachment, UnknownDatabase
from hatoba.schema.platform import Named

APP = Named("a-1", "harbour")


def attachment(name: str, addon: str, namespace: str | None = None) -> Attachment:
    return Attachment(
        f"{name}-id", name, APP, AddonOfAttachment(f"{addon}-id", addon, APP), namespace
    )


THERE = [
    attachment("DATABASE", "postgresql-round-1"),
    attachment("HEROKU_POSTGRESQL_RED", "postgresql-flat-2"),
    attachment("HEROKU_POSTGRESQL_TEAL", "postgresql-deep-3"),
    attachment("READS", "postgresql-flat-2", "credential:analyst"),
]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("DATABASE_URL", "DATABASE"),
        ("database", "DATABASE"),
        ("RED", "HEROKU_POSTGRESQL_RED"),
        ("postgresql-flat-2", "HEROKU_POSTGRESQL_RED"),
        ("READS", "READS"),
    ],
)
def test_what_is_meant(wanted: str, name: str) -> None:
    assert databases.pick(THERE, wanted, "harbour").name == name


@pytest.mark.parametrize(
    ("wanted", "says"), [("POSTGRESQL", "ambiguous"), ("BLUE", "Unknown database: BLUE")]
)
def test_what_is_not_clear_is_said_with_the_names_that_there_are(wanted: str, says: str) -> None:
    with pytest.raises(UnknownDatabase, match=says) as caught:
        databases.pick(THERE, wanted, "harbour")
    assert "HEROKU_POSTGRESQL_TEAL_URL" in str(caught.value)
