"""What rnnviz promises about speed and memory, measured: `python -m benchmarks`, or only some: `... recording server`.

Each file here that defines `measure() -> Iterator[Row]` is one benchmark. A row compares a figure with a limit that the
project promises, or with a baseline taken in the same run on the same machine.
"""
