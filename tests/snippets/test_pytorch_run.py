"""The lines that train a run again print, run as they are, what the stage shows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.core.cells import CELLS
from rnnviz.core.forced import Forced
from rnnviz.snippets.run import run_hold_lines, run_lines
from rnnviz.training import Config, Trainer
from rnnviz.training.moment import SampleReading, reading

GATED = tuple(name for name in CELLS if CELLS[name].memory)
CONFIGS = {
    "classes": Config(task="reber", length=13, hidden_size=4, batch_size=3, seed=2),
    "numbers": Config(task="adding", length=9, hidden_size=4, batch_size=3, learning_rate=0.02),
}
NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?")


def run(lines: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    exec(compile(lines, "run", "exec"), {})
    return capsys.readouterr().out


def numbers(printed: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(printed)]


def shown(config: Config, at: int, sample: int, layer: int) -> SampleReading:
    trainer = Trainer(config, iterations=at)
    for _ in range(at - 1):
        trainer.advance()
    return reading(config, trainer.model.keep(), sample, layer)


def settled(said: str, cell: str, layers: int) -> Config:
    one = CONFIGS[said]
    return Config.from_text(one.to_text() | {"cell": cell, "num_layers": str(layers)})


class TestLines:
    @settings(max_examples=25)
    @given(
        said=st.sampled_from(["classes", "numbers"]),
        cell=st.sampled_from(tuple(CELLS)),
        layers=st.integers(1, 3),
        at=st.integers(1, 12),
        sample=st.integers(1, 100),
        data=st.data(),
    )
    def test_they_print_the_state_and_the_answer_of_the_step(
        self, said: str, cell: str, layers: int, at: int, sample: int, data: st.DataObject
    ) -> None:
        config = settled(said, cell, layers)
        layer, t = data.draw(st.integers(1, layers)), data.draw(st.integers(1, 9))
        read = shown(config, at, sample, layer)
        trace = rnnviz.record(read.rnn, read.x)
        lines = run_lines(config, at, sample, layer, t, said if layer == layers else "nothing")
        printed: list[str] = []
        exec(compile(lines, "run", "exec"), {"print": lambda *parts: printed.append(" ".join(map(str, parts)))})
        assert numbers(printed[0]) == pytest.approx(trace["h"][0, t - 1].tolist(), abs=2e-4)
        assert len(printed) == 2 - (layer < layers)
        if read.head is not None:
            readout = rnnviz.read_out(trace, read.head)
            if said == "numbers":
                assert numbers(printed[1]) == pytest.approx(readout.logits[t - 1].tolist(), abs=2e-4)
            else:
                assert printed[1].split()[0] == read.outputs[int(readout.y[t - 1].argmax())]
                assert numbers(printed[1]) == pytest.approx([float(readout.y[t - 1].max())], abs=2e-4)


class TestHeld:
    @pytest.mark.parametrize("cell", GATED)
    @pytest.mark.parametrize("said", ["classes", "numbers", "nothing"])
    def test_they_hold_what_the_stage_holds(self, cell: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
        layers = 2 if said == "nothing" else 1
        config = settled("classes" if said == "nothing" else said, cell, layers)
        read = shown(config, 7, 3, 1)
        for force, bias in (
            (Forced(CELLS[cell].keeping[0], 0.25, (2,), (2, 6)), None),
            (Forced(CELLS[cell].gates[0], 1.0), None),
            (None, 2.0),
            (Forced(CELLS[cell].gates[-1], 0.0), -1.5),
        ):
            rnn = read.rnn if bias is None else rnnviz.with_forget_bias(read.rnn, bias)
            trace = rnnviz.record(rnn, read.x, forced=() if force is None else (force,))
            free = rnnviz.record(read.rnn, read.x)
            printed = run(run_hold_lines(config, 7, 3, 1, force, bias, said), capsys).splitlines()
            memory = CELLS[cell].required_memory[0]
            size = float(np.abs(trace[memory][0, -1]).mean())
            assert size != pytest.approx(float(np.abs(free[memory][0, -1]).mean()), abs=1e-4)
            assert numbers(printed[-1]) == pytest.approx([size], abs=2e-4)
            if said == "nothing":
                assert numbers(printed[-2]) == pytest.approx(trace["h"][0, -1].tolist(), abs=2e-4)
                continue
            assert len(printed) == len(trace) + 1
            assert read.head is not None
            readout = rnnviz.read_out(trace, read.head)
            if said == "numbers":
                assert [numbers(line)[-1] for line in printed[:-1]] == pytest.approx(readout.logits[:, 0], abs=2e-4)
            else:
                best = [read.outputs[k] for k in readout.y.argmax(axis=1)]
                assert [line.split()[1] for line in printed[:-1]] == best


def test_only_what_differs_from_the_default_is_written() -> None:
    lines = run_lines(CONFIGS["numbers"], 3, 1, 1, 2, "numbers")
    assert "Config(hidden_size=4, length=9, batch_size=3, learning_rate=0.02)" in lines
    assert "import rnnviz\n" not in lines


def test_what_was_changed_on_the_way_is_changed_in_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    trainer = Trainer(CONFIGS["numbers"], iterations=12)
    for iteration in range(1, 12):
        if iteration == 3:
            trainer.change(learning_rate=0.5)
        if iteration == 8:
            trainer.change(clipping="norm", clip_at=0.01)
        trainer.advance()
    changes = ((3, (("learning_rate", 0.5),)), (8, (("clipping", "norm"), ("clip_at", 0.01))))
    read = reading(CONFIGS["numbers"], trainer.model.keep(), 2, 1)
    h = rnnviz.record(read.rnn, read.x)["h"][0]
    printed = run(run_lines(CONFIGS["numbers"], 12, 2, 1, 9, "nothing", changes), capsys)
    assert numbers(printed) == pytest.approx(h[-1].tolist(), abs=2e-4)
    unchanged = run(run_lines(CONFIGS["numbers"], 12, 2, 1, 9, "nothing"), capsys)
    assert numbers(unchanged) != pytest.approx(h[-1].tolist(), abs=2e-3)
