from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from hatoba.control.reconcile import steps
from hatoba.engines.base import EngineState
from hatoba.model.dyno import DynoState
from hatoba.model.route import RouteMode
from tests.unit.reconcile.world import START, World


def test_the_first_deploy_starts_and_routes_the_web_dyno() -> None:
    world = World.new(web=1, worker=0)
    said = world.settle()
    assert world.up("web") == [1]
    assert world.up("worker") == []
    assert world.serves()
    assert said[-1] == "harbour is as wanted: 1 of 1 dynos up"
    assert said[0] == "harbour: route starting with 0 dynos, new web.1"


def test_an_app_without_a_slug_is_blank_and_runs_nothing() -> None:
    world = World.new(web=1)
    assert world.release
    world.release = replace(world.release, slug_id=None)
    world.settle()
    assert world.rows == {}
    assert world.route
    assert world.route.mode is RouteMode.BLANK


def test_web_scaled_to_zero_answers_h14_at_once() -> None:
    world = World.new(web=2)
    world.settle()
    world.scale("web", 0)
    first = world.plan().steps[0]
    assert isinstance(first, steps.Publish)
    assert first.route.mode is RouteMode.NO_WEB
    world.settle()
    assert world.rows == {}
    assert world.engine == {}


def test_a_release_that_does_not_boot_leaves_the_old_dynos_serving() -> None:
    world = World.new(web=2)
    world.settle()
    world.deploy(broken=True)
    for _ in range(30):
        for step in world.plan().steps:
            world.apply(step)
        world.tick(0.1)
        assert world.serves()
    assert world.up("web") == [1, 1]
    assert any(r.state is DynoState.CRASHED for r in world.rows.values())


def test_a_fix_replaces_both_the_broken_and_the_old_dynos() -> None:
    world = World.new(web=2)
    world.settle()
    world.deploy(broken=True)
    for _ in range(10):
        for step in world.plan().steps:
            world.apply(step)
        world.tick(0.1)
    world.deploy()
    world.settle()
    assert world.up("web") == [3, 3]
    assert len(world.rows) == len(world.engine) == 2


def test_a_worker_ends_before_its_successor_starts() -> None:
    world = World.new(web=0, worker=1)
    world.settle()
    world.deploy()
    for _ in range(40):
        for step in world.plan().steps:
            world.apply(step)
        running = [d for d in world.engine.values() if d.state is not EngineState.EXITED]
        assert len(running) <= 1
        world.tick()
    assert world.up("worker") == [2]


def test_crashes_are_restarted_at_once_then_later_and_later() -> None:
    world = World.new(web=0, worker=1)
    world.settle()
    waits = []
    for _ in range(10):
        world.crash("worker.1")
        crash = next(s for s in world.plan().steps if isinstance(s, steps.Crash))
        waits.append((crash.restart_at - world.now).total_seconds())
        for _ in range(12):
            for step in world.plan().steps:
                world.apply(step)
            wake = world.plan().wake_at
            world.tick(max((wake - world.now).total_seconds(), 0.1) if wake else 0.1)
        assert world.up("worker") == [1]
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_steady_dyno_has_its_crashes_forgiven() -> None:
    world = World.new(web=0, worker=1)
    world.settle()
    row = next(iter(world.rows.values()))
    world.rows[row.id] = replace(row, crashes=7)
    world.now += timedelta(minutes=6)
    world.crash("worker.1")
    crash = next(s for s in world.plan().steps if isinstance(s, steps.Crash))
    assert (crash.crashes, crash.restart_at) == (1, world.now)


def test_a_web_dyno_that_does_not_bind_is_killed_with_r10() -> None:
    world = World.new(web=1)
    assert world.release
    world.stuck.add(world.release.id)
    for _ in range(3):
        for step in world.plan().steps:
            world.apply(step)
    wake = world.plan().wake_at
    assert wake == START + timedelta(seconds=60)
    world.now = wake
    crash = next(s for s in world.plan().steps if isinstance(s, steps.Crash))
    assert crash.code == "R10"


