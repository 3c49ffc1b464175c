"""The charts of the gradient lab: drawn by Vega itself, they say the numbers that they were given."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import numpy as np
import pytest
import vl_convert
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.charts.kit.export import to_html
from rnnviz.charts.kit.figure import Figure
from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.charts.lab import cliff as lab_cliff
from rnnviz.charts.lab import cut as lab_cut
from rnnviz.charts.lab import forgetting as lab_past
from rnnviz.charts.lab import knobs as lab_knobs
from rnnviz.charts.lab import matrix as lab_matrix
from rnnviz.charts.lab import squash as lab_squash
from rnnviz.charts.lab import table as lab_table
from rnnviz.charts.lab import ways as lab_ways
from rnnviz.facts.lab import Knobs
from rnnviz.words import catalogue
from rnnviz.words.numbers import size
from tests.written import number

RNG = np.random.default_rng(0)
T, H = 7, 4
TITLES = ("RNN", "LSTM", "GRU")


def lower(low: float = -8, high: float = 0) -> np.ndarray:
    return np.tril(10 ** RNG.uniform(low, high, (T, T)))


def matrix(language: str = "en", scale: float = 1.0, **options: int) -> Figure:
    networks = [
        lab_matrix.Network(
            title=title,
            matrix=np.where(lower() > 0, scale, 0) if np.isinf(scale) else scale * lower(),
            turned=RNG.uniform(0, 180, (T, T)),
            largest=RNG.uniform(0.5, 1.2, T),
            smallest=RNG.uniform(0.01, 0.1, T),
            slope=RNG.uniform(0.2, 1, T),
            recurrent=1.1,
            memory=None if title == "RNN" else lower(),
        )
        for title in TITLES
    ]
    return lab_matrix.chart(
        networks, [f"w{n}" for n in range(T)], catalogue(language), **({"t": T, "k": 1, "net": 0} | options)
    )


def knobs(language: str = "en", gamma: float | None = 1.0, start: int = 12, **changed: float | int | None) -> Figure:
    drawn = RNG.normal(size=(H, H))
    own = float(np.abs(np.linalg.eigvals(drawn)).max())
    radii = [0.05 * n for n in range(41)]
    values = {
        "matrices": {"W_hh": drawn * 0.6 / own},
        "eigenvalues": {"W_hh": np.linalg.eigvals(drawn * 0.6 / own)},
        "sigma": 0.9,
        "radii": radii,
        "drawn": 12,
        "start": start,
        "norms": 10 ** np.outer(np.linspace(-1, 1, 41), np.arange(T)[::-1]),
        "parameters": np.full(41, 10.0),
        "before": np.ones(T),
        "gamma": gamma,
        "clip": None,
        "window": None,
    }
    return lab_knobs.chart(Knobs(**(values | changed)), catalogue(language))


def squash(language: str = "en", *, gates: bool = False) -> Figure:
    parts = [lab_squash.Squashed("h", "tanh", RNG.normal(size=(T, H)), np.arange(T) % 3)]
    return lab_squash.chart(parts, None if gates else np.full((T, H), 0.5), catalogue(language), t=3)


def cliff(language: str = "en") -> Figure:
    path = tuple(RNG.uniform(4.2, 5, 9) * sign for sign in (1, -0.5, 0.1, 1))
    loss = np.abs(RNG.normal(size=(lab_cliff.DOWN, lab_cliff.ACROSS)))
    return lab_cliff.chart(loss, [path, path], catalogue(language), update=4)


def cut(language: str = "en") -> Figure:
    return lab_cut.chart(lower(), [1, 3, 7], [40.0, 12.5, 0.0], [0.5, 0.9, 1.0], catalogue(language), window=3)


def past(language: str = "en") -> Figure:
    found = [lab_past.Past(title, 10.0 ** -np.arange(T), 10.0 ** -np.arange(T) * 2) for title in TITLES]
    return lab_past.chart(found, catalogue(language), t=T)


def table(language: str = "en", seeds: int = 5) -> Figure:
    spread = 10 ** RNG.uniform(-40, 0, (3, seeds)) if seeds else None
    return lab_table.chart(TITLES, np.array([1e-25, 0.0, 2.5]), spread, catalogue(language))


def ways(language: str = "en", tokens: int = T) -> Figure:
    rows = [
        lab_ways.Way("alone", 10 ** RNG.uniform(-8, 0, tokens), np.arange(tokens)[::-1] + 3),
        lab_ways.Way("along", 10 ** RNG.uniform(-8, 0, tokens), np.where(np.arange(tokens) < tokens - 1, 2, 0)),
    ]
    texts = [f"w{n}" for n in range(tokens)]
    return lab_ways.chart(rows, texts, "L", "steps", catalogue(language))


CHARTS: dict[str, Callable[..., Figure]] = {
    "matrix": matrix,
    "knobs": knobs,
    "squash": squash,
    "cliff": cliff,
    "cut": cut,
    "past": past,
    "table": table,
    "ways": ways,
}
EVERY = pytest.mark.parametrize("name", CHARTS)


def drawn(chart: Figure, *, dark: bool = False) -> list[str]:
    """The texts of the chart as Vega draws it."""
    svg = str(vl_convert.vegalite_to_svg(chart.themed(dark)))
    # What a text says is no place, and letters of a picture's data may be any.
    assert "NaN" not in re.sub(r">NaN<|data:image/[^\"]*", "", svg), "a mark has no place"
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


@EVERY
def test_the_specification_never_changes_and_the_language_is_data(name: str) -> None:
    one, other = (CHARTS[name](language).to_dict() for language in ("en", "ko"))
    assert one.pop("datasets") != other.pop("datasets")
    assert json.dumps(one) == json.dumps(other)


@EVERY
@pytest.mark.parametrize("dark", [False, True])
def test_it_is_drawn_in_both_themes_and_sizes(name: str, dark: bool) -> None:
    chart = CHARTS[name]("ko")
    for width in (350, 1200):
        assert drawn(chart.properties(width=width), dark=dark)


@EVERY
def test_no_signal_or_mark_is_named_twice(name: str) -> None:
    vega = vl_convert.vegalite_to_vega(CHARTS[name]().themed(False))
    names = [signal["name"] for signal in vega["signals"]]
    assert len(names) == len(set(names))


# Of each chart that is stepped through: the steps of the one made here, and what the link holds at a step, from 0.
STEPPED: dict[str, tuple[int, Callable[[int], dict[str, str]]]] = {
    "squash": (T, lambda _: {}),
    "past": (T, lambda _: {}),
    "cliff": (9, lambda at: {"update": str(at)}),
    "cut": (3, lambda at: {"window": str((1, 3, 7)[at])}),
}


def whereabouts(chart: Figure) -> dict[str, str]:
    """What a chart that is on a page tells the controls around it."""
    chart.tables["bundle"][0]["placed"] = True
    svg = str(vl_convert.vegalite_to_svg(chart.to_dict()))
    found = re.search(r"whereabouts_marks.*?<text[^>]*>([^<]*)", svg)
    assert found is not None
    return dict(part.split("=", 1) for part in html.unescape(found[1]).split(SEPARATOR))


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, (steps, _) in STEPPED.items() for at in range(steps)])
def test_the_controls_of_a_page_are_told_where_a_chart_stands(name: str, at: int) -> None:
    chart, (steps, learned) = CHARTS[name](), STEPPED[name]
    chart.tables["bundle"][0]["start"] = at
    told = whereabouts(chart)
    ends = {"start": str(int(at == 0)), "end": str(int(at == steps - 1))}
    assert told.items() >= ({"t": str(at + 1), "T": str(steps), "playing": "0"} | ends | learned(at)).items()
    assert str(STEPPED[name][1](at).get("window", at if name == "cliff" else at + 1)) in told["caption"]


@given(st.integers(1, T), st.integers(1, T), st.integers(0, 2))
@settings(max_examples=8, deadline=None)
def test_the_link_of_the_matrix_holds_its_chosen_cell(t: int, k: int, net: int) -> None:
    told = whereabouts(matrix(t=t, k=k, net=net))
    assert told == {"go": "0", "T": str(T), "t": str(t), "k": str(k), "net": ("rnn", "lstm", "gru")[net]}


def test_the_chosen_cell_is_written_in_numbers() -> None:
    chart = matrix(t=5, k=2, net=1)
    values = chart.tables["bundle"][0]["matrix"].split(",")
    texts = drawn(chart)
    assert "t = 5 / 7,  k = 2" in texts
    for n, title in enumerate(TITLES):
        written = next(text.split()[-1] for text in texts if re.match(rf"{title}  \d\S*$", text))
        assert np.log10(number(written)) == pytest.approx(float(values[(n * T + 4) * T + 1]), abs=0.01)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(("scale", "sign"), [(1.0, "◂"), (1e-40, "┆")])
def test_what_float32_holds_is_said_where_it_is_on_the_scale(scale: float, sign: str, language: str) -> None:
    """Beyond the left end, or at the dashed line; never in the middle of a scale that has no such place."""
    chart = matrix(language, scale=scale)
    svg = str(vl_convert.vegalite_to_svg(chart.themed(False)))
    (row,) = chart.tables["bundle"]
    found = re.findall(r"<text[^>]*translate\(([\d.]+),([\d.]+)\)[^>]*>([^<]*)</text>", svg)
    x, y = next((float(x), y) for x, y, said in found if said.startswith(sign))
    ends = {html.unescape(said): float(at) for at, height, said in found if height == y}
    left, right = ends[row["flowFrom"]], ends[row["flowTo"]]
    limit = left + float(row["flowLimit"]) * (right - left)
    assert left + 20 < x < (left + 45 if sign == "◂" else limit)


def test_a_state_after_the_loss_has_no_path() -> None:
    texts = drawn(matrix(t=2, k=6))
    assert catalogue("en")["lab.no_path"] in texts
    assert {f"{title}  –" for title in TITLES} <= set(texts)


def test_zero_and_infinity_are_called_what_they_are() -> None:
    assert "RNN  0" in drawn(matrix(scale=0.0))
    assert "RNN  ∞" in drawn(matrix(scale=np.inf, t=3, k=3))


def test_the_dragged_radius_moves_the_bound_and_says_what_it_is_good_for() -> None:
    must, may = (catalogue("en")[f"lab.{name}"] for name in ("must", "may"))
    # sigma/rho is 1.5, so gamma*sigma is 0.9 at rho 0.6 and 1.5 at rho 1.
    assert must.format(x="0.90") in drawn(knobs(start=12))
    assert may.format(x="1.50") in drawn(knobs(start=20))
    assert must.format(x="0.45") in drawn(knobs(start=20, gamma=0.3))
    border = catalogue("en")["lab.border"]
    assert border.format(x="1.00") in drawn(knobs(start=12, sigma=1.0))
    assert border.format(x="1.00") not in drawn(knobs(start=12, sigma=1.0 + 1e-6))
    assert catalogue("en")["lab.no_bound"] in drawn(knobs(gamma=None))


def test_clipping_scales_and_truncation_cuts_what_reaches_the_first_step() -> None:
    plain = next(text for text in drawn(knobs(start=40)) if text.startswith("k = 1"))
    clipped = next(text for text in drawn(knobs(start=40, clip=1.0)) if text.startswith("k = 1"))
    cut_off = next(text for text in drawn(knobs(start=40, window=3)) if text.startswith("k = 1"))
    assert number(plain.split()[-1]) == pytest.approx(1e6)
    assert number(clipped.split()[3]) == pytest.approx(1e5), "the parameters' norm is 10, so a tenth is left"
    assert cut_off.split()[3] == "0"


def test_the_matrix_is_less_opaque_in_proportion_to_its_radius() -> None:
    """The ramp mixes a value's colour with the paper, so the picture of twice the matrix at half the opacity is it."""
    svg = str(vl_convert.vegalite_to_svg(knobs(start=20).themed(False)))
    assert 'opacity="0.5"' in re.search(r"<image[^>]*>", svg).group(0)


