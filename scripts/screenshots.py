"""Take the pictures that the README shows: `python -m scripts.screenshots` writes them to docs/.

They are of the running app at the laptop's size, reached by keys and buttons as a visitor would.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from tests.browser.harness import ROOT, chromium, leave_fields, serve, settle, visit


@dataclass(frozen=True)
class Picture:
    name: str
    address: str
    locale: str = "en"
    theme: str = "light"
    keys: tuple[str, ...] = ()
    button: str = ""
    seconds: float = 0


PICTURES = (
    Picture("step-through", "/step-through", keys=("ArrowRight",) * 3),
    Picture("step-through-ko-dark", "/step-through", "ko", "dark", keys=("ArrowRight",) * 3),
    Picture("rolled-unrolled", "/rolled-unrolled?fold=both&value=-2", keys=("ArrowRight",) * 2),
    Picture("watch-the-gates", "/watch-the-gates", keys=("ArrowRight",) * 3),
    Picture("train-live", "/train-live", button="Play", seconds=12),
    Picture("gradient-lab", "/gradient-lab?hide=question"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.screenshots", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    with serve() as server, chromium() as browser:
        for picture in PICTURES:
            with visit(browser, server.url(picture.address), locale=picture.locale, theme=picture.theme) as seen:
                leave_fields(seen.page)
                for key in picture.keys:
                    seen.page.keyboard.press(key)
                if picture.button:
                    seen.page.get_by_role("button", name=picture.button).first.click()
                    seen.page.wait_for_timeout(1000 * picture.seconds)
                else:
                    settle(seen.page)
                seen.page.screenshot(path=out / f"{picture.name}.png")
                print(out / f"{picture.name}.png")


if __name__ == "__main__":
    main()
