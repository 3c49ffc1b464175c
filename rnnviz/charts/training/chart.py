"""A training run as one chart: how the gradient flows back through time, row by row as the iterations come, and what
becomes of it: loss against the baseline, score, norms before and after clipping, and a sample's output.

    trainer = rnnviz.training.Trainer(rnnviz.training.Config(cell="lstm", forget_bias=1.0), iterations=300)
    for snapshot in trainer: ...
    rnnviz.training_chart(trainer)        # in a notebook; .save("run.html", inline=True) is one file that plays offline

It is drawn in pixels by expressions (`draw`) and its specification never changes: what a run does next only swaps the
small tables of `tables`. Time runs downwards, the newest iteration below; `cur` is the moment that is looked
at, always the newest while a run goes on. Here the tables are taken apart and the parts put together: `layout`
says where they lie, `replay`, `heat`, `blocks`, `curves` and `sample` draw them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, get_args

from rnnviz.charts.kit import palette
from rnnviz.charts.kit import scale as gradient_scale
from rnnviz.charts.kit.draw import TRAINED, Signal, derived
from rnnviz.charts.kit.expr import Expr
from rnnviz.charts.kit.figure import SCALED, Figure, specification, theme
from rnnviz.charts.kit.names import split
from rnnviz.charts.training import blocks as training_blocks
from rnnviz.charts.training import curves as training_curves
from rnnviz.charts.training import heat as training_heat
from rnnviz.charts.training import layout as training_layout
from rnnviz.charts.training import replay as training_replay
from rnnviz.charts.training import sample as training_sample
from rnnviz.charts.training.layout import halves, unless_watched
from rnnviz.charts.training.look import Losses, RunLook
from rnnviz.charts.training.names import TRAINING
from rnnviz.charts.training.tables import tables
from rnnviz.core.cells import CELLS
from rnnviz.core.refusal import required

if TYPE_CHECKING:
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import RunView
    from rnnviz.training.watch import Log

PLAIN = RunLook()
_PARTS = (training_replay, training_heat, training_blocks, training_curves, training_sample)
NAMES = (TRAINING, training_layout.NAMES, *(part.NAMES for part in _PARTS))  # all that the chart has


def training_chart(
    *trainers: Trainer | Log | RunView,
    names: Sequence[str] = (),
    layer: int = 0,
    state: str = "h",
    losses: Losses = "all",
    language: str = "en",
    fixed: bool = False,
) -> Figure:
    """One run, or two beside each other on the same scales, as they are now, every kept row to be looked at.

    trainers: each a `Trainer`; or the `Log` of a loop of your own, or one part of it, `log.view("encoder")`.
    names: what each run is called; by default its cell.     layer: from 0.
    state: `h`, or `c` where a run has one; a run beside it that has none shows h.
    losses: whether the rows are of `all` losses or of the `last` of each sequence alone, where there are several.
    fixed: whether the colours go from 1e-30 to 1e10, as in every other chart that says so, or fit these runs.

    Raises `ValueError` for another number of runs or of names, for two runs of different tasks, texts or lengths, and
    where there is no such layer, state or choice of losses; `TypeError` for what is no `Trainer`.
    """
    if len(trainers) not in (1, 2):
        raise ValueError(f"there are {len(trainers)} runs; accepted: one or two")
    views = [_view_of(trainer) for trainer in trainers]
    if names and len(names) != len(trainers):
        raise ValueError(f"names are {list(names)}; accepted: as many as runs, {len(trainers)}")
    configs = [one.config for one in views]
    for part in ("task", "text", "length"):
        values = [getattr(config, part) for config in configs]
        if len(set(values)) > 1:
            raise ValueError(
                f"{part} is {values[0]!r} and {values[1]!r}; accepted: two runs of one task, text and length"
            )
    states = dict.fromkeys(name for config in configs for name in CELLS[config.cell].states)
    if state not in states:
        raise ValueError(f"state is {state!r}; accepted: {' or '.join(map(repr, states))}")
    if losses not in get_args(Losses):
        raise ValueError(f"losses is {losses!r}; accepted: {' or '.join(map(repr, get_args(Losses)))}")
    run_names = list(names) or [one.config.cell for one in views]
    span = gradient_scale.FIXED if fixed else None
    return chart(views, run_names, RunLook(language, layer, state, losses, span=span))


def _view_of(run: object) -> RunView:
    """A run as it is now."""
    from rnnviz.training.trainer import Trainer
    from rnnviz.training.view import RunView, view
    from rnnviz.training.watch import Log

    if isinstance(run, RunView):
        return run
    if isinstance(run, Log):
        return run.view()
    required(run, Trainer, "a run", "a rnnviz.training.Trainer, a rnnviz.Log or what its view gives")
    assert isinstance(run, Trainer)
    return view(run)


def chart(views: Sequence[RunView], names: Sequence[str], look: RunLook = PLAIN) -> Figure:
    """The chart of views, one or two.     names: what each run is called."""
    layers = min(one.config.num_layers for one in views)
    if not 0 <= look.layer < layers:
        raise ValueError(f"layer is {look.layer}; accepted: 0 to {layers - 1}")
    return Figure(tables(views, names, look), _spec, look.language)


def _lists() -> list[Signal]:
    """What travels as text of each run, taken apart."""
    runs = [column for names in NAMES for column in names.tables.get("runs", {}).items()]
    apart = {meaning.signal: str(split(Expr(f"RUNS[#].{name}"), meaning)) for name, meaning in runs if meaning.signal}
    for name, field in (("TRUTH", "truth"), ("OUT", "out")):
        apart[name] = f"split(RUNS[#].{field}, B.kind == 'classes' ? SEP : ',')"
    return derived(**{name: halves(update, "B.runs - 1") for name, update in apart.items()})


def _signals() -> list[Signal]:
    return [
        {"name": "SEP", "update": "'\\u2063'"},
        {"name": "B", "update": "data('bundle')[0]"},
        {"name": "RUNS", "update": "data('runs')"},
        *theme(
            now=palette.NOW,
            xColour=palette.SYMBOLS["x"],
            yColour=palette.SYMBOLS["y"],
            badColour=palette.INFINITE,
            zeroColour=palette.ZERO,
            infColour=palette.INFINITE,
            nanColour=palette.NOT_A_NUMBER,
        ),
        {"name": "flow", "update": f"dark ? {gradient_scale.colours(True)} : {gradient_scale.colours(False)}"},
        *_lists(),
        *(signal for names in NAMES for signal in names.lists()),
        *SCALED,
        {"name": "pair", "update": "B.runs > 1"},
        *training_layout.signals(),
        *training_replay.signals(),
    ]


@cache
def _spec() -> str:
    """The constant part: Vega-Lite, as JSON."""
    parts = [(part, layer) for part in _PARTS for layer in part.layers()]
    layers = [unless_watched(layer) if part is training_sample else layer for part, layer in parts]
    return specification(_signals(), layers, "end + 6", TRAINED)
