"""Settings that every test shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Read by torch when it is first imported, and inherited by the servers that tests start: models here are small,
# and threads of two test workers on two cores only fight.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A shared CI machine pauses at any moment, so no example has a deadline. CI draws the same examples each time.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# The marker of every test of a room. What is marked neither `slow` nor `browser` is the fast lane of scripts/test; a
# single test of another room that does such a thing is marked where it stands.
LANES = {
    "browser": "browser",
    **dict.fromkeys(("charts", "pages", "snippets", "training", "ui", "zoo"), "slow"),
}
QUICK = {"charts/kit/test_palette.py"}  # of those rooms, what does nothing of the kind
HERE = Path(__file__).parent


def lane(file: Path) -> str | None:
    """The marker of a file's tests."""
    inside = file.relative_to(HERE)
    return None if inside.as_posix() in QUICK else LANES.get(inside.parts[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those in a browser come last: Playwright's event loop runs in the process from the first of them on, and a test
    that speaks with a server itself could run none of its own beside it."""
    items.sort(key=lambda item: lane(item.path) == "browser")
    for item in items:
        if marker := lane(item.path):
            item.add_marker(marker)
