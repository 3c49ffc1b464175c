"""Trains a run again up to one iteration: once for all who ask at the same time, and kept for those who ask later.

    job = Again(Asked(config, 1200))
    if not job.finished:
        pool.submit(job)
    ...
    job.iteration, job.weights()       # once it is finished

The sessions that follow one link train one model: their jobs share a trainer, so each of their turns brings it on.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple
from weakref import WeakValueDictionary

from rnnviz.training.config import Changes, Config
from rnnviz.training.model import Kept
from rnnviz.training.trainer import Trainer

MOST_KEPT = 32  # results; the largest has some 1.6 MB
_lock = Lock()  # of the two below


class Asked(NamedTuple):
    """The weights of a run before the update of iteration `at`.     changes: of its settings on the way there."""

    config: Config
    at: int
    changes: Changes = ()


class Shared:
    """A trainer and the lock of who advances it."""

    def __init__(self, asked: Asked) -> None:
        self.lock = Lock()
        self.changes = {first: dict(settings) for first, settings in asked.changes}
        self.trainer = Trainer(asked.config, iterations=max(1, asked.at - 1), watched=False)

    def advance(self) -> bool:
        """One iteration; whether it was the last one."""
        with self.lock:
            if settings := self.changes.get(self.trainer.iteration + 1):
                self.trainer.change(**settings)
            try:
                self.trainer.advance()
            except BaseException:
                self.trainer.reset()  # an update that was not made must not be missing
                raise
            return self.trainer.finished


_running: WeakValueDictionary[Asked, Shared] = WeakValueDictionary()
_kept: OrderedDict[Asked, tuple[int, Kept]] = OrderedDict()


class Again:
    """A job for a pool: the updates of a run that come before what is asked.

    Raises `ValueError` for a length or a text that the task does not take.
    """

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._found: tuple[int, Kept] | None = None
        with _lock:
            if asked in _kept:
                _kept.move_to_end(asked)
                self._found = _kept[asked]
                return
            shared = _running.get(asked)
        made = shared or Shared(asked)  # outside the lock: it draws the sample
        with _lock:
            self._shared = _running.setdefault(asked, made)
        if asked.at == 1:
            self._keep()

    @property
    def finished(self) -> bool:
        return self._found is not None

    @property
    def iteration(self) -> int:
        """How far it is; once finished, whose weights these are: `asked.at`, or where the run stopped by itself."""
        return self._shared.trainer.iteration if self._found is None else self._found[0]

    def weights(self) -> Kept:
        """Those before the update of `iteration`. Raises `LookupError` before it is finished."""
        if self._found is None:
            raise LookupError("the weights are not trained yet; accepted: a job that is finished")
        return self._found[1]

    def advance(self) -> None:
        if self._shared.advance():
            self._keep()

    def _keep(self) -> None:
        trainer = self._shared.trainer
        stopped = trainer.last is not None and trainer.last.stopped
        self._found = trainer.iteration if stopped else self.asked.at, trainer.model.keep()
        with _lock:
            _kept[self.asked] = self._found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
