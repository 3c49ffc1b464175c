"""What a card of everyday text says, held against other ways to find it."""

from collections import Counter
from math import log

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from rnnviz import zoo
from rnnviz.zoo.held_out import NONE, encoded, loss_and_accuracy, without_memory
from rnnviz.zoo.train import _loss
from rnnviz.zoo.vocabulary import UNKNOWN, Vocabulary

LETTERS = Vocabulary((UNKNOWN, "a", "b", "c"), "word")
rows = st.lists(st.lists(st.sampled_from("abcz"), min_size=1, max_size=6).map(tuple), min_size=1, max_size=5)


def test_loss_and_accuracy_are_those_of_one_prediction_after_the_other() -> None:
    model = zoo.load("words-en", "gru")
    texts = [("I", "am", "a", "boy", "."), ("you", "zebra", "hungry"), ("The", "dog")] * 30  # more than are run at once
    nats, right, count = 0.0, 0, 0
    for text in texts:
        indices = [model.vocabulary.row(word) for word in text]
        for t, index in enumerate(indices):
            if index:
                y = model.predict(indices[:t]).double()
                nats, right, count = nats - float(y[index].log()), right + int(y.argmax() == index), count + 1
    found = loss_and_accuracy(model, encoded(texts, model.vocabulary))
    assert found == (pytest.approx(nats / count, abs=1e-5), right / count, count)


@given(seen=rows, asked=rows)
@settings(max_examples=200, deadline=None)
def test_the_guesses_without_memory_are_distributions_and_are_computed_as_the_definition_says(
    seen: list[tuple[str, ...]], asked: list[tuple[str, ...]]
) -> None:
    pairs = [(a, b) for row in seen for a, b in zip(("^", *row), row, strict=False) if b != "z"]
    common, after = Counter(b for _, b in pairs), Counter(pairs)

    def p(b: str) -> float:
        return (common[b] + 1) / (len(pairs) + 3)

    def q(a: str, b: str) -> float:
        n, d = sum(after[a, other] for other in "abc"), sum((a, other) in after for other in "abc")
        return p(b) if n == 0 else n / (n + d) * after[a, b] / n + d / (n + d) * p(b)

    for a in "^abcz":
        assert sum(q(a, b) for b in "abc") == pytest.approx(1)
    wanted = [(a, b) for row in asked for a, b in zip(("^", *row), row, strict=False) if b != "z"]
    if not wanted:
        return
    unigram, bigram, right = without_memory(seen, asked, LETTERS)
    assert unigram == pytest.approx(-sum(log(p(b)) for _, b in wanted) / len(wanted))
    assert bigram == pytest.approx(-sum(log(q(a, b)) for a, b in wanted) / len(wanted))
    assert 0 <= right <= 1


def test_a_loss_with_drawn_rivals_estimates_the_one_with_all_of_them() -> None:
    """With all rivals drawn it is the same; with a few the sum over all words is right on average."""
    generator = torch.Generator().manual_seed(0)
    T, B, H, V = 5, 4, 8, 300
    h, weight, bias = (torch.randn(*shape, generator=generator) for shape in ((T - 1, B, H), (V, H), (V,)))
    tokens = torch.randint(1, V, (T, B), generator=generator)
    tokens[2, 1], tokens[4, 3] = 0, NONE  # an unknown word and padding are not predicted
    logits = torch.cat([bias.expand(1, B, -1), h @ weight.T + bias]).flatten(0, 1)
    wanted = tokens.masked_fill(tokens == 0, NONE).flatten()
    whole = cross_entropy(logits, wanted, ignore_index=NONE)
    for rivals in (0, V):
        assert float(_loss(h, weight, bias, tokens, rivals, generator)) == pytest.approx(float(whole), rel=1e-5)
    sums = []
    for _ in range(400):
        # At the first step all logits are b, so that exp(loss + mean of b of what is wanted) is the estimated sum.
        one = _loss(h[:0], weight, bias, tokens[:1], 40, generator)
        sums.append((one + bias[tokens[0]].mean()).exp())
    assert float(torch.stack(sums).mean()) == pytest.approx(float(bias.exp().sum()), rel=0.05)
