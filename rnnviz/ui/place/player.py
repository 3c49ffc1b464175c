"""The player of a chart on a page: real controls, which keys reach, which have a name and a state, and which move the
chart in the browser. Only the press that a page asks for (`Press`) comes to the server."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from rnnviz.charts.kit import palette
from rnnviz.charts.kit import player as drawn
from rnnviz.charts.stage.cell.score import PLACES
from rnnviz.ui.place.bridge import BRIDGE, REST, SHOW
from rnnviz.words import catalogue

ICONS = {
    "first": drawn.FIRST_ICON,
    "back": drawn.BACK_ICON,
    "play": drawn.PLAY_ICON,
    "pause": drawn.PAUSE_ICON,
    "next": drawn.PLAY_ICON,
    "last": drawn.LAST_ICON,
}
TRANSPORT = ("first", "back", "play", "next", "last")
# Groups of buttons of which one is pressed, by what they set: the values, each with the key of its name.
GROUPS = {
    "fine": {"0": "by_token", "1": "by_operation"},
    "depth": {"0": "chain", "1": "cell", "2": "unit"},
    "fold": {"chain": "unrolled", "loop": "loop", "both": "both"},
    "opened": {"1": "open_1", "2": "open_2", "3": "open_3", "4": "open_4"},  # of a stage with all layers
}
LABELS = {"fold": "fold_group"}  # the keys of the groups' names, where they are not those of what they set
# What is said of each part, by the keys of the catalogue under `stage`.
SAID = (*TRANSPORT, *(text for group in GROUPS.values() for text in group.values()), "player", "step", "in_word")
ALSO = ("more", "pace", "fine", "depth", "fold_group", "opened", "picked", "candidate", "score", "quiz", "every")
NUMBERS = ("picked", "candidate")  # beside the depth: the unit, or in its place whose score is taken apart


def _icon(name: str) -> str:
    return f'<svg viewBox="-1 -1 2 2" aria-hidden="true"><path d="{escape(ICONS[name])}"/></svg>'


def _group(name: str) -> str:
    buttons = "".join(f'<button type="button" data-set="{name}" data-value="{v}"></button>' for v in GROUPS[name])
    numbers = (
        f'<input type="number" min="1" step="1" data-name="{number}"{" hidden" * (n > 0)}>'
        for n, number in enumerate(NUMBERS)
    )
    more = "".join(numbers) if name == "depth" else ""
    hidden = " hidden" * (name in ("fold", "opened"))
    return f'<span role="group" class="rnnviz-group" data-group="{name}"{hidden}>{buttons}{more}</span>'


_BUTTONS = "".join(
    f'<button type="button" data-name="{name}">{_icon(name)}</button>'
    if name != "play"
    else f'<button type="button" data-name="play" aria-pressed="false">{_icon("play")}{_icon("pause")}</button>'
    for name in TRANSPORT
)
_HTML = f"""
<div class="rnnviz-player" role="group">
  <span class="rnnviz-buttons">{_BUTTONS}</span>
  <input type="range" data-name="t" min="1" max="1" step="1" value="1">
  <span class="rnnviz-said"><b class="rnnviz-caption"></b> <span class="rnnviz-operation"></span></span>
  <button type="button" data-name="more" aria-expanded="false">⋯</button>
  {_group("fine")}
  <button type="button" data-name="pace">1×</button>
  {_group("depth")}
  {_group("fold")}
  {_group("opened")}
  <button type="button" data-name="quizSwitch" hidden></button>
  <button type="button" data-name="every" hidden></button>
  <button type="button" data-name="press" hidden></button>
  <span class="rnnviz-live" aria-live="polite"></span>
</div>
"""
_CSS = """
.rnnviz-player {display: flex; flex-wrap: wrap; align-items: center; gap: .4em .63em; font-size: .875rem;
  font-family: var(--st-font); color: var(--st-text-color)}
.rnnviz-player button, .rnnviz-player input[type=number] {min-height: 2.4em; padding: 0 .57em; font: inherit;
  color: inherit; background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: .4rem; cursor: pointer; white-space: nowrap}
