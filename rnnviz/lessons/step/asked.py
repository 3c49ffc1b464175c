"""What is asked about what was read: which word decided the next one, which unit speaks for it, and what the last state
has of the first word.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import rnnviz
from rnnviz import zoo
from rnnviz.core.forward import Pass
from rnnviz.facts.questions.question import Question
from rnnviz.facts.questions.states import apart, speaks
from rnnviz.lessons.step.decided import decided, decided_step, elsewhere
from rnnviz.tasks.grammar.next_word import next_words
from rnnviz.ui.text.prose import Say
from rnnviz.ui.text.question import ask, waits
from rnnviz.ui.url.state import State
from rnnviz.zoo.catalogue import catalogue
from rnnviz.zoo.truth import beginnings
from rnnviz.zoo.vocabulary import Token


def questions(shown: Pass, tokens: Sequence[Token], until: int, state: State, say: Say) -> bool:
    """One at a time, the next once the one before was answered.     until: the last step whose prediction was seen.

    Returns whether one waits for its guess.
    """
    whole = until == len(tokens)
    q = decided_step(state["model"], tokens, until)
    answered = decided(shown, tokens, q, state, say) if q else None
    if answered is None:
        answered = elsewhere(state, say) if whole else True
    unit_question, at = _speaking(shown, tokens, q, until, say)
    if answered:
        answered = _ask(unit_question, (*_about(shown, state), at), state, say)
    if answered and whole:
        answered = _ask(_apart(shown, tokens, state), _about(shown, state), state, say)
    return not answered


def withheld(shown: Pass, tokens: Sequence[Token], state: State, say: Say) -> list[int]:
    """The steps, from 1, whose scores would answer which unit speaks for their word: each about which that is asked,
    wherever the stage is then, as long as it is not answered."""
    steps = {}
    for until in range(1, len(tokens) + 1):
        question, at = _speaking(shown, tokens, decided_step(state["model"], tokens, until), until, say)
        if question and at not in steps:
            steps[at] = waits(question, (*_about(shown, state), at), state)
    return [at for at, waiting in steps.items() if waiting]


def _about(shown: Pass, state: State) -> tuple[Hashable, ...]:
    return state["model"], state["cell"], shown.tokens


def _speaking(shown: Pass, tokens: Sequence[Token], q: int | None, until: int, say: Say) -> tuple[Question | None, int]:
    """Which unit speaks for the word that comes next, and after which step: `q`, where the sentence has decided it, or
    the last one."""
    at = q or until
    asks = (q or until == len(tokens)) and at > 0 and tokens[at - 1].known
    return (_speaks(shown, at, say) if asks else None), at


def _ask(question: Question | None, about: tuple[Hashable, ...], state: State, say: Say) -> bool:
    return question is None or ask(question, about, state, say)


def _speaks(shown: Pass, t: int, say: Say) -> Question | None:
    assert shown.readout is not None, "asked only where a head chooses among words"
    h = shown.trace["h"][shown.trace.top]

    def call(unit: int, value: float) -> str:
        return say("ask.speaks_unit", unit=unit, h=value)

    return speaks(h, shown.readout, shown.words, t, shown.tokens[t - 1], call)


def _apart(shown: Pass, tokens: Sequence[Token], state: State) -> Question | None:
    """Of the text, and of the same with another first word, one with which it stays a sentence where there is one.

    None where a token is unknown, and where the text begins no sentence of the grammar.
    """
    name = state["model"]
    if catalogue()[name].reads != "grammar" or len(tokens) < 3 or not all(token.known for token in tokens):
        return None
    first_sentence: tuple[str, ...] = ()
    for beginning in beginnings(name, tokens):
        if beginning is None:
            break
        first_sentence = beginning
    language = catalogue()[name].language
    if not first_sentence:
        return None
    firsts = [word for word in sorted(next_words(language, ())) if word != first_sentence[0]]
    other = next((word for word in firsts if next_words(language, (word, *first_sentence[1:]))), firsts[0])
    model = zoo.load(name, state["cell"])
    rows = [model.vocabulary.words.index(other), *(token.index for token in tokens[1:])]
    h = shown.trace["h"][shown.trace.top]
    after = rnnviz.record(model.rnn, model.embedding[rows])["h"][-1]
    return apart(h, after, (tokens[0].text, other), shown.tokens)
