"""A config is refused where a bound is broken, in words, and survives a URL."""

from dataclasses import fields
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.tasks.catalogue import TASK_NAMES
from rnnviz.training import config as module
from rnnviz.training.config import KERNELS, LOOP_LIMIT, SIZE_LIMIT, Config, bounds, choices


def values(name: str, kind: str) -> st.SearchStrategy[Any]:
    if name == "text":
        return st.text(max_size=50)
    if kind == "str":
        return st.sampled_from(choices(name))
    least, most = bounds(name)
    if kind == "int":
        return st.integers(int(least), int(most))
    numbers = st.floats(least, most)
    return st.none() | numbers if "None" in kind else numbers


def size(settings: dict[str, Any]) -> int:
    return prod(settings[name] for name in ("num_layers", "length", "batch_size", "hidden_size", "hidden_size"))


@given(st.fixed_dictionaries({part.name: values(part.name, str(part.type)) for part in fields(Config)}))
def test_the_text_form_gives_the_config_back(settings: dict[str, Any]) -> None:
    if size(settings) > SIZE_LIMIT:
        with pytest.raises(ValueError, match=rf"hidden_size\*\*2 is {size(settings)}; accepted: at most 100000000"):
            Config(**settings)
        return
    steps = settings["num_layers"] * settings["length"]
    if settings["cell"] not in KERNELS and steps > LOOP_LIMIT:
        with pytest.raises(ValueError, match=rf"num_layers \* length is {steps}; accepted for {settings['cell']}"):
            Config(**settings)
        return
    config = Config(**settings)
    assert Config.from_text(config.to_text()) == config


def test_the_default_needs_no_text() -> None:
    assert Config().to_text() == {}
    assert Config(cell="lstm", seed=3).to_text() == {"cell": "lstm", "seed": "3"}


@pytest.mark.parametrize("part", [part.name for part in fields(Config) if "least" in part.metadata])
def test_a_number_outside_its_bounds_is_refused_with_the_bounds(part: str) -> None:
    least, most = bounds(part)
    for wrong in (least - 1, most + 1, 10**400, -(10**400)):
        with pytest.raises(ValueError, match=rf"{part} is {wrong}; accepted: .* to "):
            Config(**{part: wrong})


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        (
            {"cell": "rwkv"},
            ValueError,
            "cell is 'rwkv'; accepted: rnn, rnn_relu, rnn_sigmoid, lstm, gru, peephole, mgu",
        ),
        ({"learning_rate": float("nan")}, ValueError, "learning_rate is nan; accepted: 1e-06 to 10"),
        ({"hidden_size": 3.5}, TypeError, "hidden_size is 3.5; accepted: a whole number"),
        ({"cell": "mgu", "num_layers": 3, "length": 67}, ValueError, "num_layers . length is 201; accepted for mgu"),
        ({"hidden_size": np.float32(8)}, TypeError, "a whole number"),
        ({"seed": True}, TypeError, "seed is True; accepted: a whole number"),
        ({"text": "x" * 20_001}, ValueError, "text has 20001 characters; accepted: at most 20000"),
        ({"text": 3}, TypeError, "text is 3; accepted: a string"),
    ],
)
def test_what_is_wrong_is_said(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Config(**settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ({"depth": "2"}, "no setting 'depth'; accepted: task, text, cell"),
        ({"seed": "one"}, "seed is 'one'; accepted: a whole number"),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'; accepted: a number"),
    ],
)
def test_a_text_that_is_no_setting_is_refused(text: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Config.from_text(text)


def test_numpys_numbers_are_numbers() -> None:
    config = Config(hidden_size=np.int64(8), learning_rate=np.float64(0.01))
    assert config == Config(hidden_size=8, learning_rate=0.01)
    assert Config.from_text(config.to_text()) == config


def test_the_table_knows_every_task() -> None:
    assert module.TASK_NAMES == TASK_NAMES
