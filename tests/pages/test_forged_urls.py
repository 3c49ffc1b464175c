"""Addresses that no page has written: every page opens, and says of each value that cannot be had what it was, what is
accepted and what stands in.

Spoken in Streamlit's protocol with a real server, so that the address is read as a browser's is.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest

from rnnviz.lessons import LESSONS
from rnnviz.lessons.forecast.parameters import SeriesName
from rnnviz.training.config import rule
from rnnviz.ui.text.prose import escape
from rnnviz.ui.url.kinds import (
    Choice,
    Current,
    Decimal,
    Drawing,
    Kind,
    Line,
    OnTheWay,
    OwnNetwork,
    Run,
    Setting,
    Several,
    Switches,
    Whole,
    Wholes,
)
from rnnviz.ui.url.parameters import TABLE
from rnnviz.words import catalogue
from tests.browser.harness import Server, serve
from tests.client import tab

ADDRESSES = {lesson.name: f"/{lesson.address}" for lesson in LESSONS.values()}
LIMIT = 30.0  # seconds; a shared machine pauses at any moment
EACH = 42  # addresses of each page in each language
TEXTS = (
    "the cat sat on the mat",
    "",
    " ",
    "x" * 400,
    "<b>*_`$x$",
    "a\nb\tc",
    "\u202eabc\u0000",
    "😀" * 9,
    "안녕 세상 & 100%",
)
NO_WHOLE = ("", "1.5", "１", "²", "1e1", "+1", " 1", "1_0", "-1", "nan", "0x1", "9" * 30, "한", "<b>1</b>")
NO_NUMBER = ("", "nan", "inf", "-inf", "１", "1_0", "1,5", "--1", "0x1", "9" * 30, "[a](b)", "x" * 3000)
RUNS = ("task~reber~cell~gru~length~14~hidden_size~4", "task~copy~cell~rnn~length~3~hidden_size~4~num_layers~2")
# Each with the part that is wrong, "" where it has none.
NO_RUNS = (
    ("", ""),
    ("task", ""),
    ("task~adding~task~copy", ""),
    ("task~xx", "task"),
    ("cell~lstm~length~1000", "length"),
    ("seed~１", "seed"),
    ("learning_rate~1_0", "learning_rate"),
    ("depth~3", "depth"),
    ("hidden_size~128~batch_size~128", "hidden_size"),
    ("cell~mgu~num_layers~3~length~100", "num_layers"),
    ("cell~lstm~task~characters~text~" + "x" * 4001, "text"),
    ("task~characters~cell~lstm~text~short", "text"),
    ("task~sunspots~cell~lstm~length~200", "length"),
)
# One line; the same with a dot. And one that is padded, one cut short, one of dots, and one in the other alphabet.
DRAWINGS = ("AgAA__8", "AgAA__8BBwc")
NO_DRAWINGS = ("", "x", "AgAA__8=", "AgAA_w", "AQAAAf__", "AgAA//8", "한", "A" * 3000)
CHANGES = ("1~learning_rate~0.05", "1~clipping~norm~2~clip_at~0.5")
NO_CHANGES = (
    ("x", ""),
    ("5", ""),
    ("5~seed~1", ""),
    ("5~learning_rate~99", "learning_rate"),
    ("５~clip_at~1", ""),
    ("0~clip_at~1", "iteration"),
    ("5~clip_at~1~3~clip_at~2", "iteration"),
)


def right(kind: Kind, rng: random.Random) -> str:
    """A value that is accepted, and cheap."""
    match kind:
        case Choice(options) | Several(options):
            return rng.choice(options)
        case Current(options):
            return rng.choice(options())
        case Whole(least, most):
            return str(rng.randint(least, min(most, least + 5)))
        case Decimal(least, most):
            return f"{rng.uniform(least, most):.2f}"
        case Wholes():
            return rng.choice(("1", "2,1", ""))
        case Switches():
            return rng.choice(("1", "0", "10101", "00000"))
        case Drawing():
            return rng.choice(DRAWINGS)
        case Line():
            return rng.choice(TEXTS)
        case Run():
            return rng.choice(RUNS)
        case OnTheWay():
            return rng.choice(CHANGES)
        case OwnNetwork():
            return rng.choice(("gru-3-8-1-0", "lstm-1-2-2-7", "rnn_relu-64-128-4-9999", "0123456789ab"))
        case SeriesName():
            return rng.choice(("elnino", "sines", "own:0123456789ab"))
        case Setting(name):
            name, values = rule(name)
            if name == "choice":
                return str(rng.choice(values["options"]))
            least = values.get("least", 0)
            return rng.choice(TEXTS) if name == "text" else str(type(least)(min(values["most"], least + 3)))
    raise AssertionError(f"no values for {kind}")


def wrong(kind: Kind, rng: random.Random) -> tuple[str, str]:
    """A value that is not accepted, and the part of it that is wrong, "" where it has none."""
    match kind:
        case Current(options):
            return wrong(Choice(options()), rng)
        case Choice(options):
            return rng.choice(("", "xx", f" {options[0]}", f"{options[0]}\n", "../..", "한국어", "**b** :smile:")), ""
        case Several(options):
            return rng.choice(("xx", f"{options[0]},xx", f"{options[0]};{options[0]}", "한")), ""
        case Whole(least, most):
            beyond = (str(most + 1), *([str(least - 1)] if least else []))
            return rng.choice(NO_WHOLE + beyond), ""
        case Decimal(least, most):
            return rng.choice((*NO_NUMBER, f"{most + 0.1:g}", f"{least - 0.1:g}", "0.00001", "1e-1")), ""
        case Wholes(least, most):
            return rng.choice(("1,x", "1;2", "１", f"1,{most + 1}", f"{least - 1}")), ""
        case Switches(most):
            return rng.choice(("", "2", "1x", "１", "1" * (most + 1))), ""
        case Drawing():
            return rng.choice(NO_DRAWINGS), ""
        case Line(limit):
            return rng.choice(("x", "가", "😀")) * (limit + 1), ""
        case Run():
            return rng.choice(NO_RUNS)
        case OnTheWay():
            return rng.choice(NO_CHANGES)
        case OwnNetwork():
            return rng.choice(
                ("", "gru", "xx-3-8-1-0", "gru-0-8-1-0", "gru-3-129-1-0", "gru-03-8-1-0", "0123456789AB")
            ), ""
        case SeriesName():
            return rng.choice(("", "xx", "own:", "own:0123456789AB", "own:0123456789abc", "../elnino")), ""
        case Setting(name):
            accepts, values = rule(name)
            if accepts == "choice":
                return rng.choice(("", "xx", "RNN", "한")), ""
            if accepts == "text":
                return "x" * (values["most"] + 1), ""
            none = [raw for raw in (NO_WHOLE if accepts == "whole" else NO_NUMBER) if raw or name != "forget_bias"]
            return rng.choice((*none, str(values["most"] * 10 + 1))), ""
    raise AssertionError(f"no values for {kind}")


@dataclass(frozen=True)
class Forged:
    """An address, and of what is wrong in it: name, value and the part that is wrong."""

    address: str
    faults: tuple[tuple[str, str, str], ...]


def forged(page: str, language: str, count: int) -> Iterator[Forged]:
    rng = random.Random(f"{page} {language}")
    table = (*TABLE[""], *(TABLE[page] if page else ()))
    params = [param for param in table if param.name != "lang"]
    for _ in range(count):
        pairs, faults = [("lang", language)], []
        for param in rng.sample(params, rng.randint(1, min(6, len(params)))):
            for _ in range(rng.choice((1, 1, 1, 2, 3))):  # some names are there more than once
                if rng.random() < 0.5:
                    pairs.append((param.name, right(param.kind, rng)))
                else:
                    raw, part = wrong(param.kind, rng)
                    pairs.append((param.name, raw))
                    faults.append((param.name, raw, part))
        pairs += rng.sample(
            [("utm_source", "x"), ("공유", "예"), ("model[]", "x"), ("embed", "true")], rng.randint(0, 2)
        )
        rng.shuffle(pairs)
        yield Forged(f"{ADDRESSES[page]}?{urlencode(pairs)}", tuple(_refused_later(faults, pairs, page)))


def _refused_later(
    faults: Sequence[tuple[str, str, str]], pairs: Sequence[tuple[str, str]], page: str
) -> Iterator[tuple[str, str, str]]:
    """A run that is a run, and which the page refuses only when it would show it, is named where it is the last one and
    no network of one's own takes its place."""
    own = any(name == "network" for name, _ in pairs)
    runs = [raw for name, raw in pairs if name == "run" and page != "train"]
    accepted = [raw for raw in runs if raw in RUNS or raw in LATER]
    for fault in faults:
        if fault[0] != "run" or fault[1] not in LATER or (not own and accepted and accepted[-1] == fault[1]):
            yield fault


