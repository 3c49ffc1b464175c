"""Every task: its shapes, its draw, its baseline against one that is computed another way."""

import re
from math import log

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Generator, Tensor
from torch.nn import functional as F

from rnnviz.tasks import reber
from rnnviz.tasks.catalogue import TASK_NAMES, task_of
from rnnviz.tasks.copying import BLANK, CODE, GO, SYMBOLS
from rnnviz.tasks.series.catalogue import series_of
from rnnviz.tasks.sunspots import FIRST, SPLIT
from rnnviz.tasks.task import PADDING, Batch, Blind, Task, blind

every_task = pytest.mark.parametrize("name", TASK_NAMES)


def draw(task: Task, length: int = 24, count: int = 64, seed: int = 0, unseen: bool = False) -> Batch:
    return task.batch(Generator().manual_seed(seed), count, length, unseen=unseen)


@every_task
def test_shapes_are_what_the_task_says(name: str) -> None:
    task = task_of(name)
    for length in (task.shortest, 24, task.longest):
        batch, T = draw(task, length, 6), task.steps(length)
        assert batch.x.shape == (T, 6, task.input_size)
        n = T - task.loss_from(length)
        assert n > 0
        if task.loss == "mse":
            assert batch.y.shape == (n, 6, task.output_size)
        else:
            assert batch.y.shape == (n, 6)
            assert batch.y.max() < task.output_size
        outputs = torch.zeros(n, 6, task.output_size)
        assert task.criterion(outputs, batch.y).isfinite()
        assert 0 <= task.score(outputs, batch) <= 1


@every_task
def test_a_draw_is_decided_by_its_generator_alone(name: str) -> None:
    task, state = task_of(name), torch.get_rng_state()
    a, b, c = draw(task, seed=3), draw(task, seed=3), draw(task, seed=4)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(a.x, b.x)
    assert torch.equal(a.y, b.y)
    assert not torch.equal(a.x, c.x)


@every_task
def test_a_length_out_of_bounds_is_refused(name: str) -> None:
    task = task_of(name)
    for length in (task.shortest - 1, task.longest + 1):
        with pytest.raises(ValueError, match=rf"length is {length}; accepted .*{task.shortest} to {task.longest}"):
            draw(task, length)


@every_task
def test_the_right_answer_scores_one_and_costs_nothing(name: str) -> None:
    task = task_of(name)
    batch = draw(task, min(36, task.longest))
    if task.loss == "mse":
        outputs = batch.y.clone()
    else:
        outputs = 50.0 * F.one_hot(batch.y.clamp(min=0), task.output_size).float()
    assert task.score(outputs, batch) == 1
    assert float(task.criterion(outputs, batch.y)) < 1e-6


def test_adding_asks_for_the_sum_of_one_marked_value_in_each_half() -> None:
    x, y = draw(task_of("adding"), 21, 500).x, draw(task_of("adding"), 21, 500).y
    assert (x[:10, :, 1].sum(0) == 1).all()
    assert (x[10:, :, 1].sum(0) == 1).all()
    torch.testing.assert_close(x.prod(2).sum(0), y[0, :, 0])


def test_the_adding_baseline_is_what_predicting_one_costs() -> None:
    task = task_of("adding")
    batch = draw(task, 30, 200_000)
    cost = task.criterion(torch.ones_like(batch.y), batch.y)
    assert float(cost) == pytest.approx(task.baseline(30), rel=0.01) == pytest.approx(0.167, abs=1e-3)
    assert task.score(torch.ones_like(batch.y), batch) == pytest.approx(task.chance, abs=0.003)


def test_copy_memory_repeats_its_code_after_go() -> None:
    batch = draw(task_of("copy"), 7, 20)
    tokens = batch.x.argmax(2)
    assert tokens.shape == (27, 20)
    assert (tokens[:CODE] < SYMBOLS).all()
    assert torch.equal(batch.y[-CODE:], tokens[:CODE])
    assert (batch.y[:-CODE] == BLANK).all()
    assert (tokens == GO).nonzero()[:, 0].tolist() == [16] * 20


def test_the_copy_baseline_is_what_blanks_and_then_a_uniform_guess_cost() -> None:
    task = task_of("copy")
    batch = draw(task, 30)
    logits = torch.full((*batch.y.shape, 9), -60.0)
    logits[:-CODE, :, BLANK] = logits[-CODE:, :, :SYMBOLS] = 0
    cost = float(task.criterion(logits, batch.y))
    assert cost == pytest.approx(task.baseline(30), rel=1e-4) == pytest.approx(10 * log(8) / 50)


def test_order_names_the_two_symbols_in_turn() -> None:
    task = task_of("order")
    batch = draw(task, 40, 300)
    for column in range(300):
        tokens = [task.inputs[i] for i in batch.x[:, column].argmax(1)]
        assert "".join(t for t in tokens if t in "XY") == task.outputs[batch.y[0, column]]
    assert batch.y.unique().tolist() == [0, 1, 2, 3]


