"""Where the data of the shapes' models come from. Nothing of this is read at run time."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

from rnnviz.tasks.everyday import SOURCES as EVERYDAY
from rnnviz.tasks.packages import DRAWINGS, PATIENTS, REVIEWS, SPEAKERS, TAGGER, Package, folder
from rnnviz.zoo.catalogue import CELL_NAMES
from rnnviz.zoo.shapes.tagging import KIWI

OWN = "the project's own"


@dataclass(frozen=True)
class Tool:
    """A program that training runs and that is installed for it, beside what it reads."""

    module: str
    licence: str
    by: str
    install: str  # the command


@dataclass(frozen=True)
class Source:
    """Where a model's data come from."""

    packages: tuple[Package, ...]  # none for sentences that the project's own grammar writes
    what: str  # it is, and how it is cleaned and split
    tool: Tool | None = None

    @property
    def licence(self) -> str:
        """With the attribution that it asks for."""
        parts = [f"{part.licence}: {part.by}" for part in (*self.packages, self.tool) if part]
        return "; ".join(parts) or OWN

    def fetched(self) -> bool:
        """Whether the data are here, and what they are read with."""
        there = all((folder() / package.file).is_file() for package in self.packages)
        return there and (self.tool is None or find_spec(self.tool.module) is not None)

    def describe(self) -> str:
        """As lines of text: what they are, and how they are fetched."""
        lines = [self.what]
        for package in self.packages:
            there = (folder() / package.file).is_file()
            lines += [
                f"{package.file}, in the folder {folder()}" + ("" if there else " (not there)"),
                f"  from     {package.by}",
                f"  licence  {package.licence}",
                f"  fetch    {package.fetch}",
            ]
        if self.tool is not None:
            there = find_spec(self.tool.module) is not None
            lines += [
                f"{self.tool.module}, to train" + ("" if there else " (not installed)"),
                f"  from     {self.tool.by}",
                f"  licence  {self.tool.licence}",
                f"  install  {self.tool.install}",
            ]
        return "\n".join(lines)


_GRAMMAR = (
    "Sentences that the project's own grammar writes (family `negation`), read up to the adjective, with the verdict"
    " that follows as the class; one combination in five is held out."
)
SOURCES: dict[str, Source] = {
    "sentiment-en": Source(
        (REVIEWS,),
        "3,000 sentences of reviews from Amazon, IMDb and Yelp, half of them positive (Kotzias et al. 2015), as they"
        " lie in the package's tests. Header rows and doubles are left out; one in five, by a checksum of its text, is"
        " held out.",
    ),
    "sentiment-ko": Source((), _GRAMMAR),
    "pressure": Source(
        (PATIENTS,),
        "442 patients with diabetes (Efron et al. 2004): age, sex and body-mass index as they were measured, and"
        " whether the average blood pressure is above the median of those seen in training. One in five is held out.",
    ),
    "vowels": Source(
        (SPEAKERS,),
        "640 utterances of the Japanese vowels /ae/ by nine men (Kudo et al. 1999): 7 to 29 frames of 12 cepstrum"
        " coefficients. 270 are seen in training and 370 held out, as the data set has it.",
    ),
}
_DRAWN = (
    "100 drawings of each of 24 things, by people who played Quick, Draw!, as 28 x 28 shades of grey; every fifth one"
    " is held out. Training turns half of them around and moves each by up to two pixels."
)
SOURCES |= {f"drawing-{language}": Source((DRAWINGS,), _DRAWN) for language in ("en", "ko")}
_TAGGED = {
    "en": Source(
        (*EVERYDAY["en"], TAGGER),
        "Messages of 1,500 conversations, cleaned as for the everyday model; one conversation in ten is held out. The"
        " tags are automatic: denckring-en-pos, which sees the words on both sides, tags each sentence; on text that"
        " people had tagged it is right for 93.4 % of the words, by its own account.",
    ),
    "ko": Source(
        EVERYDAY["ko"],
        "The sentences of the everyday model, one in ten of them held out. The tags are automatic: kiwipiepy cuts each"
        " sentence into morphemes, and a syllable has the tag of the first morpheme that has a part in it.",
        Tool("kiwipiepy", "Apache-2.0", f"morphemes by kiwipiepy {KIWI}, bab2min", f"pip install kiwipiepy=={KIWI}"),
    ),
}
SOURCES |= {f"tags-{language}-{cell}": _TAGGED[language] for language in ("en", "ko") for cell in CELL_NAMES}
