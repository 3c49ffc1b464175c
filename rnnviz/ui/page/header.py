"""The first row of a page: its title, the language, and room for sharing and saving."""

import json
from collections.abc import Iterator
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rnnviz.charts.kit import palette
from rnnviz.charts.kit.export import STILL
from rnnviz.training.config import Rule
from rnnviz.ui.controls.choice import choice
from rnnviz.ui.first import pictures
from rnnviz.ui.host.internals import CAPTION, CHOICE, HEADER, HINT, MAIN, NUMBER, PAGE, ROW, STALE, TOOLBAR
from rnnviz.ui.page.document import document
from rnnviz.ui.page.lessons import LESSONS
from rnnviz.ui.place.address import address
from rnnviz.ui.text.prose import Say, escape
from rnnviz.ui.url.parameters import LARGE
from rnnviz.ui.url.state import State
from rnnviz.words import LANGUAGES, catalogue

# The toolbar that Streamlit lays over the corner of a chart would cover the controls above a stage.
_NO_TOOLBAR = f"[class*='_stage'] {TOOLBAR} {{display: none}}"
# What moves sideways on a stage drags its scrubber: a finger does not turn the browser's page, and a mouse that strays
# selects no text, which the browser would drag in the scrubber's place the next time.
_DRAG = "[class*='_stage'] svg {touch-action: pan-y; -webkit-user-select: none; user-select: none}"
# They have nothing to show, and would leave a gap.
_UNSEEN = (
    "[class*='st-key-']:is([class*='_tab']:not([class*='_table']), [class*='_listener'], [class*='_unseen'])"
    " {display: none}"
)
# The browser draws a frame around the part of a page that scrolls, as soon as a key is pressed; no key is for it.
_NO_FRAME = f"{MAIN}:focus-visible {{outline: none; box-shadow: none}}"
# Streamlit's own grey is 3.9:1 on white, where small text needs 4.5:1.
_LEGIBLE = f"{CAPTION}, {CAPTION} p {{color: inherit; opacity: .9}}"
# What stands above a picture is close together, so that picture, numbers and question share a laptop's screen.
_CLOSE = f"{PAGE} {{gap: 0.375rem}}"
# Controls that lie over the strip that a chart leaves free for them, where it would draw its own.
_OVER = "[class*='_overlaid'] {flex: none; height: 0; position: relative; z-index: 2}"
# A sentence beside buttons takes what their row has left: two lines of it are as high as they. So does a list of long
# names (`_wide`).
_LOOK = (
    "div:has(> [class*='st-key-'][class*='_look']) {min-width: 16rem}"
    " div:has(> [class*='st-key-'][class*='_wide']) {min-width: 15rem}"
    " [class*='_look'] p {font-size: 0.875rem; line-height: 1.3}"
    # As high as with buttons, which come last, or stood there before: what is below does not move when they do.
    " @media (min-width: 641px) {[class*='st-key-']:is([class*='_bar'], [class*='_level']) {min-height: 2.5rem}}"
)
# What a text has that is not known is said on a button beside it, in the colours of a warning.
_NOT_KNOWN = "[class*='_not_known'] button {background: rgba(255, 227, 18, 0.14)}"
# In a row with fields what has a name above it is as high as they, so that the names stand on one line.
# On a phone they stand one below the other.
_LEVEL = f"@media (min-width: 641px) {{{ROW}:has({NUMBER}) {CHOICE} button {{min-height: 2.5rem}}}}"
# While a run goes on, the next picture is always on its way; Streamlit would fade the one that is looked at.
_NO_FADING = f"[class*='_run_stage_frame'] {STALE} {{opacity: 1 !important}}"
# Korean breaks between words, and so does everything else, unless a word is longer than its line.
_WHOLE_WORDS = f":root:root {MAIN} * {{word-break: keep-all; overflow-wrap: break-word}}"
# On a phone the picture comes soon: language, sharing and saving are in the free half of the row with the navigation,
# what stands above it and can wait (`_late`) follows it, and rows of controls are close together. Below the page is
# room for the player; over that stays a question about a picture that is higher than the screen (`_waits_late`).
_PHONE = (
    f"@media (max-width: 640px) {{{MAIN}:has(.rnnviz-player) {{padding-bottom: 7rem}}"
    f" {MAIN} {ROW} {{gap: 0.375rem}}"
    f" {MAIN} h1 {{font-size: 1.5rem; padding: 0}}"
    f" {HINT} {{display: none}}"  # it would lie over what is typed, and a phone's own keyboard says it
    " [class*='_look'] p {font-size: 0.8125rem} [class*='_wide'] label {display: none}"
    " div:has(> [class*='st-key-'][class*='_bar']) {position: absolute; top: 0.6rem; right: 1rem; z-index: 999990;"
    " width: auto}"
    f" {CHOICE} button {{padding-inline: 0.5rem; font-size: 0.8125rem}}"
    " div:has(> [class*='_late']) {order: 1} div:has(> [class*='_stage_frame']) ~ * {order: 2}"
    f" {MAIN}:has(.rnnviz-player) div:has(> [class*='_waits_late']) {{bottom: -7rem}}"
    " div:has(> [class*='_waits_late']) {position: sticky; bottom: 0; z-index: 90; padding-block: 0.4rem;"
    f" background: light-dark({palette.PAPER.light}, {palette.PAPER.dark});"
    f" border-block: 1px solid light-dark({palette.LINE.light}, {palette.LINE.dark})}}"
    " :is([class*='_share'], [class*='_save']) button {padding-inline: 0.3rem}}"
)
# Hangul has no slanted form; a browser would bend it. Latin letters have an italic of their own, and keep it.
_UPRIGHT = "em {font-synthesis-style: none}"
# A sign that leans out of an equation by two pixels would make it a part that scrolls, which no key reaches.
_EQUATIONS = ".katex-display {padding: 0.25rem}"
# Streamlit sizes everything in rem, and a theme cannot change while the app runs. The controls of a chart, which nobody
# reads from afar, stay in one row.
_LARGER = (
    f":root:root {{font-size: {LARGE:.0%}}} {PAGE} {{gap: 6px}}"
    " @media (min-width: 641px) {.rnnviz-player.rnnviz-player {font-size: clamp(13px, 0.95vw, 0.875rem)}}"
)


