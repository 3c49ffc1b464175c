"""Looking at a run changes nothing, however often; following the page does what was changed there, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any, cast

import pytest

from rnnviz.training import Config
from rnnviz.training.config import Changes
from rnnviz.training.engine import Handle
from rnnviz.training.presets import PAIRS
from rnnviz.ui.runs import train_run
from rnnviz.ui.runs.jobs import Jobs
from rnnviz.ui.runs.train_run import SideBySide
from rnnviz.ui.url.state import State

SMALL = Config(length=6, hidden_size=3, batch_size=4)


class Asked(dict[str, object]):
    """What a page's state says, by name."""

    page = train_run.JOB

    def uses(self, name: str) -> bool:
        return name in self


def page(config: Config = SMALL, **values: object) -> State:
    asked = Asked(preset="vanishes", iterations=200, at=None, row=0, **asdict(config))
    return cast("State", Asked(asked, **values))


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    tab = Jobs("a session")
    monkeypatch.setattr(train_run, "jobs", lambda: tab)
    yield tab
    tab.close()


def begun(tab: Jobs, state: State, n: int, again: tuple[Changes, ...] = ()) -> Handle[SideBySide]:
    """A run that has done n iterations and rests."""
    job = train_run.make(state)
    job.again = again
    return rested(tab.start(train_run.JOB, job, steps=n))


def rested(handle: Handle[SideBySide]) -> Handle[SideBySide]:
    until = time.monotonic() + 30
    while handle.status().state != "paused":
        assert time.monotonic() < until
        time.sleep(0.01)
    return handle


def known(tab: Jobs, handle: Handle[SideBySide]) -> tuple[Any, ...]:
    """All that an act could change."""
    with handle.reading() as job:
        trainers = [(trainer.config, dict(trainer.history.changes), trainer.iteration) for trainer in job.trainers]
    status = handle.status()
    return tab.watch(train_run.JOB) is handle, status.state, status.iterations, trainers


FASTER = replace(SMALL, learning_rate=0.5, clipping="norm")
ASKED = {
    "the same run": page(),
    "another rate": page(FASTER),
    "another cell": page(replace(SMALL, cell="gru")),
    "a longer run": page(iterations=300),
    "two runs": page(preset=next(iter(PAIRS))),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_hundred_looks_change_nothing(tab: Jobs, asked: State) -> None:
    handle = begun(tab, page(), 5)
    before = known(tab, handle)
    looks = [train_run.look(asked) for _ in range(100)]
    assert known(tab, handle) == before
    same = asked is ASKED["the same run"] or asked is ASKED["another rate"]
    assert {look.handle for look in looks} == {handle if same else None}
    assert {view.iteration for look in looks for view in look.views} == {5 if same else 0}
    assert {len(look.views) for look in looks} == {len(train_run.configs(asked))}


def test_a_look_before_any_run_begins_none(tab: Jobs) -> None:
    look = train_run.look(page())
    assert (look.handle, look.status, look.views[0].iteration) == (None, None, 0)
    assert tab.watch(train_run.JOB) is None


def test_a_changed_rate_reaches_the_run_once_and_keeps_it(tab: Jobs) -> None:
    handle = begun(tab, page(), 5)
    for _ in range(3):
        train_run.follow(page(FASTER))
    with handle.reading() as job:
        assert job.trainers[0].config == FASTER
        assert job.trainers[0].history.changes == {6: FASTER}
    assert (tab.watch(train_run.JOB), handle.status().state) == (handle, "paused")


@pytest.mark.parametrize("name", ["another cell", "a longer run", "two runs"])
def test_any_other_change_ends_the_run(tab: Jobs, name: str) -> None:
    handle = begun(tab, page(), 5)
    train_run.follow(ASKED[name])
    assert tab.watch(train_run.JOB) is None
    assert handle.status().state == "stopped"


def test_a_change_to_a_run_that_repeats_a_lost_one_comes_after_what_it_repeats(tab: Jobs) -> None:
    handle = begun(tab, page(), 2, (((4, (("learning_rate", 0.02),)),),))
    train_run.follow(page(FASTER))
    with handle.reading() as job:
        assert job.trainers[0].history.changes == {}
    handle.step(6)
    rested(handle)
    with handle.reading() as job:
        assert job.trainers[0].history.changes == {4: replace(SMALL, learning_rate=0.02), 5: FASTER}
