"""A network in the place of a trained model that ships: that of a run, or a visitor's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.training.config import Checkpoint
from rnnviz.ui.controls.experiments import for_moment
from rnnviz.ui.own import guest as own
from rnnviz.ui.own.kept import OwnPass
from rnnviz.ui.runs import checkpoint, checkpoint_row
from rnnviz.ui.runs.checkpoint import CheckpointPass
from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State


@dataclass(frozen=True)
class RunGuest:
    """The model of one iteration of a run."""

    moment: Checkpoint

    @property
    def steps(self) -> int:
        return checkpoint.steps(self.moment.config)

    @property
    def cell(self) -> str:
        return self.moment.config.cell

    @property
    def hidden_size(self) -> int:
        return self.moment.config.hidden_size

    def show(self, state: State, say: Say) -> CheckpointPass | None:
        """The row that says which it is, and the model; None where the row says why there is none yet."""
        return checkpoint_row.show(self.moment, state, say)

    def tries(self, state: State) -> Mapping[str, Mapping[str, Any]]:
        return for_moment(state, self.steps)


Guest = RunGuest | own.OwnGuest
GuestPass = CheckpointPass | OwnPass


def of_page(state: State, *, gated: bool = False) -> Guest | None:
    """The one that the page is to show, if it is to show one. Refuses what cannot be shown."""
    if moment := checkpoint.of_page(state, gated=gated):
        return RunGuest(moment)
    return None if state["run"] else own.of_page(state, gated=gated)
