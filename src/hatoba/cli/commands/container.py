"""container:login, :push, :release, :pull, :rm, :run: what there is without a Docker engine."""

from __future__ import annotations

import click

from hatoba.cli.command import Command, command
from hatoba.cli.session import Session
from hatoba.errors import HatobaError


class NoContainers(HatobaError):
    """This platform's engine runs slugs, not images: there is no Docker engine behind it."""


def _declare(name: str, example: str, doc: str) -> Command:
    def body(session: Session, app: str, *, processes: tuple[str, ...]) -> None:
        del session, processes
        raise NoContainers(
            f"{name} needs a Docker engine, and this platform runs {app} on the local engine. "
            "Nothing was changed. Deploy the same code with: git push heroku main"
        )

    body.__doc__ = doc
    argument = click.argument("processes", nargs=-1, metavar="[PROCESS TYPE...]")
    return command(name, example)(argument(body))


push = _declare(
    "container:push",
    "heroku container:push web -a harbour",
    "Build images and push them to the app's registry. Needs a Docker engine.",
)
release = _declare(
    "container:release",
    "heroku container:release web -a harbour",
    "Release the images that were pushed. Needs a Docker engine.",
)
pull = _declare(
    "container:pull",
    "heroku container:pull web -a harbour",
    "Pull an app's images. Needs a Docker engine.",
)
remove = _declare(
    "container:rm",
    "heroku container:rm web -a harbour",
    "Remove process types from a container app. Needs a Docker engine.",
)
run = _declare(
    "container:run",
    "heroku container:run web -a harbour",
    "Build an app's image and run it on this machine. Needs a Docker engine.",
)


@command("container:login", "heroku container:login", app=False)
def login(session: Session) -> None:
    """Log Docker in to the platform's registry. Needs a Docker engine."""
    del session
    raise NoContainers(
        "There is no registry to log in to: this platform runs the local engine, which has no "
        "Docker. Deploy with: git push heroku main"
    )
