"""`visit("step", "ko", cell="lstm")` opens a page from the entry point, as a link with these values does."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest, local_script_runner

from rnnviz.lessons import LESSONS

APP = str(Path(__file__).resolve().parents[2] / "app.py")
FILES = {lesson.name: lesson.file for lesson in LESSONS.values()}
LOCALES = {"en": "en-US", "ko": "ko-KR"}
Visit = Callable[..., AppTest]


def open_page(page: str, language: str = "en", **values: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    at.context = {"locale": LOCALES[language], "url": "https://class.example", "theme": "light"}
    # AppTest opens a child page from the entry page only, which takes what holds on every page and drops the rest.
    at.query_params.update(values)
    at.run()
    if page != "home":
        at.query_params.update(values)
        at.switch_page(FILES[page]).run()
    return at


def unfold(at: AppTest, popover: str) -> AppTest:
    """Open the popover with this key, which draws its widgets while it is open."""
    at.session_state[popover] = True
    return at.run()


def until_trained(at: AppTest) -> AppTest:
    """A page that first trains a network shows its progress, with a button to stop it: until it is done."""
    for _ in range(600):
        if not any(str(button.key).endswith("_stop") for button in at.button):
            return at
        time.sleep(0.1)
        at.run()
    raise AssertionError("the training does not end")


def go_back(at: AppTest, **values: str) -> AppTest:
    """The reader presses Back or Forward, to an address with these values: the run says so, as a browser's does."""
    at.query_params.clear()
    at.query_params.update(values)
    with pytest.MonkeyPatch.context() as patch:
        back = functools.partial(local_script_runner.RerunData, is_history_navigation=True)
        patch.setattr(local_script_runner, "RerunData", back)
        return at.run()


def table(at: AppTest, name: str, chart: int = 0) -> list[dict[str, Any]]:
    """A table of a chart on the page, the first one by default."""
    (data,) = (d for d in at.get("vega_lite_chart")[chart].proto.datasets if d.name == name)
    return list(pa.ipc.open_stream(data.data.data).read_all().to_pylist())


def bundle(at: AppTest) -> dict[str, Any]:
    """What the stage on the page is given."""
    return table(at, "bundle")[0]


@pytest.fixture
def visit() -> Visit:
    return open_page
