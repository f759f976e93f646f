"""The command lines that the project was asked for, in order, as written.

Once at a terminal whose questions are answered, on a real platform; once without a terminal,
where what is risky or destructive must stop and change nothing.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docker_engine import DockerEngine
from tests.e2e.apart import context
from tests.e2e.platform import ON_SWARM, Platform
from tests.e2e.terminal import CTRL_C, CTRL_D, typed
from tests.images import BUSYBOX

APP, SOURCE, OTHER = "harbour", "lighthouse", "mooring"
# With a Docker Engine, an app of images, which has a folder of its own.
IMAGES = "boathouse"
YES = (("[y/N]", "y\n"),)
RELEASES = 45


@dataclass(frozen=True)
class Line:
    """One line of the workflows. ``shows`` is what its output must have in it.

    ``asks`` says that it stops, with exit code 3, where there is no terminal. ``interrupted``
    that it goes on until Ctrl-C. ``commit`` that somebody has worked before it is typed.
    """

    text: str
    shows: str
    answers: tuple[tuple[str, str], ...] = ()
    code: int = 0
    asks: bool = False
    commit: str = ""
    app: str = APP


def asking(text: str, shows: str, app: str = APP) -> Line:
    return Line(text, shows, YES, asks=True, app=app)


def destroying(text: str, shows: str, app: str = APP) -> Line:
    return Line(text, shows, ((f"Type {app}", f"{app}\n"),), asks=True, app=app)


def following(text: str, until: str) -> Line:
    return Line(text, until, ((until, CTRL_C),), code=130)


def of_images(text: str, shows: str) -> Line:
    """A line that needs a Docker Engine, and says so where there is none."""
    if ON_SWARM:
        return Line(text, shows, app=IMAGES)
    return Line(text, "needs a Docker engine", code=1)


LINES = (
    Line("heroku apps:info -a <app>", "=== harbour"),
    Line("git status", "On branch main"),
    Line("git log --oneline -5", "first"),
    Line("git push heroku main", "Verifying deploy... done.", commit="main"),
    Line("git push heroku feature-branch:main", "Verifying deploy... done.", commit="feature"),
    of_images("heroku container:push web -a <app>", "the registry has web as sha256:"),
    of_images("heroku container:release web -a <app>", "✓ web.1 up"),
    Line("heroku releases -a <app> -n 5", "Deploy"),
    Line("heroku ps -a <app>", "web.1: up"),
    following("heroku logs --tail -a <app>", "heroku[web.1]"),
    Line("heroku config -a <app> -s", "# DATABASE_URL="),
    Line("heroku logs -a <app> -n 500", "Release v2 created"),
    following("heroku logs --tail -a <app> --dyno web", "heroku[web.1]"),
    following("heroku logs --tail -a <app> --source app", "app[web.1]"),
    Line(
        "heroku run bash -a <app>",
        "6 times 7 is 42",
        (("$ ", "echo 6 times 7 is $((6*7)); exit\n"),),
    ),
    Line("heroku run rails console -a <app>", "rails: command not found", code=127),
    Line(
        "heroku run python manage.py shell -a <app>",
        "6 times 7 is 42",
        ((">>>", "print('6 times 7 is', 6*7)\n"), ("is 42", CTRL_D)),
    ),
    Line("heroku config -a <app>", "DATABASE_URL:"),
    Line("heroku config:set KEY=value -a <app>", "✓ read back"),
    Line("heroku config:set KEY1=val1 KEY2=val2 -a <app>", "✓ read back"),
    asking("heroku config:unset KEY -a <app>", "KEY not set"),
    # The line before has just unset it, and this one is for making sure.
    Line("heroku config:get KEY -a <app>", "Not set on harbour: KEY.", code=1),
    Line("heroku ps:type -a <app>", "Dyno Totals"),
    Line("heroku ps:scale web=2 -a <app>", "✓ formation is web=2"),
    Line("heroku ps:scale worker=1:standard-2x -a <app>", "worker=1:standard-2x"),
    asking("heroku ps:scale web=1:standard-1x worker=1:standard-1x -a <app>", "web=1:standard-1x"),
    Line("heroku ps:restart -a <app>", "✓ web.1 up"),
    Line("heroku ps:restart web -a <app>", "✓ web.1 up"),
    Line("heroku pg:info -a <app>", "=== DATABASE_URL"),
    Line("heroku pg:credentials -a <app>", "default"),
    Line(
        "heroku pg:psql -a <app>",
        "(1 row)",
        (("=>", "SELECT 6*7 AS answer;\n"), ("(1 row)", "\\q\n")),
    ),
    Line("heroku pg:backups -a <app>", "=== Backups"),
    Line("heroku pg:backups:capture -a <app>", "b001"),
    Line("heroku pg:backups:download -a <app>", "latest.dump"),
    Line(
        "heroku pg:backups:schedule DATABASE --at '02:00 America/New_York' -a <app>",
        "02:00 America/New_York",
    ),
    destroying("heroku pg:copy <source-app>::DATABASE DATABASE -a <target-app>", "✓"),
    destroying("heroku pg:reset DATABASE -a <app>", "✓"),
    Line("heroku releases -a <app> -n 10", "Current: v"),
    Line("heroku releases:info v42 -a <app>", "=== Release v42"),
    asking("heroku rollback -a <app>", "is current"),
    asking("heroku rollback v42 -a <app>", "Rolling back harbour to v42"),
    Line("heroku releases -a <app> -n 3", "Rollback to v42"),
    asking("heroku maintenance:on -a <app>", "✓ maintenance is on"),
    Line("heroku maintenance:off -a <app>", "✓ maintenance is off"),
    Line("heroku maintenance -a <app>", "off"),
    Line("heroku apps:create <name>", "Creating mooring... done"),
    asking(
        "heroku apps:rename <new-name> -a <app>", "Renaming mooring to anchorage... done", OTHER
    ),
    Line("heroku releases -a <app>", "=== harbour Releases"),
    Line("heroku run <command> -a <app>", "Python 3."),
    Line("heroku addons -a <app>", "heroku-postgresql"),
    Line("heroku addons:create <plan> -a <app>", "archive-of-harbour is provisioned"),
    destroying("heroku addons:destroy <addon> -a <app>", "✓"),
    Line("heroku domains -a <app>", "harbour.localhost"),
    Line("heroku domains:add <domain> -a <app>", "www.harbour.example"),
    Line("heroku pipelines:info <pipeline>", "=== quayside"),
    asking("heroku pipelines:promote -a <app>", "✓ lighthouse has the code of harbour"),
)


def filled(line: Line) -> str:
    values = {
        "<app>": line.app,
        "<target-app>": APP,
        "<source-app>": SOURCE,
        "<name>": OTHER,
        "<new-name>": "anchorage",
        "<command>": "python --version",
        "<plan>": "heroku-postgresql:essential-0 --as ARCHIVE --name archive-of-harbour",
        "<addon>": "archive-of-harbour",
        "<domain>": "www.harbour.example",
        "<pipeline>": "quayside",
    }
    text = line.text
    for name, value in values.items():
        text = text.replace(name, value)
    return text


@pytest.fixture(scope="module")
def harbour(
    containers: DockerEngine | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Platform, Path]]:
    """A platform of its own with everything that the lines speak of."""
    platform = Platform.up(tmp_path_factory.mktemp("seed"))
    if containers:
        # What pushes is Docker, from where it is.
        containers.carry(platform.port)
    path = platform.repo("django-guestbook", APP)
    procfile = path / "Procfile"
    whole = procfile.read_text()
    # Without its release command a release costs little.
    procfile.write_text("".join(line for line in whole.splitlines(True) if "release:" not in line))
    platform.commit(path, "quick releases")
    for app in (APP, SOURCE):
        platform.heroku("apps:create", app, cwd=path if app == APP else None).ok()
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    platform.heroku("ps:scale", "web=0", "--yes", "-a", APP).ok()
    for number in range(1, RELEASES):
        body = json.dumps({"STEP": str(number)}).encode()
        assert platform.api("PATCH", f"/apps/{APP}/config-vars", body=body).status == 200
    for app in (APP, SOURCE):
        platform.heroku("addons:create", "heroku-postgresql:essential-0", "-a", app).ok()
    platform.heroku("pipelines:create", "quayside", "-s", "staging", "-a", APP).ok()
    platform.heroku("pipelines:add", "quayside", "-s", "production", "-a", SOURCE).ok()
    procfile.write_text(whole)
    platform.commit(path, "first with a release command")
    platform.git("push", "heroku", "main", cwd=path, timeout=300).ok()
    platform.heroku("git:remote", "-a", SOURCE, "-r", SOURCE, cwd=path).ok()
    platform.git("push", SOURCE, "main", cwd=path, timeout=300).ok()
    platform.heroku("ps:scale", "web=1", "-a", APP).ok()
    if ON_SWARM:
        make_images(platform)
    yield platform, path
    platform.down()


def make_images(platform: Platform) -> None:
    """Make the app of images, and the folder with its Dockerfile."""
    assert BUSYBOX is not None
    platform.heroku("apps:create", IMAGES, "--no-remote").ok()
    platform.heroku("stack:set", "container", "-a", IMAGES, "--yes").ok()
    platform.heroku("container:login").ok()
    serve = "CMD /bin/busybox httpd -f -p $PORT"
    dockerfile = f"FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\n{serve}\n"
    context(platform.folder / IMAGES, {"Dockerfile": dockerfile}, Path(BUSYBOX))


def work(platform: Platform, path: Path, line: Line) -> None:
    """Commit something, on a branch of its own for the feature."""
    if not line.commit:
        return
    if line.commit == "feature":
        platform.git("branch", "-f", "feature-branch", cwd=path).ok()
        platform.git("switch", "feature-branch", cwd=path).ok()
    platform.commit(path, line.commit)
    if line.commit == "feature":
        platform.git("switch", "main", cwd=path).ok()


def test_every_line_works_as_written(
    harbour: tuple[Platform, Path], say: Callable[[str], None]
) -> None:
    platform, path = harbour
    refused = 0
    failures: list[str] = []
    for line in LINES:
        command = filled(line)
        work(platform, path, line)
        if line.asks:
            refused += stops_without_a_terminal(platform, path, command, failures)
        try:
            folder = platform.folder / IMAGES if line.app == IMAGES else path
            done = typed(command, line.answers, cwd=folder, env=platform.env)
        except AssertionError as error:
            failures.append(f"$ {command}\n{error}")
            continue
        if done.status != line.code or line.shows not in done.screen:
            failures.append(f"$ {command}\nexit {done.status}, not {line.code}\n{done.screen}")
    worked = f"{len(LINES) - len(failures)} of {len(LINES)} lines, {refused} refused unasked"
    say(f"seed: {worked}")
    assert not failures, "\n\n".join(failures)


def stops_without_a_terminal(
    platform: Platform, path: Path, command: str, failures: list[str]
) -> int:
    """Type it where nobody can be asked: exit code 3, and the app is as it was."""
    before = state(platform)
    done = platform.command(*shlex.split(command), cwd=path)
    if done.status == 3 and state(platform) == before:
        return 1
    failures.append(f"without a terminal: $ {command}\nexit {done.status}\n{done.all}")
    return 0


def state(platform: Platform) -> dict[str, object]:
    """What a change would show in: of the app, and of the one that is promoted to."""
    app = platform.api("GET", f"/apps/{APP}").json()
    both = (APP, SOURCE)
    return {
        "apps": [app["name"] for app in platform.json("apps")],
        "maintenance": app["maintenance"],
        "versions": [platform.json("releases", "-n", "1", "-a", a)[0]["version"] for a in both],
        "config": platform.api("GET", f"/apps/{APP}/config-vars").json(),
        "formation": platform.api("GET", f"/apps/{APP}/formation").json(),
        "addons": platform.api("GET", f"/apps/{APP}/addons").json(),
        "domains": platform.api("GET", f"/apps/{APP}/domains").json(),
        "transfers": platform.api("GET", f"/client/v11/apps/{APP}/transfers").json(),
    }
