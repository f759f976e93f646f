"""One call: headers, paging, second attempts and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from hatoba.client.api import Api
from hatoba.client.errors import ApiError, BadAnswer, NotLoggedIn, Unreachable
from hatoba.client.origin import Origin
from hatoba.client.target import Target
from hatoba.client.transport import Dropped, Response
from hatoba.schema.platform import Named

Sent = tuple[str, str, Mapping[str, str]]


class Script:
    """Answers as scripted and keeps what was sent."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[Sent] = []

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Response:
        self.sent.append((method, target, dict(headers)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def ok(data: Any, **headers: str) -> Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(200, names, json.dumps(data).encode())


def error(status: int, error_id: str, message: str) -> Response:
    return Response(status, {}, json.dumps({"id": error_id, "message": message}).encode())


def make(script: Script, host: str = "localhost", *, logged_in: bool = True) -> Api:
    return Api(Target(Origin("http", host, 8080), "t" if logged_in else None, None), script)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("hatoba.client.api.time.sleep", slept.append)
    return slept


ONE = {"id": "1", "name": "one"}


def test_pages_follow_next_range_to_the_end() -> None:
    script = Script(ok([ONE], next_range="]1..; max=1;"), ok([{"id": "2", "name": "two"}]))
    assert [n.name for n in make(script).pages("/stacks", Named)] == ["one", "two"]
    assert [headers.get("Range") for _, _, headers in script.sent] == [None, "]1..; max=1;"]


def test_a_dropped_post_is_sent_again_with_the_same_request_id() -> None:
    script = Script(Dropped("gone"), ok(ONE))
    make(script).change("POST", "/apps", Named, body={})
    first, second = (headers["Request-Id"] for _, _, headers in script.sent)
    assert first == second


def test_a_dropped_post_to_heroku_is_not_sent_again() -> None:
    script = Script(Dropped("gone"))
    with pytest.raises(Unreachable):
        make(script, "api.heroku.com").change("POST", "/apps", Named, body={})
    assert len(script.sent) == 1


def test_a_daemon_that_is_away_is_waited_for(pauses: list[float]) -> None:
    script = Script(Response(503, {}, b"upstream"), Response(503, {}, b""), ok(ONE))
    assert make(script).get("/x", Named).name == "one"
    assert pauses == [0.1, 0.2]


def test_errors_carry_herokus_id_status_and_message() -> None:
    script = Script(error(422, "invalid_params", "Name is already taken"))
    with pytest.raises(ApiError, match="Name is already taken") as raised:
        make(script).get("/x", Named)
    assert (raised.value.status, raised.value.id) == (422, "invalid_params")


def test_an_error_page_is_an_error_too() -> None:
    with pytest.raises(ApiError, match="answered 500"):
        make(Script(Response(500, {}, b"<html>"))).get("/x", Named)


def test_a_bad_token_says_how_to_log_in() -> None:
    script = Script(error(401, "unauthorized", "Invalid credentials provided."))
    with pytest.raises(NotLoggedIn, match="heroku login"):
        make(script).get("/x", Named)


def test_without_a_token_nothing_is_sent() -> None:
    script = Script()
    with pytest.raises(NotLoggedIn):
        make(script, logged_in=False).get("/x", Named)
    assert script.sent == []


def test_an_answer_of_another_shape_is_said() -> None:
    with pytest.raises(BadAnswer):
        make(Script(ok({"id": 1}))).get("/x", Named)
