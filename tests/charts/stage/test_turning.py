"""The stage of a batch: a page for each sequence, each what the stage of its trace alone is."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import rnnviz
from rnnviz.charts.stage import chart


def batch(lengths: list[int], layers: int = 1, *, both: bool = False, units: int = 3) -> rnnviz.Traces:
    generator = torch.Generator().manual_seed(len(lengths))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        gru = torch.nn.GRU(2, units, layers, bidirectional=both)
    traces = rnnviz.record(gru, torch.randn(max(lengths), len(lengths), 2, generator=generator), lengths=lengths)
    assert isinstance(traces, rnnviz.Traces)
    return traces


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=5), st.integers(1, 2), st.booleans())
def test_each_page_is_the_stage_of_its_trace(lengths: list[int], layers: int, both: bool) -> None:
    traces = batch(lengths, layers, both=both)
    shown = rnnviz.stage(traces, look=rnnviz.Look(language="ko"))
    alone = [rnnviz.stage(trace, look=rnnviz.Look(language="ko")) for trace in traces]
    assert [shown.tables, *shown.further] == [one.tables for one in alone]
    assert shown.to_dict() == alone[0].to_dict(), "a picture is of the first"
    assert [shown.properties(width=500).further] == [shown.further]


def test_a_page_turns_only_where_there_is_more_than_one() -> None:
    assert 'id="turning"' in rnnviz.stage(batch([3, 2])).to_html()
    assert 'id="turning"' not in rnnviz.stage(batch([3])).to_html()
    assert 'id="turning"' not in rnnviz.stage(batch([3])[0]).to_html()


def test_texts_of_further_pages_end_no_script() -> None:
    passes = [rnnviz.Pass(trace) for trace in batch([2, 2])]
    hostile = rnnviz.record(torch.nn.GRU(2, 3), torch.zeros(2, 2), tokens=["</script><b>", "<!--"])
    page = rnnviz.stage([passes[0], rnnviz.Pass(hostile)]).to_html(inline=False)
    assert "</script><b>" not in page
    assert "<!--" not in page


def test_passes_bring_their_own_predictions() -> None:
    traces = batch([3, 2])
    with torch.random.fork_rng():
        head = torch.nn.Linear(3, 2)
    passes = [rnnviz.Pass(trace, rnnviz.read_out(trace, head), ("no", "yes")) for trace in traces]
    shown = rnnviz.stage(passes)
    assert shown.further[0] == rnnviz.stage(passes[1]).tables


@pytest.mark.parametrize(
    ("of", "message"),
    [
        ([], "0 sequences; accepted: 1 to 64"),
        (["x"], "accepted: what rnnviz.record gives"),
        ([batch([2])[0], batch([2], 2)[0]], "other layers"),
        (batch([1] * 65), "65 sequences"),
    ],
)
def test_what_is_no_batch_that_can_be_shown_is_refused(of: object, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        rnnviz.stage(of)


def test_a_batch_without_room_says_how_many_have(monkeypatch: pytest.MonkeyPatch) -> None:
    traces = batch([4] * 6)
    one = len(json.dumps(rnnviz.stage(traces[0]).tables))
    monkeypatch.setattr(chart, "MOST_BYTES", 3 * one + one // 2)
    with pytest.raises(ValueError, match=r"such as traces\[:3\]"):
        rnnviz.stage(traces)
    assert len(rnnviz.stage(traces[:3]).further) == 2
    with pytest.raises(ValueError, match="a list of rnnviz"):
        rnnviz.stage(traces, words=("a",))