LATER = [raw for raw, _ in NO_RUNS[-2:]]


async def told(server: Server, address: str) -> tuple[list[str], list[str]]:
    """Errors on the page, and the lines of the notice about the link. Waits for the model of a run to be trained."""
    async with tab(f"127.0.0.1:{server.port}", address) as seen, asyncio.timeout(LIMIT):
        while any(element.HasField("progress") for element in seen.elements.values()):
            await asyncio.sleep(0.05)
            await seen.ask()
        boxes = [element.alert.body for element in seen.elements.values() if element.HasField("alert")]
        lines = [line for box in boxes for line in box.split("\n") if line.startswith("- ")]
        return seen.errors, lines


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("page", ADDRESSES)
def test_every_page_opens_and_names_what_cannot_be_had(page: str, language: str, server: Server) -> None:
    say = catalogue(language)
    accepted = say["header.accepted"].partition("{")[0]
    outcomes = say["header.used"].partition("{")[0], say["header.unused"]
    for made in forged(page, language, EACH):
        errors, lines = asyncio.run(told(server, made.address))
        assert errors == [], made.address
        assert all(accepted in line and any(outcome in line for outcome in outcomes) for line in lines), lines
        for name, raw, part in made.faults:
            shown = f"- {say['header.refused_value'].format(name=escape(name), raw=escape(raw))}"
            mine = [line for line in lines if line.startswith(shown) and (not part or escape(part) in line)]
            assert mine, (made.address, shown, part, lines)


