"""What a key-value store's server is told, and what can be set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from hatoba.addons.key_value import configuration
from hatoba.model.key_value import KeyValue, ports, setting_problem

STORE = KeyValue(
    uuid4(), "mini", 30001, "pa/ss word", "noeviction", 300, "", datetime(2026, 1, 1, tzinfo=UTC)
)


def test_no_password_is_in_the_file() -> None:
    text = configuration.text(STORE, Path("/srv/kv"), "the admin's")
    assert "pa/ss word" not in text
    assert "the admin's" not in text
    assert "maxmemory 26214400\n" in text
    assert "maxclients 25\n" in text


def test_the_url_can_be_parsed_and_the_password_does_not_show_itself() -> None:
    assert STORE.url == "redis://:pa%2Fss%20word@localhost:30001"
    assert "pa/ss" not in repr(replace(STORE, plan="premium-0"))


def test_ports_are_tried_once_each() -> None:
    tried = ports(9_999)
    assert len(set(tried)) == len(tried)
    assert min(tried) == 30000


@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("maxmemory_policy", "allkeys-lru", True),
        ("maxmemory_policy", "most", False),
        ("timeout", 0, True),
        ("timeout", 90_000, False),
        ("notify_keyspace_events", "KEA", True),
        ("notify_keyspace_events", 'K"\n', False),
    ],
)
def test_settings(name: str, value: object, good: bool) -> None:
    assert (setting_problem(name, value) is None) is good
