"""What it costs to take hold of a gate, and to record and take apart a long sequence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

from benchmarks.row import Row, median_ms, promise
from rnnviz import CELLS, Forced, Recurrent, memory_shares, order, record

T, LONG, INPUT = 40, 400, 8
LINEAR = 1.3  # of a long recording: times as many short ones
FORCING = 1.5  # times a recording that forces nothing


def measure() -> Iterator[Row]:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    for name, gate, hidden in (("lstm", "f", 32), ("gru", "z", 32), ("peephole", "f", 32), ("mgu", "f", 32)):
        module, x = network(name, hidden, generator), torch.randn(T, INPUT, generator=generator)
        held = [Forced(gate, 1.0, units=(3,), steps=(4, 9))]
        alone = median_ms(partial(record, module, x))
        forced = median_ms(partial(record, module, x, forced=held))
        what = f"force {gate} of {CELLS[name].title} and record, T = {T}, hidden {hidden}"
        yield Row(what, forced, "ms", "record alone", alone)
        yield promise(f"{what}, by record alone", forced / alone, "times", FORCING)
    module, x = network("lstm", 24, generator), torch.randn(LONG, INPUT, generator=generator)
    what = f"LSTM, T = {LONG}, hidden 24"
    short = median_ms(lambda: record(module, x[:T])) * LONG / T
    alone = median_ms(lambda: record(module, x), repeat=11, warm_up=2)
    yield Row(f"record {what}", alone, "ms", f"{LONG // T} recordings of T = {T}", short)
    yield promise(f"record {what}, by {LONG // T} recordings of T = {T}", alone / short, "times", LINEAR)
    trace = record(module, x)
    for part, call in (
        ("memory_shares", lambda: memory_shares(trace)),
        ("order by half-life", lambda: order(trace, "c", "half_life")),
    ):
        yield Row(f"{part}, {what}", median_ms(call, repeat=11, warm_up=2), "ms", "record alone", alone)


def network(name: str, hidden: int, generator: torch.Generator) -> Recurrent:
    module = Recurrent(CELLS[name], INPUT, hidden)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.uniform_(-(hidden**-0.5), hidden**-0.5, generator=generator)
    return module
