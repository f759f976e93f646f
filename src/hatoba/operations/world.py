"""Looking at the world after a change: dynos, releases, and the app over the router."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from hatoba.client import dynos, platform, releases, streams
from hatoba.client import formation as formations
from hatoba.client.api import Api
from hatoba.client.errors import ClientError
from hatoba.client.origin import parse
from hatoba.client.transport import Dropped, Response, Transport
from hatoba.kit.text import listing
from hatoba.operations.pace import Pace
from hatoba.schema.hatoba import Check
from hatoba.schema.platform import App, Dyno, Release

# A dyno has 60 s to boot and its forerunner 30 s to shut down (Heroku's R10 and R12).
DYNOS_DEADLINE = 100.0
# Dynos that aren't up by then may be waiting for one of the parts that start them.
PATIENCE = 5.0
_STARTERS = ("runner", "docker")
# A release command may migrate a database; Heroku gives it an hour, a watching person less.
RELEASE_DEADLINE = 900.0
ROUTER_DEADLINE = 10.0
# What is shown of the log of a dyno that crashed.
LAST_WORDS = 3


@dataclass(frozen=True)
class Expected:
    """Which dynos there should be: how many of each type, on which release, and none of these.

    ``old`` are ids of dynos that must be gone, as after a restart.
    """

    quantities: Mapping[str, int]
    release: int | None = None
    old: frozenset[str] = frozenset()

    def up(self, found: list[Dyno]) -> bool:
        """Tell whether exactly these dynos are up."""
        of_formation = [d for d in found if d.type in self.quantities]
        counts = {t: sum(d.type == t for d in of_formation) for t in self.quantities}
        return counts == dict(self.quantities) and all(map(self._good, of_formation))

    def lost(self, found: list[Dyno]) -> list[Dyno]:
        """Return new dynos that have crashed: waiting longer would not help."""
        return [d for d in found if d.state == "crashed" and self._current(d)]

    def known(self, found: list[Dyno]) -> bool:
        """Tell whether it is settled how it went."""
        return self.up(found) or bool(self.lost(found))

    def _good(self, dyno: Dyno) -> bool:
        return dyno.state == "up" and self._current(dyno)

    def _current(self, dyno: Dyno) -> bool:
        newer = self.release is None or dyno.release.version >= self.release
        return newer and dyno.type in self.quantities and dyno.id not in self.old


def quantities(api: Api, app: str) -> dict[str, int]:
    """Return how many dynos of each type are wanted."""
    # The release command's dyno comes and goes with a release.
    return {f.type: f.quantity for f in formations.listed(api, app) if f.type != "release"}


def dynos_up(api: Api, app: str, expected: Expected, pace: Pace) -> Check:
    """Check that exactly the expected dynos come up, and show why one does not."""
    found = _awaited(api, app, expected, pace, PATIENCE)
    if not expected.known(found):
        if down := _down(api):
            why = "dynos start when it is back, and what ran before serves until then"
            return Check("the wanted dynos are up", ok=False, seen=f"{down} is down: {why}")
        found = _awaited(api, app, expected, pace, DYNOS_DEADLINE - PATIENCE)
    relevant = [d for d in found if d.type in expected.quantities]
    if expected.up(found):
        return Check(_summary(relevant), ok=True, seen="")
    lost = expected.lost(found)
    if not lost:
        seen = _summary(relevant) or "none"
        return Check("the wanted dynos are up", ok=False, seen=f"still {seen}")
    words = _last_words(api, app, lost[0])
    return Check(f"{lost[0].name} is up", ok=False, seen="\n".join(["it crashed", *words]))


def _awaited(api: Api, app: str, expected: Expected, pace: Pace, seconds: float) -> list[Dyno]:
    return pace.until(lambda: dynos.listed(api, app), expected.known, seconds)


def _down(api: Api) -> str:
    """Return what starts dynos and is down, as words; none when that can't be known."""
    if api.target.is_heroku:
        return ""
    try:
        parts = platform.status(api).components
    except (ClientError, Dropped):
        return ""
    return listing([one.name for one in parts if one.name in _STARTERS and one.state == "down"])