def test_gates_have_no_product_of_slopes_that_every_gradient_passes() -> None:
    own = {catalogue("en")[f"lab.{name}"] for name in ("best_slope", "mean_slope")}
    assert own <= set(drawn(squash()))
    assert not own & set(drawn(squash(gates=True)))


def test_the_window_writes_its_measured_angle() -> None:
    texts = drawn(cut())
    assert {"12.5°", "90.0%", "window length 3"} <= set(texts)


def test_the_table_writes_every_row_and_its_spread_once_it_is_known() -> None:
    texts = drawn(table())
    assert {"10⁻²⁵", "0", "2.5"} <= set(texts)
    assert catalogue("en")["lab.median"] in texts
    assert catalogue("en")["lab.median"] not in drawn(table(seeds=0))


@pytest.mark.parametrize("width", [350, 1200])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("name", "label"), [("knobs", "pascanu"), ("knobs", "radius_line"), ("past", "forward")])
def test_a_line_has_the_dashes_of_its_legend(name: str, label: str, dark: bool, width: int) -> None:
    """By its colour and dashes; a line of one piece, since a dash that begins again at every step is none."""
    svg = str(vl_convert.vegalite_to_svg(CHARTS[name]().properties(width=width).themed(dark)))
    key = re.search(
        rf'stroke="(#\w+)"[^>]*stroke-dasharray="([\d,]+)"[^>]*/?>(?:</line>)?</g>\s*<g[^>]*>\s*<text[^>]*>{re.escape(catalogue("en")[f"lab.{label}"])}<',
        svg,
    )
    assert key is not None
    dashed = [
        path for path in re.findall(r"<path[^>]*stroke-dasharray[^>]*>", svg) if f'stroke-dasharray="{key[2]}"' in path
    ]
    assert len(dashed) == (len(TITLES) if name == "past" else 1)
    assert name == "past" or f'stroke="{key[1]}"' in dashed[0]
    assert all(len(re.findall("L", re.search(r'd="([^"]+)"', path)[1])) >= 3 for path in dashed)


