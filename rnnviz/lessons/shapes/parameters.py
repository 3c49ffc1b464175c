"""What the URL of the lesson "Shapes" holds."""

from rnnviz.ui.url.kinds import Choice, Decimal, Drawing, Line, Switches, Whole
from rnnviz.ui.url.parameters import DETAILS, TEXT_LIMIT, Param, Values, of_a_stage, page_model
from rnnviz.words import LANGUAGES
from rnnviz.zoo import CELL_NAMES, TOKEN_LIMIT
from rnnviz.zoo.catalogue import catalogue

# One shown at a time: the taps, then what has a name.
PARTS = ("taps", "one_to_one", "one_to_many", "many_to_one", "in_step", "after_reading")
TAPPED = 8  # tokens of a text with taps: as many as stand beside each other, there and back
READERS = ("sentiment-en", "sentiment-ko", "vowels")  # the models that read many and answer once
SPEAKERS, DRAWINGS = 9, 24  # of whom an utterance ships, and of each thing a drawing
STAGED = ("one_to_many", "many_to_one", "in_step")  # parts that show a stage; the others show scenes
MODELS = tuple(name for name, info in catalogue().items() if info.kind == "word")
TEXTS = {"en": "I am a boy.", "ko": "나는 아주 착한 학생이야."}
# What can be read to a verdict, the first at once.
REVIEWS = {
    "sentiment-en": (
        "The food was not good.",
        "The movie was boring, but the ending was great.",
        "It was not bad at all.",
        "I would recommend this place.",
    ),
    "sentiment-ko": ("영화가 지루하지 않아서", "책이 좋아서", "노래가 안 지루해서", "게임이 안 재미있어서"),
}
# What the shape in step is shown with, and what a tagger reads, the first at once.
TASKS = ("tags-en", "tags-ko", "next")
TAGGED = {
    "tags-en": (
        "I have a dog.",
        "I have seen that movie before.",
        "What kind of food do you like?",
        "I love my work, but I work too much.",
        "I know that that is true.",
    ),
    "tags-ko": (
        "이 사람은 이상해.",
        "이것은 새 책이다.",
        "나는 나무를 심었다.",
        "가지 마라.",
        "여기에 있는 가지를 먹었다.",
    ),
}
PLACE = ("t", "op", "fine", "picked")


def _reader(values: Values) -> str:
    return f"sentiment-{values['lang']}"


def _opened(values: Values) -> int | None:
    """A scene's step is the page's to decide: the first until the way back may be seen, then the last."""
    return 1 if values["part"] in STAGED else None


def _text(values: Values) -> str:
    return TEXTS[catalogue()[values["model"]].language]


def _task(values: Values) -> str:
    """Tags; but of a language model, or a text for one, the next word, as in links from before there were tags."""
    if (values["model"], values["text"]) != (page_model(values), _text(values)):
        return "next"
    return f"tags-{values['lang']}"


PARAMETERS = (
    Param("part", Choice(PARTS), lambda _: PARTS[0], resets=PLACE),
    Param("model", Choice(MODELS), page_model, resets=("text", "reads", "asks", *PLACE)),
    Param("cell", Choice(CELL_NAMES), lambda _: CELL_NAMES[0]),
    Param("text", Line(TEXT_LIMIT), _text, ("model",), ("reads", "asks", "t")),
    Param("task", Choice(TASKS), _task, resets=("tagged", *PLACE)),
    Param("tagged", Line(TEXT_LIMIT), lambda v: TAGGED.get(v["task"], ("",))[0], ("task",), PLACE),
    Param("reads", Switches(TAPPED), lambda _: None, ("model", "text"), ("t",)),
    Param("asks", Switches(TAPPED), lambda _: None, ("model", "text"), ("t",)),
    Param("reader", Choice(READERS), _reader, resets=("review", *PLACE)),
    Param("review", Line(TEXT_LIMIT), lambda v: REVIEWS.get(v["reader"], ("",))[0], ("reader",), PLACE),
    Param("speaker", Whole(1, SPEAKERS), lambda _: 1, ("reader",), PLACE),
    Param("age", Whole(19, 79), lambda _: 50),
    Param("sex", Choice(("1", "2")), lambda _: "1"),
    Param("bmi", Decimal(18.0, 42.2), lambda _: 27.0),
    Param("fed", Choice(("one", "sequence")), lambda _: "one", resets=("t",)),
    Param("writer", Choice(tuple(LANGUAGES)), lambda v: v["lang"], resets=PLACE),
    Param("drawing", Whole(1, DRAWINGS), lambda _: 1, resets=("own", *PLACE)),
    Param("own", Drawing(), lambda _: None, resets=PLACE),
    Param("details", Choice(DETAILS), lambda _: DETAILS[0]),
    *of_a_stage(TOKEN_LIMIT, _opened),
)
