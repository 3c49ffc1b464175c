"""Where the data of the shapes' models come from. Nothing of this is read at run time."""

from __future__ import annotations

from dataclasses import dataclass

from rnnviz.tasks.packages import DRAWINGS, PATIENTS, REVIEWS, SPEAKERS, Package, folder

OWN = "the project's own"


@dataclass(frozen=True)
class Source:
    """Where a model's data come from."""

    package: Package | None  # None for sentences that the project's own grammar writes
    what: str  # it is, and how it is cleaned and split

    @property
    def licence(self) -> str:
        """With the attribution that it asks for."""
        return OWN if self.package is None else f"{self.package.licence}: {self.package.by}"

    def fetched(self) -> bool:
        """Whether the data are here."""
        return self.package is None or (folder() / self.package.file).is_file()

    def describe(self) -> str:
        """As lines of text: what they are, and how they are fetched."""
        if self.package is None:
            return self.what
        lines = (
            f"{self.package.file}, in the folder {folder()}" + ("" if self.fetched() else " (not there)"),
            f"  from     {self.package.by}",
            f"  licence  {self.package.licence}",
            f"  fetch    {self.package.fetch}",
        )
        return "\n".join((self.what, *lines))


_GRAMMAR = (
    "Sentences that the project's own grammar writes (family `negation`), read up to the adjective, with the verdict"
    " that follows as the class; one combination in five is held out."
)
SOURCES: dict[str, Source] = {
    "sentiment-en": Source(
        REVIEWS,
        "3,000 sentences of reviews from Amazon, IMDb and Yelp, half of them positive (Kotzias et al. 2015), as they"
        " lie in the package's tests. Header rows and doubles are left out; one in five, by a checksum of its text, is"
        " held out.",
    ),
    "sentiment-ko": Source(None, _GRAMMAR),
    "pressure": Source(
        PATIENTS,
        "442 patients with diabetes (Efron et al. 2004): age, sex and body-mass index as they were measured, and"
        " whether the average blood pressure is above the median of those seen in training. One in five is held out.",
    ),
    "vowels": Source(
        SPEAKERS,
        "640 utterances of the Japanese vowels /ae/ by nine men (Kudo et al. 1999): 7 to 29 frames of 12 cepstrum"
        " coefficients. 270 are seen in training and 370 held out, as the data set has it.",
    ),
}
_DRAWN = (
    "100 drawings of each of 24 things, by people who played Quick, Draw!, as 28 x 28 shades of grey; every fifth one"
    " is held out. Training turns half of them around and moves each by up to two pixels."
)
SOURCES |= {f"drawing-{language}": Source(DRAWINGS, _DRAWN) for language in ("en", "ko")}
