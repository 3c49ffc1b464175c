"""`python -m rnnviz.training` prints progress and writes a history that loads."""

import sys
from pathlib import Path

import pytest

from rnnviz.training import load
from rnnviz.training.__main__ import main


def test_it_writes_the_history_of_a_preset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run.npz"
    words = f"training --preset vanishes --set hidden_size=4 --set seed=5 --iterations 30 --out {out}"
    monkeypatch.setattr(sys, "argv", words.split())
    main()
    config, arrays = load(out)
    assert (config.cell, config.length, config.hidden_size, config.seed) == ("rnn", 100, 4, 5)
    assert len(arrays["loss"]) == 30
    assert "baseline without memory 0.1" in capsys.readouterr().out


def test_a_wrong_setting_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["training", "--set", "cell=rwkv"])
    with pytest.raises(SystemExit):
        main()
    assert "cell is 'rwkv'; accepted: rnn, rnn_relu, rnn_sigmoid, lstm, gru, peephole, mgu" in capsys.readouterr().err


def test_it_draws_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "run.svg"
    monkeypatch.setattr(sys, "argv", f"training --set length=10 --iterations 30 --picture {picture}".split())
    main()
    assert "iteration 30 / 30" in picture.read_text("utf-8")


def test_a_picture_of_another_kind_is_refused_before_anything_is_trained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["training", "--iterations", "100000", "--picture", "run.pdf"])
    with pytest.raises(SystemExit):
        main()
    assert "accepted: names that end in .html, .svg, .png" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--out", "--picture"])
def test_a_folder_that_is_not_there_is_refused_before_anything_is_trained(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["training", "--iterations", "100000", option, str(tmp_path / "none" / "a.svg")])
    with pytest.raises(SystemExit):
        main()
    assert "there is no folder" in capsys.readouterr().err
