"""Where a phone breaks a line of text: a chart cannot measure its texts, and on a wide page does not break them."""

from __future__ import annotations

BREAK = "\u2064"  # what a phone shows as the end of a line, and a wide page as a space
ROOM = 26.5  # widths of a Hangul syllable, which a line of 13 px has on a phone
NARROW = 0.56  # the width of any other character, on average, as a part of that


def width(text: str) -> float:
    """In widths of a Hangul syllable."""
    return sum(1.0 if "\u3000" <= letter <= "\ud7ff" else NARROW for letter in text)


def breakable(line: str, room: float = ROOM) -> str:
    """The line with `BREAK` in the place of the spaces at which a phone ends a line. A word stays whole."""
    text_so_far, width_so_far = "", 0.0
    for word in line.split(" "):
        wide = width(word)
        if text_so_far and width_so_far + NARROW + wide > room:
            text_so_far, width_so_far = f"{text_so_far}{BREAK}{word}", wide
        elif text_so_far:
            text_so_far, width_so_far = f"{text_so_far} {word}", width_so_far + NARROW + wide
        else:
            text_so_far, width_so_far = word, wide
    return text_so_far
