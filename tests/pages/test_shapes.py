"""The page Shapes: its URL, the taps, and the model of each shape."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.core.taps import Taps, example
from rnnviz.facts.questions.shapes import other_drawing, turning_token
from rnnviz.lessons.shapes import baseline, spelled, tagged, taps, verdict
from rnnviz.lessons.shapes.parameters import PARTS, READERS, REVIEWS, TAGGED, TASKS
from rnnviz.ui.picture.trained_pass import trained_pass
from rnnviz.ui.text.prose import escape
from rnnviz.words import catalogue
from rnnviz.zoo.catalogue import CELL_NAMES
from rnnviz.zoo.shapes.catalogue import shipped
from rnnviz.zoo.shapes.model import load
from tests.facts.questions.test_question import fills
from tests.pages.conftest import Visit, bundle


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


def text(key: str, language: str = "en", /, **values: object) -> str:
    return catalogue(language)[key].format(**values)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_part_opens(part: str, language: str, visit: Visit) -> None:
    at = visit("shapes", language, part=part)
    assert not at.exception
    assert not at.warning
    assert at.segmented_control(key="shapes_part").value == part


@pytest.mark.parametrize("task", TASKS)
def test_every_task_in_step_opens(task: str, visit: Visit) -> None:
    at = visit("shapes", part="in_step", task=task)
    assert not at.exception
    assert not at.warning
    assert at.segmented_control(key="shapes_task").value == task


@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_token_is_tagged_in_the_readers_language_and_the_card_says_that_it_is_automatic(
    language: str, visit: Visit
) -> None:
    at = visit("shapes", language, part="in_step", cell="gru", hide="question", details="why")
    name = f"tags-{language}-gru"
    shown = tagged.run(name, TAGGED[f"tags-{language}"][0]).shown
    assert shown.readout is not None
    t = int(shown.readout.y.max(axis=1).argmin())
    second, first = np.argsort(shown.readout.y[t])[-2:]
    called = [text(f"shapes.tag_{tag}", language) for tag in shown.words]
    values = {"p": shown.readout.y[t, first], "q": shown.readout.y[t, second]}
    names = {"t": t + 1, "token": shown.tokens[t], "tag": called[first], "second": called[second]}
    assert text("notice.tags_unsure", language, **names, **values) in said(at)
    assert text(f"shapes.automatic_tags-{language}", language) in [caption.value for caption in at.caption]
    card = shipped(name).card
    assert text(f"shapes.data_tags-{language}", language) in said(at)
    score = {"score": card.score, "count": card.count, "least": min(card.scores), "most": max(card.scores)}
    assert text(f"shapes.card_score_tags-{language}", language, **score) in said(at)
    failure, right, wrong = card.failure
    token = shipped(name).vocabulary.tokenize(failure)[card.failed_at - 1].text
    tags = {"right": text(f"shapes.tag_{right}", language), "said": text(f"shapes.tag_{wrong}", language)}
    names = {"text": escape(failure, 120), "t": card.failed_at, "token": escape(token)}
    assert text("shapes.card_failure_tags", language, **names, **tags) in said(at)
    at.text_input(key="shapes_tagged").set_value("").run()
    assert not at.exception
    assert at.info
    at.button(key="shapes_tagged_1").click().run()
    assert at.query_params["tagged"] == TAGGED[f"tags-{language}"][1]


def test_another_word_changes_no_tag_before_it_and_which_one_it_changes_differs() -> None:
    answers = Counter[str]()
    for language, cell in product(("en", "ko"), CELL_NAMES):
        name = f"tags-{language}-{cell}"
        model = load(name)
        assert model.embedding is not None
        for sentence in TAGGED[f"tags-{language}"]:
            found, shown = tagged.otherwise(name, sentence), tagged.run(name, sentence).shown
            assert found is not None
            assert shown.readout is not None
            place, word, other = found
            np.testing.assert_array_equal(other[: place + 1], shown.readout.y[: place + 1])  # to the last digit
            firsts = []
            for row in (shown.rows[place + 1], model.shipped.inputs.index(word)):
                rows = [*shown.rows[: place + 1], row, *shown.rows[place + 2 :]]
                with torch.no_grad():
                    output = model.rnn(model.embedding[rows][:, None])[0][:, 0]
                    firsts.append((output @ model.head.weight.T + model.head.bias).argmax(1).tolist())
            differs = [t for t, (was, now) in enumerate(zip(*firsts, strict=True)) if was != now]
            question = tagged.question(name, sentence, tuple(shown.words))
            assert question is not None
            fills(question)
            wanted = "never" if not differs else "here" if differs[0] == place + 1 else "later"
            assert question.answer == wanted
            answers[wanted] += 1
    assert len(answers) > 1, answers


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_opens(reader: str, visit: Visit) -> None:
    at = visit("shapes", part="many_to_one", reader=reader)
    assert not at.exception
    assert at.selectbox(key="shapes_reader").value == reader


def test_a_link_restores_the_taps_and_a_press_turns_one(visit: Visit) -> None:
    at = visit("shapes", part="taps", reads="10000", asks="01001", hide="question")
    assert not at.exception
    assert at.pills(key="shapes_reads").value == [1]
    assert at.pills(key="shapes_asks").value == [2, 5]
    assert text("notice.taps_one_to_many", asked=2) in said(at)
    norms = np.linalg.norm(taps.run("words-en", "rnn", "I am a boy.", Taps.of([1], [2, 5], 5)).gradient, axis=1)
    assert text("notice.taps_back", t=5, last=norms[4], first=norms[0]) in said(at)
    at.pills(key="shapes_reads").set_value([1, 2, 3, 4, 5]).run()
    assert at.query_params["reads"] == "11111"
    at.pills(key="shapes_asks").set_value([]).run()
    assert at.query_params["asks"] == "00000"
    assert text("notice.taps_nothing") in said(at)
    at.button(key="shapes_try_shapes_after_reading").click().run()
    wanted = example("after_reading", 5)
    assert at.pills(key="shapes_asks").value == [t + 1 for t in range(5) if wanted.asks[t]]
    assert not at.exception


def test_the_way_back_is_shown_once_it_was_asked_about(visit: Visit) -> None:
    at = visit("shapes", part="taps")
    assert text("ask.reached", every=5) in said(at)
    norms = np.linalg.norm(taps.run("words-en", "rnn", "I am a boy.", example("many_to_one", 5)).gradient, axis=1)
    back = text("notice.taps_back", t=5, last=norms[4], first=norms[0])
    assert back not in said(at)
    (options,) = (pills for pills in at.pills if "_guess_" in str(pills.key))
    options.set_value("until").run()
    at.button(key="shapes_reveal").click().run()
    assert back in said(at)
    at.pills(key="shapes_asks").set_value([1]).run()  # other taps are not asked about again
    assert text("notice.taps_after", t=1, count=4) in said(at)
    assert not at.exception


@pytest.mark.parametrize(
    ("name", "raw"), [("reads", "111"), ("asks", "2"), ("asks", "111111111"), ("age", "18"), ("bmi", "90"), ("t", "99")]
)
def test_a_bad_value_is_named_and_replaced(name: str, raw: str, visit: Visit) -> None:
    at = visit("shapes", part="one_to_one" if name in ("age", "bmi") else "taps", **{name: raw})
    assert not at.exception
    assert catalogue("en")["header.refused"] in at.warning[0].value
    assert name not in at.query_params


@pytest.mark.parametrize(("part", "name"), [("taps", "text"), ("many_to_one", "review")])
@pytest.mark.parametrize("raw", ["", " ", "word " * 60])
def test_a_text_that_cannot_be_read_is_said_so(part: str, name: str, raw: str, visit: Visit) -> None:
    at = visit("shapes", part=part, **{name: raw})
    assert not at.exception
    assert at.info


def test_not_before_the_word_that_turns_it(visit: Visit) -> None:
    at = visit("shapes", part="many_to_one", review="The food was good.", hide="question")
    read = verdict.run("sentiment-en", "The food was good.", 1)
    assert read.shown.readout is not None
    assert read.shown.readout.y[-1].argmax() == 1
    at.button(key="shapes_try_negated").click().run()
    assert at.text_input(key="shapes_review").value == "The food was not good."
    again = verdict.run("sentiment-en", "The food was not good.", 1)
    assert again.shown.readout is not None
    assert again.shown.readout.y[-1].argmax() == 0
    by = np.diff(again.shown.readout.y[:, 0], prepend=again.prior[0])
    assert by.argmax() == 3
    before, after = again.shown.readout.y[2:4, 0]
    answer = text("shapes.answer_negative")
    assert text("notice.verdict_turned", t=4, token="not", answer=answer, before=before, after=after) in said(at)


WAITS = text("shapes.told_later")


def asked_on(at: AppTest) -> bool:
    return any("_guess_" in str(pills.key) for pills in at.pills)


def captions(at: AppTest) -> list[str]:
    return [str(e.value) for e in at.caption]


@pytest.mark.parametrize(
    "values", [{"part": "many_to_one"}, {"part": "one_to_many"}, {"part": "in_step", "task": "next"}]
)
def test_while_each_step_is_guessed_nothing_is_told_of_the_whole_before_its_end(
    values: dict[str, str], visit: Visit
) -> None:
    every = visit("shapes", **values, hide="question")
    told = [m.value for m in every.markdown if text("notice.title_text") in [h.value for h in every.subheader]]
    steps = int(bundle(every)["T"])
    for t in (1, (steps + 1) // 2, steps):
        at = visit("shapes", **values, guess="on", t=str(t))
        assert (WAITS in captions(at)) != asked_on(at)
        assert text("notice.title_text") not in [h.value for h in at.subheader]
        if values["part"] != "in_step":  # how many losses there are, no prediction tells
            assert not asked_on(at)
    at.session_state["shapes_stage_place"].pending = False  # the last step was guessed
    at.run()
    assert not at.exception
    assert WAITS not in captions(at)
    if asked_on(at):
        at.button(key="shapes_skip").click().run()
    assert set(told) <= {m.value for m in at.markdown}, "at its end all that is told without guessing"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_taggers_question_waits_for_the_steps_that_it_tells_of(language: str, visit: Visit) -> None:
    name = f"tags-{language}-gru"
    for tagged_text in TAGGED[f"tags-{language}"]:
        shown = tagged.run(name, tagged_text).shown
        found = tagged.otherwise(name, tagged_text)
        assert shown.readout is not None
        assert found is not None
        changed = np.flatnonzero(shown.readout.y.argmax(1) != found[2].argmax(1))
        last = max(found[0] + 2, int(changed[0]) + 1) if len(changed) else len(shown.tokens)
        for t in {1, last, min(last + 1, len(shown.tokens))}:
            values = {"part": "in_step", "task": f"tags-{language}", "tagged": tagged_text, "cell": "gru"}
            at = visit("shapes", language, **values, guess="on", t=str(t))
            assert asked_on(at) == (t - 1 >= last), "the present tag is still to be guessed"


def test_a_sequence_shows_that_nothing_is_handed_on(visit: Visit) -> None:
    at = visit("shapes", part="one_to_one", fed="sequence")
    own = (50.0, 1.0, 27.0)
    found = baseline.run((*baseline.BEFORE, own))
    norms = np.linalg.norm(found.gradient, axis=1)
    assert norms[-1] > 0
    assert not norms[:-1].any()
    assert text("notice.no_loop", last=norms[-1], before=0.0, share=0.0) in said(at)
    assert found.shown.readout is not None
    for first in ((79.0, 2.0, 42.0), (19.0, 1.0, 18.0)):  # whoever comes first, the last answer is the same
        other = baseline.run((first, baseline.BEFORE[1], own)).shown.readout
        assert other is not None
        np.testing.assert_array_equal(other.y[-1], found.shown.readout.y[-1])
    assert "mat1 and mat2" in at.code[0].value


def test_what_a_patient_is_told_is_what_the_network_says(visit: Visit) -> None:
    at = visit("shapes", part="one_to_one", age="70", bmi="35", sex="2")
    readout = baseline.run(((70.0, 2.0, 35.0),)).shown.readout
    assert readout is not None
    answer = text(f"shapes.answer_{('below', 'above')[int(readout.y[-1].argmax())]}")
    assert f"‘{answer}’, with {readout.y[-1].max():.0%}" in said(at)


def test_a_drawing_is_spelled_and_its_first_state_alone_knows_of_it(visit: Visit) -> None:
    at = visit("shapes", part="one_to_many", drawing="3", hide="question")
    found = spelled.run("en", 3)
    key = "notice.spelled_right" if found.said == found.word else "notice.spelled_wrong"
    assert text(key, said=found.said, word=found.word) in said(at)
    trace = found.shown.trace
    assert trace.initial["h"].any()
    assert trace.tokens == ("▷", *found.said)  # each step reads what was written before
    assert found.shown.best() == [*found.said, "␣"]
    at.button(key="shapes_try_shapes_next_drawing").click().run()
    assert not at.exception
    assert at.selectbox(key="shapes_drawing").value == 4


def test_in_step_every_known_next_token_is_a_loss(visit: Visit) -> None:
    at = visit("shapes", part="in_step", task="next", text="I am a boy.", hide="question")
    _, _, shown = trained_pass("words-en", "rnn", "I am a boy.")
    assert shown.readout is not None
    every = [-np.log(shown.readout.y[t, k]) for t, k in enumerate(shown.targets) if k is not None]
    assert len(every) == 4
    values = {"t": int(np.argmax(every)) + 1, "largest": max(every), "count": 4, "steps": 5, "total": sum(every)}
    assert text("notice.losses", **values) in said(at)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_how_long_a_first_state_is_felt_is_what_the_networks_modules_say_and_differs(language: str) -> None:
    """Of each drawing and the next one, which the page asks about."""
    model, answers = load(f"drawing-{language}"), Counter[str]()
    assert model.embedding is not None
    for number in range(1, spelled.DRAWINGS + 1):
        other = number % spelled.DRAWINGS + 1
        found = spelled.run(language, number)
        read = model.embedding[[1, *(model.shipped.inputs.index(letter) for letter in found.said)]]
        firsts = []
        for drawing in (number, other):
            shades = model.shipped.samples["drawings"][drawing - 1][1]
            state = model.first_state(torch.tensor([int(shade) / 9 for shade in shades]))
            assert state is not None
            with torch.no_grad():
                output = model.rnn(read[:, None], state[None, None])[0][:, 0]
                scores = output @ model.head.weight.T + model.head.bias
            firsts.append([model.shipped.outputs[int(row.argmax())] for row in scores])
        assert firsts[0] == [*found.said, model.shipped.outputs[0]]
        assert found.shown.readout is not None
        again = spelled.redrawn(language, number, other)
        question = other_drawing(found.shown.readout.y, again, found.shown.words, other)
        fills(question)
        differs = [t for t, (was, now) in enumerate(zip(*firsts, strict=True)) if was != now]
        assert question.answer == ("never" if not differs else "later" if differs[0] else "first")
        answers[question.answer] += 1
    assert len(answers) > 1, answers


def test_which_word_turns_a_verdict_is_not_always_the_same() -> None:
    places = set()
    for name, reviews in REVIEWS.items():
        for review in reviews:
            read = verdict.run(name, review, 1)
            assert read.shown.readout is not None
            unknown = [not token.known for token in read.tokens]
            asked = turning_token(
                read.shown.readout.y, read.prior, read.shown.tokens, ("negative", "positive"), unknown
            )
            if asked is not None:
                fills(asked)
                places.add(asked.answer)
    assert len(places) > 1