def test_memory_far_over_the_quota_is_killed_with_r15() -> None:
    world = World.new(web=1)
    world.settle()
    dyno = next(iter(world.engine.values()))
    world.engine[dyno.id] = replace(dyno, memory=1025, memory_limit=512)
    crash = next(s for s in world.plan().steps if isinstance(s, steps.Crash))
    assert crash.code == "R15"
    world.engine[dyno.id] = replace(world.engine[dyno.id], state=EngineState.EXITED, status=137)
    ended = next(s for s in world.plan().steps if isinstance(s, steps.Crash))
    assert (ended.code, ended.status) == ("R15", 137)


def test_a_dyno_that_nobody_noted_is_cleaned_up() -> None:
    world = World.new(web=1)
    world.settle()
    world.rows.clear()
    world.settle()
    assert world.up("web") == [1]
    assert len(world.engine) == 1


def test_one_that_was_put_down_stays_down_until_a_restart() -> None:
    world = World.new(web=2)
    world.settle()
    row = next(r for r in world.rows.values() if r.name == "web.1")
    world.rows[row.id] = replace(row, state=DynoState.DOWN)
    world.settle()
    assert world.up("web") == [1]
    assert world.serves()
    world.rows[row.id] = replace(world.rows[row.id], retire=True)
    world.settle()
    assert world.up("web") == [1, 1]


def test_maintenance_is_answered_whatever_runs() -> None:
    world = World.new(web=1)
    world.settle()
    world.app = replace(world.app, maintenance=True)
    world.settle()
    assert world.route
    assert world.route.mode is RouteMode.MAINTENANCE


def test_all_web_dynos_crashed_is_h10() -> None:
    world = World.new(web=1)
    assert world.release
    world.broken.add(world.release.id)
    modes = set()
    for _ in range(40):
        for step in world.plan().steps:
            world.apply(step)
        world.tick(0.05)
        modes.add(world.route.mode if world.route else None)
    assert RouteMode.CRASHED in modes


def test_a_destroyed_app_is_withdrawn_and_stopped() -> None:
    world = World.new(web=2, worker=1)
    world.settle()
    world.app = replace(world.app, destroyed_at=world.now)
    world.settle()
    assert (world.route, world.rows, world.engine) == (None, {}, {})


def _deploy(world: World) -> None:
    world.deploy()


def _scale_up(world: World) -> None:
    world.scale("web", 4)
    world.scale("worker", 2)


def _scale_down(world: World) -> None:
    world.scale("web", 1)
    world.scale("worker", 0)


def _restart_all(world: World) -> None:
    for row in list(world.rows.values()):
        world.rows[row.id] = replace(row, retire=True)


def _crash_one(world: World) -> None:
    world.crash("web.1")


CHANGES = [_deploy, _scale_up, _scale_down, _restart_all, _crash_one]


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: c.__name__.strip("_"))
@pytest.mark.parametrize("forgetful", [False, True], ids=["running", "restarted"])
def test_every_plan_cut_off_after_each_step_still_converges(
    change: Callable[[World], None], forgetful: bool
) -> None:
    """Carry out only the first k steps of each plan, for each k, then plan anew."""
    for keep in range(1, 6):
        world = World.new(web=2, worker=1)
        world.settle()
        change(world)
        lost = change is _crash_one
        for _ in range(300):
            todo = world.plan().steps
            for step in todo[:keep]:
                world.apply(step)
                assert world.serves() or lost
            if forgetful:
                world.restart_daemon()
            if not todo:
                world.tick()
        world.restart_daemon()
        world.settle()
        assert world.release
        version = world.release.version
        assert world.up("web") == [version] * world.formation["web"].quantity
        assert world.up("worker") == [version] * world.formation["worker"].quantity
        assert world.serves()
        assert len(world.engine) == len(world.rows)
