"""The page More than one chain: its URL, its parts, and that what it shows is what was computed."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch.nn.utils.rnn import pad_sequence

from rnnviz import zoo
from rnnviz.charts.kit import palette
from rnnviz.facts.gap import READERS
from rnnviz.lessons.chains.parameters import OTHERS, OWN, PARTS, STACKED
from rnnviz.ui.page import files
from rnnviz.words import catalogue
from rnnviz.words.numbers import count, fixed, percent, size
from rnnviz.zoo.gaps import cards
from rnnviz.zoo.gaps.model import load_gap
from rnnviz.zoo.stacks import SIZES, stacks
from rnnviz.zoo.stacks.model import load_stack
from tests.charts.png import pixels
from tests.facts.test_stack import layer_by_layer
from tests.pages.conftest import Visit, table
from tests.written import numbers

SAY = catalogue("en")


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


class TestURL:
    def test_a_link_restores_every_widget(self, visit: Visit) -> None:
        values = {"part": "batch", "text": "I am a girl.", "cell": "lstm", "handling": "mask", "side": "left"}
        values |= {"chain": "reverse", "model": "words-en", "t": "3", "lang": "en"}
        at = visit("chains", "ko", **values)
        assert not at.exception
        assert not at.warning
        assert at.text_input(key="chains_text").value == values["text"]
        chosen = ("cell", "handling", "side", "chain")
        assert {name: at.segmented_control(key=f"chains_{name}").value for name in chosen} == {
            name: values[name] for name in chosen
        }
        assert dict(at.query_params) == values

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("part", "all"),
            ("handling", "none"),
            ("side", "top"),
            ("chain", "both"),
            ("cell", "mgu"),
            ("t", "12"),
            ("reader", "up"),
            ("view", "all"),
            ("layers", "4"),
            ("silent", "4"),
            ("opened", "0"),
        ],
    )
    def test_a_bad_value_is_named_and_replaced(self, name: str, raw: str, visit: Visit) -> None:
        at = visit("chains", **{name: raw})
        assert not at.exception
        assert SAY["header.refused"] in at.warning[0].value
        assert name not in at.query_params

    @pytest.mark.parametrize("text", ["", "a " * 17])
    def test_a_sentence_that_cannot_be_read_gets_a_clear_word(self, text: str, visit: Visit) -> None:
        at = visit("chains", part="batch", text=text)
        assert not at.exception
        assert len(at.info) == 1
        assert not at.get("vega_lite_chart")

    def test_a_shared_link_opens_the_same_picture(self, visit: Visit) -> None:
        teacher = visit("chains", "ko", part="batch", handling="mask", chain="reverse", t="4", hide="question")
        teacher.session_state["chains_share"] = True
        teacher.run()
        values = {name: found[-1] for name, found in parse_qs(urlsplit(teacher.code[0].value).query).items()}
        student = visit("chains", "en", **values, hide="question")
        assert not student.warning
        for name in ("blocks", "wires"):
            assert table(student, name) == table(teacher, name)


class TestBatch:
    @pytest.mark.parametrize("language", ["en", "ko"])
    @pytest.mark.parametrize(("side", "chain"), [("right", "forward"), ("right", "reverse"), ("left", "forward")])
    def test_before_the_guess_no_state_and_no_reason_is_there(
        self, language: str, side: str, chain: str, visit: Visit
    ) -> None:
        at = visit("chains", language, part="batch", side=side, chain=chain)
        labels = catalogue(language)
        assert not at.exception
        assert {row["kind"] for row in table(at, "blocks")} == {"token"}
        assert labels["details.why_waits"] in said(at)
        assert labels["notice.title"] not in [h.value for h in at.subheader]
        at.button(key="chains_skip").click().run()
        assert not at.exception
        assert "state" in {row["kind"] for row in table(at, "blocks")}
        assert labels["details.why_waits"] not in said(at)
        assert labels["notice.title"] in [h.value for h in at.subheader]

    @pytest.mark.parametrize("cell", zoo.CELL_NAMES)
    @pytest.mark.parametrize(("side", "chain"), [("right", "forward"), ("left", "forward"), ("right", "reverse")])
    def test_the_states_on_the_picture_are_pytorchs(self, cell: str, side: Any, chain: str, visit: Visit) -> None:
        at = visit("chains", part="batch", cell=cell, side=side, chain=chain, hide="question")
        model = zoo.load("words-en", cell)
        xs = [model.read(text).x for text in (OWN["en"], *OTHERS["en"])]
        padded = pad_sequence(xs, padding_side=side)
        output = (model.rnn(padded.flip(0))[0].flip(0) if chain == "reverse" else model.rnn(padded)[0]).detach()
        ramp = palette.ramp(False)
        for row in table(at, "blocks"):
            if row["kind"] == "state":
                _, number, t = row["name"].split(".")
                (painted,) = pixels(row["urlLight"])
                values = output[int(t), int(number)].numpy()
                places = [ramp.index("#" + bytes(pixel[:3].tolist()).hex()) for pixel in painted]
                expected = np.repeat(values, len(places) // len(values)) * palette.RAMP_STEPS + palette.RAMP_STEPS
                assert np.abs(expected - places).max() <= 0.52, "the nearest colour"

    def test_the_losses_in_the_table_are_those_of_the_batch(self, visit: Visit) -> None:
        at = visit("chains", part="batch", cell="gru", hide="question")
        model = zoo.load("words-en", "gru")
        assert model.head.bias is not None
        losses = []
        for text in (OWN["en"], *OTHERS["en"]):
            reading = model.read(text)
            logits = model.rnn(reading.x)[0] @ model.head.weight.T + model.head.bias
            asked = [(t, k) for t, k in enumerate(reading.targets) if k is not None]
            losses += [float(-torch.log_softmax(logits[t], 0)[k]) for t, k in asked]
        line = next(m.value for m in at.markdown if SAY["chains.over_words"] in m.value)
        words = next(row for row in line.splitlines() if SAY["chains.over_words"] in row)
        count, loss, _, into_pads = numbers(words)
        assert (count, into_pads) == (len(losses), 0)
        assert loss == pytest.approx(np.mean(losses), rel=0.006)

    def test_packed_there_is_no_side_to_choose_and_nothing_in_the_place_of_a_pad(self, visit: Visit) -> None:
        at = visit("chains", part="batch", handling="packed", side="left", hide="question")
        assert "chains_side" not in [control.key for control in at.get("button_group")]
        pads = 4 * 11 - sum(len(zoo.load("words-en", "rnn").read(t).tokens) for t in (OWN["en"], *OTHERS["en"]))
        assert len(table(at, "blocks")) == 2 * (4 * 11 - pads)

    def test_a_cost_is_measured_when_asked_for(self, visit: Visit) -> None:
        at = visit("chains", part="batch", hide="question")
        before = len(at.get("vega_lite_chart"))
        at.button(key="chains_measure").click().run()
        assert not at.exception
        assert len(at.get("vega_lite_chart")) == before + 3
        lengths = [row["x"] for row in table(at, "rows", before + 2)]
        kept = [row["y"] for row in table(at, "rows", before + 2)]
        assert kept[-1] / kept[0] == pytest.approx(lengths[-1] / lengths[0])

    def test_the_numbers_can_be_saved(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        found: dict[str, Any] = {}
        monkeypatch.setattr(files, "save", lambda prepare, *_: found.update(prepare()[0]))
        monkeypatch.setattr("rnnviz.lessons.chains.page.save", lambda prepare, *_: found.update(prepare()[0]))
        visit("chains", part="batch", handling="packed", hide="question")
        saved = np.load(BytesIO(found["npz"][1]()))
        assert saved["h"].shape[:2] == saved["real"].shape == (4, 11)
        assert (np.isnan(saved["h"]).any(-1) == ~saved["real"]).all()
        last = [int(np.flatnonzero(real)[-1]) for real in saved["real"]]
        np.testing.assert_array_equal(saved["h_n"], saved["h"][range(4), last])


class TestGap:
    def test_a_link_restores_what_is_read_by_whom(self, visit: Visit) -> None:
        values = {"part": "gap", "gapped": "I am _ boy.", "reader": "backward", "view": "returned", "t": "3"}
        values |= {"model": "words-en", "lang": "en"}
        at = visit("chains", "ko", **values)
        assert not at.exception
        assert not at.warning
        assert at.text_input(key="chains_gapped").value == values["gapped"]
        assert [at.segmented_control(key=f"chains_{name}").value for name in ("reader", "view")] == [
            "backward",
            "returned",
        ]
        assert dict(at.query_params) == values

    @pytest.mark.parametrize(
        ("text", "said"), [("I am a boy.", "no_gap"), ("_ am _ boy.", "many_gaps"), ("", None), ("a " * 17 + "_", None)]
    )
    def test_a_sentence_without_one_gap_gets_a_clear_word(self, text: str, said: str | None, visit: Visit) -> None:
        at = visit("chains", part="gap", gapped=text)
        assert not at.exception
        assert len(at.info) == 1
        if said:
            assert at.info[0].value == SAY[f"chains.{said}"]
        assert not at.get("vega_lite_chart")

    def test_what_is_unknown_is_said(self, visit: Visit) -> None:
        at = visit("chains", part="gap", gapped="The penguin chased the _ so the dog ran away.", hide="question")
        assert not at.exception
        assert "penguin" in at.warning[0].value
        assert SAY["notice.gap_outside"] in said(at)

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_before_the_guess_no_answer_is_on_the_page(self, language: str, visit: Visit) -> None:
        at = visit("chains", language, part="gap")
        labels = catalogue(language)
        assert not at.exception
        assert [row["label"] for row in table(at, "blocks") if row["kind"] == "output"] == ["?"]
        assert labels["details.why_waits"] in said(at)
        assert labels["chains.card_title"] not in [h.value for h in at.subheader]
        at.button(key="chains_skip").click().run()
        assert not at.exception
        (answer,) = (row["label"] for row in table(at, "blocks") if row["kind"] == "output")
        assert answer == {"en": "F", "ko": "R"}[language], "of three neighbours the last"
        assert labels["chains.card_title"] in [h.value for h in at.subheader]

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_as_it_opens_each_side_alone_is_wrong_and_both_together_are_right(
        self, language: str, visit: Visit
    ) -> None:
        answers = {}
        for reader in READERS:
            at = visit("chains", language, part="gap", reader=reader, hide="question")
            (answers[reader],) = (row["label"] for row in table(at, "blocks") if row["kind"] == "output")
        right = {"en": "F", "ko": "R"}[language]
        assert [answers[reader] == right for reader in ("forward", "backward", "both")] == [False, False, True]

    @pytest.mark.parametrize("reader", READERS)
    def test_the_answer_and_the_table_are_what_the_network_gives(self, reader: str, visit: Visit) -> None:
        text = "_ am a boy."
        at = visit("chains", part="gap", reader=reader, gapped=text, hide="question")
        model = load_gap("gap-en", reader)
        y = model.fill([token.index for token in model.vocabulary.tokenize(text)])[0]
        best = model.vocabulary.words[int(y.argmax())]
        (answer,) = (row for row in table(at, "blocks") if row["kind"] == "output")
        assert (answer["label"], answer["note"]) == (best, percent(float(y.max())))
        line = next(m.value for m in at.markdown if SAY["chains.expect_truth"] in m.value)
        row = next(row for row in line.splitlines() if row.startswith(f"| {best} "))
        shares = [cell.strip() for cell in row.split("|")[2:5]]
        assert shares[READERS.index(reader)] == percent(float(y.max()))

    def test_the_scores_in_the_table_are_the_cards(self, visit: Visit) -> None:
        at = visit("chains", part="gap", hide="question")
        line = next(m.value for m in at.markdown if SAY["chains.card_weights"] in m.value)
        rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in line.splitlines()]
        found = cards("gap-en")[1]
        (after,) = (row for row in rows if row[0] == SAY["chains.card_after"])
        shares = [percent(card.scores["after"].accuracy) for card in found.values()]
        assert [cell.partition(" ")[0] for cell in after[1:4]] == shares
        assert after[4] == percent(found["both"].scores["after"].guess)
        assert rows[-1][1:4] == [f"{card.parameters:,}" for card in found.values()]


class TestStack:
    def test_a_link_restores_what_reads_and_what_is_open(self, visit: Visit) -> None:
        values = {"part": "stack", "sentence": "I am a boy.", "layers": "3", "silent": "2", "opened": "1", "t": "2"}
        values |= {"model": "words-en", "lang": "en", "depth": "1", "picked": "4"}
        at = visit("chains", "ko", **values, hide="question")
        assert not at.exception
        assert not at.warning
        assert at.text_input(key="chains_sentence").value == values["sentence"]
        chosen = [at.segmented_control(key=f"chains_{name}").value for name in ("layers", "silent")]
        assert chosen == [3, 2]
        rows = table(at, "bundle")
        assert len(rows) == 3
        for row in rows:
            assert (row["opened"], row["start"], row["depth"], row["unit"]) == (0, 1, 1, 3)
        assert dict(at.query_params) == {**values, "hide": "question"}

    @pytest.mark.parametrize("name", ["opened", "silent"])
    def test_a_layer_that_is_not_there_is_named_and_replaced(self, name: str, visit: Visit) -> None:
        at = visit("chains", part="stack", layers="2", **{name: "3"})
        assert not at.exception
        assert SAY["header.refused"] in at.warning[0].value
        assert name not in at.query_params

    @pytest.mark.parametrize("text", ["", "a " * 41])
    def test_a_sentence_that_cannot_be_read_gets_a_clear_word(self, text: str, visit: Visit) -> None:
        at = visit("chains", part="stack", sentence=text)
        assert not at.exception
        assert len(at.info) == 1
        assert not at.get("vega_lite_chart")

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_opens_with_all_read_and_what_is_asked_is_told_only_then(self, language: str, visit: Visit) -> None:
        at = visit("chains", language, part="stack")
        labels = catalogue(language)
        assert not at.exception
        assert table(at, "bundle")[0]["start"] == table(at, "bundle")[0]["T"] - 1
        headings = ("notice.title", "chains.kept_title", "chains.price_title")

        def there() -> list[bool]:
            return [labels[name] in [h.value for h in at.subheader] for name in headings]

        assert there() == [False, False, False]
        at.button(key="chains_skip").click().run()
        assert there() == [True, True, False]
        assert labels["details.why_waits"] in said(at)
        means = fixed(float(np.mean(stacks(f"stack-{language}").of(3).losses)), 3)
        assert means not in said(at)
        at.button(key="chains_skip").click().run()
        assert not at.exception
        assert there() == [True, True, True]
        assert means in said(at)
        assert labels["details.why_waits"] not in said(at)

    @pytest.mark.parametrize(("layers", "silent"), [("2", "0"), ("3", "1"), ("3", "3")])
    def test_what_is_predicted_is_what_pytorchs_modules_predict(self, layers: str, silent: str, visit: Visit) -> None:
        at = visit("chains", part="stack", layers=layers, silent=silent, hide="question")
        model = load_stack("stack-en", int(layers))
        text = next(iter(STACKED["en"]))
        h = layer_by_layer(model.rnn, model.read(text).x, int(silent))
        y = torch.softmax(h @ model.head.weight.T + model.head.bias, -1)
        drawn = [row for row in table(at, "blocks") if row["kind"] == "output"]
        assert [row["label"] for row in drawn] == [model.vocabulary.words[int(one.argmax())] for one in y]
        assert [row["note"] for row in drawn] == [percent(float(one.max())) for one in y]
        assert {row["part"] for row in table(at, "blocks") if row["kind"] == "state"} == set(range(int(layers)))

    def test_the_gradient_of_each_layer_is_autograds(self, visit: Visit) -> None:
        at = visit("chains", part="stack", layers="2", hide="question")
        model, text = load_stack("stack-en", 2), next(iter(STACKED["en"]))
        reading = model.read(text)
        states, read = [], reading.x
        for layer in range(2):
            one = torch.nn.GRU(read.shape[1], model.rnn.hidden_size)
            own = {f"{n[:-1]}0": weight for n, weight in model.rnn.named_parameters() if n.endswith(str(layer))}
            one.load_state_dict(own)
            steps: list[torch.Tensor] = []
            for x in read:  # a step at a time, so that each state is a tensor of its own
                before = steps[-1] if steps else torch.zeros(1, model.rnn.hidden_size)
                steps.append(one(x[None], before)[1])
                steps[-1].retain_grad()
            states.append(steps)
            read = torch.cat(steps)
        logits = read @ model.head.weight.T + model.head.bias
        asked = [(t, k) for t, k in enumerate(reading.targets) if k is not None]
        (-sum(torch.log_softmax(logits[t], 0)[k] for t, k in asked)).backward()
        norms = [float(torch.cat([h.grad for h in steps if h.grad is not None]).norm()) for steps in states]
        line = next(m.value for m in at.markdown if SAY["chains.kept_gradient"] in m.value)
        rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in line.splitlines()[2:]]
        assert [row[0] for row in rows] == ["2", "1"]
        assert [row[-1] for row in rows] == [size(norm, 2) for norm in reversed(norms)]

    def test_the_price_in_the_table_is_the_cards(self, visit: Visit) -> None:
        at = visit("chains", part="stack", hide="question")
        line = next(m.value for m in at.markdown if SAY["chains.price_size"] in m.value)
        rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in line.splitlines()]
        cards = [stacks("stack-en").by_size[which] for which in SIZES]
        assert rows[0][1:] == [f"{layers} × {units}" for layers, units in SIZES]
        told = {row[0]: [cell.partition(" ")[0] for cell in row[1:]] for row in rows[2:]}
        assert told[SAY["chains.price_weights"]] == [count(card.card.parameters) for card in cards]
        assert told[SAY["chains.price_bottom"]] == [size(float(np.mean(card.before)), 2) for card in cards]
        assert told[SAY["chains.price_loss"]] == [fixed(float(np.mean(card.losses)), 3) for card in cards]
        assert told[SAY["chains.price_memory"]] == [percent(float(np.mean(card.right["memory"]))) for card in cards]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("details", ["why", "equations", "pytorch"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_part_opens_with_each_of_its_details(part: str, details: str, language: str, visit: Visit) -> None:
    at = visit("chains", language, part=part, details=details, hide="question")
    assert not at.exception
    assert not at.warning
    assert bool(at.code) == (details == "pytorch")


@pytest.mark.parametrize("part", PARTS)
def test_what_there_is_to_try_changes_what_is_shown(part: str, visit: Visit) -> None:
    at = visit("chains", part=part, hide="question")
    for name in [button.key for button in at.button if button.key.startswith("chains_try_")]:
        one = visit("chains", part=part, hide="question")
        before = (table(one, "blocks"), table(one, "picture"))
        one.button(key=name).click().run()
        assert not one.exception, name
        assert (table(one, "blocks"), table(one, "picture")) != before, name
