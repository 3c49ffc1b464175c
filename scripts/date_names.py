"""Write the patterns and names of dates that the task "dates" has (`rnnviz/tasks/pairs/dates.json`), out of the CLDR.

`python -m scripts.date_names` needs Babel, which carries the CLDR and its licence (`requirements-dev.txt`).
"""

import json
import re
from importlib.metadata import version
from pathlib import Path

import babel
from babel import Locale

from rnnviz.tasks.pairs.dates import FILE

LOCALES = ("en", "en_GB", "ko")
STYLES = ("full", "long", "medium", "short")
SKELETONS = ("yMMMEd", "yMd")
NAMES = {
    "MMMM": ("months", "wide"),
    "MMM": ("months", "abbreviated"),
    "EEEE": ("days", "wide"),
    "E": ("days", "abbreviated"),
}


def is_certain(pattern: str) -> bool:
    """Whether a date can be told from it: the whole year, and a month that has a name or stands after the year."""
    fields = re.findall(r"y+|M+|d+|E+", pattern)
    return "y" in fields and (fields[0] == "y" or any(field.startswith("MMM") for field in fields))


def names(locale: Locale, field: str) -> list[str]:
    """What a field of a pattern may be: months from January on, weekdays from Monday on."""
    kind, width = NAMES[field]
    return [name for _, name in sorted(getattr(locale, kind)["format"][width].items())]


def content() -> dict[str, object]:
    """What the file holds."""
    locales = {}
    for name in LOCALES:
        locale = Locale.parse(name)
        every = [locale.date_formats[style].pattern for style in STYLES]
        every += [locale.datetime_skeletons[skeleton].pattern for skeleton in SKELETONS]
        patterns = [pattern for pattern in dict.fromkeys(every) if is_certain(pattern)]
        locales[name] = {"patterns": patterns, "names": {field: names(locale, field) for field in NAMES}}
    notice = (Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode").read_text(encoding="utf-8")
    return {
        "source": f"Unicode CLDR, by way of Babel {version('babel')}",
        "licence": notice.splitlines(),
        "locales": locales,
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(content(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
