"""What is said of an edit and of a gradient's terms holds in them, found again the long way."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import rnnviz
from rnnviz.core.trace import Array, Readout, Trace
from rnnviz.facts.consequences import FADED, GONE, LEFT, first_changed, of_edit, of_terms
from rnnviz.facts.notice import Notice
from rnnviz.words import LANGUAGES, catalogue
from tests.charts.networks import WORDS, Case, case, pair

STEPS, UNITS = 5, 4
SMALL = st.sampled_from([0.0, 0.0, 0.125, -0.25, 0.5, -1.0])
STATES = arrays(np.float64, (STEPS, UNITS), elements=SMALL)
TERMS = array_shapes(min_dims=3, max_dims=3, max_side=5).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.sampled_from([0.0, 0.0, 1e-3, -0.25, 0.5, -1.0, 7.0]))
)


def moved(change: Array) -> Trace:
    """A trace whose states are those of `case("rnn")`, each moved by `change`, (T, H)."""
    trace = rounded()
    return replace(trace, values={**trace.values, "h": trace["h"] + change})


def rounded() -> Trace:
    """Its states are multiples of 1/8, so that sums with such numbers are exact."""
    trace = case("rnn", steps=STEPS, hidden=UNITS).trace
    return replace(trace, values={**trace.values, "h": np.round(8 * trace["h"].astype(np.float64)) / 8})


def told(before: Trace, after: Trace, y_before: Readout, y_after: Readout) -> dict[str, Notice]:
    found = list(of_edit(pair(before, after, y_before, y_after)))
    assert len({notice.kind for notice in found}) == len(found)
    readable(found)
    return {notice.kind: notice for notice in found}


def readable(found: Iterable[Notice]) -> None:
    """Each has a sentence in every language, and all that it asks for."""
    for notice in found:
        for language in LANGUAGES:
            assert catalogue(language)[f"notice.{notice.kind}"].format(t=notice.t, **notice.values)


def of_states(change: Array) -> dict[str, Notice]:
    readout = case("rnn", steps=STEPS, hidden=UNITS).readout
    return told(rounded(), moved(change), readout, readout)


class TestEdit:
    @given(STATES)
    def test_where_states_differ_and_which_moves_most(self, change: Array) -> None:
        steps = [t for t, row in enumerate(change.tolist(), 1) if any(row)]
        assume(steps)
        found = of_states(change)
        assert first_changed(rounded(), moved(change)) == steps[0]
        assert (found["spread"].t, found["spread"].values) == (
            steps[0],
            {"first": steps[0], "states": len(steps), "steps": STEPS},
        )
        largest = found["largest"]
        t, unit = largest.t - 1, int(largest.values["unit"]) - 1
        assert abs(change[t, unit]) == max(abs(value) for row in change.tolist() for value in row)
        assert largest.values["old"] == rounded()["h"][0, t, unit]
        assert largest.values["new"] == rounded()["h"][0, t, unit] + change[t, unit]

    @given(STATES)
    def test_whether_the_difference_is_still_there_at_the_end(self, change: Array) -> None:
        sizes = [math.hypot(*row) for row in change.tolist()]
        assume(any(sizes))
        found = of_states(change)
        if sizes.index(max(sizes)) == STEPS - 1:
            assert not {"gone", "faded", "stayed"} & set(found)
            return
        left = sizes[-1] / max(sizes)
        kind = "gone" if left < GONE else "faded" if left < FADED else "stayed"
        assert {"gone", "faded", "stayed"} & set(found) == {kind}
        assert sizes[found[kind].t - 1] == pytest.approx(max(sizes))
        assert found[kind].values["left"] == pytest.approx(left)

    @pytest.mark.parametrize(("last", "kind"), [(0, "gone"), (5e-4, "gone"), (0.05, "faded"), (0.5, "stayed")])
    def test_a_difference_that_dies_out_and_one_that_stays(self, last: float, kind: str) -> None:
        change = np.zeros((STEPS, UNITS))
        change[1, 2], change[-1, 0] = -1, last
        found = of_states(change)[kind]
        assert found.t == 2
        assert found.values["left"] == pytest.approx(last)

    @given(arrays(np.float64, (STEPS, len(WORDS)), elements=st.sampled_from([0.1, 0.2, 0.3, 0.4])))
    def test_the_first_step_at_which_another_word_is_first(self, y: Array) -> None:
        of = case("rnn", steps=STEPS, hidden=UNITS)
        after = Readout(np.log(y), y, of.readout.W_hy, of.readout.b_y)
        found = told(of.trace, of.trace, of.readout, after)
        old, new = ([row.index(max(row)) for row in r.y.tolist()] for r in (of.readout, after))
        steps = [t for t in range(STEPS) if old[t] != new[t]]
        t = steps[0] if steps else STEPS - 1
        shown = [f"{float(r.y[t, best[t]]):.4f}" for r, best in ((of.readout, old), (after, new))]
        alike = abs(float(shown[0]) - float(shown[1])) < 0.001
        notice = found["other_word" if steps else "same_words_alike" if alike else "same_words"]
        assert len(found) == 2
        assert notice.t == t + 1
        assert notice.values == {
            "token": of.trace.tokens[t],
            "old": WORDS[old[t]],
            "new": WORDS[new[t]],
            "p_old": of.readout.y[t, old[t]],
            "p_new": y[t, new[t]],
            "count": len(steps),
        }

    def test_the_same_words_but_surer(self) -> None:
        of = case("rnn", steps=STEPS, hidden=UNITS)
        logits = 2 * of.readout.logits.astype(np.float64)
        y = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        notice = told(of.trace, of.trace, of.readout, Readout(logits, y, of.readout.W_hy, of.readout.b_y))["same_words"]
        assert (notice.t, notice.values["count"]) == (STEPS, 0)
        assert (
            notice.values["old"]
            == notice.values["new"]
            == WORDS[of.readout.y[-1].tolist().index(max(of.readout.y[-1]))]
        )
        assert notice.values["p_new"] == pytest.approx(y[-1].max())
        assert notice.values["p_old"] == pytest.approx(of.readout.y[-1].max())

    def test_a_weight_read_after_the_loop_moves_no_state(self) -> None:
        of = case("rnn", steps=STEPS)
        head = rnnviz.with_entry(of.head, "W_hy", 2, 1, 50.0)
        found = told(of.trace, of.trace, of.readout, rnnviz.read_out(of.trace, head))
        assert first_changed(of.trace, of.trace) == 0
        assert found["no_state"].values == {"steps": STEPS}
        assert set(found) == {"no_state", "other_word"}

    def test_a_weight_that_meets_only_zeros_changes_nothing(self) -> None:
        of = case("rnn", steps=STEPS)
        x = of.x.clone()
        x[:, 1] = 0
        before, after = (
            rnnviz.record(module, x) for module in (of.module, rnnviz.with_entry(of.module, "W_xh", 2, 1, 50.0))
        )
        readout = rnnviz.read_out(before, of.head)
        found = told(before, after, readout, rnnviz.read_out(after, of.head))
        assert set(found) == {"no_change", "same_words_alike"}

    @pytest.mark.parametrize(
        ("cell", "parameter", "first"),
        [("rnn", "W_xh", 1), ("rnn", "W_hh", 2), ("lstm", "W_xi", 1), ("lstm", "W_hf", 2), ("gru", "W_hn", 2)],
    )
    def test_of_a_real_edit(self, cell: str, parameter: str, first: int) -> None:
        """A token is multiplied at step 1 already; the state before step 1 is zero."""
        of: Case = case(cell, steps=STEPS, scale=0.5)  # so small that no unit is saturated
        after = rnnviz.record(rnnviz.with_entry(of.module, parameter, 1, 2, 1.5), of.x)
        found = told(of.trace, after, of.readout, rnnviz.read_out(after, of.head))
        assert first_changed(of.trace, after) == found["spread"].t == first
        assert found["spread"].values["states"] == STEPS - first + 1

    def test_it_is_the_last_layers_states(self) -> None:
        of = case("rnn", layers=2, steps=STEPS)
        h = np.array(of.trace["h"])
        h[0, 0] += 1
        assert first_changed(of.trace, replace(of.trace, values={**of.trace.values, "h": h})) == 0
        h[1, 3] += 1
        assert first_changed(of.trace, replace(of.trace, values={**of.trace.values, "h": h})) == 4


class TestTerms:
    @settings(deadline=None)
    @given(TERMS, st.data())
    def test_what_the_copies_add(self, terms: Array, data: st.DataObject) -> None:
        loss_at = data.draw(st.integers(1, len(terms)))
        row, column = (data.draw(st.integers(0, size - 1)) for size in terms.shape[1:])
        tokens = [f"token{k}" for k in range(len(terms))]
        unknown = data.draw(st.lists(st.booleans(), min_size=len(terms), max_size=len(terms)))
        found = list(of_terms(terms, loss_at, row, column, tokens, unknown))
        assert not [n for n in found if "token" in n.values and unknown[n.t - 1]], "of an unknown one nothing is told"
        found = list(of_terms(terms, loss_at, row, column, tokens))
        readable(found)
        by = {notice.kind: notice for notice in found}
        chosen = [float(terms[k, row, column]) for k in range(loss_at)]
        sizes = [math.sqrt(sum(v * v for v in terms[k].ravel().tolist())) for k in range(loss_at)]
        whole = sum(map(abs, chosen))
        if whole == 0:
            assert [(n.kind, n.t, n.values) for n in found] == [("no_term", loss_at, {"count": loss_at})]
            return
        top = by["top_term"]
        assert abs(chosen[top.t - 1]) == max(map(abs, chosen))
        assert top.values["token"] == tokens[top.t - 1]
        assert top.values["term"] == chosen[top.t - 1]
        assert top.values["share"] == pytest.approx(max(map(abs, chosen)) / whole)
        left = abs(sum(chosen)) / whole
        assert ("cancel" in by) == (left < LEFT)
        if "cancel" in by:
            assert by["cancel"].values["up"] == len([v for v in chosen if v > 0])
            assert by["cancel"].values["down"] == len([v for v in chosen if v < 0])
            assert by["cancel"].values["zero"] == chosen.count(0)
            assert by["cancel"].values["left"] == pytest.approx(left)
        reached = [k for k, size in enumerate(sizes) if size > 0]
        assert (("smaller" in by) + ("larger" in by)) == (len(reached) > 1)
        if len(reached) > 1:
            early, late = reached[0], reached[-1]
            ratio = sizes[late] / sizes[early]
            far = by.get("smaller") or by["larger"]
            assert far.t == far.values["early"] == early + 1
            assert far.values["late"] == late + 1
            assert float(far.values["times"]) >= 1
            assert float(far.values["times"]) == pytest.approx(ratio if far.kind == "smaller" else 1 / ratio)

    def test_terms_after_the_loss_count_for_nothing(self) -> None:
        terms = np.zeros((4, 2, 2))
        terms[1, 0, 1], terms[3, 0, 1] = 0.5, 9
        (top,) = of_terms(terms, 3, 0, 1, list("abcd"))
        assert (top.t, top.values) == (2, {"token": "b", "term": 0.5, "share": 1})
