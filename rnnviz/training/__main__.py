"""Train a preset, write its history and draw it.

python -m rnnviz.training --preset vanishes --iterations 500 --out run.npz --picture run.html
"""

import argparse
import time
from pathlib import Path

import torch

import rnnviz
from rnnviz.training.config import Config
from rnnviz.training.presets import PRESETS
from rnnviz.training.trainer import MOST_ITERATIONS, Trainer

PICTURES = (".html", ".svg", ".png")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rnnviz.training", description=__doc__)
    parser.add_argument("--preset", choices=PRESETS, default="vanishes")
    parser.add_argument("--iterations", type=int, default=500, help=f"1 to {MOST_ITERATIONS}; default: %(default)s")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting other than preset")
    parser.add_argument("--out", type=Path, help="the NPZ to write the history to")
    parser.add_argument("--picture", type=Path, help="the HTML, SVG or PNG to draw the run to")
    options = parser.parse_args()
    for file in (options.out, options.picture):
        if file and not file.parent.is_dir():
            parser.error(f"there is no folder {str(file.parent)!r} for {file.name!r}")
    if options.picture and options.picture.suffix not in PICTURES:
        parser.error(f"the picture is {options.picture.name!r}; accepted: names that end in {', '.join(PICTURES)}")
    torch.set_num_threads(1)  # small models: more threads only fight
    try:
        settings = dict(setting.partition("=")[::2] for setting in options.set)
        config = Config.from_text(PRESETS[options.preset].to_text() | settings)
        trainer = Trainer(config, iterations=options.iterations)
    except ValueError as error:
        parser.error(str(error))
    baseline = trainer.baseline
    print(f"{trainer.task.title}, length {config.length}: {config}\nbaseline without memory {baseline:.4f}")
    print("iteration   loss    unseen (score)   log10 |dL/dh| first .. last step   iterations/s")
    began = time.perf_counter()
    for snapshot in trainer:
        if snapshot.unseen is None and not trainer.finished:
            continue
        unseen = f"{snapshot.unseen.loss:8.4f} {snapshot.unseen.score:7.1%}" if snapshot.unseen else " " * 16
        row = snapshot.flow or {}
        speed = snapshot.iteration / (time.perf_counter() - began)
        flow = f"{row['h'][-1, 0]:17.1f} .. {row['h'][-1, -1]:5.1f}"
        print(f"{snapshot.iteration:9} {snapshot.loss:8.4f} {unseen} {flow} {speed:25.0f}", flush=True)
    if trainer.last and trainer.last.stopped:
        print(f"stopped at iteration {trainer.iteration}: {trainer.last.stopped}")
    if options.out:
        trainer.history.save(options.out)
        print(f"written: {options.out}")
    if options.picture:
        rnnviz.training_chart(trainer).save(options.picture, inline=options.picture.suffix == ".html")
        print(f"written: {options.picture}")


if __name__ == "__main__":
    main()
