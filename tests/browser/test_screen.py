"""How much of a screen stands before the picture, in every lesson and part, in both languages."""

from __future__ import annotations

import pytest

from rnnviz.lessons import LESSONS
from rnnviz.ui.lessons import Lesson
from rnnviz.ui.url.kinds import Choice
from tests.browser import harness
from tests.browser.conftest import Look
from tests.browser.harness import WAIT, link

CONTROLS = 200  # px at the most between the title's row and the first picture, on a laptop
# Where the row with the title ends, and where the first picture begins, in px from the top of the window.
ABOVE = """() => {
  const title = document.querySelector('[data-testid=stMain] h1').closest('[data-testid=stHorizontalBlock]');
  const picture = document.querySelector('[data-testid=stVegaLiteChart]');
  return picture.getBoundingClientRect().top - title.getBoundingClientRect().bottom }"""


def parts(lesson: Lesson) -> tuple[str, ...]:
    """What one of is shown at a time; one without a name where the lesson has no parts."""
    kinds = [param.kind for param in lesson.parameters if param.name == "part"]
    return next((kind.options for kind in kinds if isinstance(kind, Choice)), ("",))


@pytest.mark.parametrize("locale", harness.LOCALES)
@pytest.mark.parametrize(
    "lesson",
    [lesson for lesson in LESSONS.values() if lesson.address not in ("", "glossary")],
    ids=lambda one: one.name,
)
def test_controls_leave_the_screen_to_the_picture(
    lesson: Lesson, locale: str, look: Look, server: harness.Server
) -> None:
    page, above = look(link(f"/{lesson.address}", lang=locale), locale=locale).page, {}
    for part in parts(lesson):
        page.goto(server.url(link(f"/{lesson.address}", lang=locale, **({"part": part} if part else {}))))
        page.locator("[data-testid=stVegaLiteChart] svg").first.wait_for(timeout=WAIT)
        harness.settle(page)
        above[part] = page.evaluate(ABOVE)
    assert {part: height for part, height in above.items() if not 0 <= height <= CONTROLS} == {}