@pytest.mark.parametrize("page", ["step", "gates"])
def test_what_the_page_does_not_use_now_is_said_so(page: str, server: Server) -> None:
    """A place in a run where it shows no run, and a text of one's own where it does."""
    unused = catalogue("en")["header.unused"]
    for query in ("at=0", "layer=9", "sample=x", f"run={RUNS[0]}&model=xx", f"run={RUNS[0]}&seed=-1"):
        errors, lines = asyncio.run(told(server, f"{ADDRESSES[page]}?lang=en&{query}"))
        assert errors == []
        assert [line for line in lines if line.endswith(unused)] == lines
        assert len(lines) == 1


@pytest.mark.parametrize("page", ADDRESSES)
def test_an_address_that_is_broken_opens_the_page(page: str, server: Server) -> None:
    broken = ("%ff%fe=%fd", "seed=%00", "=", "&&&", "seed", "seed[]=1", "a=1&" * 2000, "lang=%ED%A0%80", "?" * 50)
    for query in (*broken, "text=" + quote("가" * 4000)):
        errors, _ = asyncio.run(told(server, f"{ADDRESSES[page]}?{query}"))
        assert errors == [], query


def test_what_is_forged_as_right_and_wrong_is_so() -> None:
    rng = random.Random(0)
    for kind in (param.kind for table in TABLE.values() for param in table):
        kind.parse(right(kind, rng))
        raw, _ = wrong(kind, rng)
        if raw not in LATER:
            with pytest.raises(ValueError, match=r"(?s).*"):
                kind.parse(raw)


@pytest.mark.parametrize(
    ("page", "query", "line"),
    [
        ("step", "t=100", "t = “100” · accepted: a whole number from 1 to 5 · used instead: 1"),
        (
            "step",
            "run=task~reber~cell~gru~length~3",
            r"run = “task\~reber\~cell\~gru\~length\~3”, where length = “3” · accepted: a whole number from 12 to 100"
            " · used instead: a trained model that ships with the project",
        ),
        (
            "gates",
            "run=task~adding~cell~rnn",
            r"run = “task\~adding\~cell\~rnn”, where cell = “rnn” · accepted: one of `lstm`, `gru`, `peephole`, `mgu`"
            " · used instead: a trained model that ships with the project",
        ),
        ("step", f"run={RUNS[0]}&layer=3", "layer = “3” · accepted: only 1 · used instead: 1"),
        (
            "step",
            f"run={RUNS[0]}&at=5&changes=2~learning_rate~99",
            r"changes = “2\~learning\_rate\~99”, where learning\_rate = “99” · accepted: a number from 0.000001 to 10"
            " · used instead: nothing",
        ),
        ("gates", "gate=x&force=0.5", r"force = “0\.5” · accepted: only together with an accepted `gate`"),
        ("rolled", "weight=W_xi", r"weight = “W\_xi” · accepted: one of `W_xh`, `W_hh`, `W_hy` · used instead: W\_hh"),
        (
            "train",
            "task=copy&length=200",
            "length = “200” · accepted: a whole number from 2 to 180 · used instead: 180",
        ),
        ("lab", "rate=9", "rate = “9” · accepted: a number from 0.01 to 5 with at most four decimal places"),
    ],
)
def test_a_line_says_what_is_wrong_what_is_accepted_and_what_stands_in(
    page: str, query: str, line: str, server: Server
) -> None:
    errors, lines = asyncio.run(told(server, f"{ADDRESSES[page]}?lang=en&{query}"))
    assert errors == []
    assert any(mine.startswith(f"- {line}") for mine in lines), lines
