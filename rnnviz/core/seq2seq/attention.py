"""How a decoder asks what an encoder has read, each way declared once as a cell is: `MECHANISMS`.

Names: `h_j` is the table of the encoder's states, (S, H), a row for each source token j; `s` is the decoder's state at
step t, after it has read the word before, (H,). A score e_tj for each source token becomes a share α_tj, the shares a
context h̄_t, and context and state together a word. Both scores stand in the place that Luong et al. give theirs, after
the decoder's step, so that nothing but the score tells the two apart; Bahdanau et al. ask with the state before the
step, and have the decoder read the context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnnviz.core.cell import Op, Program, Role

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Attention(Program):
    """A way from the decoder's state, and the encoder's states if it asks for them, to a distribution over words.

    name: its key in `MECHANISMS`.     title: its name on a page.
    ops: over `s`, `h_j` and parameters, in order; the last one is `y`.
    quantities: the results that the literature names; the others lead to them.
    shapes: of each parameter, by the sizes H (of both states) and V (words that can be written).
    source: who described its score.
    """

    name: str
    title: str
    ops: tuple[Op, ...]
    quantities: tuple[str, ...]
    shapes: Mapping[str, Callable[[int, int], Shape]]
    source: str

    @property
    def asks(self) -> bool:
        """Whether it reads the encoder's states, so that it has scores, shares and a context."""
        return any("h_j" in op.reads for op in self.ops)


def _output(state: str) -> tuple[Op, ...]:
    """From what is known at a step to a distribution over words."""
    symbol = {"s": "s_t", "combined": r"\tilde s_t"}[state]
    return (
        Op("ys", Role.OUTPUT, "matvec", ("W_y", state), rf"W_{{y}}\,{symbol}"),
        Op("logits", Role.OUTPUT, "add", ("ys", "b_y"), r"\ell_t"),
        Op("y", Role.OUTPUT, "softmax", ("logits",), "y_t"),
    )


# What follows a score, whichever it is: shares, the context, and both together (Luong et al. 2015, equation 5).
_AFTER_SCORE = (
    Op("alpha", Role.ATTENTION, "softmax", ("e",), r"\alpha_{tj}"),
    Op("context", Role.ATTENTION, "mix", ("alpha", "h_j"), r"\bar h_t"),
    Op("both", Role.STATE, "concat", ("context", "s"), r"[\bar h_t; s_t]"),
    Op("cs", Role.STATE, "matvec", ("W_c", "both"), r"W_{c}\,[\bar h_t; s_t]"),
    Op("a_s", Role.SUM, "add", ("cs", "b_c"), "a_t"),
    Op("combined", Role.STATE, "tanh", ("a_s",), r"\tilde s_t"),
)
_OUTPUT_SHAPES: Mapping[str, Callable[[int, int], Shape]] = {"W_y": lambda H, V: (V, H), "b_y": lambda _, V: (V,)}
_COMBINED_SHAPES: Mapping[str, Callable[[int, int], Shape]] = {
    "W_c": lambda H, _: (H, 2 * H),
    "b_c": lambda H, _: (H,),
    **_OUTPUT_SHAPES,
}
_NAMED = ("e", "alpha", "context", "combined", "logits", "y")

NONE = Attention(
    name="none",
    title="no attention",
    ops=_output("s"),
    quantities=("logits", "y"),
    shapes=_OUTPUT_SHAPES,
    source="Sutskever, Vinyals & Le 2014; Cho et al. 2014",
)

ADDITIVE = Attention(
    name="additive",
    title="additive attention",
    ops=(
        Op("query", Role.ATTENTION, "matvec", ("W_q", "s"), r"W_{q}\,s_t"),
        Op("keys", Role.ATTENTION, "rows", ("W_k", "h_j"), r"W_{k}\,h_j"),
        Op("a_e", Role.SUM, "add", ("query", "keys", "b_e"), "a_{tj}"),
        Op("bent", Role.ATTENTION, "tanh", ("a_e",), r"\tanh(a_{tj})"),
        Op("e", Role.ATTENTION, "dots", ("bent", "v_e"), "e_{tj}"),
        *_AFTER_SCORE,
        *_output("combined"),
    ),
    quantities=_NAMED,
    shapes={
        "W_q": lambda H, _: (H, H),
        "W_k": lambda H, _: (H, H),
        "b_e": lambda H, _: (H,),
        "v_e": lambda H, _: (H,),
        **_COMBINED_SHAPES,
    },
    source="Bahdanau, Cho & Bengio 2014",
)

MULTIPLICATIVE = Attention(
    name="multiplicative",
    title="multiplicative attention",
    ops=(
        Op("query", Role.ATTENTION, "matvec", ("W_q", "s"), r"W_{q}\,s_t"),
        Op("e", Role.ATTENTION, "dots", ("h_j", "query"), "e_{tj}"),
        *_AFTER_SCORE,
        *_output("combined"),
    ),
    quantities=_NAMED,
    shapes={"W_q": lambda H, _: (H, H), **_COMBINED_SHAPES},
    source="Luong, Pham & Manning 2015, their score called general",
)

MECHANISMS: dict[str, Attention] = {one.name: one for one in (NONE, ADDITIVE, MULTIPLICATIVE)}
