"""The lines of the lesson Shapes, run as they are, print what its page shows."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.core.taps import Taps
from rnnviz.lessons.shapes import baseline, spelled, tagged, taps, verdict
from rnnviz.lessons.shapes.parameters import TAGGED
from rnnviz.snippets.shapes import (
    own_lines,
    patient_lines,
    speaker_lines,
    spelling_lines,
    tag_lines,
    tap_lines,
    verdict_lines,
)
from rnnviz.zoo.shapes.drawing import Strokes


def printed(lines: str, capsys: pytest.CaptureFixture[str]) -> str:
    exec(compile(lines, "lines", "exec"), {})
    return capsys.readouterr().out


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("found", [((1, 2, 3, 4, 5), (5,)), ((1,), (2, 4)), ((2, 4), (1, 3))])
def test_the_taps(
    cell: str, found: tuple[tuple[int, ...], tuple[int, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    text, chosen = "I am a boy.", Taps.of(*found, 5)
    norms = np.linalg.norm(taps.run("words-en", cell, text, chosen).gradient, axis=1)
    said = printed(tap_lines("words-en", cell, text, chosen, 8), capsys)
    np.testing.assert_allclose([float(part) for part in said.strip("[]\n").split(",")], norms, rtol=1e-6)


def test_the_verdict_and_the_speaker(capsys: pytest.CaptureFixture[str]) -> None:
    read = verdict.run("sentiment-en", "The food was not good.", 1)
    said = printed(verdict_lines("sentiment-en", "The food was not good."), capsys).splitlines()
    assert read.shown.readout is not None
    np.testing.assert_allclose([float(line.split()[-1]) for line in said], read.shown.readout.y[:, 1], atol=6e-4)
    spoken = verdict.run("vowels", "", 4)
    assert spoken.shown.readout is not None
    first = (spoken.shown.readout.y.argmax(axis=1) + 1).tolist()
    assert printed(speaker_lines(3), capsys).strip() == f"4 {first}"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_tags(language: str, cell: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"tags-{language}-{cell}"
    for text in TAGGED[f"tags-{language}"]:
        shown = tagged.run(name, text).shown
        assert shown.readout is not None
        said = [line.split() for line in printed(tag_lines(name, text), capsys).splitlines()]
        assert [line[0] for line in said] == list(shown.tokens)
        assert [line[1] for line in said] == [shown.words[k] for k in shown.readout.y.argmax(axis=1)]
        np.testing.assert_allclose([float(line[2]) for line in said], shown.readout.y.max(axis=1), atol=6e-4)


def test_the_patients(capsys: pytest.CaptureFixture[str]) -> None:
    patients = (*baseline.BEFORE, (50.0, 1.0, 27.0))
    shown = baseline.run(patients).shown
    said = printed(patient_lines(patients), capsys)
    numbers = [
        float(part)
        for part in said.replace("tensor(", "").replace(")", "").replace("[", "").replace("]", "").split(",")
    ]
    assert shown.readout is not None
    np.testing.assert_allclose(np.reshape(numbers, (3, 2)), shown.readout.y, atol=1e-4)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_drawing(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = spelled.run(language, 3)
    assert printed(spelling_lines(f"drawing-{language}", 2), capsys).split() == [found.word, found.said]


@pytest.mark.parametrize("own", [spelled.SCRIBBLE, (((0, 0), (255, 255)),), (((7, 7),), ((0, 0), (0, 255), (90, 9)))])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_drawing_made_on_the_page(language: str, own: Strokes, capsys: pytest.CaptureFixture[str]) -> None:
    said = spelled.run(language, 1, own).said
    assert printed(own_lines(f"drawing-{language}", own), capsys).split() == [said]
