"""The repository that a pipeline's branches come from: connected, or an app's own here."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hatoba import errors
from hatoba.control.platform import Platform
from hatoba.kit import git, process
from hatoba.model.pipeline import Coupling, Pipeline, Stage
from hatoba.store import pipeline_shared as rows
from hatoba.store import pipelines as pipeline_rows

_SECONDS = 120.0
_SCHEMES = ("https", "http", "ssh", "file")
# Where people push their branches first.
_ORDER = (Stage.DEVELOPMENT, Stage.STAGING, Stage.PRODUCTION)
# The daemon's own key, and nobody to ask for another.
_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o StrictHostKeyChecking=accept-new"


@dataclass(frozen=True)
class Repository:
    """Where branches are. ``address`` is for git only: it may hold a password.

    ``app`` is the app whose repository on this platform it is, None for one elsewhere.
    """

    pipeline: Pipeline
    name: str
    address: str = field(repr=False)
    app: Coupling | None = None

    @property
    def number(self) -> int:
        """A number that stands for it, as the Platform API wants one."""
        return self.pipeline.id.int % 2**31


@dataclass(frozen=True)
class Branch:
    """A branch and the commit that it is at."""

    name: str
    commit: str


async def of(p: Platform, pipeline: Pipeline) -> Repository:
    """Return a pipeline's repository. Raises NotFound when there is none."""
    async with p.store.begin() as conn:
        sealed = await rows.repository(conn, pipeline.id)
        apps = await pipeline_rows.couplings(conn, pipeline.id)
    if sealed is not None:
        address = p.vault.unseal(sealed, f"repository:{pipeline.id}").decode()
        return Repository(pipeline, _named(address), address)
    for app in sorted(apps, key=_rank):
        path = p.repositories / f"{app.app_id}.git"
        if app.stage in _ORDER and await _has_branches(path):
            return Repository(pipeline, app.app_name, str(path), app)
    raise errors.NotFound(
        f"The pipeline {pipeline.name} has no repository: push to one of its apps, or connect one "
        f"with heroku pipelines:connect {pipeline.name} --repo URL",
        resource="repository",
    )


def _rank(app: Coupling) -> tuple[int, str]:
    return _ORDER.index(app.stage) if app.stage in _ORDER else len(_ORDER), app.app_name


async def _has_branches(path: Path) -> bool:
    if not (path / "HEAD").exists():
        return False
    command = ["git", "-C", str(path), "for-each-ref", "--count=1", "refs/heads"]
    return bool(await process.check(command, env=git.environment()))


def _named(address: str) -> str:
    """Return what people call a repository: ``org/name``."""
    path = urlsplit(address).path if "://" in address else address.partition(":")[2]
    return "/".join(path.strip("/").removesuffix(".git").split("/")[-2:])


def check_address(address: str, allowed: Sequence[Path]) -> None:
    """Raise InvalidParams for what no repository of a pipeline can be at.

    Folders of this machine must lie below an allowed one: whoever may connect a repository must
    not be able to have any file read.
    """
    scheme = urlsplit(address).scheme if "://" in address else "ssh"
    if not address.isprintable() or " " in address or scheme not in _SCHEMES or address[:1] == "-":
        raise errors.InvalidParams(
            "A repository is named by its URL: https://HOST/PATH.git, ssh://git@HOST/PATH.git, "
            "or file:///FOLDER where the operator allows that."
        )
    if "://" not in address and "@" not in address.partition(":")[0]:
        raise errors.InvalidParams(
            f"{address[:60]!r} is no URL of a repository. Name it whole: https://HOST/{address}.git"
        )
    if scheme == "file":
        path = Path(urlsplit(address).path).resolve()
        if not any(path.is_relative_to(folder.resolve()) for folder in allowed):
            raise errors.InvalidParams(
                "Repositories in folders of the platform's machine must be allowed by its "
                "operator, with HATOBA_REPOSITORIES."
            )


async def connect(p: Platform, pipeline: Pipeline, address: str) -> Repository:
    """Connect a pipeline to a repository that answers. Raises InvalidParams when it doesn't."""
    wanted = Repository(pipeline, _named(address), address)
    try:
        await _git("ls-remote", "--heads", "--", address)
    except errors.NotFound as error:
        raise errors.InvalidParams(error.message) from error
    sealed = p.vault.seal(address.encode(), f"repository:{pipeline.id}")
    async with p.store.begin() as conn:
        await rows.connect(conn, pipeline.id, sealed)
    return wanted


async def disconnect(p: Platform, pipeline: Pipeline) -> None:
    """Have a pipeline take its branches from an app here again."""
    async with p.store.begin() as conn:
        await rows.disconnect(conn, pipeline.id)


async def branch(repository: Repository, name: str) -> Branch:
    """Return a branch. Raises NotFound when there is no such one, or nobody answers."""
    ref = f"refs/heads/{name}"
    told = await _git("ls-remote", "--heads", "--", repository.address, ref)
    for line in told.decode(errors="replace").splitlines():
        commit, _, found = line.partition("\t")
        if found == ref:
            return Branch(name, commit)
    raise errors.NotFound(
        f"The branch {name} doesn't exist in {repository.name}.", resource="branch"
    )


async def archive(repository: Repository, wanted: Branch, target: Path) -> None:
    """Write a branch's source as a tar archive. Raises NotFound, DiskFull."""
    if repository.app is not None:
        await _archived(repository.address, wanted.commit, target)
        return
    scratch = target.with_suffix(".git")
    await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
    options = ("--quiet", "--bare", "--depth=1", "--single-branch", f"--branch={wanted.name}")
    try:
        await _git("clone", *options, "--", repository.address, str(scratch))
        await _archived(str(scratch), "HEAD", target)
    finally:
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)


async def _archived(path: str, commit: str, target: Path) -> None:
    done = await process.run(git.archive(path, commit, str(target)), env=git.environment())
    if done.status == 0:
        return
    target.unlink(missing_ok=True)
    if b"No space left" in done.stderr:
        raise errors.DiskFull
    raise errors.NotFound("The branch could not be read.", resource="branch")


async def _git(*words: str) -> bytes:
    """Run git on a repository that may be elsewhere. Raises NotFound, without its address."""
    more = {"GIT_ALLOW_PROTOCOL": ":".join(_SCHEMES), "GIT_SSH_COMMAND": _SSH}
    # The repositories here may belong to another user than the one who asks.
    command = ["git", "-c", "safe.directory=*", *words]
    try:
        async with asyncio.timeout(_SECONDS):
            done = await process.run(command, env=git.environment(more))
    except TimeoutError:
        raise errors.NotFound("The repository does not answer.", resource="repository") from None
    if done.status == 0:
        return done.stdout
    if b"No space left" in done.stderr:
        raise errors.DiskFull
    if b"Remote branch" in done.stderr:
        raise errors.NotFound("The branch doesn't exist any more.", resource="branch")
    raise errors.NotFound(
        "The repository can't be read: it is not there, or needs other credentials.",
        resource="repository",
    )
