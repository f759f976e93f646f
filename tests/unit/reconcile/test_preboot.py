"""Preboot: when new web dynos take over from the old ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hatoba.engines.base import EngineState
from hatoba.model.dyno import DynoState
from hatoba.model.feature import PREBOOT_OVERLAP, FeatureName
from tests.unit.reconcile.world import World


def world(web: int = 2) -> World:
    made = World.new(web=web)
    made.features = frozenset({FeatureName.PREBOOT.value})
    made.settle()
    return made


def serving(world: World) -> list[int]:
    """The release versions that requests go to, one for each dyno."""
    assert world.route
    rows = {str(row.id): row.release_version for row in world.rows.values()}
    return sorted(rows[e.dyno] for e in world.route.endpoints if not e.draining)


def test_the_first_dynos_serve_at_once() -> None:
    assert serving(world()) == [1, 1]


def test_new_dynos_take_over_together_after_three_minutes() -> None:
    here = world()
    here.deploy()
    here.settle()
    assert (serving(here), here.up("web")) == ([1, 1], [1, 1, 2, 2])
    wake = here.plan().wake_at
    assert wake is not None
    assert here.now < wake <= here.now + PREBOOT_OVERLAP
    here.now = wake - timedelta(seconds=1)
    assert here.plan().steps == ()
    here.now = wake
    first = here.plan().steps[0]
    here.apply(first)
    # Both generations are in the route for the moment in which the old ones leave it.
    assert {2} <= set(serving(here))
    here.settle()
    assert (serving(here), here.up("web")) == ([2, 2], [2, 2])


def test_a_release_that_does_not_boot_never_takes_over() -> None:
    here = world()
    here.deploy(broken=True)
    for _ in range(300):
        for step in here.plan().steps:
            here.apply(step)
        here.tick(2)
        assert serving(here) == [1, 1]


def test_one_that_was_still_warming_up_is_skipped_by_the_next() -> None:
    here = world()
    here.deploy()
    here.settle()
    here.deploy()
    for _ in range(100):
        for step in here.plan().steps:
            here.apply(step)
        assert set(serving(here)) == {1}
        here.tick(0.5)
    assert here.up("web") == [1, 1, 3, 3]
    here.now += PREBOOT_OVERLAP
    here.settle()
    assert (serving(here), here.up("web")) == ([3, 3], [3, 3])


def test_the_new_ones_step_in_when_the_old_ones_crash() -> None:
    here = world(web=1)
    here.deploy()
    here.settle()
    old = next(row for row in here.rows.values() if row.release_version == 1)
    here.engine[old.id] = replace(here.engine[old.id], state=EngineState.EXITED, status=1)
    here.settle()
    assert (serving(here), here.up("web")) == ([2], [2])


def test_a_restart_of_one_leaves_its_neighbour_serving() -> None:
    here = world()
    row = next(r for r in here.rows.values() if r.name == "web.1")
    here.rows[row.id] = replace(row, retire=True)
    here.settle()
    assert len(serving(here)) == 2
    assert here.up("web") == [1, 1, 1]
    here.now += PREBOOT_OVERLAP
    here.settle()
    assert here.up("web") == [1, 1]
    assert here.route
    assert str(row.id) not in {endpoint.dyno for endpoint in here.route.endpoints}


def test_switched_off_the_new_ones_take_over_at_once() -> None:
    here = world()
    here.deploy()
    here.settle()
    here.features = frozenset()
    here.settle()
    assert (serving(here), here.up("web")) == ([2, 2], [2, 2])


def test_the_daemon_may_be_killed_meanwhile() -> None:
    here = world()
    here.deploy()
    for number in range(200):
        for step in here.plan().steps[:1]:
            here.apply(step)
        if number % 3 == 0:
            here.restart_daemon()
        here.tick(3)
        assert here.serves()
    here.settle()
    assert serving(here) == [2, 2]
    assert len(here.engine) == 2
    assert all(row.state is DynoState.UP for row in here.rows.values())
