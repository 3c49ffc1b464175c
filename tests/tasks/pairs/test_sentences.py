"""English and Korean sentences that say the same: pairs that a person wrote, and what holds for each that is drawn."""

from functools import cache
from itertools import pairwise

import pytest

from rnnviz.tasks.grammar.writing import Drawn
from rnnviz.tasks.pairs import TASKS, pairs
from rnnviz.tasks.pairs.pair import is_held_out
from rnnviz.tasks.pairs.scfg import Node
from rnnviz.tasks.pairs.sentences import grammar

# Written by hand.
SAME = (
    ("the dog slept .", "개가 잤다 ."),
    ("I laughed .", "나는 웃었다 ."),
    ("the student bought the book .", "학생이 책을 샀다 ."),
    ("the book was bought .", None),
    ("the dogs chased the cats .", "개들이 고양이들을 쫓아갔다 ."),
    ("a girl ate an apple .", "소녀 한 명이 사과 한 개를 먹었다 ."),
    ("two dogs saw three students .", "개 두 마리가 학생 세 명을 보았다 ."),
    ("the student bought three books .", "학생이 책 세 권을 샀다 ."),
    ("we read two old magazines .", "우리는 오래된 잡지 두 권을 읽었다 ."),
    ("the doctor read a new book at home yesterday .", "의사가 어제 집에서 새 책 한 권을 읽었다 ."),
    ("the girl reads the book every day .", "소녀가 매일 책을 읽는다 ."),
    ("the girls read the book every day .", "소녀들이 매일 책을 읽는다 ."),
    ("the girls read the book .", "소녀들이 책을 읽었다 ."),
    ("the girl reads the book .", None),  # the present has "every day", as of "read" it must
    ("the girl read the book every day .", None),
    ("I will sleep in the park tomorrow .", "나는 내일 공원에서 잘 것이다 ."),
    ("I slept tomorrow .", None),
    ("the cat did not eat the potato .", "고양이가 감자를 먹지 않았다 ."),
    ("the cats do not sleep .", "고양이들이 자지 않는다 ."),
    ("the cats does not sleep .", None),
    ("we will not buy the apples .", "우리는 사과들을 사지 않을 것이다 ."),
    ("the student who bought the book laughed .", "책을 산 학생이 웃었다 ."),
    ("a dog that did not sleep chased the big cat .", "자지 않은 개 한 마리가 큰 고양이를 쫓아갔다 ."),
    ("the dog who slept ate the apple .", None),
    ("I read the book that the doctor bought .", "나는 의사가 산 책을 읽었다 ."),
    ("the student read two books that I bought .", "학생이 내가 산 책 두 권을 읽었다 ."),
    ("the girl ate an apple and slept .", "소녀가 사과 한 개를 먹고 잤다 ."),
    ("the girl will eat the apple and sleep .", "소녀가 사과를 먹고 잘 것이다 ."),
    ("the girl slept and the dog ate the potato .", "소녀가 자고 개가 감자를 먹었다 ."),
    ("the girl laughed because the dog ate the book .", None),  # it eats food alone
    ("I laughed because the cat chased two dogs .", "고양이가 개 두 마리를 쫓아가서 나는 웃었다 ."),
    ("the girl laughed because I did not sleep .", "내가 자지 않아서 소녀가 웃었다 ."),
    ("a apple slept .", None),
    ("the two dogs slept .", None),
)
ENGLISH, KOREAN = 0, 1


