"""The hook's program and its other end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hatoba.git import hook
from hatoba.git.hook import HookServer, Pushed, Say

COMMIT = "1" * 40


async def run(folder: Path, updates: str) -> tuple[int, str]:
    """Run the hook as git does."""
    env = {**hook.variables(folder / "hooks.sock", "token"), "GIT_QUARANTINE_PATH": "/q"}
    process = await asyncio.create_subprocess_exec(
        folder / "hooks/pre-receive",
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(updates.encode())
    assert process.returncode is not None
    return process.returncode, out.decode()


@pytest.mark.parametrize("taken", [True, False])
async def test_the_daemon_decides_and_its_words_come_out(tmp_path: Path, taken: bool) -> None:
    seen: list[Pushed] = []

    async def decide(pushed: Pushed, say: Say) -> bool:
        seen.append(pushed)
        await say(b"Building source:\n")
        return taken

    hook.install(tmp_path / "hooks")
    server = HookServer(tmp_path / "hooks.sock", decide)
    await server.open()
    status, out = await run(tmp_path, f"{'0' * 40} {COMMIT} refs/heads/main\n")
    await server.close()
    assert (status, out) == (0 if taken else 1, "Building source:\n")
    assert [u.ref for u in seen[0].updates] == ["refs/heads/main"]
    assert seen[0].environment == {"GIT_QUARANTINE_PATH": "/q"}


async def test_many_refs_are_taken_and_too_many_are_told(tmp_path: Path) -> None:
    counted: list[int] = []

    async def decide(pushed: Pushed, say: Say) -> bool:
        counted.append(len(pushed.updates))
        return True

    def refs(count: int) -> str:
        name = "long" * 20
        return "".join(f"{'0' * 40} {COMMIT} refs/heads/{name}/{n}\n" for n in range(count))

    hook.install(tmp_path / "hooks")
    server = HookServer(tmp_path / "hooks.sock", decide)
    await server.open()
    assert (await run(tmp_path, refs(30_000)))[0] == 0
    status, out = await run(tmp_path, refs(60_000))
    await server.close()
    assert (status, counted) == (1, [30_000])
    assert "These are too many refs at once. Push them in parts." in out


async def test_without_a_daemon_the_push_is_refused(tmp_path: Path) -> None:
    hook.install(tmp_path / "hooks")
    status, out = await run(tmp_path, f"{'0' * 40} {COMMIT} refs/heads/main\n")
    assert status == 1
    assert "The platform is restarting. Push again in a moment." in out
