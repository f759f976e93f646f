"""What happens when somebody pushes: the main branch is built and released, others are kept."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Sequence
from pathlib import Path

import structlog

from hatoba import errors
from hatoba.control import apps, boot, builds, review_apps
from hatoba.control.platform import Actor, Platform
from hatoba.control.review_apps import Push
from hatoba.git import repositories
from hatoba.git.hook import Pushed, Say, Update
from hatoba.git.repositories import Repositories
from hatoba.kit import git, process
from hatoba.model.app import App
from hatoba.model.release import Build, Status

log = structlog.get_logger("git")

# https://devcenter.heroku.com/articles/git#deploy-from-a-branch-besides-main
_BUILT = ("refs/heads/main", "refs/heads/master")


class Pushes:
    """The pushes that are under way, by the token which their hook has."""

    def __init__(self, p: Platform, repos: Repositories) -> None:
        self._p = p
        self._repos = repos
        self._running: dict[str, tuple[Actor, App]] = {}

    def begin(self, actor: Actor, app: App) -> str:
        """Expect the hook of a push by this actor; return its token."""
        token = secrets.token_urlsafe(24)
        self._running[token] = (actor, app)
        return token

    def end(self, token: str) -> None:
        """The push is over."""
        self._running.pop(token, None)

    async def measure(self, app: App) -> None:
        """Note the size of the app's repository, which a push has changed."""
        size = await asyncio.to_thread(repositories.size, self._repos.path(app.id))
        with contextlib.suppress(errors.Unavailable):
            await apps.note_repo_size(self._p, app, size)

    async def decide(self, pushed: Pushed, say: Say) -> bool:
        """Build what is to be built; tell whether the push is taken."""
        found = self._running.get(pushed.token)
        if found is None:
            return False
        try:
            return await self._decide(*found, pushed, say)
        except errors.HatobaError as error:
            await say(f"\n !     {error.message}\n\n".encode())
        except Exception:
            log.exception("a push broke", app=found[1].name)
            await say(b"\n !     The platform failed; its log says why. Push again.\n\n")
        return False

    async def _decide(self, actor: Actor, app: App, pushed: Pushed, say: Say) -> bool:
        built = [u for u in pushed.updates if u.ref in _BUILT]
        if any(u.deletes for u in built):
            await say(b"\n !     The main branch can't be deleted.\n\n")
            return False
        if len(built) > 1:
            await say(b"\n !     Push either main or master, not both at once.\n\n")
            return False
        followed = await self._review(actor, app, pushed, say)
        if not built:
            await say(_skipped([u for u in pushed.updates if u not in followed]))
            return True
        return await self._deploy(actor, app, built[0].new, pushed, say)

    async def _review(self, actor: Actor, app: App, pushed: Pushed, say: Say) -> list[Update]:
        """Make, update or destroy the review apps of other branches; return what had one."""
        followed = []
        for update in pushed.updates:
            branch = update.ref.removeprefix("refs/heads/")
            if update.ref in _BUILT or branch == update.ref:
                continue
            push = Push(branch, None if update.deletes else update.new)
            pipeline = await review_apps.followed(self._p, app, push)
            if pipeline is None:
                continue
            source = self._p.sources / f"{secrets.token_hex(8)}.part"
            try:
                if push.commit is not None:
                    await self._archive(app, push.commit, source, pushed)
                kept = source if push.commit is not None else None
                text = await review_apps.pushed(self._p, actor, pipeline, push, kept)
            finally:
                source.unlink(missing_ok=True)
            await say(f"\n{text}\n\n".encode() if text else b"")
            followed.append(update)
        return followed

    async def _deploy(self, actor: Actor, app: App, commit: str, pushed: Pushed, say: Say) -> bool:
        await say(b"Compressing source files... ")
        source = self._p.sources / f"{secrets.token_hex(8)}.part"
        try:
            await self._archive(app, commit, source, pushed)
            await say(b"done.\nBuilding source:\n\n")
            order = builds.Order(source, commit)
            build = await builds.create(self._p, actor, app, order)
        finally:
            source.unlink(missing_ok=True)
        async for data in self._p.streams.follow(build.id):
            await say(data)
        done = await builds.by_id(self._p, build.id)
        if done is not None and done.status is Status.SUCCEEDED and done.message is None:
            trouble = await boot.visit(self._p, app)
            await say(f"\nVerifying deploy... {trouble or 'done.'}\n".encode())
            return True
        await say(_failure(done))
        return False

    async def _archive(self, app: App, commit: str, target: Path, pushed: Pushed) -> None:
        """Write the commit's tree; its objects are still in git's quarantine."""
        command = git.archive(str(self._repos.path(app.id)), commit, str(target))
        quarantine = {
            name: value
            for name, value in pushed.environment.items()
            if name in ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES")
        }
        done = await process.run(command, env=git.environment(quarantine))
        if done.status == 0:
            return
        if b"No space left" in done.stderr:
            raise errors.DiskFull
        raise errors.BadRequest("The commit could not be read; it may be incomplete. Push again.")


def _failure(build: Build | None) -> bytes:
    """Say why the ref is not taken: it is only when the release runs."""
    if build is not None and build.status is Status.SUCCEEDED:
        return f"\nVerifying deploy... failed.\n\n !     {build.message}\n\n".encode()
    return b"\n !     Push rejected, failed to compile or release this app.\n\n"


def _skipped(updates: Sequence[Update]) -> bytes:
    names = [u.ref.removeprefix("refs/heads/") for u in updates if not u.deletes]
    if not any(u.ref.startswith("refs/heads/") and not u.deletes for u in updates):
        return b""
    return (
        "\nPushed to non-main branch, skipping build.\n"
        f"To deploy it: git push heroku {names[0]}:main\n\n"
    ).encode()
