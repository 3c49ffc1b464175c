"""Pairs of a source and a target: every draw of every task against what the task says is right."""

from collections import Counter
from functools import cache

import pytest

from rnnviz.tasks.pairs import SPACE, TASKS, Pair, pairs
from rnnviz.zoo.vocabulary import BOUNDARY, UNKNOWN, Vocabulary

every_task = pytest.mark.parametrize("name", TASKS)
KINDS = {"word": "word", "character": "char"}


@cache
def drawn(name: str, unseen: bool) -> list[Pair]:
    count = 3000 if name == "numbers" else 1000  # "fifteen" is rare
    return pairs(name, count, seed=3, unseen=unseen)


@every_task
@pytest.mark.parametrize("unseen", [False, True])
def test_the_target_of_each_pair_is_the_right_one(name: str, unseen: bool) -> None:
    for pair in drawn(name, unseen):
        assert TASKS[name].right(pair.source) == pair.target, pair


@every_task
def test_what_is_held_out_is_never_drawn_for_training(name: str) -> None:
    seen, unseen = drawn(name, False), drawn(name, True)
    assert not any(pair.unseen for pair in seen)
    assert all(pair.unseen for pair in unseen)
    assert not {pair.source for pair in seen} & {pair.source for pair in unseen}


@every_task
def test_training_has_every_token_and_the_vocabulary_no_other(name: str) -> None:
    seen, task = drawn(name, False), TASKS[name]
    assert tuple(sorted({token for pair in seen for token in pair.source})) == task.sources
    assert tuple(sorted({token for pair in seen for token in pair.target})) == task.targets
    for pair in drawn(name, True):
        assert set(pair.source) <= set(task.sources)
        assert set(pair.target) <= set(task.targets)


@every_task
def test_sources_are_as_long_as_is_asked(name: str) -> None:
    task = TASKS[name]
    assert {len(pair.source) for pair in drawn(name, False)} <= set(task.lengths)
    for length in task.measured:
        for unseen in (False, True):
            sample = pairs(name, 3, seed=4, unseen=unseen, length=length)
            assert [len(pair.source) for pair in sample] == [length] * 3
            assert all(task.right(pair.source) == pair.target and pair.unseen == unseen for pair in sample)


@every_task
def test_the_seed_decides(name: str) -> None:
    assert pairs(name, 30, seed=5) == pairs(name, 30, seed=5) != pairs(name, 30, seed=6)


@every_task
def test_a_typed_source_comes_to_its_tokens_and_is_right_in_any_case(name: str) -> None:
    """As a page reads it: by the vocabulary of the zoo, whose first word is the unknown one."""
    task = TASKS[name]
    vocabulary = Vocabulary((UNKNOWN, *task.sources), KINDS[task.units[0]])
    assert SPACE == BOUNDARY
    for pair in drawn(name, False)[:300]:
        text = vocabulary.join(pair.source)
        assert tuple(token.text for token in vocabulary.tokenize(text)) == pair.source
        typed = vocabulary.tokenize(f" {text.upper()} ")
        assert all(token.known for token in typed)
        assert task.right(tuple(token.text for token in typed)) == pair.target


@every_task
def test_what_is_no_source_has_no_right_target(name: str) -> None:
    task = TASKS[name]
    for pair in drawn(name, False)[:300]:
        assert task.right((*pair.source, UNKNOWN)) is None
        if name != "numbers":  # turned around, a number may be another one; of three digits, it is its own target
            assert task.right(pair.source[::-1]) is None
            assert task.right(pair.target) is None
    assert task.right(()) is None


def test_a_task_or_a_length_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"en-fr.*en-ko, ko-en, dates, numbers, copying"):
        pairs("en-fr", 1, seed=0)
    for name, task in TASKS.items():
        for length in (task.measured[0] - 1, task.measured[-1] + 1):
            with pytest.raises(ValueError, match=f"{length}.*{task.measured[0]} to {task.measured[-1]}"):
                pairs(name, 1, seed=0, length=length)


@pytest.mark.parametrize("name", ["en-ko", "ko-en"])
def test_sentences_are_short_and_long_about_as_often(name: str) -> None:
    counts = Counter(len(pair.source) for pair in drawn(name, False))
    assert sum(count for length, count in counts.items() if length >= 15) >= 0.1 * 1000
    assert sum(count for length, count in counts.items() if length <= 5) >= 0.05 * 1000
