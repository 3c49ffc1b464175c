"""What there is to try in the lesson "Watch the gates"."""

from collections.abc import Mapping, Sequence
from typing import Any

from rnnviz.lessons.gates.parameters import gated
from rnnviz.ui.controls.experiments import TEXTS, for_moment
from rnnviz.ui.url.state import State
from rnnviz.zoo import catalogue

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


def for_gates(state: State, gates: Sequence[str], steps: int) -> Mapping[str, Mapping[str, Any]]:
    """What suits the part of the lesson that is open. gates: of the cell.     steps: in the text."""
    tries: dict[str, dict[str, Any]] = {}
    if state["part"] == "maps":
        tries = {"sort_half_life": {"sort": "half_life"}}
    elif state["part"] == "hold":
        as_trained = dict.fromkeys(("force", "first", "last", "bias"))  # else one hold would add to another
        tries = {f"hold_{gate}": {"gate": gate, **as_trained, "force": 0.0} for gate in gates}
        if steps > 2:
            late = {"force": 1.0, "first": steps // 2 + 1, "last": steps}
            tries["hold_late"] = {"gate": gates[-1], **as_trained, **late}
        tries |= {"bias_high": {**as_trained, "bias": 5.0}, "bias_low": {**as_trained, "bias": -5.0}}
    if state["run"] is None and state["network"] is not None:
        return {**tries, "step_last": {"t": steps}}
    if state["run"] is not None:
        return {**tries, **for_moment(state, steps)}
    info = catalogue()[state["model"]]
    if state["part"] == "maps":
        tries["letters_long"] = LONG[info.language]
    elif state["part"] == "step":
        tries = {"step_last": {"t": steps}} | (
            {"memory": {"text": info.examples[-1]}} if info.reads == "grammar" else {}
        )
    cells = {f"cell_{cell}": {"cell": cell} for cell in gated(info.name)}
    return {**tries, **cells} if tries else TEXTS[state["model"]]
