"""What the URL of the lesson "Reading, then writing" holds."""

from rnnviz.ui.url.kinds import Choice, Line, Whole
from rnnviz.ui.url.parameters import DETAILS, TEXT_LIMIT, Param, Values
from rnnviz.zoo.seq2seq import ATTENTIONS, NAMES

PARTS = ("write", "hold", "bottleneck", "gradient", "contrast")  # one shown at a time
FED = ("own", "right")  # what the decoder is fed: what it has written, or the right words
STEPPED = ("token", "operation")
SOURCE_LIMIT = 30  # tokens that are read
WRITTEN_LIMIT = 32  # tokens that are written at the most
STEPS = SOURCE_LIMIT + 6 * WRITTEN_LIMIT  # of a scene by operation
# Sources, and what each shows: the first is there until something is typed.
SOURCES = {
    "en-ko": {
        "The students saw an apple in the park and read two magazines yesterday.": "clauses",
        "The hungry girl ate a small apple yesterday because I chased the students.": "because",
        "Two hungry dogs that ate the apple did not sleep.": "relative",
        "A dog slept.": "short",
        "The girls saw the old magazine that the kind student bought.": "plural",
    },
    "ko-en": {
        "학생들이 어제 공원에서 사과 한 개를 보고 잡지 두 권을 읽었다.": "clauses",
        "내가 학생들을 쫓아가서 배고픈 소녀가 어제 작은 사과 한 개를 먹었다.": "because",
        "사과를 먹은 배고픈 개 두 마리가 자지 않았다.": "relative",
        "개 한 마리가 잤다.": "short",
        "소녀들이 친절한 학생이 산 오래된 잡지를 보았다.": "plural",
    },
    "dates": {
        "Sunday, April 13, 2008": "english",
        "2057년 9월 29일 토요일": "korean",
        "22 April 2044": "british",
    },
    "numbers": {
        "Twelve thousand three hundred four": "thousands",
        "만 이천삼백사": "myriads",
        "1234만": "zeros",
        "이천만 삼": "gap",
        "Seventy-six million, four hundred and thirteen thousand, two hundred and nine": "millions",
    },
    "copying": {
        "=abcdefgh": "copy",
        "<abcdefgh": "reverse",
        "=aaaaabbbbb": "repeated",
        "<abcdefghijabcdef": "longer",
    },
}
WHAT = ("shares", "bridge", "exchange")  # is taken hold of
SHARES = ("one", "uniform", "shifted")  # what α is set to
BRIDGES = ("zero", "other")  # what is handed over instead
_RUN = ("part", "model", "attention", "text", "fed", "by")


def _model(values: Values) -> str:
    return "ko-en" if values["lang"] == "ko" else "en-ko"


def _text(values: Values) -> str:
    return next(iter(SOURCES[values["model"]]))


def _other(values: Values) -> str:
    return [*SOURCES[values["model"]]][1]


PARAMETERS = (
    Param("part", Choice(PARTS), lambda _: PARTS[0], resets=("t",)),
    Param("model", Choice(NAMES), _model, resets=("text", "other", "step", "source", "word", "t")),
    Param("attention", Choice(ATTENTIONS), lambda _: "additive", resets=("t",)),
    Param("text", Line(TEXT_LIMIT), _text, ("model",), ("step", "source", "word", "t")),
    Param("fed", Choice(FED), lambda _: FED[0], resets=("t",)),
    Param("by", Choice(STEPPED), lambda _: STEPPED[0], resets=("t",)),
    Param("beam", Whole(1, 5), lambda _: 1),
    Param("what", Choice(WHAT), lambda _: WHAT[0], resets=("t",)),
    Param("shares", Choice(SHARES), lambda _: None, resets=("t",)),
    Param("step", Whole(1, WRITTEN_LIMIT), lambda _: 1, ("model", "text"), ("t",)),
    Param("source", Whole(1, SOURCE_LIMIT), lambda _: 1, ("model", "text"), ("t",)),
    Param("bridge", Choice(BRIDGES), lambda _: None, resets=("t",)),
    Param("other", Line(TEXT_LIMIT), _other, ("model",), ("t",)),
    Param("t", Whole(1, STEPS), lambda _: None, _RUN),
    Param("word", Whole(1, WRITTEN_LIMIT + 1), lambda _: None, ("model", "text")),  # the end is one too
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
)
