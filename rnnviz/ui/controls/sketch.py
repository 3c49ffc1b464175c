"""A field to draw in, by mouse, finger or pen: what was drawn is a value of the page, in its link as any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

import streamlit as st

from rnnviz.ui.text.prose import Say
from rnnviz.ui.url.state import State
from rnnviz.zoo.shapes.drawing import MOST_DRAWN, UNITS, Undrawable, simplified

REST = 700  # ms without the pen, after which the drawing is sent
_PAD = 1000  # the field's side in the numbers that it sends

_HTML = f"""
<div class="rnnviz-sketch" role="group">
  <div class="rnnviz-pad"><svg viewBox="0 0 {_PAD} {_PAD}" role="img"></svg><span aria-hidden="true"></span></div>
  <div class="rnnviz-pens">
    <button type="button" data-name="undo"></button>
    <button type="button" data-name="clear"></button>
  </div>
</div>
"""
# A finger draws and does not turn the page (`touch-action`); beside the field it does.
_CSS = """
.rnnviz-sketch {display: flex; gap: .5em; font-size: .875rem; font-family: var(--st-font);
  color: var(--st-text-color)}
.rnnviz-pad {position: relative; flex: none; width: 5.5rem; height: 5.5rem; overflow: hidden; touch-action: none;
  background: var(--st-background-color); border-radius: .4rem; cursor: crosshair;
  border: 1px solid color-mix(in srgb, var(--st-text-color) 55%, transparent)}
.rnnviz-pad svg {display: block; width: 100%; height: 100%; touch-action: none; user-select: none;
  -webkit-user-select: none}
.rnnviz-pad polyline {fill: none; stroke: currentColor; stroke-width: 32; stroke-linecap: round;
  stroke-linejoin: round}
.rnnviz-pad span {position: absolute; inset: 0; display: grid; place-items: center; padding: .5em;
  text-align: center; pointer-events: none; opacity: .8}
.rnnviz-pad:has(polyline) span {display: none}
.rnnviz-pens {display: flex; flex-direction: column; gap: .4em}
.rnnviz-pens button {min-height: 2.4em; padding: 0 .57em; font: inherit; color: inherit; cursor: pointer;
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: .4rem;
  white-space: nowrap}
.rnnviz-pens button:hover {border-color: var(--st-primary-color)}
.rnnviz-pens button[aria-disabled=true] {opacity: .45; cursor: default}
.rnnviz-sketch :focus-visible {outline: 3px solid var(--st-primary-color); outline-offset: 2px}
@media (min-width: 1600px) {.rnnviz-pad {width: 9rem; height: 9rem}}
@media (max-width: 640px) {.rnnviz-pad {width: 11rem; height: 11rem} .rnnviz-pens button {min-height: 2.97em}}
"""
# The answer to what the field has sent says so (`heard`), and what was drawn meanwhile stays; any other drawing, or
# none, that the page comes to show takes its place.
_JS = f"""
const PAD = {_PAD}, MARGIN = 90;
const started = new WeakMap();

function start(root, field) {{
  const pad = root.querySelector('.rnnviz-pad'), svg = pad.querySelector('svg');
  let pen = null, timer = 0;
  const count = () => field.strokes.reduce((sum, stroke) => sum + stroke.length / 2, 0);
  const put = (line, stroke) => {{
    const dot = stroke.length < 4;
    line.setAttribute('points', (dot ? [...stroke, ...stroke] : stroke).join(' '));
  }};
  const add = stroke => {{
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    svg.append(line);
    put(line, stroke);
  }};
  const show = () => {{
    svg.replaceChildren();
    field.strokes.forEach(add);
    dress();
  }};
  const dress = () => {{
    for (const button of root.querySelectorAll('button')) {{
      button.textContent = field.data.say[button.dataset.name];
      button.setAttribute('aria-disabled', !field.strokes.length);
    }}
    const clear = root.querySelector('[data-name=clear]');
    for (const name of ['aria-label', 'title']) clear.setAttribute(name, field.data.cleared);
    root.setAttribute('aria-label', field.data.say.field);
    svg.setAttribute('aria-label', field.data.say.pad);
    pad.querySelector('span').textContent = field.data.say.hint;
  }};
  const rest = () => {{
    clearTimeout(timer);
    timer = setTimeout(() => field.send('drawn', {{serial: ++field.serial, strokes: field.strokes}}), {REST});
  }};
  const at = event => {{
    const box = svg.getBoundingClientRect();
    const part = (place, start, size) => Math.round(Math.min(1, Math.max(0, (place - start) / size)) * PAD);
    return [part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height)];
  }};
  pad.addEventListener('pointerdown', event => {{
    if (pen !== null || event.button !== 0) return;
    event.preventDefault();
    clearTimeout(timer);
    pen = event.pointerId;
    pad.setPointerCapture(pen);
    if (count() > field.data.most) return;
    field.strokes.push(at(event));
    add(field.strokes.at(-1));
    dress();
  }});
  pad.addEventListener('pointermove', event => {{
    if (event.pointerId !== pen || !field.strokes.length) return;
    const stroke = field.strokes.at(-1);
    let room = field.data.most + 1 - count();  // one too many says that there were too many
    const seen = event.getCoalescedEvents?.() ?? [];
    for (const part of seen.length ? seen : [event]) {{
      const [x, y] = at(part);
      if (room-- > 0 && (x !== stroke.at(-2) || y !== stroke.at(-1))) stroke.push(x, y);
    }}
    put(svg.lastElementChild, stroke);
  }});
  for (const kind of ['pointerup', 'pointercancel']) pad.addEventListener(kind, event => {{
    if (event.pointerId !== pen) return;
    pen = null;
    rest();
  }});
  root.addEventListener('click', event => {{
    const button = event.target.closest('button');
    if (!button) return;
    if (field.strokes.length) {{
      field.strokes = button.dataset.name === 'undo' ? field.strokes.slice(0, -1) : [];
      show();
      rest();
    }}
    if (event.detail > 0) button.blur();  // the keys go to the chart
  }});
  field.hear = () => {{
    if (field.code !== field.data.code && !(field.data.heard > 0 && field.data.heard <= field.serial)) {{
      clearTimeout(timer);
      const every = field.data.strokes.flat(), scale = (PAD - 2 * MARGIN) / {UNITS};
      // A drawing fills its square along one axis; along the other it is shown in the middle.
      const from = [0, 1].map(axis => {{
        const most = Math.max(0, ...every.filter((_, n) => n % 2 === axis));
        return MARGIN + ({UNITS} - most) * scale / 2;
      }});
      field.strokes = field.data.strokes.map(stroke => stroke.map((v, n) => Math.round(from[n % 2] + v * scale)));
      show();
    }}
    field.code = field.data.code;
    dress();
  }};
  field.stop = () => clearTimeout(timer);
}}

