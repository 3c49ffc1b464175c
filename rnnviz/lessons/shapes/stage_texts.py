"""What a stage says where its network does not expect the next word but answers, or writes letters."""

from collections.abc import Mapping

from rnnviz.words import catalogue

OWN = ("prediction", "quiz_ask", "name_y")  # of each of the lesson's stages
ANSWERED = ("why", "hint_score", "hint_score_tap")  # as on the stage of a run, whose task asks for an answer too


def stage_texts(section: str, language: str) -> Mapping[str, str]:
    """By the keys of the catalogue.     section: of the lesson's texts, the one of this stage."""
    say = catalogue(language)
    own = {f"stage.{key}": say[f"shapes.{section}.{key}"] for key in OWN}
    return own | {f"stage.{key}": say[f"opened.stage.{key}"] for key in ANSWERED}
