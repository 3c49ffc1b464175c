"""What there is to try in the lesson "Step through"."""

from collections.abc import Mapping
from typing import Any

from rnnviz.ui.controls.experiments import CELLS, TEXTS
from rnnviz.ui.url.state import State


def for_text(state: State) -> Mapping[str, Mapping[str, Any]]:
    """Another text, or another cell for the same one."""
    return {**TEXTS.get(state["model"], {}), **CELLS}