def style(state: State) -> None:
    """The rules that no setting of Streamlit gives; large type for a projector only when the link asks for it."""
    apply = json.dumps(catalogue(state["lang"])["header.press_enter"], ensure_ascii=False)
    hint = f"{HINT} {{font-size: 0}} {HINT}::after {{font-size: .75rem; content: {apply}}}"
    if st.context.is_embedded:  # Streamlit leaves out its own menu then, and not the navigation
        hint += f" {HEADER} {{display: none}}"
    rules = (
        _NO_TOOLBAR,
        _LEGIBLE,
        _UNSEEN,
        _DRAG,
        STILL,
        _NO_FRAME,
        _CLOSE,
        _OVER,
        _LOOK,
        _NOT_KNOWN,
        _LEVEL,
        _NO_FADING,
        _WHOLE_WORDS,
        _UPRIGHT,
        pictures.STYLE,
        hint,
    )
    larger = _LARGER * (state["type"] == "large")
    st.html(f"<style>{' '.join(rules)} {_PHONE} {_EQUATIONS} {larger}</style>")
    document(state["lang"])


def header(title: str, state: State, say: Say, look: str = "") -> DeltaGenerator:
    """Draw the row, and below it what the link asked for in vain. Returns the place for more buttons in the row.

    look: one sentence that says what to look at, as Markdown.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(title, anchor=False, width="content" if look else "stretch")
        if look:
            with st.container(key=f"{state.page}_look"):
                st.markdown(look)
        with st.container(
            key=f"{state.page}_bar", horizontal=True, vertical_alignment="center", width="content", gap="small"
        ):
            if state.shows("language"):
                choice(say("header.language"), tuple(LANGUAGES), LANGUAGES.__getitem__, "lang", state)
            tools = st.container(horizontal=True, width="content", gap="small")
    address(state, LESSONS[state.page].address if state.page in LESSONS else "")
    if state.refused:
        st.warning("\n".join([say("header.refused"), *_refusals(state, say)]), icon=":material/link_off:")
    return tools


def _refusals(state: State, say: Say) -> Iterator[str]:
    """A line for each: what the link has, what is accepted, and what stands in."""
    for name, raw, rule, part, wrong in state.refused:
        values = {"name": escape(name), "raw": escape(raw), "part": escape(part, 60), "wrong": escape(wrong)}
        text = say("header.refused_part" if part else "header.refused_value", **values)
        yield f"- {text} · {say('header.accepted', accepted=_accepted(rule, say))} · {_instead(name, state, say)}"


def _accepted(rule: Rule, say: Say) -> str:
    shown = {name: _plain(value) for name, value in rule.values.items()}
    only = rule.name == "whole" and shown["least"] == shown["most"]
    return say("accepts.only" if only else f"accepts.{rule.name}", **shown)


def _plain(value: Any) -> str:
    """Words as a link has them; a number of at most six places, without an exponent."""
    if isinstance(value, int | float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return ", ".join(f"`{word}`" for word in value)


def _instead(name: str, state: State, say: Say) -> str:
    if not state.uses(name):
        return say("header.unused")
    if name == "run" and state[name] is None:
        return say("header.used", used=say("header.shipped"))
    return say("header.used", used=escape(state.written(name).strip()) or say("header.nothing"))
