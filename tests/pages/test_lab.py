"""The page Gradient lab: its URL, its parts, its knobs, and that what it shows is what was computed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz import zoo
from rnnviz.core.cells import LAB_CELLS
from rnnviz.core.gradients.flow import flow_of
from rnnviz.core.gradients.lab import Initialisation, Recipe, every_sum, last_sum, run_recipe, sample, weights_of
from rnnviz.core.gradients.table import honest_table
from rnnviz.core.gradients.truncation import truncations
from rnnviz.lessons.lab.matrix import network
from rnnviz.lessons.lab.parameters import PARTS, nets
from rnnviz.words import catalogue
from rnnviz.words.sentence import Sentence
from tests.pages.conftest import Visit
from tests.written import numbers

SAY = catalogue("en")


def said(at: AppTest) -> str:
    return "\n".join(e.value for e in at.markdown)


def writes(at: AppTest, norm: float) -> bool:
    """Whether a sentence gives this size, in two digits."""
    return any(found == pytest.approx(norm, rel=0.051, abs=0) for found in numbers(said(at)))


def chart(at: AppTest) -> bytes:
    return at.get("vega_lite_chart")[0].proto.SerializeToString()


def specification(at: AppTest) -> str:
    return str(at.get("vega_lite_chart")[0].proto.spec)


class TestURL:
    def test_a_link_restores_every_widget(self, visit: Visit) -> None:
        values = {"part": "knobs", "cell": "lstm", "init": "normal", "gain": "2", "bias": "3", "radius": "1.2"}
        values |= {"clip": "0.5", "window": "20", "steps": "30", "hidden": "8", "seed": "7", "lang": "en"}
        at = visit("lab", "ko", **values)
        assert not at.exception
        assert not at.warning
        assert [at.selectbox(key=f"lab_{name}").value for name in ("cell", "init", "clip")] == ["lstm", "normal", "0.5"]
        fields = ("gain", "bias", "window", "steps", "hidden", "seed")
        assert [at.number_input(key=f"lab_{name}").value for name in fields] == [2, 3, 20, 30, 8, 7]
        assert dict(at.query_params) == values

    @pytest.mark.parametrize("part", PARTS)
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_every_part_opens_with_and_without_its_question(self, part: str, language: str, visit: Visit) -> None:
        at = visit("lab", language, part=part)
        assert not at.exception
        assert at.segmented_control(key="lab_part").value == part
        before = chart(at)
        labels = catalogue(language)
        assert labels["details.why_waits"] in said(at)
        assert labels["notice.title"] not in [h.value for h in at.subheader]
        at.button(key="lab_skip").click().run()
        assert not at.exception
        assert labels["details.why_waits"] not in said(at)
        assert chart(at) != before, "what is asked is not drawn before it is answered"
        assert catalogue(language)["notice.title"] in [h.value for h in at.subheader]

    @pytest.mark.parametrize("part", ["derivative", "knobs", "cut"])
    @pytest.mark.parametrize("cell", nets())
    def test_every_network_can_be_made_in_every_part(self, part: str, cell: str, visit: Visit) -> None:
        at = visit("lab", part=part, cell=cell, hide="question", steps="9", hidden="5")
        assert not at.exception
        if (part, cell) == ("derivative", "rnn_linear"):
            assert at.info[0].value == SAY["lab.no_squashing"]
        else:
            assert len(at.get("vega_lite_chart")) == 1

    @pytest.mark.parametrize(
        ("name", "raw"),
        [
            ("part", "all"),
            ("source", "web"),
            ("float", "16"),
            ("steps", "1"),
            ("steps", "101"),
            ("hidden", "65"),
            ("t", "51"),
            ("k", "0"),
            ("net", "mgu"),
            ("cell", "elman"),
            ("init", "zeros"),
            ("gain", "11"),
            ("bias", "9"),
            ("radius", "2.1"),
            ("radius", "nan"),
            ("clip", "0.3"),
            ("window", "0"),
            ("rate", "0"),
            ("norm", "6"),
            ("update", "61"),
        ],
    )
    def test_a_bad_value_is_named_and_replaced(self, name: str, raw: str, visit: Visit) -> None:
        at = visit("lab", **{name: raw})
        assert not at.exception
        assert SAY["header.refused"] in at.warning[0].value
        assert name not in at.query_params

    def test_a_shared_link_opens_the_same_picture(self, visit: Visit) -> None:
        teacher = visit("lab", "ko", part="knobs", cell="gru", gain="3", hide="question")
        teacher.session_state["lab_share"] = True
        teacher.run()
        values = {name: found[-1] for name, found in parse_qs(urlsplit(teacher.code[0].value).query).items()}
        student = visit("lab", "en", **values, hide="question")
        assert not student.warning
        assert chart(student) == chart(teacher)

    @pytest.mark.parametrize(("text", "say"), [("", "reading.empty"), ("a " * 60, "reading.too_long")])
    def test_a_text_that_cannot_be_read_is_answered(self, text: str, say: str, visit: Visit) -> None:
        at = visit("lab", part="matrix", source="text", text=text)
        assert not at.exception
        assert at.info[0].value[:20] == SAY[say].format(count=60, limit=zoo.TOKEN_LIMIT)[:20]


@pytest.mark.parametrize("part", PARTS)
def test_a_link_with_a_text_opens_every_part_at_any_length(part: str, visit: Visit) -> None:
    at = visit("lab", part=part, source="text", steps="2", hide="question")
    assert not at.exception
    assert not at.warning
    if part in ("past", "derivative"):  # they open at the last step, or beyond it were the text's tokens counted
        assert chart(at) == chart(visit("lab", part=part, steps="2", hide="question"))


class TestMatrix:
    @pytest.mark.parametrize("cell", zoo.CELL_NAMES)
    def test_each_cell_of_it_is_one_backward_pass_of_autograd(self, cell: str) -> None:
        recipe, x = Recipe(cell, hidden_size=5, input_size=3, seed=2), sample(6, 3, 2)
        found = network(cell, run_recipe(recipe, x), every_sum)
        stacked = {
            part: torch.cat([w for name, w in weights_of(recipe).items() if name.startswith(part)])
            for part in ("W_x", "W_h", "b_x", "b_h")
        }
        h = c = torch.zeros(5, dtype=torch.float64, requires_grad=True)
        states = []
        for x_t in x:
            if cell == "rnn":
                h = torch.tanh(stacked["W_x"] @ x_t + stacked["b_x"] + stacked["W_h"] @ h + stacked["b_h"])
            elif cell == "lstm":
                summed = stacked["W_x"] @ x_t + stacked["b_x"] + stacked["W_h"] @ h + stacked["b_h"]
                i, f, g, o = summed.chunk(4)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
            else:
                read, held = stacked["W_x"] @ x_t + stacked["b_x"], stacked["W_h"] @ h + stacked["b_h"]
                (r_x, z_x, n_x), (r_h, z_h, n_h) = read.chunk(3), held.chunk(3)
                z = torch.sigmoid(z_x + z_h)
                h = (1 - z) * torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h) + z * h
            states.append(h)
        for t in range(6):
            own = torch.ones(5, dtype=torch.float64)
            for k in range(t + 1):
                (gradient,) = torch.autograd.grad(states[t].sum(), states[k], retain_graph=True)
                assert found.matrix[t, k] == pytest.approx(float(gradient.norm()), rel=1e-10)
                cosine = float(torch.cosine_similarity(gradient, own, dim=0))
                assert np.cos(np.radians(found.turned[t, k])) == pytest.approx(cosine, abs=1e-9)
        assert (np.triu(found.matrix, 1) == 0).all()

    def test_the_gates_alone_let_through_their_product(self) -> None:
        trace = run_recipe(Recipe("lstm", hidden_size=4, forget_bias=2.0), sample(7, 8, 0))
        found = network("LSTM", trace, every_sum)
        assert found.memory is not None
        assert found.memory[5, 2] == pytest.approx(np.prod(trace["f"][0, 3:6], axis=0).max())
        assert found.memory[4, 4] == pytest.approx(1)

    def test_what_is_noticed_is_what_was_computed(self, visit: Visit) -> None:
        at = visit("lab", part="matrix", hide="question", steps="20", hidden="8", seed="5")
        flow = flow_of(run_recipe(Recipe("gru", hidden_size=8, seed=5), sample(20, 8, 5)), every_sum)
        assert writes(at, flow.matrix[0, -1, 0])

    def test_float32_shows_zeros_where_float64_has_numbers(self, visit: Visit) -> None:
        recipe = Recipe("rnn", hidden_size=2)
        smallest = flow_of(run_recipe(recipe, sample(100, 8, 0)), every_sum).matrix[0, -1, 0]
        assert 0 < smallest < 1e-46, "below the smallest float32"
        values = {"part": "matrix", "steps": "100", "hidden": "2", "hide": "question"}
        wide, narrow = (visit("lab", float=width, **values) for width in ("64", "32"))
        assert writes(wide, smallest)
        assert "exactly 0" not in said(wide)
        assert "exactly 0" in said(narrow)

    @pytest.mark.parametrize(("steps", "answer"), [("2", "most"), ("12", "some"), ("60", "none")])
    def test_a_guess_is_answered_by_computing_it(self, steps: str, answer: str, visit: Visit) -> None:
        at = visit("lab", part="matrix", steps=steps)
        row = flow_of(run_recipe(Recipe("lstm"), sample(int(steps), 8, 0)), every_sum).matrix[0, -1]
        left = row[0] / row[-1]
        assert answer == ("most" if left > 0.1 else "some" if left > 1e-6 else "none")
        (pills,) = [pills for pills in at.pills if "guess" in str(pills.key)]
        pills.set_value(answer).run()
        at.button(key="lab_reveal").click().run()
        assert SAY["guess.right"].format(guess=SAY[f"ask.matrix_{answer}"]) in said(at)
        assert writes(at, left)
        assert said(at).count("✗") == 2

    def test_an_answer_is_not_told_of_another_network_than_was_asked_about(self, visit: Visit) -> None:
        at = visit("lab", part="matrix", steps="12")
        at.button(key="lab_skip").click().run()
        assert "✓" in said(at)
        at.number_input(key="lab_steps").set_value(60).run()
        assert "✓" not in said(at)
        assert "lab_skip" not in [button.key for button in at.button]
        at.number_input(key="lab_steps").set_value(12).run()
        assert "✓" in said(at)

    @pytest.mark.parametrize("model", zoo.catalogue())
    def test_every_models_text_can_be_looked_at(self, model: str, visit: Visit) -> None:
        at = visit("lab", part="matrix", source="text", model=model, hide="question")
        assert not at.exception
        assert len(at.get("vega_lite_chart")) == 1


class TestKnobs:
    @pytest.mark.parametrize(
        ("name", "value"), [("cell", "rnn_relu"), ("init", "identity"), ("clip", "0.1"), ("cell", "lstm")]
    )
    def test_a_choice_changes_the_numbers_and_not_the_specification(self, name: str, value: str, visit: Visit) -> None:
        at = visit("lab", part="knobs", hide="question")
        before, spec = chart(at), specification(at)
        at.selectbox(key=f"lab_{name}").set_value(value).run()
        assert not at.exception
        assert chart(at) != before
        assert specification(at) == spec
        at.button(key="lab_reset").click().run()
        assert chart(at) == before
        assert name not in at.query_params

    def test_a_number_that_is_cleared_is_as_drawn_again(self, visit: Visit) -> None:
        at = visit("lab", part="knobs", cell="lstm", bias="4", hide="question")
        at.number_input(key="lab_bias").set_value(None).run()
        assert not at.exception
        assert "bias" not in at.query_params
        assert at.number_input(key="lab_bias").value is None

    @pytest.mark.parametrize(
        ("init", "radius", "kind"),
        [
            ("default", "0.4", "sufficient"),
            ("default", "1.5", "necessary"),
            ("orthogonal", "1", "border"),
            ("orthogonal", "1.05", "necessary"),
        ],
    )
    def test_it_says_which_bound_holds(self, init: Initialisation, radius: str, kind: str, visit: Visit) -> None:
        at = visit("lab", part="knobs", init=init, radius=radius, hide="question")
        W = weights_of(Recipe("rnn", initialisation=init, spectral_radius=float(radius)))["W_hh"].numpy()
        sigma = np.linalg.svd(W, compute_uv=False)[0]
        assert (abs(sigma - 1) < 1e-9, sigma < 1 - 1e-9) == (kind == "border", kind == "sufficient")
        notice = Sentence(SAY[f"notice.lab_{kind}"].split("{measured")[0]).format(bound=sigma)
        assert notice in said(at)

    def test_what_is_cut_off_and_clipped_is_not_counted_as_left(self, visit: Visit) -> None:
        values = {"part": "knobs", "init": "orthogonal", "cell": "rnn_linear", "hide": "question", "steps": "20"}
        plain, clipped, cut = (said(visit("lab", **values, **more)) for more in ({}, {"clip": "0.1"}, {"window": "5"}))
        recipe, x = Recipe("rnn_linear", initialisation="orthogonal"), sample(20, 8, 0)
        flow = flow_of(run_recipe(recipe, x), last_sum).matrix[0, -1]
        (whole,) = truncations(run_recipe(recipe, x), last_sum, [20])
        size = np.sqrt(sum(np.square(part).sum() for part in whole.full.values()))
        for found, left in ((plain, flow[0]), (clipped, flow[0] * 0.1 / size), (cut, 0.0)):
            sentence = next(line for line in found.splitlines() if line.endswith(" now."))
            assert numbers(sentence)[-1] == pytest.approx(left, rel=0.051)

    def test_a_window_counts_as_turned_even_where_it_cuts_nothing(self, visit: Visit) -> None:
        unturned = SAY["notice.lab_unturned"].split(":")[0]
        assert unturned in said(visit("lab", part="knobs", hide="question"))
        assert unturned not in said(visit("lab", part="knobs", hide="question", window="100"))


@pytest.mark.parametrize(
    ("rate", "kind"),
    [
        ("1", "thrown"),
        ("0.3", "thrown"),
        ("5", "thrown"),
        ("1.4", "back"),
        ("0.5", "settles"),
        ("0.01", "yet"),
        ("0.2", "yet"),
    ],
)
def test_a_descent_is_judged_by_its_steps_and_the_loss_it_ends_with(rate: str, kind: str, visit: Visit) -> None:
    at = visit("lab", part="cliff", rate=rate)
    at.button(key="lab_skip").click().run()
    found = said(at)
    assert SAY["guess.answer"].format(answer=SAY[f"ask.cliff_{kind}"]) in found
    assert ("it carries the weights far out" in found) == (kind in ("thrown", "back"))


@pytest.mark.parametrize("cell", nets())
def test_only_where_no_gate_goes_around_them_the_slopes_multiply(cell: str, visit: Visit) -> None:
    found = said(visit("lab", part="derivative", cell=cell, hide="question"))
    assert (SAY["notice.lab_around"] in found) == (LAB_CELLS[cell].memory is not None)
    multiplied = SAY["notice.lab_slope"].split("{mean")[0] in found
    assert multiplied == (cell in ("rnn", "rnn_relu", "rnn_sigmoid"))


def test_the_spread_is_computed_when_asked_for(visit: Visit) -> None:
    at = visit("lab", part="table", hide="question", seed="3")
    assert writes(at, honest_table([3]).norms[:, 0, 0].max())
    before = chart(at)
    at.button(key="lab_spread").click().run()
    assert not at.exception
    assert chart(at) != before
    assert "lab_spread" not in [b.key for b in at.button]


def test_the_rnn_that_explodes_takes_nothing_over_from_what_was_tried_before(visit: Visit) -> None:
    """Inputs five times as strong would saturate it, and a window would cut off what explodes."""
    alone, at = (visit("lab", part="knobs", hide="question") for _ in range(2))
    for key in ("lab_orthogonal", "lab_gain", "lab_truncate", "lab_big"):
        at.button(key=f"lab_try_{key}").click().run()
    alone.button(key="lab_try_lab_big").click().run()
    assert dict(at.query_params) == dict(alone.query_params)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_offered_to_try_changes_what_it_says(part: str, visit: Visit) -> None:
    keys = [b.key for b in visit("lab", part=part).button if str(b.key).startswith("lab_try_")]
    assert keys
    for key in keys:
        at = visit("lab", part=part)
        before = dict(at.query_params)
        at.button(key=key).click().run()
        assert not at.exception
        assert not at.warning
        assert dict(at.query_params) != before
        assert key not in [b.key for b in at.button]
