"""`python -m rnnviz.tasks.series` writes the files of the series that ship out of the packages that they are from."""

from rnnviz.tasks.series.shipped import FOLDER, SHIPPED, cleaned, written


def main() -> None:
    """Each file, and what it holds. Raises `FileNotFoundError` with the command that fetches a package."""
    for name in SHIPPED:
        values = cleaned(name)
        (FOLDER / f"{name}.csv").write_text(written(values), encoding="utf-8", newline="\n")
        first, *_, last = values
        print(f"{name}.csv: {len(values)} values, {first} to {last}")


if __name__ == "__main__":
    main()
