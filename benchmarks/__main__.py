"""Run every benchmark, or those named, and print one table. Exit status 1 if a promise is broken."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

import benchmarks
from benchmarks.row import Row

NAMES = sorted(
    file.stem
    for file in Path(__file__).parent.glob("*.py")
    if "def measure(" in file.read_text(encoding="utf-8") and file.stem != "__main__"
)
HEADER = ("what", "figure", "limit or baseline", "ratio", "")


def cells_of(row: Row) -> tuple[str, ...]:
    verdict = ("BROKEN" if row.broken else "kept") if row.promise else ""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.what, f"{row.figure:.4g} {row.unit}", f"{row.against}: {row.reference:.4g} {row.unit}", ratio, verdict)


def table(rows: list[Row]) -> str:
    lines = [HEADER, *map(cells_of, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=benchmarks.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"all by default: {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    rows: list[Row] = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += import_module(f"benchmarks.{name}").measure()
    print(table(rows))
    return int(any(row.broken for row in rows))


if __name__ == "__main__":
    sys.exit(main())
