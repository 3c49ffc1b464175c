"""The encoders and decoders: their cards are true, and what they show holds for every seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.core.seq2seq.attention import MECHANISMS
from rnnviz.core.seq2seq.transduce import EDGE, read, write
from rnnviz.tasks import pairs
from rnnviz.zoo.catalogue import WEIGHTS
from rnnviz.zoo.data import UNSEEN_SEED
from rnnviz.zoo.model import read_weights
from rnnviz.zoo.seq2seq import ATTENTIONS, NAMES, SEEDS, cards, describe_seq2seq
from rnnviz.zoo.seq2seq.model import assembled, load_seq2seq
from rnnviz.zoo.seq2seq.training import ASKED, LONGEST, MEASURED, RECIPES, Net, train, vocabularies

NAME = pytest.mark.parametrize("name", NAMES)
ATTENTION = pytest.mark.parametrize("attention", ATTENTIONS)
SAMPLE = 12  # sources of each length that are written one by one


def net_of(name: str, attention: str) -> Net:
    """The shipped weights in the modules that were trained."""
    shared = cards(name)
    net = Net(MECHANISMS[attention], len(shared.source), len(shared.target), RECIPES[name], 0)
    net.load_state_dict(read_weights(WEIGHTS / f"seq2seq-{name}-{attention}.safetensors"))
    return net.eval().requires_grad_(False)


@NAME
@ATTENTION
def test_the_scores_of_the_card_are_those_of_the_shipped_weights(name: str, attention: str) -> None:
    """In batches by the modules that were trained; and one by one by the declared program, which writes the same."""
    model, net = load_seq2seq(name, attention), net_of(name, attention)
    source, target = model.source, model.target
    for score in model.card.lengths[:: max(1, len(model.card.lengths) // 3)]:
        asked = pairs.pairs(name, score.count, seed=UNSEEN_SEED + score.length, unseen=True, length=score.length)
        rows = torch.tensor([[source.row(token) for token in one.source] for one in asked]).T
        written, _ = net.greedy(rows, LONGEST)
        right = 0
        for at, (column, one) in enumerate(zip(written.T.tolist(), asked, strict=True)):
            end = column.index(EDGE) if EDGE in column else len(column)
            right += tuple(target.words[row] for row in column[:end]) == one.target
            if at < SAMPLE:
                mine = write(model.network, read(model.network, rows[:, at].tolist(), one.source), limit=LONGEST)
                assert list(mine.rows) == [*column[:end], EDGE][: len(mine)]
        assert score.exact[0] == pytest.approx(right / score.count, abs=1e-4)
        first = [one.source[model.card.probed] for one in asked]
        assert score.guess_first == pytest.approx(max(map(first.count, first)) / score.count, abs=1e-4)


@NAME
def test_a_card_compares_what_can_be_compared(name: str) -> None:
    shared, recipe = cards(name), RECIPES[name]
    assert list(shared.by_attention) == list(ATTENTIONS)
    assert vocabularies(name) == (shared.source, shared.target)
    for attention, card in shared.by_attention.items():
        tensors = read_weights(WEIGHTS / f"seq2seq-{name}-{attention}.safetensors")
        assert card.parameters == sum(value.numel() for value in tensors.values())
        assert card.seeds == SEEDS
        assert (card.steps, card.batch_size) == (recipe.steps, recipe.batch_size)
        assert card.seconds < 600, "each is trained in under ten minutes of one core"
        assert tuple(one.length for one in card.lengths) == MEASURED[name]
        assert {one.count for one in card.lengths} == {ASKED}
        assert all(len(part) == len(SEEDS) for one in card.lengths for part in (one.exact, one.tokens, one.first))
        assert describe_seq2seq(card).count("\n") == 4 + len(card.lengths)


def test_all_weights_together_are_small() -> None:
    files = list(WEIGHTS.glob("seq2seq-*"))
    assert len(files) == len(NAMES) * (len(ATTENTIONS) + 1)
    assert sum(file.stat().st_size for file in files) < 5e6


@NAME
def test_what_the_lesson_tells_of_the_three_holds_for_every_seed(name: str) -> None:
    """Attention is right where the plain network is no longer, and both beat what needs no network."""
    found = cards(name).by_attention
    within = {kind: [one for one in card.lengths if one.length <= card.trained[1]] for kind, card in found.items()}
    longest = {kind: rows[-1] for kind, rows in within.items()}
    if name != "dates":
        assert max(longest["none"].exact) < min(longest["additive"].exact)
        assert max(longest["none"].exact) < min(longest["multiplicative"].exact)
        assert np.mean(within["none"][0].exact) > np.mean(longest["none"].exact) + 0.3, "it falls with the length"
    for rows in within.values():
        assert np.mean([one.exact for one in rows]) > np.mean([one.guess_exact for one in rows])


@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
def test_numbers_that_are_wrong_are_mostly_wrong_in_their_zeros(attention: str) -> None:
    """As the lesson says under "why"."""
    net, (source, target) = net_of("numbers", attention), vocabularies("numbers")
    by_length: dict[int, list[pairs.Pair]] = {}
    for one in pairs.pairs("numbers", 3000, seed=UNSEEN_SEED, unseen=True):
        by_length.setdefault(len(one.source), []).append(one)
    wrong = zeros = 0
    for alike in by_length.values():
        rows = torch.tensor([[source.row(token) for token in one.source] for one in alike]).T
        written, _ = net.greedy(rows, LONGEST)
        for column, one in zip(written.T.tolist(), alike, strict=True):
            text, right = "".join(target.words[row] for row in column if row != EDGE), "".join(one.target)
            wrong += text != right
            zeros += text != right and text.replace("0", "") == right.replace("0", "")
    assert 0 < wrong < 0.05 * 3000
    assert zeros > wrong / 2


def test_no_unseen_pair_was_trained_on() -> None:
    for name in NAMES:
        seen = {one.source for one in pairs.pairs(name, 4000, seed=0)}
        assert not any(one.source in seen for one in pairs.pairs(name, 400, seed=UNSEEN_SEED, unseen=True))


def test_weights_that_do_not_fit_are_refused() -> None:
    shared = cards("copying")
    card = shared.by_attention["additive"]
    tensors = read_weights(WEIGHTS / "seq2seq-copying-additive.safetensors")
    with pytest.raises(ValueError, match=r"missing attention\.v_e"):
        assembled({key: value for key, value in tensors.items() if key != "attention.v_e"}, shared, card)
    with pytest.raises(ValueError, match="should be"):
        assembled(tensors, shared, replace(card, hidden_size=32))
    with pytest.raises(ValueError, match="no attention 'bilinear'"):
        load_seq2seq("copying", "bilinear")
    with pytest.raises(ValueError, match="no model 'fr-en'"):
        cards("fr-en")


def test_training_again_gives_the_same_bits_and_leaves_the_global_state_alone() -> None:
    recipe = replace(RECIPES["copying"], steps=3, hidden_size=8, embedding_size=4)
    before = torch.get_rng_state()
    first, second = (train("copying", "multiplicative", recipe=recipe, seeds=(1,))[0] for _ in range(2))
    assert torch.equal(before, torch.get_rng_state())
    for name, value in first.network.encoder.items():
        assert torch.equal(value, second.network.encoder[name])
    assert first.card.lengths == second.card.lengths
    assert isinstance(net_of("copying", "none").encoder, nn.GRU)
