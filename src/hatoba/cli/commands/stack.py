"""stack:build: the system that apps are built in and run on in containers."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import click

from hatoba import settings
from hatoba.cli import stacks
from hatoba.cli.command import command
from hatoba.cli.session import Session
from hatoba.kit import text

_MIRROR = "http://deb.debian.org/debian"


@command(
    "stack:build",
    "hatoba stack:build",
    "hatoba stack build --include git,ffmpeg",
    "hatoba stack build --from heroku/heroku:24",
    app=False,
)
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder of the platform."
)
@click.option("--from", "image", help="Take it from this Docker image.")
@click.option("--suite", default="bookworm", show_default=True, help="Which Debian.")
@click.option("--mirror", default=_MIRROR, show_default=True, help="Where its packages are.")
@click.option("--include", default="", help="Further packages, parted by commas.")
def build(
    session: Session,
    data_dir: Path | None,
    image: str | None,
    suite: str,
    mirror: str,
    include: str,
) -> None:
    """Build a stack for the swarm engine, by debootstrap or from an image."""
    name = re.sub(r"[^a-z0-9]+", "-", (image or f"debian-{suite}").lower()).strip("-")
    target = settings.stack_archive(settings.chosen(data_dir, None, None).data_dir, name)
    with session.out.progress(f"Building the stack {name}") as line:
        if image:
            size = asyncio.run(stacks.from_image(image, target, line.status))
        else:
            wanted = stacks.Debian(suite, mirror, tuple(filter(None, include.split(","))))
            size = asyncio.run(stacks.bootstrap(wanted, target, line.status))
    session.out.say(f"✓ {target} ({text.size(size)})", "green")
    session.out.say(
        f"Use it, then push your apps anew: HATOBA_STACK={name} hatoba up --engine swarm"
    )
    if session.json:
        session.out.json({"name": name, "path": str(target), "bytes": size})
