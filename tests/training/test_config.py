"""A config is refused where a bound is broken, in words, and survives a URL."""

from dataclasses import fields
from math import prod
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.training import config as module
from rnnviz.training.config import LOOP_LIMIT, SIZE_LIMIT, Config, Refused, bounds, choices, kernels


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
    if settings["cell"] not in kernels() and steps > LOOP_LIMIT:
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
        ({"text": "x" * 4_001}, ValueError, "text has 4001 characters; accepted: at most 4000"),
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


@pytest.mark.parametrize(
    "raw", ["１２", "1_0", " 12", "12\n", "+12", "-1", "1e1", "12.0", "", "٣", "0x1", "nan", "1" * 5000]
)
def test_a_whole_number_is_ascii_digits_and_nothing_else(raw: str) -> None:
    with pytest.raises(Refused, match=r"seed is .*; accepted: a whole number"):
        Config.from_text({"seed": raw})


@pytest.mark.parametrize("raw", ["0.1", ".1", "1e-1", "10E-2", "0.10000"])
def test_a_number_is_a_decimal_or_a_scientific_one(raw: str) -> None:
    assert Config.from_text({"clip_at": raw}).clip_at == 0.1


@pytest.mark.parametrize(
    "raw", ["０.1", "1_0", " 0.1", "0.1\n", "+0.1", "inf", "nan", "1e", "", ".", "0x1p-3", "1e99999"]
)
def test_a_number_is_written_in_ascii_and_finite(raw: str) -> None:
    with pytest.raises(Refused, match=r"clip_at is .*; accepted: a number"):
        Config.from_text({"clip_at": raw})


@pytest.mark.parametrize(
    ("text", "setting", "raw", "rule"),
    [
        ({"depth": "2"}, "depth", "2", "names"),
        ({"cell": "rwkv"}, "cell", "rwkv", "choice"),
        ({"seed": "one"}, "seed", "one", "whole"),
        ({"length": "1"}, "length", "1", "whole"),
        ({"learning_rate": "11"}, "learning_rate", "11", "number"),
        ({"text": "x" * 4_001}, "text", "x" * 4_001, "text"),
        ({"cell": "mgu", "num_layers": "3", "length": "67"}, "num_layers * length", "201", "loop"),
        ({"hidden_size": "128", "batch_size": "128"}, "hidden_size**2", "104857600", "size"),
    ],
)
def test_what_is_wrong_can_be_said_in_any_language(text: dict[str, str], setting: str, raw: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        Config.from_text(text)
    assert (refused.value.raw, refused.value.rule.name) == (raw, rule)
    assert setting in refused.value.setting


def test_numpys_numbers_are_numbers() -> None:
    config = Config(hidden_size=np.int64(8), learning_rate=np.float64(0.01))
    assert config == Config(hidden_size=8, learning_rate=0.01)
    assert Config.from_text(config.to_text()) == config


def test_every_optimiser_is_one_of_torch_with_settings_that_it_takes() -> None:
    for kind, settings in module.OPTIMISERS.values():
        made = getattr(torch.optim, kind)([torch.zeros(1)], lr=0.1, **settings)
        assert settings.items() <= made.defaults.items()
