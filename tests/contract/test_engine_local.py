"""What only the local engine promises: its runner may die, and dynos are kept apart."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path

import pytest
import zstandard

from hatoba import errors
from hatoba.engines.base import EngineState, Output, Terminal
from hatoba.engines.local import slug
from hatoba.kit import process, sandbox
from hatoba.kit.sandbox import Isolation
from tests.contract.engine_rigs import (
    DEADLINE,
    FLOODS,
    LISTENS,
    MEGABYTE,
    PRINTS,
    STUBBORN,
    WAITS,
    LocalRig,
    Request,
    becomes,
    find,
    pieces,
    rigged,
    runs_to_end,
    spec,
    text,
)
from tests.contract.test_engine import everything, inside

root_and_bubblewrap = pytest.mark.skipif(
    os.getuid() != 0 or sandbox.find() is None,
    reason="users of their own need root, mounts of their own need bubblewrap",
)
bubblewrap = pytest.mark.skipif(sandbox.find() is None, reason="there is no bubblewrap")


@pytest.fixture
async def rig() -> AsyncIterator[LocalRig]:
    async with rigged(LocalRig()) as made:
        yield made


def slug_of(folder: Path, files: dict[str, str]) -> Path:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            archive.addfile(member, io.BytesIO(content.encode()))
    path = folder / "slug.tar.zst"
    path.write_bytes(zstandard.compress(raw.getvalue()))
    return path


async def true(condition: Callable[[], bool]) -> None:
    """Wait until a fact of the machine holds that nobody tells of."""
    async with asyncio.timeout(DEADLINE):
        while not condition():
            await asyncio.sleep(0.01)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


async def kill_runner(rig: LocalRig) -> None:
    runner = rig.engines[-1].runner
    assert runner is not None
    os.kill(runner.pid, signal.SIGKILL)
    await process.gone(runner)


async def test_dynos_outlive_a_killed_runner(rig: LocalRig) -> None:
    engine = await rig.engine()
    dyno = spec(
        'trap "echo bye; exit 9" TERM; echo ready; while :; do read -t 0.01 x <> <(:); done'
    )
    await engine.start(dyno)
    await pieces(engine, dyno.id, b"ready")
    await kill_runner(rig)
    again = await rig.engine()
    assert (await find(again, dyno.id)).state is EngineState.STARTING
    await again.stop(dyno.id, grace=DEADLINE)
    assert (await becomes(again, dyno.id, EngineState.EXITED)).status == 9
    assert text(await pieces(again, dyno.id, b"bye\n")).endswith(b"bye\n")


async def test_a_lifetime_holds_for_the_next_runner(rig: LocalRig) -> None:
    engine = await rig.engine()
    dyno = spec(WAITS, lifetime=2)
    await engine.start(dyno)
    await kill_runner(rig)
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 128 + 15


async def test_what_is_printed_without_a_runner_is_not_lost(rig: LocalRig) -> None:
    engine = await rig.engine()
    dyno = spec("until [ -e go ]; do :; done; seq 1 5000; exit 4")
    await engine.start(dyno)
    assert engine._keeper is not None
    engine._keeper.cancel()
    await kill_runner(rig)
    app = rig.work / "dynos" / str(dyno.id) / "app"
    status = app.parent / "status"
    (app / "go").touch()
    await true(lambda: "exit-code" in status.read_text())
    again = await rig.engine()
    assert (await find(again, dyno.id)).status == 4
    printed = text(await pieces(again, dyno.id, b"\n5000\n"))
    assert printed.split() == [b"%d" % number for number in range(1, 5001)]


async def test_the_runner_is_started_again_by_itself(rig: LocalRig) -> None:
    engine = await rig.engine()
    before = engine.runner
    await kill_runner(rig)
    await true(lambda: engine.runner not in (None, before))
    _, printed = await runs_to_end(await rig.engine(), spec(PRINTS))
    assert printed == b"one\ntwo\n"


async def test_a_listening_dyno_is_found_listening_by_a_new_runner(rig: LocalRig) -> None:
    engine, dyno = await rig.engine(), spec(LISTENS, listens=True)
    await engine.start(dyno)
    before = await becomes(engine, dyno.id, EngineState.LISTENING)
    await kill_runner(rig)
    again = await rig.engine()
    after = await becomes(again, dyno.id, EngineState.LISTENING)
    assert after.port == before.port


async def test_a_dyno_has_the_environment_of_heroku(rig: LocalRig, tmp_path: Path) -> None:
    slug = slug_of(tmp_path, {".profile.d/a.sh": "export FROM_PROFILE=yes", "bin/hi": "exit"})
    request = Request(slug=slug, env={"COLOUR": "grün", "PORT": "1", "HOME": "/x"})
    end, printed = await runs_to_end(await rig.engine(), spec("env; pwd; ls -A", request))
    lines = printed.decode().splitlines()
    for line in ("COLOUR=grün", "FROM_PROFILE=yes", "DYNO=web.1", f"PORT={end.port}"):
        assert line in lines
    assert lines[-2:] == [".profile.d", "bin"]
    home = next(line.removeprefix("HOME=") for line in lines if line.startswith("HOME="))
    assert home in lines


@bubblewrap
async def test_a_dyno_sees_no_other_dyno(rig: LocalRig) -> None:
    engine = await rig.engine()
    secret = spec("echo hidden > secret; echo ready; sleep 1000", Request(env={"KEY": "s3cret"}))
    await engine.start(secret)
    await pieces(engine, secret.id, b"ready")
    folder = rig.work / "dynos"
    look = (
        f"cat /proc/*/environ; ps -e | wc -l; ls {folder} {folder}/*/app /root /home /work; id -u"
    )
    _, printed = await runs_to_end(engine, spec(look, Request(user=2)))
    assert b"s3cret" not in printed
    assert b"hidden" not in printed
    assert printed.count(b"No such file or directory") == 5


@root_and_bubblewrap
async def test_a_dyno_has_no_rights(rig: LocalRig) -> None:
    look = "id -u; grep -E 'Cap(Eff|Prm|Bnd|Amb)|NoNewPrivs' /proc/self/status; touch /usr/x /etc/x"
    _, printed = await runs_to_end(await rig.engine(), spec(look, Request(user=7)))
    lines = printed.decode().splitlines()
    assert lines[0] == str(rig.isolation.first_user + 7)
    assert {line.split()[1] for line in lines[1:5]} == {"0000000000000000"}
    assert "NoNewPrivs:\t1" in lines
    assert printed.count(b"touch: cannot touch") == 2


@bubblewrap
async def test_interpreters_below_a_private_home_can_be_read() -> None:
    prefix = Path(sys.base_prefix)
    isolation = Isolation(os.getuid() == 0, sandbox.find(), readable=(prefix,))
    async with rigged(LocalRig(isolation)) as rig:
        python = prefix / "bin" / f"python{sys.version_info.major}"
        _, printed = await runs_to_end(await rig.engine(), spec(f"{python} -c 'print(6 * 7)'"))
    assert printed == b"42\n"


@pytest.mark.parametrize("bwrap", [sandbox.find(), None])
async def test_nothing_of_a_dyno_is_left_running(bwrap: Path | None) -> None:
    isolation = Isolation(os.getuid() == 0, bwrap)
    async with rigged(LocalRig(isolation)) as rig:
        engine = await rig.engine()
        mark = f"98765.{os.getpid()}"
        dyno = spec(f"sleep {mark} & sleep {mark} & echo ready; read -t 0.1 x <> <(:); exit 6")
        end, _ = await runs_to_end(engine, dyno)
        assert end.status == 6
        await true(lambda: not any(mark in line for line in command_lines()))


def command_lines() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == b"sleep":
            found.append(b" ".join(words).decode())
    return found


async def test_dynos_hear_control_c_also_where_the_platform_ignores_it(rig: LocalRig) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        engine = await rig.engine()
        dyno = spec("grep SigIgn /proc/self/status")
        await engine.start(dyno)
        shown = text(await pieces(engine, dyno.id, b"\n"))
    finally:
        signal.signal(signal.SIGINT, before)
    ignored = int(shown.split()[1], 16)
    assert not ignored & 1 << (signal.SIGINT - 1), shown


async def test_a_closed_attachment_hangs_up(rig: LocalRig) -> None:
    engine, dyno = (
        await rig.engine(),
        spec("echo ready; cat; sleep 1000", attach=True, terminal=Terminal(80, 24)),
    )
    await engine.start(dyno)
    attachment = await engine.attach(dyno.id)
    async with asyncio.timeout(DEADLINE):
        assert b"ready" in await attachment.read()
    await attachment.close()
    assert (await becomes(engine, dyno.id, EngineState.EXITED)).status == 128 + signal.SIGHUP


async def test_a_flood_keeps_the_disk_bounded_and_others_whole(rig: LocalRig) -> None:
    engine, loud = await rig.engine(), spec(FLOODS)
    await engine.start(loud)
    await pieces(engine, loud.id, b"y\n")
    quiet = spec("seq 1 300; echo ready; exec sleep 1000")
    await engine.start(quiet)
    spool = rig.work / "spool"
    await true(lambda: size_of(spool) >= 12 * MEGABYTE)
    await engine.stop(loud.id, grace=0)
    end = await becomes(engine, loud.id, EngineState.EXITED)
    assert size_of(spool) < 80 * MEGABYTE
    assert text(await pieces(engine, quiet.id, b"ready\n")).split() == [
        *(b"%d" % number for number in range(1, 301)),
        b"ready",
    ]
    assert end.status == 128 + signal.SIGKILL


async def test_nobody_reading_costs_only_the_loud_dyno_output(rig: LocalRig) -> None:
    engine, quiet = await rig.engine(), spec("seq 1 300; exec sleep 1000")
    loud = spec("yes | head -c 90000000")
    await engine.start(quiet)
    await engine.start(loud)
    end = await becomes(engine, loud.id, EngineState.EXITED)
    found: dict[bool, list[Output]] = {True: [], False: []}
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(0)) as output:  # type: ignore[type-var]
        async for piece in output:
            found[piece.dyno_id == loud.id].append(piece)
            if piece.offset >= end.output_end:
                break
    assert text(found[False]).split() == [b"%d" % number for number in range(1, 301)]
    lost = sum(piece.dropped for piece in found[True])
    assert lost > 0
    assert len(text(found[True])) + lost == 90_000_000


async def test_every_line_of_many_arrives(rig: LocalRig) -> None:
    engine, dyno = await rig.engine(), spec("seq -f '%0100.0f' 1 200000")
    await engine.start(dyno)
    last, size = b"%0100d\n" % 200000, 0
    async with asyncio.timeout(DEADLINE), aclosing(engine.output(0)) as output:  # type: ignore[type-var]
        async for piece in output:
            size += len(piece.data)
            assert piece.dropped == 0
            if piece.data.endswith(last):
                break
    assert size == 200_000 * 101


async def test_memory_over_the_quota_is_told(rig: LocalRig) -> None:
    engine = await rig.engine()
    command = "exec python3 -c 'import time; x = bytearray(90_000_000); time.sleep(1000)'"
    dyno = spec(command, Request(memory=40 * MEGABYTE))
    await engine.start(dyno)
    async with asyncio.timeout(DEADLINE), aclosing(engine.events()) as events:  # type: ignore[type-var]
        async for seen in events:
            if seen.memory > 2 * seen.memory_limit:
                break
    assert seen.id == dyno.id


async def test_a_damaged_slug_leaves_nothing(rig: LocalRig, tmp_path: Path) -> None:
    engine = await rig.engine()
    damaged = tmp_path / "slug.tar.zst"
    damaged.write_bytes(b"this is no archive")
    with pytest.raises(errors.Unavailable):
        await engine.start(spec(WAITS, Request(slug=damaged)))
    assert await engine.dynos() == []
    assert list((rig.work / "dynos").iterdir()) == []


async def test_a_full_disk_leaves_nothing(
    rig: LocalRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await rig.engine()

    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(slug, "extract", full)
    with pytest.raises(errors.DiskFull):
        await engine.start(spec(WAITS, Request(slug=slug_of(tmp_path, {"a": "b"}))))
    assert list((rig.work / "dynos").iterdir()) == []


async def test_a_slug_cannot_write_outside_of_its_folder(rig: LocalRig, tmp_path: Path) -> None:
    engine = await rig.engine()
    with pytest.raises(errors.Unavailable):
        await engine.start(spec(WAITS, Request(slug=slug_of(tmp_path, {"../../escaped": "x"}))))
    assert not (rig.work / "dynos" / "escaped").exists()
    assert await engine.dynos() == []


async def test_a_command_inside_sees_what_its_dyno_sees(rig: LocalRig) -> None:
    engine, around = await rig.engine(), spec("echo here > note; echo ready; exec sleep 1234")
    await engine.start(around)
    await pieces(engine, around.id, b"ready")
    look = "cat note; echo $PORT; id -u; for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; done"
    command = inside(around, f"{look}; grep -c NoNewPrivs.*1 /proc/self/status")
    await engine.start(command)
    attachment = await engine.attach(command.id)
    printed = (await everything(attachment)).decode()
    await attachment.close()
    user = rig.isolation.user(around.user)
    seen = await find(engine, around.id)
    assert printed.startswith(f"here\n{seen.port}\n{os.getuid() if user is None else user}\n")
    assert "sleep 1234" in printed
    if rig.isolation.bwrap:
        assert printed.endswith("1\n")


async def test_a_command_inside_is_made_to_end_when_nobody_is_attached(rig: LocalRig) -> None:
    engine, around = await rig.engine(), spec(WAITS)
    await engine.start(around)
    await pieces(engine, around.id, b"ready")
    command = inside(around, STUBBORN)
    await engine.start(command)
    attachment = await engine.attach(command.id)
    async with asyncio.timeout(DEADLINE):
        assert await attachment.read() == b"ready\n"
    await attachment.close()
    folder = rig.work / "dynos" / str(command.id)
    await true(lambda: not folder.exists())
    assert (await find(engine, around.id)).state is EngineState.STARTING


async def test_a_command_inside_ends_with_the_runner_and_its_dyno_goes_on(rig: LocalRig) -> None:
    engine, around = await rig.engine(), spec(WAITS)
    await engine.start(around)
    await pieces(engine, around.id, b"ready")
    command = inside(around, WAITS)
    await engine.start(command)
    attachment = await engine.attach(command.id)
    async with asyncio.timeout(DEADLINE):
        assert await attachment.read() == b"ready\n"
    await kill_runner(rig)
    assert await everything(attachment) == b""
    await attachment.close()
    folder = rig.work / "dynos" / str(command.id)
    await true(lambda: not folder.exists())
    assert (await find(engine, around.id)).state is EngineState.STARTING


async def test_a_terminal_is_told_its_new_size(rig: LocalRig) -> None:
    engine = await rig.engine()
    # The trap may come while read has another input, so it asks by the output.
    told = "trap 'stty size <&1; exit' WINCH; stty size"
    waits = f"{told}; while :; do read -t 0.01 x <> <(:); done"
    dyno = spec(waits, attach=True, terminal=Terminal(80, 24))
    await engine.start(dyno)
    attachment = await engine.attach(dyno.id)
    async with asyncio.timeout(DEADLINE):
        assert await attachment.read() == b"24 80\r\n"
    await attachment.resize(Terminal(132, 43))
    assert await everything(attachment) == b"43 132\r\n"
    await attachment.close()


async def test_the_environment_has_no_say_before_a_dyno_has_lost_all_rights(
    rig: LocalRig, tmp_path: Path
) -> None:
    """What LD_PRELOAD and PATH lead to must run with the dyno's own rights only."""
    evil = tmp_path / "evil"
    evil.mkdir()
    tmp_path.chmod(0o755)
    for name in ("setpriv", "setsid", "bash"):
        (evil / name).write_text(f"#!/bin/sh\nid -u > {tmp_path}/ran-{name}\n")
        (evil / name).chmod(0o755)
    environment = {"PATH": f"{evil}:/usr/bin:/bin", "LD_DEBUG": "files", "NAME": "two\nlines"}
    dyno = spec("echo $NAME; cat /proc/1/environ 2>&1", Request(env=environment))
    _, printed = await runs_to_end(await rig.engine(), dyno)
    assert not list(tmp_path.glob("ran-*"))
    assert b"setpriv" not in printed


async def test_damaged_output_is_skipped_and_later_output_comes(rig: LocalRig) -> None:
    engine = await rig.engine()
    before = spec(PRINTS)
    await engine.start(before)
    await becomes(engine, before.id, EngineState.EXITED)
    [segment] = (path for path in (rig.work / "spool").iterdir() if path.name.isdigit())
    segment.write_bytes(b"\xff" * segment.stat().st_size)
    after = spec("echo kept; while :; do echo again; sleep 0.05; done")
    await engine.start(after)
    assert b"again\n" in text(await pieces(engine, after.id, b"again\n"))