.rnnviz-player button:hover {border-color: var(--st-primary-color)}
.rnnviz-player button[aria-disabled=true] {opacity: .45; cursor: default}
.rnnviz-player button[aria-pressed=true]:not([data-name=play]) {border-color: var(--rnnviz-now);
  color: var(--rnnviz-now); box-shadow: inset 0 0 0 1px var(--rnnviz-now)}
.rnnviz-player :focus-visible {outline: 3px solid var(--rnnviz-now); outline-offset: 2px}
.rnnviz-buttons, .rnnviz-group {display: inline-flex; align-items: center; gap: .29em}
.rnnviz-buttons button {width: 2.86em; padding: 0; display: inline-grid; place-items: center}
.rnnviz-buttons svg {width: .97em; height: .97em; fill: currentColor; grid-area: 1 / 1}
.rnnviz-player button[data-name=play] {background: var(--rnnviz-now); border-color: var(--rnnviz-now);
  color: var(--st-background-color)}
.rnnviz-player button[data-name=play][aria-pressed=false] svg:last-child,
.rnnviz-player button[data-name=play][aria-pressed=true] svg:first-child {visibility: hidden}
.rnnviz-player input[type=range] {flex: 1 1 4.57em; min-width: 4.57em; height: 2em; accent-color: var(--rnnviz-now);
  cursor: pointer}
.rnnviz-player input[type=number] {width: 4.11em; cursor: text}
.rnnviz-said {flex: 1 1 6.29em; min-width: 6.29em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis}
.rnnviz-player:has([data-set=fine][data-value='1'][aria-pressed=true]) .rnnviz-said {flex-basis: 12.57em}
.rnnviz-player:has([data-group=fold]:not([hidden])):has([data-set=fine][data-value='0'][aria-pressed=true])
  .rnnviz-operation {display: none}
