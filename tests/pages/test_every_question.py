"""Every question waits: until it is guessed nothing on its page answers it; and its answer is not always the same."""

from __future__ import annotations

import ast
import re
import string
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.words import LANGUAGES, catalogue
from tests.pages.conftest import Visit, until_trained

TESTS = Path(__file__).resolve().parents[1]
NAMES = sorted(
    {key.partition("_why_")[0].removeprefix("ask.") for key in catalogue("en") if "_why_" in key and key[:4] == "ask."}
)
# By file, the test that counts the answers of each question over what is drawn or may be chosen.
VARIES = {
    "facts/questions/test_words.py": {
        "test_a_step_is_decided_where_the_grammar_leaves_one_word_and_the_reasons_hold": "decider",
    },
    "facts/questions/test_states.py": {
        "test_the_unit_that_speaks_most_for_a_word_is_not_always_the_largest": "speaks",
        "test_how_far_apart_two_states_are_after_the_same_last_word": "apart",
    },
    "facts/questions/test_gates.py": {
        "test_what_a_unit_holds_after_a_step": "memory",
        "test_the_memory_at_the_end_of_a_hold": "fate",
        "test_the_gate_that_closes_most": "closes",
    },
    "facts/questions/test_question.py": {
        "test_the_shipped_networks_keep_the_first_word_in_different_places": "first_word",
    },
    "facts/questions/test_sharing.py": {
        "test_each_reason_for_where_an_edit_reaches_is_so_in_networks_that_read_nothing_at_first": "edit_reaches",
        "test_the_copies_that_a_loss_reaches_are_those_that_change_it": "copies",
        "test_which_of_two_networks_has_more_weights_depends_on_the_length_and_on_the_cell": "unrolled",
    },
    "facts/test_truth.py": {
        "test_whose_a_surprise_is_is_counted_again_and_each_answer_occurs": "surprised",
    },
    "facts/questions/test_lab.py": {
        "test_of_an_lstm_as_pytorch_starts_it_each_answer_occurs": "matrix",
        "test_what_is_left_of_slopes_of_gates_and_of_a_difference_is_not_always_as_much": "slopes gates past",
        "test_a_matrix_that_can_stretch_need_not_and_each_answer_occurs": "sigma",
        "test_the_turn_is_that_of_the_truncated_gradient_and_each_answer_occurs": "turns turns_overlapping",
        "test_whether_more_units_remember_longer_depends_on_the_cell": "units",
        "test_what_became_of_a_descent_is_walked_again_and_each_end_occurs": "cliff",
    },
    "facts/questions/test_training.py": {
        "test_the_answer_to_the_first_rows_question_is_the_rows_own_and_differs_between_runs": "row",
        "test_with_a_loss_at_every_step_the_first_row_is_asked_about_too_and_the_answer_differs": "every",
        "test_every_reason_for_which_of_a_pair_learned_first_holds": "first",
    },
    "facts/questions/test_outcomes.py": {
        "test_how_good_a_network_is_where_its_gradient_is_smallest_is_counted_again_and_each_answer_occurs": "norm",
        "test_whether_what_arrives_is_learned_from_is_counted_again_and_each_answer_occurs": "arrives",
    },
    "facts/test_gap.py": {
        "test_what_decides_a_word_is_answered_by_the_sentences_of_the_grammar": "gap_decides",
    },
    "facts/test_batch.py": {
        "test_what_is_asked_of_pads_has_not_always_the_same_answer": "pads_first pads_state",
    },
    "facts/test_writing.py": {
        "test_the_answers_to_what_is_asked_of_writing_are_not_always_the_same": "looking explanation felt",
    },
    "facts/test_ways.py": {
        "test_which_way_brings_most_is_not_always_the_same": "way_back",
    },
    "facts/test_bottleneck.py": {
        "test_whether_all_is_in_the_last_state_is_not_always_the_same": "in_last",
    },
    "facts/test_stack.py": {
        "test_how_many_sets_of_weights_and_how_many_rows_without_words_is_not_always_the_same": (
            "stack_weights stack_reads"
        ),
        "test_whether_a_larger_network_helps_is_not_always_the_same": "stack_larger",
    },
    "facts/test_forecast.py": {
        "test_which_forecast_is_nearest_is_not_always_the_same": "forecast_nearest",
        "test_which_shape_is_nearest_is_not_always_the_same": "forecast_shapes",
        "test_whether_a_network_only_repeats_is_not_always_the_same": "forecast_copy",
        "test_what_helps_a_short_window_is_not_always_the_same": "forecast_short",
        "test_on_which_side_forecasts_lie_is_not_always_the_same": "forecast_trend",
        "test_what_a_leak_hides_is_not_always_the_same": "forecast_leak",
        "test_which_of_two_trainings_is_nearer_is_not_always_the_same": "forecast_horizon",
    },
    "facts/test_shapes.py": {
        "test_how_many_states_a_loss_reaches_and_how_many_losses_a_text_gives_is_not_always_the_same": "reached losses",
    },
    "pages/test_shapes.py": {
        "test_how_long_a_first_state_is_felt_is_what_the_networks_modules_say_and_differs": "drawn",
        "test_which_word_turns_a_verdict_is_not_always_the_same": "turned",
        "test_another_word_changes_no_tag_before_it_and_which_one_it_changes_differs": "ahead",
    },
}


class Asked(NamedTuple):
    """Where a question is asked."""

    lesson: str
    values: dict[str, str]
    after: int = 0  # how many questions come before it
    notices: bool = False  # whether other things are told while it waits, which its own test looks at


