"""Texts that try to be code, and one chart of every kind that shows them wherever a chart shows a text of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

import rnnviz
from rnnviz.charts.forecast import chart as forecast_chart
from rnnviz.charts.forecast.look import ForecastLook
from rnnviz.charts.kit.export import PortableChart
from rnnviz.charts.kit.scale import FIXED
from rnnviz.charts.lab import matrix as lab_matrix
from rnnviz.charts.lab import table as lab_table
from rnnviz.charts.plots import horizon as plot_horizon
from rnnviz.charts.plots import sharing, side_by_side
from rnnviz.charts.stage.gates.heatmap_tables import Watched
from rnnviz.charts.training.matrix import matrix_chart
from rnnviz.charts.training.task import task_chart
from rnnviz.tasks.catalogue import task_of
from rnnviz.tasks.picture import picture
from rnnviz.training import Config, Trainer
from rnnviz.words import catalogue
from rnnviz.words.sentence import Sentence
from tests.charts.forecast import walks
from tests.charts.networks import case, made

HACK = "window.hacked=1"
TEXTS = (
    f"</script><script>{HACK}</script>",
    f"<img src=x onerror={HACK}>",
    "<!--<script>",
    f"--><svg onload={HACK}>",
    f"]]><script>{HACK}</script>",
    f"\u2028{HACK}//\u2029",
    f"${{{HACK}}}`+({HACK})+`",
    f'"}};{HACK};//',
    f"';{HACK};//\\",
    f"\"><a href='javascript:{HACK}'>here</a>",
    f"javascript:{HACK}",
    f"</title></style></textarea><iframe srcdoc='<script>parent.{HACK}</script>'>",
    "&lt;img src=x&gt;&quot;",
    "{{7*7}}{% raw %}{0}",
    "\0\b\x1b\x1f\x7f\x85\ufffe",
    "\ud800\u2063",
    "\N{GRINNING FACE}" * 30,
    "안녕",
)
Texts = Sequence[str]


def labels() -> Mapping[str, str]:
    """The English catalogue, every sentence with markup behind it."""
    return {key: Sentence(f"{said}{TEXTS[0]}{TEXTS[1]}") for key, said in catalogue("en").items()}


def chain(texts: Texts) -> PortableChart:
    of = case("gru", steps=len(texts), tokens=tuple(texts))
    words = [texts[k % len(texts)] + str(k) for k in range(8)]
    return made(of, words=words, notes=texts, every=True)  # else the picture holds the first text only


def rolled(texts: Texts) -> PortableChart:
    of = case("gru", steps=len(texts), tokens=tuple(texts))
    return made(of, words=[texts[k % len(texts)] + str(k) for k in range(8)], show=rnnviz.Rolled(both=True))


def watched(texts: Texts) -> PortableChart:
    of = case(steps=len(texts), tokens=tuple(texts))
    words = [texts[k % len(texts)] + str(k) for k in range(8)]
    return made(of, of.shown(words), words=words, show=Watched(belt=True), texts=labels())


@cache
def _trainer() -> Trainer:
    trainer = Trainer(Config(length=8, hidden_size=3), iterations=2)
    for _ in trainer:
        pass
    return trainer


def training(texts: Texts) -> PortableChart:
    return rnnviz.training_chart(_trainer(), _trainer(), names=["".join(texts), texts[-1]])


def moment(_: Texts) -> PortableChart:
    return matrix_chart(np.tri(4), labels(), FIXED)


def task(texts: Texts, name: str = "order") -> PortableChart:
    """Of a task, with these texts in the place of the names of its inputs and outputs."""
    found = picture(task_of(name), 0)
    read, asked = (tuple(texts[0] if word else "" for word in words) for words in (found.read, found.asked))
    return task_chart(replace(found, read=read, asked=asked), labels())


def lab(texts: Texts) -> PortableChart:
    size = len(texts)
    network = lab_matrix.Network(
        title=texts[0],
        matrix=np.tri(size),
        turned=np.tri(size),
        largest=np.ones(size),
        smallest=np.ones(size),
        slope=np.ones(size),
        recurrent=1.1,
        memory=None,
    )
    return lab_matrix.chart([network], texts, labels(), t=size, k=1, net=0)


def lab_of_titles(texts: Texts) -> PortableChart:
    return lab_table.chart(texts[:3], np.array([1e-25, 0.0, 2.5]), None, labels())


def terms(texts: Texts) -> PortableChart:
    return sharing.terms(np.ones(len(texts), np.float32), 1.0, texts, catalogue("en"))


def lines(_: Texts) -> PortableChart:
    return sharing.counts([1, 2], 70, [10, 20], 1, labels())


def states(texts: Texts) -> PortableChart:
    return side_by_side.states([case(steps=len(texts), tokens=tuple(texts)).trace], labels())


def first_word(_: Texts) -> PortableChart:
    lines = [side_by_side.Line("lstm", f"gates.{read}", (0, 12), (1.0, 0.25)) for read in ("from_h", "from_all")]
    return side_by_side.first_word(lines, 0.25, labels(), reach=28)


def forecast(texts: Texts) -> PortableChart:
    """Every text as a forecaster's name, as a time and as all else that is not of the catalogue."""
    of = walks.walk(60, window=4, horizon=3, origins=2)
    named = {name: texts[k % len(texts)] + str(k) for k, name in enumerate(of.forecasts)}
    whens = [texts[k % len(texts)] for k in range(len(of.values) + of.horizon)]
    data = walks.shown(of, units=2, names=named, whens=whens, unit=texts[0], said=tuple(texts))
    return forecast_chart.chart(data, ForecastLook(t=7))


def asked(texts: Texts) -> PortableChart:
    """The same while a question waits."""
    return forecast_chart.chart(walks.shown(walks.walk()), ForecastLook(t=7, veil=" ".join(texts)))


def horizon(texts: Texts) -> PortableChart:
    of = walks.walk()
    named = {name: texts[k % len(texts)] + str(k) for k, name in enumerate(of.forecasts)}
    return plot_horizon.chart(of, named, labels(), unit=texts[0], trained=3)


CHARTS: Mapping[str, Callable[[Texts], PortableChart]] = {
    chart.__name__: chart
    for chart in (
        chain,
        rolled,
        watched,
        training,
        moment,
        lab,
        lab_of_titles,
        terms,
        lines,
        states,
        first_word,
        forecast,
        asked,
        horizon,
    )
}
