"""Databases' pure rules: plans, names, URLs."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from hatoba.model import database as rules
from hatoba.model.database import Credential, Database, DatabaseServer, State


def database() -> Database:
    server = DatabaseServer(uuid4(), shared=True, port=20001, major=18)
    return Database(uuid4(), "essential-0", server, "dboats", State.AVAILABLE, datetime.now(UTC))


def test_a_url_has_everything_that_a_driver_needs() -> None:
    found = database()
    credential = Credential(found.id, "default", "uada", "p/w:x@y")
    assert credential.url(found) == "postgres://uada:p%2Fw%3Ax%40y@localhost:20001/dboats"
    assert "p/w" not in repr(credential)


def test_names_and_passwords_are_never_the_same_twice() -> None:
    assert len({rules.new_name("d") for _ in range(100)}) == 100
    assert len({rules.new_password() for _ in range(100)}) == 100
    assert all(rules.new_password().isalnum() for _ in range(10))


@pytest.mark.parametrize("name", ["analyst", "read-only", "a_1", "A"])
def test_good_credential_names(name: str) -> None:
    assert rules.credential_problem(name) is None


@pytest.mark.parametrize("name", ["", "-x", "a b", "ä", "x" * 51, 'a"; DROP', "a\n"])
def test_bad_credential_names(name: str) -> None:
    assert rules.credential_problem(name) is not None


def test_every_port_is_tried_once_and_none_that_clients_get() -> None:
    tried = rules.ports(8080)
    assert len(tried) == len(set(tried)) == 10_000
    assert min(tried) >= 20_000
    assert max(tried) < 32_768


def test_the_human_name_of_a_plan() -> None:
    assert rules.PLANS["standard-0"].human == "Standard 0"
