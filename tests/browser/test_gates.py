"""The lesson Watch the gates on its page: a unit is followed, a gate is held, and what is shown is what is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

import rnnviz
from rnnviz import zoo
from rnnviz.charts.kit import palette
from rnnviz.core.forced import Forced
from rnnviz.core.gates import order
from rnnviz.core.trace import Readout, Trace
from rnnviz.lessons.gates.parameters import PARTS
from rnnviz.lessons.gates.tries import LONG
from rnnviz.words import catalogue
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, leave_fields, link
from tests.browser.test_place import place as whereabouts
from tests.browser.test_stage import marks, wait_for_step, wait_for_text

TEXT = "The cat chased the dog so the dog ran away ."
STEPS = 11
BESIDE = 140  # px from -1 to 1 of the lines that stand beside the heatmaps
SAID = catalogue("en")
# Left, top, right and bottom in px of shapes, without their strokes.
PLACES = """all => all.map(e => {
  const box = e.getBBox(), at = new DOMPoint(box.x, box.y).matrixTransform(e.getScreenCTM());
  return [at.x, at.y, at.x + box.width, at.y + box.height];
})"""
# The lines of the followed unit: where each begins and ends in px, group by group from left to right.
LINES = """count => [...document.querySelectorAll('svg.marks g.mark-rule')]
  .map(g => [...g.querySelectorAll('line')]).filter(all => all.length === count)
  .map(all => all.map(e => {
    const [x, y] = e.getAttribute('transform').match(/-?[\\d.]+/g).map(Number);
    return [x, y, x + Number(e.getAttribute('x2') || 0), y + Number(e.getAttribute('y2') || 0)];
  }))"""
IMAGES = """() => [...document.querySelectorAll('svg.marks image')]
  .map(e => e.getAttribute('href') || e.getAttribute('xlink:href'))"""
# What is expected after each token: the word, and whether it is marked as changed.
EXPECTED = """([plain, now]) => [...document.querySelectorAll('svg.marks g.mark-text')]
  .map(g => [...g.querySelectorAll('text')])
  .filter(all => all.length === COUNT && all.every(e => [plain, now].includes(e.getAttribute('fill'))))
  .map(all => all.map(e => [e.textContent, e.getAttribute('fill') === now
    && e.getAttribute('font-weight') === 'bold']))""".replace("COUNT", str(STEPS))


def address(**more: str | int | float) -> str:
    values = {"lang": "en", "model": "words-en", "cell": "lstm", "text": TEXT, "hide": "question", "t": 1}
    return link("/watch-the-gates", **values | more)


def computed(
    *forced: Forced, cell: str = "lstm", model: str = "words-en", text: str = TEXT
) -> tuple[Trace, Readout, Sequence[str]]:
    """What the page must show, computed here; with the words that are expected most."""
    chosen = zoo.load(model, cell)
    reading = chosen.read(text, 200)
    trace = rnnviz.record(chosen.rnn, reading.x, tokens=[token.text for token in reading.tokens], forced=forced)
    readout = rnnviz.read_out(trace, chosen.head)
    return trace, readout, [chosen.vocabulary.words[best] for best in readout.y.argmax(1)]


def frame(page: Page, trace: Trace, name: str, *, right: bool = False) -> list[float]:
    """Where the heatmap of a quantity is: left, top, right and bottom in px of the window, scrolled into it."""
    found = marks(page, "gateRight" if right else "gate")
    found.nth(trace.quantities.index(name)).scroll_into_view_if_needed()
    return found.evaluate_all(PLACES)[trace.quantities.index(name)]


def spot(page: Page, trace: Trace, name: str, t: int, place: int, *, right: bool = False) -> tuple[float, float]:
    """Where in the window the heatmap of a quantity has the unit at `place` from the top, at step `t`."""
    box = frame(page, trace, name, right=right)
    across, down = (t - 0.5) / len(trace), (place + 0.5) / trace.hidden_size
    return box[0] + across * (box[2] - box[0]), box[1] + down * (box[3] - box[1])


def read_off(page: Page, trace: Trace, name: str, t: int, unit: int, place: int, *, right: bool = False) -> float:
    """The number that the stage names when the pointer is on this place."""
    page.mouse.move(*spot(page, trace, name, t, place, right=right))
    says = f"{name}[{unit + 1}]  ·  t = {t}  ·  ‘{trace.tokens[t - 1]}’  ·  "
    page.wait_for_function(
        "says => (document.querySelector('g.pointed_marks text') || {textContent: ''}).textContent.startsWith(says)",
        arg=says,
        timeout=WAIT,
    )
    text = page.locator("g.pointed_marks text").text_content() or ""
    return float(text.removeprefix(says).replace("−", "-"))


def follows(page: Page, trace: Trace, unit: int, *, high: int = 84, run: int = 0, scales: Trace | None = None) -> None:
    """The lines are the unit's values of every quantity, each on its scale, in the order of time.

    high: px from -1 to 1, upwards.
    """
    both = [trace] if scales is None else [trace, scales]
    drawn = np.array(sorted(page.evaluate(LINES, len(trace.quantities) * (len(trace) - 1)), key=lambda g: g[0][0])[run])
    expected = []
    for name in trace.quantities:
        scale = max(1.0, *(float(np.abs(of[name]).max()) for of in both))
        values = trace[name][0, :, unit] / scale
        expected.append(np.stack([values[:-1], values[1:]], axis=1))
    values = np.concatenate(expected)
    height, middle = np.polyfit(values.ravel(), drawn[:, [1, 3]].ravel(), 1)
    np.testing.assert_allclose(drawn[:, [1, 3]], middle + height * values, atol=0.06)
    assert height == pytest.approx(-high / 2, abs=0.2)
    apart = np.diff(drawn[: len(trace) - 1, 0])
    np.testing.assert_allclose(apart, apart.mean(), atol=0.01)
    assert apart.mean() > 0


def cursor(page: Page) -> list[list[float]]:
    """The frames around the present step, from left to right: of each run, around its maps and around its lines."""
    found = page.locator(f'svg.marks path[stroke="{palette.NOW.light}"][fill-opacity="0"][stroke-width="1.6"]')
    return sorted(found.evaluate_all(PLACES))


def dashes(page: Page) -> list[list[float]]:
    """The frames around what is held."""
    return page.locator("svg.marks path[stroke-dasharray]").evaluate_all(PLACES)


def wait_for_unit(page: Page, unit: int) -> None:
    wait_for_text(page, SAID["stage.followed"].format(unit=unit + 1))


@pytest.fixture(scope="module")
def shared(server: harness.Server, browser: Browser) -> Iterator[harness.Visit]:
    """One page for all tests that only look, its units sorted by memory. No fault at the end of them."""
    with harness.visit(browser, server.url(address(sort="half_life"))) as seen:
        yield seen
        assert seen.faults() == []


@pytest.fixture
def seen(shared: harness.Visit) -> Iterator[harness.Visit]:
    """The shared page at its first token and all its heatmaps; nothing that is done there tells the server."""
    page = shared.page
    leave_fields(page)
    for key in ("Escape", "Escape", "Home"):
        page.keyboard.press(key)
    wait_for_step(page, 1, STEPS)
    wait_for_text(page, f"{SAID['stage.all_shown']} {SAID['stage.hint_maps']}")
    sent = len(shared.asked)
    yield shared
    assert shared.asked[sent:] == []


class TestFollow:
    @pytest.mark.parametrize(("name", "t", "place"), [("f", 4, 0), ("c", 1, 23), ("h", STEPS, 11), ("i", 7, 5)])
    def test_a_click_on_a_heatmap_picks_token_and_unit(
        self, name: str, t: int, place: int, seen: harness.Visit
    ) -> None:
        page = seen.page
        trace, *_ = computed()
        unit = int(order(trace, "h", "half_life")[place])
        page.mouse.click(*spot(page, trace, name, t, place))
        wait_for_step(page, t, STEPS)
        wait_for_unit(page, unit)
        follows(page, trace, unit, high=BESIDE)
        coloured = SAID["stage.coloured"].format(unit=unit + 1, q=name)
        wait_for_text(page, coloured)

    def test_what_the_pointer_is_on_is_told_in_the_numbers_of_the_run(self, seen: harness.Visit) -> None:
        trace, *_ = computed()
        units = order(trace, "h", "half_life")
        for number, name in enumerate(trace.quantities):
            for t, place in ((1, number), (STEPS, 23 - number), (2 + number, 12)):
                unit = int(units[place])
                found = read_off(seen.page, trace, name, t, unit, place)
                assert found == pytest.approx(trace[name][0, t - 1, unit], abs=5.1e-4)

    def test_keys_step_one_cursor_through_all_heatmaps(self, seen: harness.Visit) -> None:
        page = seen.page
        for key, t in [("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", STEPS), ("Home", 1)]:
            page.keyboard.press(key)
            wait_for_step(page, t, STEPS)
            first, last = (marks(page, "gate").evaluate_all(PLACES)[number] for number in (0, -1))
            box, beside = cursor(page)
            column = (first[2] - first[0]) / STEPS
            assert [box[0], box[2]] == pytest.approx([first[0] + (t - 1) * column, first[0] + t * column], abs=0.1)
            assert box[1] < first[1]
            assert box[3] > last[3]
            # The lines beside the maps have the same cursor, on columns of their own.
            trace, *_ = computed()
            (lines,) = page.evaluate(LINES, len(trace.quantities) * (STEPS - 1))
            one = lines[0][2] - lines[0][0]
            left = page.locator("svg.marks").first.evaluate("svg => svg.getBoundingClientRect().left")
            assert (beside[0] + beside[2]) / 2 - left == pytest.approx(lines[0][0] + (t - 1) * one, abs=0.1)
            assert beside[2] - beside[0] == pytest.approx(one, abs=0.1)

    def test_enter_looks_inside_and_escape_comes_back(self, seen: harness.Visit) -> None:
        page = seen.page
        for key, hint, maps in [
            ("Enter", "hint_cell", 0),
            ("Enter", "hint_unit", 0),
            ("Escape", "hint_cell", 0),
            ("Escape", "hint_maps", 6),
        ]:
            page.keyboard.press(key)
            page.wait_for_function(
                "start => [...document.querySelectorAll('svg.marks text')].some(e => e.textContent.includes(start))",
                arg=SAID[f"stage.{hint}"].partition("{unit}")[0],
                timeout=WAIT,
            )
            expect(marks(page, "gate")).to_have_count(maps, timeout=WAIT)


class TestHold:
    GATE, FIRST, LAST = "f", 3, 6

    def choose(self, page: Page, label: str, option: str) -> None:
        box = page.locator("[data-testid=stSelectbox]").filter(has_text=label)
        box.locator("input").first.click()
        page.get_by_role("option", name=option, exact=True).click()
        harness.settle(page)

    def test_a_gate_is_held_by_the_pages_controls_and_let_go(self, look: Look) -> None:
        seen = look(address(part="hold"))
        page = seen.page
        stage = page.locator("svg.marks").first.element_handle()
        before, _, words_before = computed()
        after, _, words = computed(Forced(self.GATE, 1.0, steps=(self.FIRST, self.LAST)))
        untouched = page.evaluate(IMAGES)
        assert len(untouched) == 6

        page.get_by_role("button", name=f"{self.GATE} = 1", exact=True).click()
        wait_for_text(page, SAID["stage.held"])
        harness.settle(page)
        page.locator("[class*='st-key-gates_where'] button").first.click()
        for label, t in (("first", self.FIRST), ("last", self.LAST)):
            self.choose(page, SAID[f"gates.{label}"], f"{t} · {before.tokens[t - 1]}")
        page.keyboard.press("Escape")
        leave_fields(page)
        query = parse_qs(urlsplit(page.url).query)
        assert [query[part] for part in ("force", "first", "last")] == [["1"], [str(self.FIRST)], [str(self.LAST)]]

        # Where it is held, and nowhere else.
        left, top, right, bottom = frame(page, after, self.GATE, right=True)
        column = (right - left) / STEPS
        (held,) = dashes(page)
        expected = [left + (self.FIRST - 1) * column, top, left + self.LAST * column, bottom]
        assert held == pytest.approx(expected, abs=0.1)

        # The numbers of both runs.
        sent = len(seen.asked)
        for name, t, unit in [("f", 3, 0), ("f", 6, 23), ("f", 7, 5), ("c", 6, 9), ("h", STEPS, 9), ("g", 5, 1)]:
            for trace, is_held in ((before, False), (after, True)):
                found = read_off(page, trace, name, t, unit, unit, right=is_held)
                assert found == pytest.approx(trace[name][0, t - 1, unit], abs=5.1e-4), (name, t, unit, is_held)
        assert after["f"][0, 2:6].min() == 1.0
        page.mouse.click(*spot(page, after, "c", 6, 9, right=True))
        wait_for_step(page, 6, STEPS)
        wait_for_unit(page, 9)
        follows(page, before, 9, run=0, scales=after)
        follows(page, after, 9, run=1, scales=before)
        assert len(cursor(page)) == 4, "of each run around its maps and around its lines"

        # What it expects, and where that is another word than before.
        changed = [a != b for a, b in zip(words_before, words, strict=True)]
        assert any(changed)
        assert not all(changed)
        shown = page.evaluate(EXPECTED, [palette.SYMBOLS["y"].light, palette.NOW.light])
        assert shown == [
            [[word, False] for word in words_before],
            [[word, other] for word, other in zip(words, changed, strict=True)],
        ]
        for key, t in [("ArrowRight", 7), ("End", STEPS), ("Home", 1)]:
            page.keyboard.press(key)
            wait_for_step(page, t, STEPS)
        assert seen.asked[sent:] == []

        page.get_by_role("button", name=SAID["gates.reset"], exact=True).click()
        expect(marks(page, "gateRight")).to_have_count(0, timeout=WAIT)
        harness.settle(page)
        assert dashes(page) == []
        assert page.evaluate(IMAGES) == untouched
        assert {"force", "first", "last"}.isdisjoint(parse_qs(urlsplit(page.url).query))
        assert stage.evaluate("svg => svg.isConnected"), "the picture was never built again"

    def test_a_typed_value_for_one_unit_is_held_there_only(self, look: Look) -> None:
        page = look(address(part="hold", cell="gru", gate="z", unit=4)).page
        page.locator("[class*='st-key-gates_where'] button").first.click()
        field = page.locator("[data-testid=stNumberInput] input").last
        field.fill("0.25")
        field.press("Enter")
        page.keyboard.press("Escape")
        wait_for_text(page, SAID["stage.held"])
        harness.settle(page)
        trace, *_ = computed(Forced("z", 0.25, units=(3,)), cell="gru")
        for name, t, unit in [("z", 1, 3), ("z", STEPS, 3), ("z", 5, 2), ("h", STEPS, 3), ("h", STEPS, 20)]:
            found = read_off(page, trace, name, t, unit, unit, right=True)
            assert found == pytest.approx(trace[name][0, t - 1, unit], abs=5.1e-4)
        left, top, right, bottom = frame(page, trace, "z", right=True)
        row = (bottom - top) / trace.hidden_size
        (held,) = dashes(page)
        assert held == pytest.approx([left, top + 3 * row, right, top + 4 * row], abs=0.1)

    def test_its_url_opens_the_same_picture_elsewhere(self, look: Look) -> None:
        held = {"part": "hold", "gate": "f", "force": 1, "first": self.FIRST, "last": self.LAST, "bias": 2}
        pages = [look(address(**held)).page for _ in range(2)]
        pictures = [page.evaluate(IMAGES) for page in pages]
        assert pictures[0] == pictures[1]
        assert len(pictures[0]) == 12


def test_two_hundred_letters_are_stepped_in_the_browser(look: Look) -> None:
    long = LONG["en"]
    seen = look(address(model=long["model"], text=long["text"]))
    page = seen.page
    trace, *_ = computed(model=long["model"], text=long["text"])
    assert len(trace) == 200
    leave_fields(page)
    sent = len(seen.asked)
    for key, t in [("ArrowRight", 2), ("End", 200), ("ArrowLeft", 199), ("Home", 1), ("ArrowRight", 2)]:
        page.keyboard.press(key)
        wait_for_step(page, t, 200)
    page.keyboard.press(" ")
    wait_for_step(page, 4, 200)
    page.keyboard.press(" ")
    for name, t, unit in [("c", 200, 3), ("f", 101, 23), ("h", 1, 0)]:
        found = read_off(page, trace, name, t, unit, unit)
        assert found == pytest.approx(trace[name][0, t - 1, unit], abs=5.1e-4)
    page.mouse.click(*spot(page, trace, "c", 150, 7))
    wait_for_step(page, 150, 200)
    wait_for_unit(page, 7)
    follows(page, trace, 7)
    assert seen.asked[sent:] == []


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_on_a_phone_in_both_languages(part: str, locale: str, look: Look) -> None:
    page = look(link("/watch-the-gates", part=part, force=1), size="phone", locale=locale).page
    assert harness.sideways(page) == 0
    assert page.locator("[data-testid=stAlert]").count() == 0
    title = catalogue(locale)["gates.title"]
    assert page.locator("[data-testid=stMain] h1").first.inner_text() == title
    if part != "compare":
        marks = page.locator(harness.CAPTIONS).filter(has_text=harness.CAPTION)
        expect(marks.first).to_be_attached(timeout=WAIT)
    if part == "maps":
        says = catalogue(locale)
        names = page.locator("g.gateMeans_marks text").all_text_contents()
        operations = [says[f"stage.op.{name}"] for name in "ifgo"]
        assert names == [*operations, says["stage.name_c"], says["stage.name_h"]]
        # The scale of the gates: a stripe in the colours of each, from closed to open.
        stripes = page.locator("g.gateScale_marks path").evaluate_all("all => all.map(e => e.getAttribute('fill'))")
        assert stripes == [colour for gate in "ifo" for colour in palette.gate_ramp(gate, False)[::2]]
        said = page.locator("svg.marks text").all_text_contents()
        assert {f"{says['stage.shut']} 0", f"1 {says['stage.wide']}"} <= set(said)
        # What the followed unit has at the present word can be read without a pointer, and whose it is.
        now = page.locator("g.gateNow_marks text").all_text_contents()
        at, model = whereabouts(page), f"words-{locale}"
        trace, *_ = computed(model=model, text=zoo.catalogue()[model].examples[3])
        t, unit = int(at["t"]) - 1, int(at["picked"]) - 1
        found = [float(number.replace("−", "-")) for number in now]
        assert found == pytest.approx([trace[name][0, t, unit] for name in "ifgoch"], abs=5.1e-4)
        assert {f"{says['stage.unit']} {unit + 1}", at["token"]} <= set(said)
    if part == "compare":
        stands_in_its_place(page, harness.SIZES["phone"][1])


# Of the picture of what each cell still knows, px: how high its plot is, by how much a text of it leaves it at the
# sides, and its lower edge.
COMPARED = """() => {
  const svg = [...document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks')]
    .find(one => one.querySelector('.role-legend-entry'));
  const box = svg.getBoundingClientRect();
  const lines = [...svg.querySelectorAll('.role-axis-grid line')].map(one => one.getBoundingClientRect().top);
  const out = [...svg.querySelectorAll('text')].map(one => one.getBoundingClientRect())
    .map(one => Math.max(box.left - one.left, one.right - box.right));
  return [Math.max(...lines) - Math.min(...lines), Math.max(...out), box.bottom] }"""


def stands_in_its_place(page: Page, screen: int) -> None:
    """What each cell still knows: no flat strip, nothing of it cut, and all of its lines on the first screen."""
    page.wait_for_function("document.querySelector('svg.marks .role-legend-entry')", timeout=WAIT)
    plot, out, end = page.evaluate(COMPARED)
    assert plot >= 200
    assert out <= 3
    assert end <= screen + 60, "of the picture at most the legend of the dashes is below"


def test_the_comparison_is_on_a_laptops_screen_and_high_enough_to_be_read(look: Look) -> None:
    page = look(link("/watch-the-gates", lang="en", part="compare")).page
    stands_in_its_place(page, harness.SIZES["laptop"][1] - 60)


def test_inside_a_step_opens_inside_and_names_the_memory(look: Look) -> None:
    page = look(address(part="step", t=5)).page
    wait_for_step(page, 5, STEPS)
    wait_for_text(page, SAID["stage.belt"].format(t=5))
    trace, *_ = computed()
    assert marks(page, "old").count() == marks(page, "new").count() == trace.hidden_size
    expect(marks(page, "gate")).to_have_count(0, timeout=WAIT)
    leave_fields(page)
    page.keyboard.press("ArrowRight")
    wait_for_text(page, SAID["stage.belt"].format(t=6))
    unit = int(order(trace, "h", "token", t=6)[0])  # that of the maps, which answers to the step they open at
    value = f"{trace['c'][0, 5, unit]:.3f}".replace("-", "−")
    wait_for_text(page, f"{SAID['stage.written'].format(unit=unit + 1)}  cₜ = {value}")


@pytest.mark.parametrize("chosen", [False, True], ids=["the page's unit", "a chosen unit"])
def test_from_every_part_to_every_other_the_step_and_the_unit_stay(chosen: bool, look: Look) -> None:
    page = look(link("/watch-the-gates", lang="en", model="words-en")).page
    leave_fields(page)
    for key in ("ArrowRight", "ArrowRight", *(["ArrowDown"] if chosen else [])):
        page.keyboard.press(key)
    page.wait_for_function("new URLSearchParams(location.search).has('t')", timeout=WAIT)
    harness.settle(page)
    there = {name: whereabouts(page)[name] for name in ("t", "picked")}
    assert there["t"] == "6"
    path = [PARTS[number] for number in (0, 3, 2, 3, 1, 3, 0, 2, 1, 2, 0, 1, 0)]
    assert set(pairwise(path)) == set(permutations(PARTS, 2))
    for part in path[1:]:
        page.get_by_role("radio", name=SAID[f"gates.part_{part}"], exact=True).click()
        page.wait_for_function("part => location.search.includes('part=' + part)", arg=part, timeout=WAIT)
        harness.settle(page)
        if part != "compare":
            assert {name: whereabouts(page)[name] for name in there} == there, f"in {part}"


def test_the_arrows_up_and_down_keep_the_page_where_units_are_rows(look: Look) -> None:
    arrows = ("ArrowUp", "ArrowDown")
    for part in PARTS:
        kept = harness.kept_keys(look(address(part=part)).page, arrows)
        assert kept == (list(arrows) if part in ("maps", "hold") else []), part
