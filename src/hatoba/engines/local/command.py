"""From a dyno's spec to the command line and environment that start it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hatoba.engines.base import DynoSpec
from hatoba.engines.launch import HOME, environment, handed_shell
from hatoba.engines.node.child import ENV_MARK, INSIDE_MARK, STATUS_MARK
from hatoba.kit import sandbox
from hatoba.kit.sandbox import Isolation


@dataclass(frozen=True)
class Launch:
    """What the runner is told to start; the environment holds config vars."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)


def launch(spec: DynoSpec, folder: Path, isolation: Isolation, passwd: Path) -> Launch:
    """Return how to start a dyno whose slug lies in ``folder/app``, or a command inside it.

    ``passwd`` is a file that names the dyno's user, for programs that look themselves up.
    """
    if isolation.bwrap:
        env = environment(spec)
    else:
        env = environment(spec, home=str(folder / "app"), temporary=str(folder / "tmp"))
    shell = handed_shell(spec, ENV_MARK)
    if spec.terminal:
        # The terminal belongs to a session inside: ^C must not reach the sandbox itself.
        shell = ["setsid", "--ctty", "--wait", *shell]
    if spec.inside:
        return Launch(tuple(_joined(spec, isolation, shell)), env)
    return Launch(tuple(_isolated(spec, folder, isolation, passwd, shell)), env)


def _joined(spec: DynoSpec, isolation: Isolation, shell: list[str]) -> list[str]:
    """Return the command line that enters the namespaces of a running dyno."""
    user = isolation.user(spec.user)
    if isolation.bwrap is None:
        return [*sandbox.become(user), *shell] if user is not None else shell
    return sandbox.joined(INSIDE_MARK, user, shell)


def _isolated(
    spec: DynoSpec, folder: Path, isolation: Isolation, passwd: Path, shell: list[str]
) -> list[str]:
    if isolation.bwrap is None:
        user = isolation.user(spec.user)
        if user is None:
            return shell
        return [*sandbox.become(user), *shell]
    box = sandbox.Box(
        user=isolation.user(spec.user) or 0,
        readable={**{str(p): p for p in isolation.readable}, "/etc/passwd": passwd},
        writable={HOME: folder / "app"},
    )
    options = ["--json-status-fd", STATUS_MARK, "--hostname", spec.name]
    return sandbox.argv(isolation.bwrap, box, shell, root=isolation.root, options=options)
