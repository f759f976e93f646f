"""Operations against a platform in memory, watched by somebody who answers as told."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hatoba.client.api import Api
from hatoba.client.origin import Origin
from hatoba.client.target import Target
from hatoba.client.transport import Response
from hatoba.operations import world
from hatoba.operations.pace import Pace
from tests.unit.fake_platform import FakePlatform


@dataclass
class Line:
    """A progress line."""

    result: str = "done"

    def status(self, text: str) -> None:
        """Forget it."""

    def done(self, result: str) -> None:
        self.result = result

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        """End the line."""


@dataclass
class Somebody:
    """Hears everything; answers with ``answer``, or is not there when it is None."""

    answer: str | None = None
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def interactive(self) -> bool:
        return self.answer is not None

    def say(self, line: str, color: str = "") -> None:
        self.heard.append(line)

    def ask(self, question: str) -> str:
        self.asked.append(question)
        return self.answer or ""

    def progress(self, text: str) -> Line:
        self.heard.append(text)
        return Line()

    def waiting(self, seconds: float) -> None:
        """Wait without a word."""

    @property
    def text(self) -> str:
        return "\n".join(self.heard)


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def api(platform: FakePlatform) -> Api:
    target = Target(Origin("http", "localhost", 8080), token="a-token", ca=None)
    return Api(target, platform)


class Clockwork:
    """Time that passes by sleeping only."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def pace() -> Pace:
    clock = Clockwork()
    return Pace(clock.monotonic, clock.sleep)


@pytest.fixture
def visits(platform: FakePlatform, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer visitors as the router would, and record where they went."""
    seen: list[str] = []

    def visit(url: str) -> tuple[Response, int]:
        seen.append(url)
        if platform.destroyed:
            return Response(404, {}, b"no such app"), 1
        if platform.maintenance:
            return Response(503, {}, b"Offline for Maintenance"), 1
        return Response(platform.web_status, {}, b"hello"), 4

    monkeypatch.setattr(world, "visit", visit)
    return seen