def _summary(found: list[Dyno]) -> str:
    if not found:
        return "no dynos run, as wanted"
    now = datetime.now(UTC)
    return ", ".join(f"{d.name} {d.state} {_age(d, now)}" for d in found)


def _age(dyno: Dyno, now: datetime) -> str:
    seconds = max(0, int((now - datetime.fromisoformat(dyno.updated_at)).total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    return f"{seconds // 60}m" if seconds < 3600 else f"{seconds // 3600}h"


def _last_words(api: Api, app: str, dyno: Dyno) -> list[str]:
    """Return the last lines of a dyno's log, or none when they can't be had."""
    wanted = streams.LogFilter(lines=LAST_WORDS, dyno=dyno.name)
    try:
        return list(streams.logs(api, app, wanted))[-LAST_WORDS:]
    except (ClientError, Dropped):
        return []


def release_current(api: Api, app: str, version: int, pace: Pace) -> Check:
    """Check that this release is the current one and its release command succeeded."""
    identity = str(version)
    found = pace.until(
        lambda: releases.find(api, app, identity),
        lambda r: r.status != "pending",
        RELEASE_DEADLINE,
    )
    good = found.current and found.status == "succeeded"
    return Check(f"v{version} is current", ok=good, seen="" if good else _fate(found))


def _fate(release: Release) -> str:
    if release.status == "failed":
        return "its release command failed; the release before goes on serving"
    return f"it is {release.status}{'' if release.current else ', and another one is current'}"


def web_answers(app: App, pace: Pace) -> Check:
    """Check that the app answers over the router without an error of the server."""
    url = app.web_url
    answer, millis = pace.until(
        lambda: visit(url), lambda seen: seen[0] is not None and seen[0].status < 500, 3.0
    )
    if answer is None:
        return Check(f"{url.rstrip('/')} answers", ok=False, seen="no answer")
    what = f"{url.rstrip('/')} answered {answer.status} in {millis} ms"
    return Check(what, ok=answer.status < 500, seen="")


def maintenance_served(app: App, *, on: bool, pace: Pace) -> Check:
    """Check that the router serves the maintenance page, or the app again."""
    url = app.web_url.rstrip("/")
    answer, _ = pace.until(
        lambda: visit(url), lambda seen: is_maintenance_page(seen[0]) is on, ROUTER_DEADLINE
    )
    seen = "no answer" if answer is None else f"it answered {answer.status}"
    served = is_maintenance_page(answer)
    if on:
        what = f"{url} serves the maintenance page"
        return Check(f"{what} (503)" if served else what, ok=served, seen="" if served else seen)
    gone = answer is not None and not served
    what = f"{url} does not serve the maintenance page any more"
    return Check(what, ok=gone, seen=seen)


def is_maintenance_page(answer: Response | None) -> bool:
    """Tell whether an answer is the router's maintenance page."""
    return answer is not None and answer.status == 503 and b"maintenance" in answer.body.lower()


def visit(url: str) -> tuple[Response | None, int]:
    """GET a URL as a visitor would; return the answer, None without one, and milliseconds."""
    where, target = parse(url)
    transport = Transport(where)
    began = time.monotonic()
    try:
        answer = transport.request("GET", target, {"User-Agent": "hatoba-check"})
    except (ClientError, Dropped):
        answer = None
    finally:
        transport.close()
    return answer, round((time.monotonic() - began) * 1000)


def running(api: Api, app: App, expected: Expected, pace: Pace) -> Iterator[Check]:
    """Check that the expected dynos are up and, where there are web dynos, the app answers."""
    yield dynos_up(api, app.name, expected, pace)
    if expected.quantities.get("web") and not app.maintenance:
        yield web_answers(app, pace)