export default function ({{data, parentElement, setTriggerValue}}) {{
  const root = parentElement.querySelector('.rnnviz-sketch');
  let field = started.get(root);
  if (!field) {{
    started.set(root, field = {{data, code: '', serial: 0, strokes: []}});
    start(root, field);
  }}
  Object.assign(field, {{data, send: setTriggerValue}});
  field.hear();
  return () => {{ field.stop(); started.delete(root); }};
}}
"""
_component = st.components.v2.component("rnnviz_sketch", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@dataclass
class _Heard:
    """What came from a field last, kept for the session."""

    code: str  # the drawing that the page showed since, as its link has it
    serial: int = 0  # the number of what was sent; 0 where the drawing did not come from the field
    refused: Undrawable | None = None  # why no drawing was made of it


def sketch(name: str, cleared: str, state: State, say: Say) -> Undrawable | None:
    """Draw the field that chooses the state's value `name`: a drawing, or none once all is rubbed out. Returns why what
    was drawn last cannot be read, if so; the value is none then.

    cleared: what it means to rub all out, in words that begin with the button's own.
    """
    key = f"{state.page}_{name}_sketch"
    heard: _Heard = st.session_state.setdefault(f"{key}_heard", _Heard(""))
    if state.arrived or heard.code != state.written(name):
        heard.code, heard.serial, heard.refused = state.written(name), 0, None

    def hear() -> None:
        try:
            heard.serial, strokes = _checked(st.session_state[key]["drawn"])
        except (KeyError, OverflowError, TypeError, ValueError):
            return  # not what this page has written
        drawing, heard.refused = None, None
        if strokes:
            try:
                drawing = simplified(strokes)
            except Undrawable as error:
                heard.refused = error
        if drawing != state[name]:
            state.choose(**{name: drawing})
        heard.code = state.written(name)

    data = {
        "code": heard.code,
        "heard": heard.serial,
        "strokes": [[number for point in stroke for number in point] for stroke in state[name] or ()],
        "most": MOST_DRAWN,
        "say": {part: say(f"sketch.{part}") for part in ("field", "pad", "hint", "undo", "clear")},
        "cleared": cleared,
    }
    _component(key=key, data=data, on_drawn_change=hear, width="content")
    refused, heard.refused = heard.refused, None  # said once: by the next run the field may have gone and come again
    return refused


def _checked(sent: Any) -> tuple[int, list[list[tuple[float, float]]]]:
    """The number of what a field sent, and its strokes. Raises `KeyError`, `OverflowError`, `TypeError` or `ValueError`
    for anything that no field sends."""
    if not isinstance(sent, Mapping):
        raise TypeError(sent)
    serial, strokes = int(sent["serial"]), []
    points = 0
    for stroke in sent["strokes"]:
        numbers = [float(number) for number in islice(stroke, 2 * MOST_DRAWN + 4)]
        if not all(isfinite(number) and abs(number) <= _PAD for number in numbers):
            raise ValueError(sent)
        strokes.append(list(zip(numbers[::2], numbers[1::2], strict=True)))
        points += len(numbers)
        if points > 2 * MOST_DRAWN + 4:
            break  # too many all the same
    return serial, strokes