def accepts(string: str) -> bool:
    """An embedded Reber string, by the transition graph of Hochreiter & Schmidhuber 1997, figure 3, as a table."""
    state, arcs = "0", {
        "0": {"B": "1"}, "1": {"T": "2", "P": "3"}, "2": {"S": "2", "X": "4"}, "3": {"T": "3", "V": "5"},
        "4": {"X": "3", "S": "6"}, "5": {"P": "4", "V": "6"}, "6": {"E": "7"},
    }  # fmt: skip
    found = re.fullmatch(r"B([TP])(.*)\1E", string)
    for symbol in found[2] if found else "":
        state = arcs.get(state, {}).get(symbol, "no")
    return state == "7"


def test_embedded_reber_strings_are_in_the_grammar_and_both_embeddings_occur() -> None:
    symbols, states = reber.walk(Generator().manual_seed(0), 400, 60)
    seen = set()
    for column in range(400):
        whole = [reber.SYMBOLS[i] for i in symbols[:, column] if i != PADDING]
        if len(whole) < 60:
            assert accepts("".join(whole)), whole
            seen.add(whole[1])
    assert seen == {"T", "P"}
    legal = reber.legal(states)
    present = symbols != PADDING
    assert legal[present].gather(1, symbols[present][:, None]).all()
    assert legal.sum(-1).max() == 2
    assert not legal[~present].any()


def test_reber_asks_about_the_symbol_before_the_last() -> None:
    batch = draw(task_of("reber"), 60, 200)
    assert batch.asked is not None
    for column in range(200):
        if (batch.y[:, column] == PADDING).any():
            (place,) = batch.asked[:, column].nonzero()[:, 0].tolist()
            assert batch.y[place, column] == batch.x[1, column].argmax()
            assert reber.SYMBOLS[batch.y[place + 1, column]] == "E"


@pytest.mark.parametrize("name", ["sine", "sines", "sunspots"])
def test_the_forecasting_baseline_is_what_the_best_straight_line_leaves(name: str) -> None:
    task = task_of(name)
    batch = draw(task, 40, 20_000)
    x, y = batch.x.double().flatten(), batch.y.double().flatten()
    design = torch.stack([x, torch.ones_like(x)], 1)
    fitted = design @ torch.linalg.lstsq(design, y[:, None]).solution
    left = float((fitted[:, 0] - y).square().mean())
    assert left == pytest.approx(task.baseline(40), rel=0.15 if name == "sunspots" else 0.02)


def test_sunspots_are_the_309_years_and_unseen_windows_share_none_with_training() -> None:
    numbers = series_of("sunspots").values.tolist()
    assert len(numbers) == 309
    year = dict(zip(range(FIRST, 2009), numbers, strict=True))
    assert (year[1700], year[1957], year[1996], year[2008]) == (5.0, 190.2, 8.6, 2.9)
    task = task_of("sunspots")
    seen = torch.tensor(numbers[: SPLIT - FIRST])

    def values(unseen: bool) -> set[float]:
        batch = draw(task, 10, 3000, unseen=unseen)
        drawn = torch.cat([batch.x, batch.y]) * seen.std() + seen.mean()
        return {round(v, 1) for v in drawn.flatten().tolist()}

    assert values(False) == {round(v, 1) for v in seen.tolist()}
    assert values(True) == {round(v, 1) for v in numbers[SPLIT - FIRST :]}


def test_characters_are_those_of_the_text_and_the_last_tenth_is_unseen() -> None:
    text = "abcd " * 90 + "xyz. " * 10
    task = task_of("characters", text)
    assert "".join(task.inputs) == " abcd□"
    seen, unseen = draw(task, 12), draw(task, 12, unseen=True)
    assert (seen.x.argmax(2)[1:] == seen.y[:-1]).all()
    assert task.inputs[5] == "□"
    assert not (seen.y == 5).any()
    assert (unseen.y == 5).float().mean() > 0.7
    assert task.baseline(12) == pytest.approx(0, abs=1e-9)


def test_a_language_in_the_place_of_a_text_is_its_sentences() -> None:
    english, korean = (task_of("characters", name).inputs for name in ("en", "ko"))
    assert english == task_of("characters").inputs
    assert set("abc ") <= set(english)
    assert sum("가" <= kind <= "힣" for kind in korean) > len(korean) / 2


def test_a_text_too_short_to_split_is_refused() -> None:
    with pytest.raises(ValueError, match="5 characters; accepted: at least 120"):
        task_of("characters", "hello")


@pytest.mark.parametrize("name", ["sentiment-en", "sentiment-ko", "gap-en", "gap-ko"])
def test_sentences_end_at_the_last_step_and_all_answers_occur(name: str) -> None:
    task = task_of(name)
    for unseen in (False, True):
        batch = draw(task, 40, 400, unseen=unseen)
        assert batch.x[-1].sum(1).eq(1).all()
        started = batch.x.sum(2)
        assert (started.diff(dim=0) >= 0).all()
        assert batch.y.unique().tolist() == list(range(task.output_size))


