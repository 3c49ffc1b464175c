"""Things to try: each sets one knob and leaves the rest, so that what changes on the stage has one cause."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui.prose import Say
from rnnviz.ui.url.parameters import GATED, SEQUENCES, WEIGHTS
from rnnviz.ui.url.state import State
from rnnviz.zoo import catalogue
from rnnviz.zoo.catalogue import shipped

# Per model: the sentence that invites (`try.<name>`), and what it chooses.
EXPERIMENTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
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
}
CELLS: Mapping[str, Mapping[str, str]] = {f"cell_{cell}": {"cell": cell} for cell in ("rnn", "lstm", "gru")}
GATED_CELLS: Mapping[str, Mapping[str, str]] = {f"cell_{cell}": {"cell": cell} for cell in GATED}
# 200 letters each, as many as a stage shows.
LONG: Mapping[str, dict[str, str]] = {
    "en": {
        "model": "letters-en",
        "text": "maria johnson alexander williams anderson mcdonald katherine benjamin harrison margaret jonathan "
        "richardson victoria thompson samuel isabella peterson charlotte morrison emily daniel henderson rebecca",
    },
    "ko": {
        "model": "letters-ko",
        "text": "김민준 박지훈 정도윤 강지우 조현우 윤서윤 장민서 임지민 한지원 오수빈 서예준 신하은 권도현 안준서 "
        "송하윤 홍길동 김영희 박민수 최수진 정미경 강성민 아르메니아 오스트리아 이탈리아 인도네시아 말레이시아 "
        "이탈리아어 아이슬란드 루마니아 불가리아 리투아니아 에스토니아 슬로베니아 나이지리아 우크라이나 크로아티아 "
        "알제리 베네수엘라 콜롬비아 볼리비아 파라과이 우루과이",
    },
}


def for_text(state: State) -> Mapping[str, Mapping[str, Any]]:
    """Another text, or another cell for the same one."""
    return {**EXPERIMENTS.get(state["model"], {}), **CELLS}


def for_moment(state: State, steps: int) -> Mapping[str, Mapping[str, Any]]:
    """Of a run's model: another sequence, the same before it learned anything, the last of `steps`."""
    return {
        "sample_next": {"sample": state["sample"] % SEQUENCES + 1},
        "untrained": {"at": 1},
        "step_last": {"t": steps},
    }


def for_weights(state: State, value: float, loss_at: int, steps: int) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open.

    value: the entry as trained.     loss_at: the step of the loss.     steps: tokens in the text.
    """
    names = WEIGHTS[state["cell"]]
    tries: dict[str, dict[str, Any]] = {}
    if state["part"] == "weight":
        tries = {"entry_zero": {"value": 0.0}, "entry_flip": {"value": -round(value, 4)}, "entry_large": {"value": 5.0}}
    if state["part"] == "gradient":
        places = {"loss_first": 1, "loss_last": steps}
        tries = {name: {"loss": t} for name, t in places.items() if t != loss_at}
    if state["part"] in ("weight", "gradient"):
        tries |= {"weight_x": {"weight": names[0]}, "weight_y": {"weight": names[-1]}}
    longest = catalogue()[state["model"]].examples[-1]
    if state["part"] == "length" and len(shipped(state["model"])[0].tokenize(longest)) > steps:
        tries["longer"] = {"text": longest}
    return {**tries, **CELLS}


def for_gates(state: State, gates: Sequence[str], steps: int) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson "Watch the gates" that is open. gates: of the cell.     steps: in the text."""
    tries: dict[str, dict[str, Any]] = {}
    if state["part"] == "maps":
        tries = {"sort_half_life": {"sort": "half_life"}, "mark_first": {"marks": (1,)}}
    elif state["part"] == "hold":
        tries = {f"hold_{gate}": {"gate": gate, "force": 0.0} for gate in gates}
        if steps > 2:
            tries["hold_late"] = {"gate": gates[-1], "force": 1.0, "first": steps // 2 + 1, "last": steps}
        tries |= {"bias_high": {"bias": 5.0}, "bias_low": {"bias": -5.0}}
    if state["run"] is not None:
        return {**tries, **for_moment(state, steps)}
    info = catalogue()[state["model"]]
    if state["part"] == "maps":
        tries["letters_long"] = LONG[info.language]
    elif state["part"] == "step":
        tries = {"step_last": {"t": steps}} | ({"memory": {"text": info.examples[-1]}} if info.kind == "word" else {})
    return {**tries, **GATED_CELLS} if tries else EXPERIMENTS[state["model"]]


def experiments(offered: Mapping[str, Mapping[str, Any]], state: State, say: Say) -> None:
    """A row of buttons; what already stands on the page is left out."""
    with st.container(horizontal=True, gap="xsmall"):
        for name, chosen in offered.items():
            if any(state[knob] != value for knob, value in chosen.items()):
                st.button(
                    say(f"try.{name}"),
                    key=f"{state.page}_try_{name}",
                    on_click=state.choose,
                    kwargs=dict(chosen),
                    wrap=True,
                )
