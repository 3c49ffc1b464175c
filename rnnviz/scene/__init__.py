"""The picture of a network as data: what is in it, where, and when each part of it is computed. No pixels, no torch."""

from rnnviz.scene.gap import meeting, returned
from rnnviz.scene.networks import network, one_row, with_head, with_spans
from rnnviz.scene.scene import Asking, Block, Caption, Row, Scene, Span, Wire
from rnnviz.scene.self_attention import self_attention
from rnnviz.scene.shapes import feed_forward, sketch, tapped
from rnnviz.scene.sheets import sheets
from rnnviz.scene.transduction import transduction

__all__ = [
    "Asking",
    "Block",
    "Caption",
    "Row",
    "Scene",
    "Span",
    "Wire",
    "feed_forward",
    "meeting",
    "network",
    "one_row",
    "returned",
    "self_attention",
    "sheets",
    "sketch",
    "tapped",
    "transduction",
    "with_head",
    "with_spans",
]
