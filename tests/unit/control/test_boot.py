from __future__ import annotations

from dataclasses import replace

from hatoba.control.boot import Verdict, judge
from hatoba.model.dyno import DynoState
from tests.unit.reconcile.world import World


def _booted() -> World:
    world = World.new(web=2, worker=0)
    world.settle()
    return world


def test_all_up_is_good() -> None:
    world = _booted()
    verdict = judge(list(world.formation.values()), list(world.rows.values()))
    assert verdict == Verdict(True, "web.1 up and web.2 up")


def test_one_that_still_starts_leaves_it_open() -> None:
    world = _booted()
    first, *rest = world.rows.values()
    dynos = [replace(first, state=DynoState.STARTING), *rest]
    assert judge(list(world.formation.values()), dynos) is None


def test_one_crash_is_bad_also_while_it_starts_again() -> None:
    world = _booted()
    first, *rest = world.rows.values()
    crashed = replace(first, state=DynoState.CRASHED, exit_status=3, crashes=1)
    formation = list(world.formation.values())
    assert judge(formation, [crashed, *rest]) == Verdict(False, "web.1 crashed with status 3")
    again = replace(first, state=DynoState.STARTING, crashes=1)
    assert judge(formation, [again, *rest]) == Verdict(False, "web.1 crashed")


def test_nothing_wanted_is_said() -> None:
    verdict = judge([], [])
    assert verdict
    assert verdict.ok
    assert "ps:scale web=1" in verdict.seen
