"""container:login, :logout, :push, :pull, :run: images and this machine's docker or podman."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from hatoba.cli import containers
from hatoba.cli.change import carry_out
from hatoba.cli.command import Body, command
from hatoba.cli.containers import Build, Tool
from hatoba.cli.session import Session
from hatoba.client import images
from hatoba.client.errors import ClientError
from hatoba.errors import UsageError
from hatoba.operations.consent import Consent
from hatoba.operations.containers import PushImages

_VERBOSE = click.option("-v", "--verbose", is_flag=True, help="Print what docker is called with.")
_FIRST_PORT = 5000


def _types(body: Body) -> Body:
    return click.argument("types", nargs=-1, metavar="[PROCESS TYPE]...")(body)


@command("container:login", "heroku container:login", app=False)
@_VERBOSE
def login(session: Session, *, verbose: bool) -> None:
    """Log docker or podman in to the platform's registry."""
    registry = images.registry(session.target)
    if session.target.token is None:
        raise ClientError("Not logged in. Run hatoba up, or heroku login.")
    containers.find(verbose=verbose).login(registry, session.target.token)
    if session.json:
        session.out.json({"registry": registry, "logged_in": True})


@command("container:logout", "heroku container:logout", app=False)
@_VERBOSE
def logout(session: Session, *, verbose: bool) -> None:
    """Log docker or podman out from the platform's registry."""
    registry = images.registry(session.target)
    containers.find(verbose=verbose).logout(registry)
    if session.json:
        session.out.json({"registry": registry, "logged_in": False})


@command(
    "container:push",
    "heroku container:push web -a harbour",
    "heroku container:push web worker --recursive -a harbour",
    "heroku container:push web --arg ENV=live,HTTPS=on -a harbour",
)
@_types
@click.option("-R", "--recursive", is_flag=True, help="Push Dockerfile.TYPE here and below.")
@click.option("--arg", help="Build-time variables, as A=1,B=2.")
@click.option("--context-path", type=click.Path(path_type=Path), help="What the build sees.")
@click.option("--no-cache", is_flag=True, help="Build without a cache.")
@_VERBOSE
def push(
    session: Session, app: str, types: tuple[str, ...], *, recursive: bool, **asked: object
) -> int:
    """Build images of a Dockerfile and push them to the app's registry."""
    if not types and not recursive:
        raise UsageError("Requires either --recursive or one or more process types")
    if len(types) > 1 and not recursive:
        raise UsageError("Requires exactly one target process type, or --recursive option")
    found = images.container_app(session.api, app, "container:push")
    files = _recursive(session, types) if recursive else {types[0]: _dockerfile()}
    build = Build(**asked)  # type: ignore[arg-type]
    tool = containers.find(verbose=build.verbose)
    named = containers.tags(images.registry(session.target), found.name, list(files))
    built: dict[str, str] = {}
    for name, path in files.items():
        session.out.say(f"=== Building {name} ({path})")
        built[name] = tool.build(path, named[name], build)
    operation = PushImages(session.api, app, built, lambda name: tool.push(named[name]))
    outcome = carry_out(session, operation, Consent())
    if outcome.verified:
        many = len(built) > 1
        session.out.say(
            f"Your image{'s have' if many else ' has'} been successfully pushed. You can now "
            f"release {'them' if many else 'it'} with the 'container:release' command."
        )
    return outcome.exit_code


def _dockerfile() -> Path:
    path = Path.cwd() / "Dockerfile"
    if not path.is_file():
        raise ClientError(
            f"No images to push: there is no Dockerfile in {path.parent}. "
            "For files such as Dockerfile.web add --recursive"
        )
    return path


def _recursive(session: Session, types: tuple[str, ...]) -> Mapping[str, Path]:
    found = containers.recursive(Path.cwd())
    for name in types:
        if name not in found:
            session.out.warn(f"Dockerfile.{name} not found")
    wanted = [name for name in (types or found) if name in found]
    if not wanted:
        raise ClientError(f"No images to push: there is no Dockerfile.TYPE below {Path.cwd()}")
    return {name: _chosen(session, name, found[name]) for name in wanted}


def _chosen(session: Session, name: str, paths: list[Path]) -> Path:
    """Return the one Dockerfile of a type, or the one that is picked of several."""
    if len(paths) == 1:
        return paths[0]
    listed = [f"{n}) {path.relative_to(Path.cwd())}" for n, path in enumerate(paths, 1)]
    if session.interactive:
        session.out.say("\n".join(listed))
        answer = session.out.ask(f"Which of them is {name}'s, 1 to {len(paths)}?")
        if answer.isdecimal() and 0 < int(answer) <= len(paths):
            return paths[int(answer) - 1]
    raise UsageError(
        f"There are several Dockerfiles of {name}: {', '.join(listed)}. "
        "Push from the folder of the one that is meant."
    )


@command(
    "container:pull",
    "heroku container:pull web -a harbour",
    "heroku container:pull web:latest -a harbour",
)
@_types
@_VERBOSE
def pull(session: Session, app: str, types: tuple[str, ...], *, verbose: bool) -> None:
    """Pull the images of process types from the app's registry."""
    if not types:
        raise UsageError("Requires one or more process types")
    found = images.container_app(session.api, app, "container:pull")
    tool = containers.find(verbose=verbose)
    named = containers.tags(images.registry(session.target), found.name, types)
    for name, tag in named.items():
        session.out.say(f"=== Pulling {name} as {tag}")
        tool.pull(tag)
    if session.json:
        session.out.json(dict(named))


@command(
    "container:run",
    "heroku container:run web -a harbour",
    "heroku container:run web -a harbour bash",
    words=True,
)
@click.argument("words", nargs=-1, metavar="PROCESS TYPE [COMMAND]...")
@click.option("-p", "--port", default=_FIRST_PORT, help="Port that the app runs on.")
@_VERBOSE
def run(session: Session, app: str, words: tuple[str, ...], port: int, *, verbose: bool) -> int:
    """Build the image of the Dockerfile here, and run it on this machine."""
    if not words:
        raise UsageError("Requires one process type")
    found = images.container_app(session.api, app, "container:run")
    tool, path = containers.find(verbose=verbose), _dockerfile()
    name, *typed = words
    tag = containers.tags(images.registry(session.target), found.name, [name])[name]
    _built(session, tool, path, tag)
    session.out.say(f"=== Running {' '.join(typed) or name} on {tag}")
    session.out.flush()
    return tool.run(tag, port, typed)


def _built(session: Session, tool: Tool, path: Path, tag: str) -> None:
    session.out.say(f"=== Building {tag} ({path})")
    tool.build(path, tag, Build())
