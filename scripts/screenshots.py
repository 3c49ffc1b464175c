"""Take the pictures that the README shows: `python -m scripts.screenshots` writes them to docs/.

They are of the running app at the laptop's size, reached by keys and buttons as a visitor would.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rnnviz.lessons import LESSONS
from tests.browser.harness import ROOT, chromium, leave_fields, serve, settle, visit


@dataclass(frozen=True)
class Picture:
    """A page as it is shown."""

    query: str = ""  # of its link
    keys: tuple[str, ...] = ()  # pressed one after the other
    button: str = ""  # pressed then
    seconds: float = 0  # that pass after the button


FORWARD = ("ArrowRight",) * 3
# By lesson; one that is not here is shown as it opens.
SHOWN = {
    "step": Picture(keys=FORWARD),
    "rolled": Picture("?fold=both&value=-2", keys=FORWARD[:2]),
    "gates": Picture(keys=FORWARD),
    "train": Picture(button="Train", seconds=12),
    "lab": Picture("?hide=question"),
}


def pictures() -> Iterator[tuple[str, Picture]]:
    """The address of each lesson, which is the name of its file too, and how it is shown."""
    for lesson in LESSONS.values():
        if lesson.address:
            yield lesson.address, SHOWN.get(lesson.name, Picture())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with serve() as server, chromium() as browser:
        for address, picture in pictures():
            url = server.url(f"/{address}{picture.query}")
            with visit(browser, url, locale="en", theme="light") as seen:
                leave_fields(seen.page)
                for key in picture.keys:
                    seen.page.keyboard.press(key)
                if picture.button:
                    seen.page.get_by_role("button", name=picture.button).first.click()
                    seen.page.wait_for_timeout(1000 * picture.seconds)
                else:
                    settle(seen.page)
                seen.page.screenshot(path=out / f"{address}.png")
                print(out / f"{address}.png")


if __name__ == "__main__":
    main()
