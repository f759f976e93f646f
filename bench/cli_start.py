"""`heroku ps`: the whole process, against the official CLI on the same platform."""

from __future__ import annotations

from time import monotonic

from bench.place import a_platform
from bench.table import Row, middle, show
from tests.e2e.platform import OFFICIAL_CLI, Platform

ROUNDS = 7


def seconds(platform: Platform, *argv: str, env: dict[str, str]) -> float:
    started = monotonic()
    platform.command(*argv, env=env).ok()
    return monotonic() - started


def main() -> None:
    with a_platform() as platform:
        platform.heroku("apps:create", "bench").ok()
        official = platform.official_env()
        heroku = str(platform.env["PATH"].split(":")[0] + "/heroku")
        ours, theirs = [], []
        for _ in range(ROUNDS + 1):
            ours.append(seconds(platform, heroku, "ps", "-a", "bench", env={}))
            theirs.append(seconds(platform, str(OFFICIAL_CLI), "ps", "-a", "bench", env=official))
    mine, other = middle(ours[1:]), middle(theirs[1:])
    row = Row(
        "heroku ps", f"{mine * 1000:.0f} ms", f"{other * 1000:.0f} ms", mine / other, "<= 0.20"
    )
    show(f"Command line, median of {ROUNDS}, against the official CLI", [row])


if __name__ == "__main__":
    main()
