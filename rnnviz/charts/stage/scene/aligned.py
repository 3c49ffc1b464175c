"""A transduction as a chart: its scene with the grid of shares, and beside it what each step computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.stage.look import Look
from rnnviz.charts.stage.scene import grid
from rnnviz.charts.stage.scene.chart import scene_chart
from rnnviz.core.seq2seq.transduction import Transduction
from rnnviz.facts.transduction import captions
from rnnviz.scene import Scene, transduction
from rnnviz.words import catalogue


def aligned_scene(written: Transduction, language: str, *, by_operation: bool, notes: Sequence[str] = ()) -> Scene:
    """Its scene in a language's words.     notes: as `rnnviz.scene.transduction` has them."""
    texts = catalogue(language)
    begin, end = texts["align.begin"], texts["align.end"]
    scene = transduction(written, begin=begin, end=end, by_operation=by_operation, notes=notes)
    return replace(scene, captions=captions(written, by_operation=by_operation, language=language))


def aligned_chart(written: Transduction, look: Look) -> Figure:
    """By token; by operation where `look.op` is above 0, of a declared attention."""
    return scene_chart(
        aligned_scene(written, look.language, by_operation=look.op > 0, notes=look.notes),
        language=look.language,
        start=look.start or len(written.encoder),
        zoom=look.zoom,
        every=look.every,
        names=grid.meanings(catalogue(look.language)),
    )
