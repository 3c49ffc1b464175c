"""Things to try: each sets what it names and leaves the rest, so that what changes on the stage has one cause; where
one would add to another that was pressed before, it sets what both set."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.parameters import SEQUENCES
from rnnviz.ui.url.state import State
from rnnviz.zoo import catalogue

# Per model: the sentence that invites (`try.<name>`), and what it chooses.
TEXTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "words-en": {
        "subject": {"text": "you ___ a boy."},
        "order": {"text": "The cat chased the dog so the dog ran away."},
        "negation": {"text": "The book was good so I loved it."},
        "memory": {"text": catalogue()["words-en"].examples[-1]},
        "unknown": {"text": "I ___ a penguin."},
    },
    "letters-en": {"letters": {"text": "eilzabe_h"}, "unknown": {"text": "anna-7"}},
    "words-ko": {
        "subject": {"text": "나는 소년이 ___."},
        "order": {"text": "고양이가 온 뒤에 개가 와서 고양이가 먼저 먹었다."},
        "negation": {"text": "영화가 재미있어서 모두 웃었다."},
        "memory": {"text": catalogue()["words-ko"].examples[-1]},
        "unknown": {"text": "저는 펭귄이 ___."},
    },
    "letters-ko": {"letters": {"text": "민김_"}, "unknown": {"text": "김Q수"}},
    "everyday-en": {
        "subject": {"text": "She ___ going to the park."},
        "negation": {"text": "My friends like coffee, and I do."},
        "unknown": {"text": "My sister's axolotl is happy."},
    },
    "everyday-ko": {"jamo": {"text": "뷁은 처음 보는 글자다."}, "negation": {"text": "이 문은 열립니다."}},
}
CELLS: Mapping[str, Mapping[str, str]] = {f"cell_{cell}": {"cell": cell} for cell in ("rnn", "lstm", "gru")}


def for_moment(state: State, steps: int) -> Mapping[str, Mapping[str, Any]]:
    """Of a run's model: another sequence, the same before it learned anything, the last of `steps`."""
    return {
        "sample_next": {"sample": state["sample"] % SEQUENCES + 1},
        "untrained": {"at": 1},
        "step_last": {"t": steps},
    }


def experiments(
    tries: Mapping[str, Mapping[str, Any]], state: State, say: Say, texts: Mapping[str, str] | None = None
) -> None:
    """A row of buttons; what already stands on the page is left out.

    texts: of those that have no `try.<name>`.
    """
    texts = texts or {}
    with st.container(horizontal=True, gap="xsmall"):
        for name, values in tries.items():
            if any(state[knob] != value for knob, value in values.items()):
                st.button(
                    texts.get(name) or say(f"try.{name}"),
                    key=f"{state.page}_try_{name}",
                    on_click=state.choose,
                    kwargs=dict(values),
                    wrap=True,
                )
