"""What redis:cli prints of a store's answers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from hatoba.cli.commands.redis_cli import _answer
from hatoba.cli.session import Session


class Store:
    """Answers what it is asked, and has messages for who subscribes until Ctrl-C."""

    def __init__(self) -> None:
        self.messages = iter([["message", "ch", "one"], ["message", "ch", "two"]])
        self.connection = self

    def execute_command(self, *words: str) -> object:
        if words[0] == "NONSENSE":
            raise ResponseError("unknown command")
        return [words[0].lower(), *words[1:], 1]

    def read_response(self, *, timeout: float | None) -> object:
        assert timeout is None
        try:
            return next(self.messages)
        except StopIteration:
            raise KeyboardInterrupt from None


def asked(line: str) -> tuple[bool, list[str], list[str]]:
    data: list[str] = []
    said: list[str] = []
    session: Any = SimpleNamespace(out=SimpleNamespace(data=data.append, say=said.append))
    try:
        good = _answer(cast(Session, session), cast(Redis, Store()), line)
    except KeyboardInterrupt:
        good = True
    return good, data, said


def test_messages_are_printed_until_ctrl_c() -> None:
    _, data, _ = asked("SUBSCRIBE ch")
    assert data[:3] == ["1) subscribe", "2) ch", "3) 1"]
    assert [line for line in data if line.startswith("3) ")] == ["3) 1", "3) one", "3) two"]


@pytest.mark.parametrize("line", ["NONSENSE", "GET 'open"])
def test_what_a_store_refuses_is_no_answer(line: str) -> None:
    good, data, said = asked(line)
    assert (good, data) == (False, [])
    assert said[0].startswith("(error)")


def test_another_command_ends_with_its_answer() -> None:
    assert asked("ECHO x") == (True, ["1) echo", "2) x", "3) 1"], [])
