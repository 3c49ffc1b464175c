"""The loop that the page shows is the loop that runs: its lines, run as they are, print the trainer's losses."""

import pytest

from rnnviz.snippets.loop import loop_lines
from rnnviz.training import Config, Trainer


@pytest.mark.parametrize(
    "config",
    [
        Config(length=12),
        Config(
            cell="lstm", length=13, truncation=5, clipping="norm", clip_at=0.5, optimiser="rmsprop", forget_bias=1.0
        ),
        Config(cell="gru", length=12, truncation=4, clipping="value", clip_at=0.01, optimiser="momentum"),
        Config(cell="rnn_relu", task="reber", length=20, num_layers=2, optimiser="sgd", initialisation="identity"),
        Config(cell="peephole", length=12, truncation=4, num_layers=2, forget_bias=1.0),
        Config(cell="mgu", length=12),
    ],
)
def test_the_lines_print_the_trainers_losses(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(loop_lines(config, iterations=8), "loop", "exec"), {})
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    trainer = Trainer(config, iterations=8)
    assert [int(iteration) for iteration, _ in printed] == list(range(1, 9))
    assert [float(loss) for _, loss in printed] == pytest.approx([s.loss for s in trainer], rel=1e-4)
