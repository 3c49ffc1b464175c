"""Where the sentence has decided the next word, ask which of its words did."""

from __future__ import annotations

from collections.abc import Sequence

from rnnviz.core.forward import Pass
from rnnviz.facts.word_questions import decider
from rnnviz.tasks.grammar.next_word import rivals
from rnnviz.ui.prose import Say
from rnnviz.ui.question import ask
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue, shipped
from rnnviz.zoo.truth import beginnings
from rnnviz.zoo.vocabulary import Token

SHOWN = 12  # tokens of what was read


def decided_step(name: str, tokens: Sequence[Token], until: int) -> int | None:
    """The last step up to `until` (from 1) after which the sentence leaves one word; None where there is none."""
    info = catalogue()[name]
    if info.kind != "word":
        return None
    steps = enumerate(beginnings(name, tokens)[:until], 1)
    found = [q for q, beginning in steps if beginning is not None and rivals(info.language, beginning)]
    return found[-1] if found else None


def decided(shown: Pass, tokens: Sequence[Token], q: int, state: State, say: Say) -> None:
    """The question about step `q`, whose prediction was seen; none where no swap tells."""
    assert shown.readout is not None, "asked only where a head chooses among words"
    name, cell = state["model"], state["cell"]
    beginning = beginnings(name, tokens)[q - 1]
    assert beginning is not None, "a step that a sentence decides"
    read = "… " * (q > SHOWN) + shipped(name)[0].join([token.text for token in tokens[:q][-SHOWN:]])
    choice = shown.words[int(shown.readout.y[q - 1].argmax())]
    from rnnviz.zoo.swaps import swaps

    which = decider(beginning, choice, swaps(name, cell, beginning), {"read": read, "q": q})
    if which:
        ask(which, (name, cell, shown.tokens, q), state, say)