.rnnviz-caption {font-size: 1.1rem; color: var(--rnnviz-now); margin-right: .4rem}
.rnnviz-player [hidden] {display: none}
.rnnviz-live {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
.rnnviz-player button[data-name=more] {display: none}
@media (max-width: 640px) {
  /* At the lower edge of a phone, where the thumb is, whatever is in view; what is set less often is folded. */
  .rnnviz-player:not(.rnnviz-compact) {position: fixed; inset: auto 0 0; z-index: 100; padding: .4em .86em;
    padding-bottom: calc(.4em + env(safe-area-inset-bottom)); background: var(--st-background-color);
    border-top: 1px solid var(--st-border-color)}
  .rnnviz-player button, .rnnviz-player input[type=number] {min-height: 2.97em}
  .rnnviz-buttons {flex: 1 1 100%}
  .rnnviz-buttons button {flex: 1 1 0}
  .rnnviz-said {flex: 0 1 auto; min-width: 5.14em}
  .rnnviz-player:not(.rnnviz-compact) .rnnviz-said {max-width: 50%}
  .rnnviz-group button {padding: 0 .57em}
  .rnnviz-player:not(.rnnviz-compact) button[data-name=more] {display: block}
  .rnnviz-player:has([data-name=more][aria-expanded=false]):not(.rnnviz-compact)
    [data-name=more] ~ :not(.rnnviz-live, [data-group=fold]) {display: none}
}
"""
_JS = f"""
{BRIDGE}
{SHOW}
{drawn.HOLD}
const REST = {REST};
const started = new WeakMap();

function start(root, player) {{
  const part = name => root.querySelector(`[data-name=${{name}}]`);
  const slider = part('t'), live = root.querySelector('.rnnviz-live');
  const send = (name, value) => tell(player.data.chart, name, value);
  const number = text => text === '' || isNaN(text) ? text : Number(text);
  root.addEventListener('click', event => {{
    const button = event.target.closest('button');
    if (!button) return;
    if (button.dataset.name === 'more') {{
      button.setAttribute('aria-expanded', button.getAttribute('aria-expanded') === 'false');
    }} else if (button.dataset.name === 'press') {{
      player.press('press', player.place[player.data.press]);
    }} else if (button.getAttribute('aria-disabled') !== 'true') {{
      const name = button.dataset.set || button.dataset.name;
      send(name, name === 'fine' ? button.dataset.value === '1' : number(button.dataset.value ?? ''));
    }}
    // A press of the pointer leaves the keys to the chart; a press by a key keeps the focus where it is.
    if (event.detail > 0) button.blur();
  }});
  slider.addEventListener('input', () => send('t', Number(slider.value)));
  slider.addEventListener('pointerup', () => slider.blur());
  slider.addEventListener('keydown', event => {{
    if (event.key !== ' ') return;
    event.preventDefault();
    send('play');
  }});
  const numbers = {list(NUMBERS)}.map(part);
  for (const field of numbers) {{
    field.addEventListener('input', () => {{
      if (field.value && field.checkValidity()) send(field.dataset.name, Number(field.value));
    }});
    field.addEventListener('keydown', event => {{
      if (event.key === 'Enter') field.blur();
    }});
  }}

  let timer = 0, first = true;
  const told = () => {{
    const p = player.place;
    if (p.caption) return p.caption;
    const operation = Number(p.op) > 0 ? [p.operation, p.symbol].filter(Boolean).join(' ') : '';
    const unit = p.word && p.word !== p.token;
    const say = player.data.say;
    const token = unit ? say.in_word.replace('{{token}}', () => p.token).replace('{{word}}', () => p.word) : p.token;
    return [`${{say.step}} ${{p.t}} / ${{p.T}}`, token, operation].filter(Boolean).join(', ');
  }};
  // A step writes only what it changes: any text or attribute that is set anew has the page laid out again.
  const put = (element, attribute, value) => {{
    if (element.getAttribute(attribute) !== `${{value}}`) element.setAttribute(attribute, value);
  }};
  const write = (element, text) => {{ if (element.textContent !== text) element.textContent = text; }};
  const hide = (element, away) => {{ if (element.hidden !== away) element.hidden = away; }};
  const name = (element, text) => {{
    put(element, 'aria-label', text);
    put(element, 'title', text);
  }};
  player.dress = () => {{
    const say = player.data.say;
    const [red, green, blue] = getComputedStyle(part('first')).backgroundColor.match(/[\\d.]+/g).map(Number);
    root.style.setProperty('--rnnviz-now', player.data.now[red + green + blue < 384 ? 1 : 0]);
    root.setAttribute('aria-label', say.player);
    for (const key of {list(TRANSPORT)}) name(part(key), say[key]);
    for (const group of root.querySelectorAll('[data-group]')) {{
      group.setAttribute('aria-label', say[{LABELS}[group.dataset.group] ?? group.dataset.group]);
      const names = player.data.groups[group.dataset.group];
      for (const button of group.querySelectorAll('button')) button.textContent = say[names[button.dataset.value]];
    }}
    write(part('quizSwitch'), say.quiz);
    write(part('every'), say.every);
    name(slider, say.step);
    name(part('more'), say.more);
    for (const field of numbers) name(field, say[field.dataset.name]);
    part('press').title = say.press_help || '';
    write(part('press'), say.press || '');
    root.classList.toggle('rnnviz-compact', player.data.compact);
    if (player.place) player.draw();
  }};
  player.draw = () => {{
    const p = player.place, say = player.data.say, compact = player.data.compact;
    // Of a chart that has nothing to step through yet, they keep their place.
    root.style.visibility = Number(p.T) > 0 ? 'visible' : 'hidden';
    hide(part('press'), !p[player.data.press]);
    const ends = {{first: p.start, back: p.start, next: p.end, last: p.end}};
    for (const [key, at] of Object.entries(ends)) put(part(key), 'aria-disabled', at === '1');
    put(part('play'), 'aria-pressed', p.playing === '1');
    put(slider, 'max', p.T);
    if (slider.value !== p.t) slider.value = p.t;
    put(slider, 'aria-valuetext', told());
    write(root.querySelector('.rnnviz-caption'), p.caption ?? `t = ${{p.t}} / ${{p.T}}`);
    write(root.querySelector('.rnnviz-operation'), [p.operation, p.symbol].filter(Boolean).join('  ·  '));
    for (const button of root.querySelectorAll('[data-set]')) {{
      put(button, 'aria-pressed', p[button.dataset.set] === button.dataset.value);
    }}
    write(root.querySelector('[data-set=depth][data-value="1"]'), p.kind);
    write(root.querySelector('[data-set=depth][data-value="2"]'), p.scoring === '1' ? say.score : say.unit);
    for (const field of numbers) {{
      const at = p[field.dataset.name] || '1';
      put(field, 'max', field.dataset.name === 'picked' ? p.H : {PLACES});
      if (field !== document.activeElement && field.value !== at) field.value = at;
      hide(field, (field.dataset.name === 'candidate') !== (p.scoring === '1'));
    }}
    write(part('pace'), `${{p.pace}}×`);
    name(part('pace'), `${{say.pace}}: ${{p.pace}}×`);
    put(part('quizSwitch'), 'aria-pressed', p.guess === 'on');
    hide(part('quizSwitch'), !p.guess || !player.data.asks);
    put(part('every'), 'aria-pressed', p.every === '1');
    hide(part('every'), compact);
    hide(root.querySelector('[data-group=fold]'), !p.fold || p.depth !== '0');
    hide(root.querySelector('[data-group=opened]'), !(Number(p.rows) > 1));
    for (const button of root.querySelectorAll('[data-set=opened]')) {{
      hide(button, Number(button.dataset.value) > Number(p.rows));
    }}
    hide(root.querySelector('[data-group=fine]'), compact);
    hide(root.querySelector('[data-group=depth]'), compact && !(Number(p.depth) > 0));
    hide(part('pace'), compact);
  }};
  player.release = hold(() => player.data.held);
  player.stop = watch(player.data.chart, place => {{
    // What a tip is about is gone where another depth is shown, and the pointer did not leave it.
    if (player.place && player.place.depth !== place.depth) {{
      document.querySelectorAll('.vg-tooltip.visible').forEach(tip => tip.classList.remove('visible'));
    }}
    // What a press further down opens is at the top of the chart.
    const last = player.place;
    const opens = last && (place.depth > last.depth || place.scoring === '1' && place.candidate !== last.candidate);
    if (opens) show(() => svg(player.data.chart));
    player.place = place;
    player.draw();
    clearTimeout(timer);
    // What plays as soon as it is there shows its end at once to who wants nothing to move.
    if (first && place.playing === '1' && matchMedia('(prefers-reduced-motion: reduce)').matches) send('last', '');
    // What is said at rest: not the picture's first place, and nothing while it plays.
    if (first) first = false;
    else timer = setTimeout(() => {{ live.textContent = told(); }}, REST);
  }});
}}

export default function ({{data, parentElement, setTriggerValue}}) {{
  const root = parentElement.querySelector('.rnnviz-player');
  let player = started.get(root);
  if (player) {{
    player.data = data;
  }} else {{
    player = {{data}};
    started.set(root, player);
    start(root, player);
  }}
  player.press = setTriggerValue;
  player.dress();
  return () => {{ player.release(); player.stop(); started.delete(root); }};
}}
"""
_component = st.components.v2.component("rnnviz_player", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


@dataclass(frozen=True)
class Press:
    """A button at the end of the row, whose press comes to the server."""

    of: str  # what it sends, by its name in the chart's place; where that is empty, there is no button
    label: str
    help: str
    hear: Callable[[Any], object]  # gets what was sent, as text, before the page runs again


def player(
    chart: str,
    language: str,
    *,
    compact: bool = False,
    asks: bool = True,
    rows: bool = False,
    step: str = "",
    press: Press | None = None,
) -> None:
    """Draw the controls of a chart above it.

    chart: its key on the page.     compact: with fewer controls.     asks: with the switch of the guesses.
    rows: whether units are rows, so that the arrows up and down go from one to the next.
    step: what is stepped through, for a chart that is no stage: it leaves room for the controls, which are the fewest.
    """
    key = f"{chart}_player"
    texts = catalogue(language)
    said: Mapping[str, str] = {name: texts[f"stage.{name}"] for name in (*SAID, *ALSO)}
    if step:
        said = {**said, "step": step}
    if press:
        said = {**said, "press": press.label, "press_help": press.help}
    data: dict[str, Any] = {
        "chart": chart,
        "say": dict(said),
        "groups": GROUPS,
        "now": palette.NOW,
        "press": press and press.of,
        "compact": compact or bool(step),
        "asks": asks,
        "held": [*drawn.SCROLLING, *(drawn.ROWS if rows else ())],
    }

    def hear() -> None:
        if press:
            press.hear(st.session_state[key]["press"])

    with st.container(key=f"{chart}_overlaid") if step else nullcontext():
        _component(key=key, data=data, on_press_change=hear)