def test_the_gaps_answer_is_the_season_that_was_named_first() -> None:
    task = task_of("gap-en")
    goes_with = {"spring": "warm", "summer": "hot", "autumn": "cool", "winter": "cold"}
    batch = draw(task, 40, 200)
    for column in range(200):
        words = [task.inputs[i] for i in batch.x[:, column].argmax(1)[batch.x[:, column].sum(1) > 0]]
        assert goes_with[words[0]] == task.outputs[batch.y[0, column]]


@given(st.integers(2, 5), st.integers(0, 100))
def test_blind_is_the_cross_entropy_of_the_counted_frequencies(kinds: int, seed: int) -> None:
    generator = Generator().manual_seed(seed)
    x = torch.randint(0, kinds, (3, 50), generator=generator)
    y = torch.randint(0, kinds, (3, 50), generator=generator)
    assert blind(x, y) == pytest.approx(_counted(x, y), abs=1e-9)
    steps = torch.arange(3)[:, None] * kinds + x
    assert blind(x, y, at_each_step=True) == pytest.approx(_counted(steps, y), abs=1e-9)


def _counted(context: Tensor, y: Tensor) -> float:
    pairs = list(zip(context.flatten().tolist(), y.flatten().tolist(), strict=True))
    return sum(-log(pairs.count((c, k)) / sum(d == c for d, _ in pairs)) for c, k in pairs) / len(pairs)


def test_an_unknown_task_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'chess'; accepted: adding, copy"):
        task_of("chess")


def test_without_memory_a_sample_costs_what_it_costs_and_unseen_years_what_they_cost() -> None:
    task = task_of("adding")
    for seed in range(5):
        sample = draw(task, 50, 100, seed)
        loss, score = task.without_memory(Generator().manual_seed(99), sample, 50)
        assert loss == pytest.approx(float((sample.y - 1).square().mean()), rel=0.05)
        assert abs(score - float(((sample.y - 1).abs() < 0.04).float().mean())) < 0.06
    numbers = torch.tensor(series_of("sunspots").values)
    seen, unseen = numbers[: SPLIT - FIRST], numbers[SPLIT - FIRST :]
    slope, constant = torch.linalg.lstsq(
        torch.stack([seen[:-1], torch.ones(len(seen) - 1, dtype=torch.float64)], 1), seen[1:, None]
    ).solution[:, 0]
    expected = float((slope * unseen[:-1] + constant - unseen[1:]).square().mean() / seen.var())
    task = task_of("sunspots")
    loss, score = task.without_memory(Generator().manual_seed(99), draw(task, 20, 2000, unseen=True), 20)
    assert loss == pytest.approx(expected, rel=0.15)
    assert loss > 1.5 * task.baseline(20)
    assert score < task.chance
    task = task_of("order")
    assert task.without_memory(Generator(), draw(task), 24) == (task.baseline(24), task.chance)


@given(seed=st.integers(0, 100), kinds=st.integers(2, 6), classes=st.integers(2, 6))
def test_the_blind_guess_comes_near_the_conditional_entropy_and_never_meets_a_zero(
    seed: int, kinds: int, classes: int
) -> None:
    generator = Generator().manual_seed(seed)
    law = torch.rand(kinds + 1, classes, generator=generator).double()
    law /= law.sum(1, keepdim=True)
    x = torch.randint(0, kinds, (2, 4000), generator=generator)
    y = torch.multinomial(law[x.flatten()], 1, generator=generator).view(2, 4000)
    guess = Blind(x[0], y[0], classes)
    cost = float(F.nll_loss(guess(x[1]), y[1]))
    assert cost == pytest.approx(float(F.nll_loss(law.log()[x[1]], y[1])), abs=0.03)
    never = guess(torch.tensor([-1, kinds, kinds + 7]))
    assert never.exp().sum(-1) == pytest.approx([1.0] * 3, abs=1e-5)
    assert never.isfinite().all()


@pytest.mark.parametrize(("name", "length"), [("characters", 40), ("sentiment-en", 40), ("gap-ko", 40)])
def test_from_a_pool_a_model_without_memory_is_held_against_the_unseen_part(name: str, length: int) -> None:
    """It must not beat the best table from what is read to what is asked that knows the unseen sample itself."""
    task = task_of(name)
    sample = draw(task, length, 100, 3, unseen=True)
    loss, score = task.without_memory(Generator().manual_seed(9), sample, length)
    x = sample.x[len(sample.x) - len(sample.y) :].argmax(-1)
    assert loss >= blind(x, sample.y)
    pairs = torch.zeros(task.input_size, task.output_size).index_put_(
        (x.flatten(), sample.y.flatten()), torch.ones(1), accumulate=True
    )
    assert score <= float(pairs.max(1).values.sum() / pairs.sum()) + 1e-6
    assert loss < log(task.output_size) + 0.1


def test_what_only_the_unseen_part_has_costs_a_model_without_memory_too() -> None:
    text = "abcd " * 90 + "xyz. " * 10
    task = task_of("characters", text)
    sample = draw(task, 12, 100, 0, unseen=True)
    loss, score = task.without_memory(Generator().manual_seed(1), sample, 12)
    assert loss > task.baseline(12) + 1
    assert score < 0.5