@pytest.mark.parametrize("language", ["en", "ko"])
@EVERY
def test_nothing_is_cut_on_a_phone(name: str, language: str) -> None:
    assert not [text for text in drawn(CHARTS[name](language).properties(width=358)) if text.endswith("…")]


@given(st.floats(-320, 300))
def test_a_size_is_written_with_its_power_of_ten(log: float) -> None:
    norm = 10.0**log
    assert number(size(norm)) == pytest.approx(norm, rel=0.0051)


def test_the_chart_writes_a_size_as_the_sentences_do() -> None:
    norms = np.array(
        [0.0, np.inf, np.nan, 1e-300, 9.96e-12, 9.4e-5, 0.00099, 0.001, 0.24567, 1.0, 99.96, 999.4, 999.7, 1e4, 3.3e123]
    )
    texts = drawn(lab_table.chart([f"r{n}" for n in range(len(norms))], norms, None, catalogue("en")))
    assert [size(norm) for norm in norms.tolist()] == texts[-len(norms) :]


@EVERY
def test_it_is_saved_as_a_page_that_needs_no_network(name: str) -> None:
    page = to_html(CHARTS[name](), title="lab")
    assert "vegaEmbed" in page
    assert not re.search(r'(src|href)="http', page)


def test_each_way_writes_its_norms_and_its_steps_and_a_way_that_is_none_writes_neither() -> None:
    norms, steps = np.array([0.5, 2e-5, 0.0]), np.array([5, 4, 0])
    chart = lab_ways.chart([lab_ways.Way("alone", norms, steps)], ["a", "b", "c"], "L", "steps", catalogue("en"))
    said = drawn(chart)
    assert {"alone", "L", "steps", "a", "b", "c", size(0.5), size(2e-5), "5", "4", "–"} <= set(said)
    assert "0" not in said
    narrow = drawn(lab_ways.chart([lab_ways.Way("alone", norms, steps)] * 2, ["a"] * 3, "L", "s", catalogue("en")))
    assert narrow.count("5") == narrow.count(size(0.5)) == 2
