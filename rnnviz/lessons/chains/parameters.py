"""What the URL of the lesson "More than one chain" holds."""

from rnnviz.facts.gap import READERS
from rnnviz.ui.url.kinds import Choice, Line, Whole
from rnnviz.ui.url.parameters import DETAILS, TEXT_LIMIT, Param, Values, page_model, place_on_a_stage
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT
from rnnviz.zoo.catalogue import catalogue, shipped
from rnnviz.zoo.gaps import telling_text
from rnnviz.zoo.stacks import DEPTHS

PARTS = ("gap", "batch", "stack")  # one shown at a time
HANDLINGS = ("pads", "mask", "packed")  # as in `rnnviz.core.sheet`
SIDES = ("right", "left")
CHAINS = ("forward", "reverse")
BATCHED = 16  # tokens of the reader's own sentence in a batch
# What stands beside it there, and it until something is typed.
OTHERS = {
    "en": (
        "I am a boy.",
        "The dog chased the cat so the cat ran away.",
        "Winter came, and every day was cold.",
    ),
    "ko": (
        "영화가 재미있지 않아서 모두 나갔다.",
        "동생이 좋아하는 할머니께서 집에서 책을 읽으신다.",
        "겨울에는 밥을 먹고 놀았는데 매일 날씨가 추웠다.",
    ),
}
# Sentences with a gap, and what each shows: the first is there until something is typed.
GAPPED = {
    "en": {
        telling_text("en"): "gap_neither",
        "Between B and _ comes C.": "gap_life",
        "___ am a boy.": "gap_subject",
        "I ___ a boy.": "gap_before",
        "you ___ a boy.": "gap_before_you",
        "The dog chased the ___ so the mouse ran away.": "gap_animal",
        "___ came, we sang, and every day was cold.": "gap_far",
        "Between E and _ comes F.": "gap_unseen",
    },
    "ko": {
        telling_text("ko"): "gap_neither",
        "인생은 B와 _ 사이의 C다.": "gap_life",
        "___ 소년입니다.": "gap_subject",
        "저는 소년이 ___.": "gap_before",
        "나는 소년이 ___.": "gap_before_you",
        "개가 ___ 쫓아가서 쥐가 도망쳤다.": "gap_animal",
        "___ 밥을 먹고 놀았는데 매일 날씨가 추웠다.": "gap_far",
        "인생은 R과 _ 사이의 S다.": "gap_unseen",
    },
}
VIEWS = ("meeting", "returned")  # of a sentence with a gap
# Sentences that layers read, and what each shows: the first is there until something is typed.
STACKED = {
    language: {text: f"stack_{name}" for text, name in shows.items() if name in ("agreement", "order", "memory")}
    for language, shows in ((language, catalogue()[f"words-{language}"].shows) for language in OTHERS)
}
OWN = {"en": "You are hungry.", "ko": "저는 소년입니다."}


_READ = ("part", "model", "text", "gapped", "reader", "view", "sentence", "layers")  # what a step is of


def reads(values: Values) -> str:
    """The language of the sentences."""
    return str(values["model"]).partition("-")[2]


def _opened(values: Values) -> int | None:
    """The step at which a part opens: layers have read all, chains have come to the gap, which the page knows, and the
    others have read one."""
    if values["part"] == "gap" and values["view"] == "meeting":
        return None
    tokens = shipped(values["model"])[0].tokenize(values["sentence"])
    return max(1, min(len(tokens), TOKEN_LIMIT)) if values["part"] == "stack" else 1


PARAMETERS = (
    Param("part", Choice(PARTS), lambda _: PARTS[0], resets=("t",)),
    Param("model", Choice(tuple(f"words-{language}" for language in OTHERS)), page_model),
    Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0]),
    Param("text", Line(TEXT_LIMIT), lambda v: OWN[reads(v)], ("model",), ("t",)),
    Param("handling", Choice(HANDLINGS), lambda _: HANDLINGS[0]),
    Param("side", Choice(SIDES), lambda _: SIDES[0]),
    Param("chain", Choice(CHAINS), lambda _: CHAINS[0]),
    Param("gapped", Line(TEXT_LIMIT), lambda v: next(iter(GAPPED[reads(v)])), ("model",), ("t",)),
    Param("reader", Choice(READERS), lambda _: READERS[-1], resets=("t",)),
    Param("view", Choice(VIEWS), lambda _: VIEWS[0], resets=("t",)),
    Param("sentence", Line(TEXT_LIMIT), lambda v: next(iter(STACKED[reads(v)])), ("model",), ("t",)),
    Param("layers", Whole(1, DEPTHS[-1]), lambda _: DEPTHS[1], resets=("opened", "silent", "picked")),
    Param("silent", Whole(0, DEPTHS[-1]), lambda _: 0, ("layers",)),  # the layer that gives zeros; 0 for none
    Param("opened", Whole(1, DEPTHS[-1]), lambda v: v["layers"], ("layers",)),  # the layer whose numbers are shown
    *place_on_a_stage(TOKEN_LIMIT, _opened, text=_READ, cell=("part", "layers")),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
)