@cache
def nodes() -> list[Node]:
    """Sentences of all lengths, some longer than in training, half of them drawn by their Korean length."""
    dice = Drawn(8)
    return [grammar().draw(dice, k % 2, 4 + k // 2 % 17) for k in range(800)]


@pytest.mark.parametrize(("english", "korean"), SAME)
def test_a_sentence_is_translated_as_a_person_did(english: str, korean: str | None) -> None:
    words = tuple(english.split())
    assert TASKS["en-ko"].right(words) == (korean and tuple(korean.split()))
    if korean:
        assert TASKS["ko-en"].right(tuple(korean.split())) == words


def test_a_sentence_has_one_derivation_and_so_one_translation() -> None:
    """Both ways: none of either language is ambiguous."""
    for node in nodes():
        for side in (ENGLISH, KOREAN):
            assert [found.words for found in grammar().parses(side, node.words[side])] == [node.words], node.words


def test_words_that_are_shuffled_or_left_out_are_seldom_a_sentence() -> None:
    """A parser that accepted anything would pass all else."""
    dice, accepted = Drawn(9), 0
    for node in nodes()[:300]:
        words = list(node.words[ENGLISH])
        del words[dice.below(len(words))]
        accepted += bool(grammar().parses(ENGLISH, tuple(words)))
        words = list(node.words[KOREAN])
        a, b = dice.below(len(words)), dice.below(len(words))
        words[a], words[b] = words[b], words[a]
        if (swapped := tuple(words)) != node.words[KOREAN]:
            accepted += bool(grammar().parses(KOREAN, swapped))
    assert accepted <= 0.1 * 600


def test_english_agrees_in_number_and_article() -> None:
    plain = {"dog", "cat", "rabbit", "student", "doctor", "girl", "book", "magazine", "apple", "potato"}
    verbs = {"sees", "reads", "buys", "eats", "chases", "sleeps", "laughs", "does"}
    for node in nodes():
        words = node.words[ENGLISH]
        for word, after in pairwise(words):
            if word in ("a", "an"):
                assert (word == "an") == (after[0] in "aeo")
            if word in verbs:  # the head of the subject is the first noun of the clause
                assert words[1] in plain or words[2] in plain
        for number in ("two", "three"):
            for k, word in enumerate(words):
                if word == number:
                    noun = next(w for w in words[k + 1 :] if w in plain or w.rstrip("es") in plain or w[:-1] in plain)
                    assert noun not in plain


def test_korean_particles_follow_the_last_letter_and_counters_the_kind() -> None:
    counters = {
        "명": {"학생", "의사", "소녀"},
        "마리": {"개", "고양이", "토끼"},
        "권": {"책", "잡지"},
        "개": {"사과", "감자"},
    }
    endings = {("이", "가"): 0, ("을", "를"): 0}
    for node in nodes():
        words = node.words[KOREAN]
        for k, word in enumerate(words):
            if word in ("한", "두", "세"):
                noun, counter = words[k - 1], words[k + 1]
                assert noun in counters[counter[:-1]]
            if len(word) > 1 and word[-1] in "이가을를" and word != "고양이":
                closed = (ord(word[-2]) - ord("가")) % 28 > 0
                assert closed == (word[-1] in "이을"), word
                endings["이", "가"] += word[-1] in "이가"
                endings["을", "를"] += word[-1] in "을를"
    assert min(endings.values()) > 300


def test_tense_and_time_are_of_one_mind() -> None:
    past, future = ("았다", "었다", "샀다", "잤다", "갔다"), ("것이다",)
    for node in nodes():
        english, korean = node.words
        final = korean[-2]
        assert ("tomorrow" in english) <= ("will" in english)
        assert ("will" in english) == final.endswith(future)
        assert ("yesterday" in english) <= final.endswith(past)
        assert ("매일" in korean) == ("every" in english) <= (not final.endswith((*past, *future)))
        assert ("않" in "".join(korean)) == ("not" in english)


@pytest.mark.parametrize("name", ["en-ko", "ko-en"])
def test_no_clause_of_training_says_what_is_held_out(name: str) -> None:
    side = int(name == "ko-en")
    verbs = set()
    for unseen in (False, True):
        for pair in pairs(name, 300, seed=10, unseen=unseen):
            (node,) = grammar().parses(side, pair.source)
            keys = [" ".join(deed).strip() for deed in node.deeds()]
            assert any(map(is_held_out, keys)) == unseen
            assert pair.key in keys
            verbs.update(key.split()[1] for key in keys if is_held_out(key))
    assert len(verbs) == 7, "each verb has something held out"


def test_nobody_does_a_thing_twice_or_to_their_own_kind() -> None:
    for pair in pairs("en-ko", 400, seed=11):
        (node,) = grammar().parses(ENGLISH, pair.source)
        deeds = list(node.deeds())
        assert len(set(deeds)) == len(deeds)
        assert all(subject != thing for subject, _, thing in deeds)


def test_sentences_are_many_and_their_words_few() -> None:
    assert len({pair.source for pair in pairs("en-ko", 3000, seed=12)}) > 2400
    assert all(60 <= len(grammar().words(side)) <= 125 for side in (ENGLISH, KOREAN))


@pytest.mark.parametrize("side", [ENGLISH, KOREAN])
def test_every_length_up_to_the_longest_has_sentences(side: int) -> None:
    weights = [grammar().weight(side, "Sentence", length) for length in range(36)]
    assert sum(weights) == pytest.approx(1, abs=1e-3)
    assert all(weight > 0 for weight in weights[3:30])