READ = {"guess": "off", "model": "words-en", "text": "I am a boy."}
ASKED = {
    "decider": Asked("step", {**READ, "t": "5"}, notices=True),
    "speaks": Asked("step", {**READ, "t": "5"}, 1, notices=True),
    "apart": Asked("step", {**READ, "t": "5"}, 2, notices=True),
    "memory": Asked("gates", {"part": "step"}, notices=True),
    "closes": Asked("gates", {"part": "step"}, 1, notices=True),
    "fate": Asked("gates", {"part": "hold"}),
    "first_word": Asked("gates", {"part": "compare"}),
    "edit_reaches": Asked("rolled", {"part": "weight"}),
    "unrolled": Asked("rolled", {"part": "length"}),
    "copies": Asked("rolled", {"part": "gradient"}),
    "surprised": Asked("rolled", {"part": "gradient", "model": "words-en"}, 1, notices=True),
    "matrix": Asked("lab", {"part": "matrix"}),
    "slopes": Asked("lab", {"part": "derivative", "cell": "rnn"}),
    "gates": Asked("lab", {"part": "derivative", "cell": "lstm"}),
    "sigma": Asked("lab", {"part": "knobs"}),
    "cliff": Asked("lab", {"part": "cliff"}),
    "turns": Asked("lab", {"part": "cut"}),
    "turns_overlapping": Asked("lab", {"part": "cut", "windows": "overlapping"}),
    "past": Asked("lab", {"part": "past"}),
    "units": Asked("lab", {"part": "table"}),
    "reached": Asked("shapes", {"part": "taps"}, notices=True),
    "drawn": Asked("shapes", {"part": "one_to_many"}),
    "turned": Asked("shapes", {"part": "many_to_one"}),
    "losses": Asked("shapes", {"part": "in_step", "task": "next"}),
    "ahead": Asked("shapes", {"part": "in_step"}),
    "gap_decides": Asked("chains", {"part": "gap"}),
    "pads_state": Asked("chains", {"part": "batch"}),
    "pads_first": Asked("chains", {"part": "batch", "side": "left"}),
    "stack_weights": Asked("chains", {"part": "stack"}),
    "stack_reads": Asked("chains", {"part": "stack", "silent": "1"}),
    "stack_larger": Asked("chains", {"part": "stack"}, 1, notices=True),
    "looking": Asked("attention", {}),
    "explanation": Asked("attention", {"part": "hold", "what": "exchange"}),
    "felt": Asked("attention", {"part": "contrast"}),
    "way_back": Asked("attention", {"part": "gradient"}),
    "in_last": Asked("attention", {"part": "bottleneck"}),
    "forecast_nearest": Asked("forecast", {}),
    "forecast_shapes": Asked("forecast", {"part": "shapes"}),
    "forecast_copy": Asked("forecast", {"part": "wrong"}),
    "forecast_short": Asked("forecast", {"part": "wrong", "flaw": "short"}),
    "forecast_trend": Asked("forecast", {"part": "wrong", "flaw": "trend"}),
    "forecast_leak": Asked("forecast", {"part": "wrong", "flaw": "leak"}),
    "forecast_horizon": Asked("forecast", {"part": "wrong", "flaw": "horizon"}),
    "row": Asked("train", {}),
    "every": Asked("train", {"task": "sine"}),
    "first": Asked("train", {"preset": "rnn-lstm"}),
}
# These follow a run: `test_how_a_run_ends_is_asked_after_its_first_row_and_before_it_has_one` looks at them.
OF_A_RUN = {"norm", "arrives"}


def plain(text: str) -> str:
    """Without the links to the glossary."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)


def told(at: AppTest) -> str:
    return plain("\n".join(part.value for part in (*at.markdown, *at.caption, *at.info, *at.warning)))


def pattern(key: str, language: str) -> str:
    """A text of the catalogue, with whatever may stand in its placeholders."""
    literals = [literal for literal, *_ in string.Formatter().parse(plain(catalogue(language)[key]))]
    return ".*".join(map(re.escape, literals))


def reasons(name: str, language: str, said: str) -> list[str]:
    """Those of a question that stand on a page, each behind the mark of its option."""
    keys = [key for key in catalogue(language) if key.startswith(f"ask.{name}_why_")]
    return [key for key in keys if re.search(rf"[✓✗] \*\*.*\*\*: {pattern(key, language)}", said)]


def test_every_question_is_looked_at() -> None:
    assert set(NAMES) == ASKED.keys() | OF_A_RUN
    named = [name for tests in VARIES.values() for names in tests.values() for name in names.split()]
    assert sorted(named) == NAMES
    for file, tests in VARIES.items():
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert tests.keys() <= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("name", "language"), list(zip(ASKED, cycle(LANGUAGES), strict=False)))
def test_nothing_that_is_said_answers_a_question_that_waits(name: str, language: str, visit: Visit) -> None:
    lesson, values, after, notices = ASKED[name]
    labels = catalogue(language)
    at = visit(lesson, language, **values)
    for _ in range(after):
        at.button(key=f"{lesson}_skip").click().run()
    until_trained(at)
    said = told(at)
    assert re.search(pattern(f"ask.{name}", language), said), "it is asked"
    assert not reasons(name, language, said)
    assert notices or labels["notice.title"] not in [heading.value for heading in at.subheader]
    if lesson == "train":
        assert plain(labels["train.why_vanish"]) not in said
        return
    assert labels["details.why_waits"] in said
    at.button(key=f"{lesson}_skip").click().run()
    assert not at.exception
    assert len(reasons(name, language, told(at))) > 1, "of each option why"
