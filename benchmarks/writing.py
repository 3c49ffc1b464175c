"""The lesson on reading and writing: from Enter to the painted stage at about 15 + 15 tokens, and from key to paint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.row import Row, promise
from benchmarks.stepping import MEDIAN_LIMIT, P95_LIMIT, STEPS, key_to_paint, p95, walk
from benchmarks.typing_text import BARE, CHANGES, change_to_stage, changes
from benchmarks.typing_text import MEDIAN_LIMIT as TEXT_LIMIT
from rnnviz.lessons.attention import run
from rnnviz.tasks import pairs
from tests.browser.harness import chromium, leave_fields, link, serve, settle, visit

MODEL, LENGTHS = "en-ko", (14, 15)


def texts() -> list[tuple[str, int]]:
    """Unseen sources of 14 and 15 tokens in turns, and how many steps each has; no two neighbours have as many."""
    drawn = [pairs.pairs(MODEL, 4 * CHANGES, seed=5, unseen=True, length=length) for length in LENGTHS]
    found: list[tuple[str, int]] = []
    for one in (pair for both in zip(*drawn, strict=True) for pair in both):
        text = " ".join(one.source)
        written = run.written(MODEL, "additive", text)
        steps = len(written.encoder) + len(written)
        if not found or found[-1][1] != steps:
            found.append((text, steps))
    return found[: CHANGES + 1]


def measure() -> Iterator[Row]:
    """With additive attention; typing beside a page with one field and one chart."""
    (first, steps), *others = texts()
    with chromium() as browser:
        with serve(Path(BARE)) as one, visit(browser, one.url()) as seen:
            bare = median(changes(seen.page, " ".join(text for text, _ in others).split()))
        with serve() as server:
            address = link("/reading-then-writing", lang="en", model=MODEL, text=first, t=1)
            with visit(browser, server.url(address)) as seen:
                settle(seen.page)
                leave_fields(seen.page)
                before = len(seen.frames_sent)
                keys = key_to_paint(seen.page, walk(STEPS, steps))
                sent = len(seen.frames_sent) - before
                settle(seen.page)
                times = []
                for text, count in others:
                    times.append(change_to_stage(seen.page, text, count))
                    settle(seen.page)
    what = f"reading and writing, new text to painted stage, {CHANGES} times: median"
    yield promise(what, median(times), "ms", TEXT_LIMIT)
    yield Row(what, median(times), "ms", "a page with one field and one chart", bare)
    yield promise(f"reading and writing, key to paint, {STEPS} steps: median", median(keys), "ms", MEDIAN_LIMIT)
    yield promise(f"reading and writing, key to paint, {STEPS} steps: 95th percentile", p95(keys), "ms", P95_LIMIT)
    yield promise(f"reading and writing, key to paint, {STEPS} steps: frames sent", sent, "frames", 0)
