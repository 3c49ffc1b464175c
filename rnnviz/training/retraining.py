"""Trains a run again up to one iteration: once for all who ask at the same time, and kept for those who ask later.

    job = Retraining(Checkpoint(config, 1200))
    if not job.finished:
        pool.submit(job)
    ...
    job.iteration, job.weights()       # once it is finished

The sessions that follow one link train one model: their jobs share a trainer, so each of their turns brings it on.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from weakref import WeakValueDictionary

from rnnviz.training.config import Checkpoint
from rnnviz.training.model import Parameters
from rnnviz.training.trainer import Trainer

MOST_KEPT = 32  # results; the largest has some 1.6 MB
_lock = Lock()  # of the two below


class Shared:
    """A trainer and the lock of who advances it."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.lock = Lock()
        self.changes = {first: dict(settings) for first, settings in checkpoint.changes}
        self.trainer = Trainer(checkpoint.config, iterations=max(1, checkpoint.at - 1), watched=False)

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


_running: WeakValueDictionary[Checkpoint, Shared] = WeakValueDictionary()
_kept: OrderedDict[Checkpoint, tuple[int, Parameters]] = OrderedDict()


class Retraining:
    """A job for a pool: the updates of a run that come before a checkpoint.

    Raises `ValueError` for a length or a text that the task does not take.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self._found: tuple[int, Parameters] | None = None
        with _lock:
            if checkpoint in _kept:
                _kept.move_to_end(checkpoint)
                self._found = _kept[checkpoint]
                return
            shared = _running.get(checkpoint)
        own = shared or Shared(checkpoint)  # outside the lock: it draws the sample
        with _lock:
            self._shared = _running.setdefault(checkpoint, own)
        if checkpoint.at == 1:
            self._keep()

    @property
    def finished(self) -> bool:
        return self._found is not None

    @property
    def iteration(self) -> int:
        """How far it is; once finished, whose weights these are: `checkpoint.at`, or where the run stopped."""
        return self._shared.trainer.iteration if self._found is None else self._found[0]

    def weights(self) -> Parameters:
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
        self._found = trainer.iteration if stopped else self.checkpoint.at, trainer.model.keep()
        with _lock:
            _kept[self.checkpoint] = self._found
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
