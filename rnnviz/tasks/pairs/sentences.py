"""English and Korean sentences that say the same: the words, and the rules that write both at once.

Each sentence of a language has one translation, so some things that people leave to the context are decided here: what
is definite has "the", and what is not a number; the simple present has "every day" or is negated, since "read" is a
past form too; clauses that "and" joins have one tense, which Korean tells only at the end; a relative clause does not
stand beside a place or a time that could belong to it as well as to the main clause.

English order is subject, verb, object, place, time; Korean is subject, time, place, object, verb, its counted nouns are
followed by number and counter, its relative clauses precede their noun, and a reason precedes what it explains. The
style is the plain one of written Korean; pronouns are topics in main clauses and subjects elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial

from rnnviz.tasks.grammar.writing import Drawn
from rnnviz.tasks.pairs.pair import Pair, PairTask, Words, is_held_out
from rnnviz.tasks.pairs.scfg import Grammar, Rule, rules, useful

LANGUAGES = ("en", "ko")


@dataclass(frozen=True)
class Noun:
    """`forms`: singular and plural; `particles`: of its subject and its object form; `article`: the one before it."""

    forms: tuple[str, str]
    korean: str
    particles: tuple[str, str]
    kind: str
    article: str = "a"


@dataclass(frozen=True)
class Verb:
    """english: base form, with -s, past. korean: `_KOREAN`. subjects, objects: the kinds of noun that it goes with."""

    english: tuple[str, str, str]
    korean: tuple[str, str, str, str, str, str, str]
    subjects: tuple[str, ...]
    objects: tuple[str, ...] = ()


# By kind of noun: its counter as subject and as object, the pronoun of its relative clause, its adjectives.
_COUNTERS = {
    "person": ("명이", "명을"),
    "animal": ("마리가", "마리를"),
    "text": ("권이", "권을"),
    "food": ("개가", "개를"),
}
_RELATIVES = {"person": "who", "animal": "that", "text": "that", "food": "that"}
_ADJECTIVES = {
    "person": ("a hungry 배고픈", "a kind 친절한"),
    "animal": ("a hungry 배고픈", "a small 작은", "a big 큰"),
    "text": ("an old 오래된", "a new 새"),
    "food": ("a small 작은", "a big 큰"),
}
_NOUNS = (
    Noun(("student", "students"), "학생", ("이", "을"), "person"),
    Noun(("doctor", "doctors"), "의사", ("가", "를"), "person"),
    Noun(("girl", "girls"), "소녀", ("가", "를"), "person"),
    Noun(("dog", "dogs"), "개", ("가", "를"), "animal"),
    Noun(("cat", "cats"), "고양이", ("가", "를"), "animal"),
    Noun(("rabbit", "rabbits"), "토끼", ("가", "를"), "animal"),
    Noun(("book", "books"), "책", ("이", "을"), "text"),
    Noun(("magazine", "magazines"), "잡지", ("가", "를"), "text"),
    Noun(("apple", "apples"), "사과", ("가", "를"), "food", "an"),
    Noun(("potato", "potatoes"), "감자", ("가", "를"), "food"),
)
_PRONOUNS = (("I", "나는", "내가"), ("we", "우리는", "우리가"))
_LIVING = ("person", "animal")
_KOREAN = (
    "past",
    "now",
    "will",
    "who",
    "and",
    "not",
    "so",
)  # 잤다, 잔다, 잘 (것이다), 잔 (개), 자고, 자지 (않다), 자서
_VERBS = (
    Verb(("sleep", "sleeps", "slept"), ("잤다", "잔다", "잘", "잔", "자고", "자지", "자서"), _LIVING),
    Verb(("laugh", "laughs", "laughed"), ("웃었다", "웃는다", "웃을", "웃은", "웃고", "웃지", "웃어서"), ("person",)),
    Verb(
        ("read", "reads", "read"),
        ("읽었다", "읽는다", "읽을", "읽은", "읽고", "읽지", "읽어서"),
        ("person",),
        ("text",),
    ),
    Verb(
        ("buy", "buys", "bought"), ("샀다", "산다", "살", "산", "사고", "사지", "사서"), ("person",), ("text", "food")
    ),
    Verb(("eat", "eats", "ate"), ("먹었다", "먹는다", "먹을", "먹은", "먹고", "먹지", "먹어서"), _LIVING, ("food",)),
    Verb(
        ("see", "sees", "saw"),
        ("보았다", "본다", "볼", "본", "보고", "보지", "보아서"),
        _LIVING,
        ("person", "animal", "text", "food"),
    ),
    Verb(
        ("chase", "chases", "chased"),
        ("쫓아갔다", "쫓아간다", "쫓아갈", "쫓아간", "쫓아가고", "쫓아가지", "쫓아가서"),
        _LIVING,
        _LIVING,
    ),
)
# By form, what a verb is in each language; {agrees} and {does} follow the subject's number.
_FORMS = {
    "past": ("{past}", "{past}"),
    "now": ("{agrees}", "{now}"),
    "will": ("will {base}", "{will} 것이다"),
    "past-not": ("did not {base}", "{not} 않았다"),
    "now-not": ("{does} not {base}", "{not} 않는다"),
    "will-not": ("will not {base}", "{not} 않을 것이다"),
    "past-and": ("{past}", "{and}"),
    "now-and": ("{agrees}", "{and}"),
    "will-and": ("will {base}", "{and}"),
    "and-will": ("{base}", "{will} 것이다"),  # after "will ... and"
    "so": ("{past}", "{so}"),
    "so-not": ("did not {base}", "{not} 않아서"),
    "who": ("{past}", "{who}"),
    "who-not": ("did not {base}", "{not} 않은"),
}
# By time: its words, and the forms of the verb that it stands with.
_TIMES = {
    "yesterday | 어제": ("past", "past-not", "past-and", "so", "so-not"),
    "every day | 매일": ("now",),
    "tomorrow | 내일": ("will", "will-not", "will-and", "and-will"),
}
_PLACES = ("in the park | 공원에서", "at the market | 시장에서", "at home | 집에서")
_NUMBERS = ("two | 두", "three | 세")

# Of each kind of noun. "a" and "an" are told by the word that follows: {a} is its article.
_KINDS = """
3 Core.{kind}.{n}.{form}.{a} = <Noun.{kind}.{n}.{form}.{a}> | <1>
1 Core.{kind}.{n}.{form}.{a} = <Adjective.{kind}.{a}> <Noun.{kind}.{n}.{form}.{b}> | <1> <2>
3 Who.{kind}.subject = {that} <Deed.{kind}.one.who> | <1>
1 Who.{kind}.subject = {that} <Deed.{kind}.one.who-not> | <1>
3 Who.{kind}.object = {that} <Short.{kind}.one.who> | <1>
1 Who.{kind}.object = {that} <Short.{kind}.one.who-not> | <1>
"""
# Of each kind of noun in each case.
_PHRASES = """
1 The.{kind}.{n}.{case} = the <Core.{kind}.{n}.{case}.{a}> | <1>
3 Phrase.{kind}.{n}.{case} = <The.{kind}.{n}.{case}> | <1>
1 Phrase.{kind}.one.{case} = {a} <Core.{kind}.one.bare.{a}> | <1> 한 {counter}
2 Phrase.{kind}.many.{case} = <Number> <Core.{kind}.many.bare.{a}> | <2> <1> {counter}
2 Long.{kind}.{n}.{case} = the <s:Core.{kind}.{n}.{case}.{a}> <Who.{kind}.{case}> | <2> <1>
1 Long.{kind}.one.{case} = {a} <s:Core.{kind}.one.bare.{a}> <Who.{kind}.{case}> | <2> <1> 한 {counter}
1 Long.{kind}.many.{case} = <Number> <s:Core.{kind}.many.bare.{a}> <Who.{kind}.{case}> | <3> <2> <1> {counter}
"""
# Of each verb that has an object; a denied one has a definite object, whose number nobody needs to weigh against "not".
_OBJECTS = """
1 Object.{verb} = <Phrase.{kind}.{n}.object> | <1>
1 TheObject.{verb} = <The.{kind}.{n}.object> | <1>
1 LongObject.{verb} = <Long.{kind}.{n}.object> | <1>
1 Short.{living}.{n}.{said} = <v:Verb.{verb}.{n}.{said}> <o:Object.{verb}> | <2> <1>
1 Short.{living}.{n}.{denied} = <v:Verb.{verb}.{n}.{denied}> <o:TheObject.{verb}> | <2> <1>
1 Far.{living}.{n}.{said} = <v:Verb.{verb}.{n}.{said}> <o:LongObject.{verb}> | <2> <1>
1 Who.{thing}.object = that <s:Doer.plain.{doing}.{n}> <v:Verb.{verb}.one.who> | <1> <2>
"""
_NO_OBJECT = "1 Short.{living}.{n}.{any} = <v:Verb.{verb}.{n}.{any}> | <1>"
# A subject with a relative clause stands only where that is the first of the Korean sentence: after another clause one
# would read both as one.
_CLAUSES = """
2 Deed.{living}.{n}.{any} = <Short.{living}.{n}.{any}> | <1>
1 Deed.{living}.{n}.{any} = <Short.{living}.{n}.{any}> <Place> | <2> <1>
1 Dated.{living}.{n}.{timed} = <Deed.{living}.{n}.{timed}> <Time.{timed}> | <2> <1>
3 Doer.{who}.{living}.{n} = <Phrase.{living}.{n}.subject> | <1>
3 Doer.topic.person.many = <Pronoun.topic> | <1>
3 Doer.plain.person.many = <Pronoun.plain> | <1>
4 Subject.{who}.{place}.{living}.{n} = <Doer.{who}.{living}.{n}> | <1>
1 Subject.{who}.first.{living}.{n} = <Long.{living}.{n}.subject> | <1>
3 Clause.{who}.{place}.{untimed} = <s:Subject.{who}.{place}.{living}.{n}> <Deed.{living}.{n}.{untimed}> | <1> <2>
1 Clause.{who}.{place}.{untimed} = <s:Subject.{who}.{place}.{living}.{n}> <Far.{living}.{n}.{untimed}> | <1> <2>
2 Clause.{who}.{place}.{timed} = <s:Subject.{who}.{place}.{living}.{n}> <Dated.{living}.{n}.{timed}> | <1> <2>
1 Two.{living}.{n}.past = <Deed.{living}.{n}.past-and> and <Deed.{living}.{n}.past> | <1> <2>
1 Two.{living}.{n}.past = <Deed.{living}.{n}.past-and> and <Deed.{living}.{n}.past-not> | <1> <2>
1 Two.{living}.{n}.will = <Deed.{living}.{n}.will-and> and <Deed.{living}.{n}.and-will> | <1> <2>
1 Two.{living}.{n}.now = <Deed.{living}.{n}.now-and> and <Deed.{living}.{n}.now> | <1> <2>
2 Both.{tense} = <s:Subject.topic.first.{living}.{n}> <Two.{living}.{n}.{tense}> | <1> <2>
1 Both.{mood} = <s:Subject.topic.first.{living}.{n}> <Two.{living}.{n}.{mood}> <Time.{mood}> | <1> <3> <2>
4 Sentence = <Clause.topic.first.past> . | <1> .
1 Sentence = <Clause.topic.first.past-not> . | <1> .
2 Sentence = <Clause.topic.first.now> . | <1> .
1 Sentence = <Clause.topic.first.now-not> . | <1> .
2 Sentence = <Clause.topic.first.will> . | <1> .
1 Sentence = <Clause.topic.first.will-not> . | <1> .
1 Sentence = <Both.{mood}> . | <1> .
1 Sentence = <Clause.noun.first.{tense}-and> and <Clause.noun.later.{tense}> . | <1> <2> .
2 Sentence = <Clause.topic.later.past> because <Clause.plain.first.so> . | <2> <1> .
1 Sentence = <Clause.topic.later.past> because <Clause.plain.first.so-not> . | <2> <1> .
"""
_ANY = tuple(_FORMS)
_TIMED = tuple(form for forms in _TIMES.values() for form in forms)
_FEATURES = {
    "n": ("one", "many"),
    "form": ("subject", "object", "bare"),
    "a": ("a", "an"),
    "b": ("a", "an"),
    "living": _LIVING,
    "who": ("topic", "plain", "noun"),
    "place": ("first", "later"),
    "any": _ANY,
    "said": tuple(form for form in _ANY if not form.endswith("-not")),
    "denied": tuple(form for form in _ANY if form.endswith("-not")),
    "timed": _TIMED,
    "untimed": tuple(form for form in _ANY if form not in ("now", "now-and")),  # "read" alone is past
    "tense": ("past", "will"),
    "mood": ("past", "now", "will"),
}


def task(source: int, lengths: range, measured: range) -> PairTask:
    """The translation out of a language, by its place in `LANGUAGES`."""

    def vocabulary(side: int) -> Words:
        return grammar().words(source if side == 0 else 1 - source)

    def draw(dice: Drawn, length: int | None) -> Pair:
        return _pair(dice, source, lengths[dice.below(len(lengths))] if length is None else length)

    language, other = LANGUAGES[source], LANGUAGES[1 - source]
    right = partial(translated, source)
    name, units = f"{language}-{other}", ("word", "word")
    return PairTask(name, units, (language,), other, lengths, measured, vocabulary, draw, right)


def _pair(dice: Drawn, side: int, length: int) -> Pair:
    """The key is who does what to whom; of a sentence with several verbs one that is held out, if any is.

    So training has none of those that are held out, in no clause. A sentence in which anybody does a thing to their own
    kind, or twice, is drawn again.
    """
    while True:
        node = grammar().draw(dice, side, length)
        deeds = list(node.deeds())
        if len({*deeds}) == len(deeds) and all(subject != object_ for subject, _, object_ in deeds):
            break
    keys = [" ".join(deed).strip() for deed in deeds]
    return Pair(node.words[side], node.words[1 - side], next(filter(is_held_out, keys), keys[0]))


def translated(side: int, words: Words) -> Words | None:
    """The translation of a sentence of a language, whatever case its letters have; None where the grammar has none."""
    written = {word.casefold(): word for word in grammar().words(side)}
    nodes = grammar().parses(side, tuple(written.get(word.casefold(), word) for word in words))
    return nodes[0].words[1 - side] if nodes else None


@cache
def grammar() -> Grammar:
    """Of the pairs: side 0 is English, side 1 Korean."""
    return Grammar(useful((*_phrases(), *_verbs(), *_expanded(_CLAUSES)), "Sentence"), "Sentence")


def _expanded(templates: str, **features: tuple[str, ...]) -> Iterator[Rule]:
    for template in templates.strip().splitlines():
        yield from rules(template, {**_FEATURES, **features})


def _phrases() -> Iterator[Rule]:
    for kind, counters in _COUNTERS.items():
        yield from _expanded(_KINDS, kind=(kind,), that=(_RELATIVES[kind],))
        for case, counter in zip(("subject", "object"), counters, strict=True):
            own = {"kind": (kind,), "case": (case,), "counter": (counter,)}
            yield from _expanded(_PHRASES, **own)
        for adjective in _ADJECTIVES[kind]:
            article, english, korean = adjective.split()
            yield from _expanded(f"1 Adjective.{kind}.{article} = {english} | {korean}")
    for noun in _NOUNS:
        for n, written, plural in zip(_FEATURES["n"], noun.forms, ("", "들"), strict=True):
            subject, object_ = (plural + particle for particle in (("이", "을") if plural else noun.particles))
            for form, end in (("subject", subject), ("object", object_), ("bare", "")):
                symbol = f"Noun.{noun.kind}.{n}.{form}.{noun.article}"
                yield _word(symbol, written, noun.korean + end, noun.forms[0])
    for english, topic, plain in _PRONOUNS:
        yield _word("Pronoun.topic", english, topic, english)
        yield _word("Pronoun.plain", english, plain, english)
    times = ((f"Time.{form}", time) for time, forms in _TIMES.items() for form in forms)
    for symbol, both in (*(("Place", place) for place in _PLACES), *(("Number", two) for two in _NUMBERS), *times):
        yield from _expanded(f"1 {symbol} = {both}")


def _verbs() -> Iterator[Rule]:
    for verb in _VERBS:
        base, agreeing, past = verb.english
        for form, (english, korean) in _FORMS.items():
            said = korean.format(**dict(zip(_KOREAN, verb.korean, strict=True)))
            for n, agrees, does in (("one", agreeing, "does"), ("many", base, "do")):
                written = english.format(base=base, past=past, agrees=agrees, does=does)
                yield _word(f"Verb.{base}.{n}.{form}", written, said, base)
        things = tuple(kind for kind in verb.objects if kind not in _LIVING)
        own = {"verb": (base,), "living": verb.subjects, "kind": verb.objects, "thing": things, "doing": verb.subjects}
        yield from _expanded(_OBJECTS if verb.objects else _NO_OBJECT, **own)


def _word(symbol: str, english: str, korean: str, lemma: str) -> Rule:
    return Rule(symbol, (tuple(english.split()), tuple(korean.split())), lemma=lemma)
