"""Real controls for a chart that is moved in more than one way: for each, a number between a button down and one up.
They move the chart in the browser, and follow it when it is moved on itself."""

from collections.abc import Mapping

import streamlit as st

from rnnviz.charts.kit.player import HOLD, ROWS
from rnnviz.ui.place.bridge import BRIDGE
from rnnviz.words import catalogue

_HTML = '<div class="rnnviz-steppers" role="group"></div>'
_CSS = """
.rnnviz-steppers {display: flex; flex-wrap: wrap; gap: .35rem 1rem; font-size: .875rem; font-family: var(--st-font);
  color: var(--st-text-color)}
.rnnviz-steppers label {display: inline-flex; align-items: center; gap: .25rem}
.rnnviz-steppers button, .rnnviz-steppers input {min-height: 1.8rem; min-width: 2.5rem; padding: 0 .5rem; font: inherit;
  color: inherit; background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: .4rem; cursor: pointer}
.rnnviz-steppers input {width: 3.6rem; cursor: text}
.rnnviz-steppers button[aria-disabled=true] {opacity: .45; cursor: default}
.rnnviz-steppers :focus-visible {outline: 3px solid var(--st-primary-color); outline-offset: 2px}
@media (max-width: 640px) {
  .rnnviz-steppers {gap: .35rem .5rem}
  .rnnviz-steppers label {gap: .15rem}
  .rnnviz-steppers button {min-height: 2.75rem; min-width: 2.75rem}
  .rnnviz-steppers input {min-height: 2.75rem; min-width: 0; width: 2.3rem; padding: 0; text-align: center;
    appearance: textfield}
}
"""
_JS = f"""
{BRIDGE}
{HOLD}
const started = new WeakMap();

function make(root, one, steppers) {{
  const label = document.createElement('label'), field = document.createElement('input');
  Object.assign(field, {{type: 'number', min: 1, step: 1}});
  const go = value => tell(steppers.data.chart, one.name, Math.min(Math.max(value, 1), Number(field.max)));
  const button = (sign, by) => {{
    const made = document.createElement('button');
    made.type = 'button';
    made.dataset.name = `${{one.name}}${{sign}}`;
    made.textContent = sign;
    made.addEventListener('click', event => {{
      event.preventDefault();
      go(Number(steppers.place[one.name]) + by);
    }});
    return made;
  }};
  const text = document.createElement('span');
  field.dataset.name = one.name;
  field.addEventListener('input', () => {{ if (field.value && field.checkValidity()) go(Number(field.value)); }});
  const down = button('−', -1), up = button('+', 1);
  label.append(text, down, field, up);
  root.append(label);
  return {{name: one.name, text, down, field, up}};
}}

export default function ({{data, parentElement}}) {{
  const root = parentElement.querySelector('.rnnviz-steppers');
  let steppers = started.get(root);
  if (!steppers) {{
    started.set(root, steppers = {{data}});
    steppers.made = data.moved.map(one => make(root, one, steppers));
    steppers.draw = () => {{
      const place = steppers.place;
      for (const {{name, down, field, up}} of place ? steppers.made : []) {{
        field.max = place.T;
        if (field !== document.activeElement && field.value !== place[name]) field.value = place[name];
        down.setAttribute('aria-disabled', Number(place[name]) <= 1);
        up.setAttribute('aria-disabled', Number(place[name]) >= Number(place.T));
      }}
    }};
    steppers.release = hold(() => {list(ROWS)});
    steppers.stop = watch(data.chart, place => {{
      steppers.place = place;
      steppers.draw();
    }});
  }}
  steppers.data = data;
  root.setAttribute('aria-label', data.label);
  data.moved.forEach((one, n) => {{
    const {{text, down, field, up}} = steppers.made[n];
    text.textContent = one.label;
    field.setAttribute('aria-label', one.label);
    down.setAttribute('aria-label', `${{one.label}} − 1`);
    up.setAttribute('aria-label', `${{one.label}} + 1`);
  }});
  return () => {{ steppers.release(); steppers.stop(); started.delete(root); }};
}}
"""
_component = st.components.v2.component("rnnviz_steppers", html=_HTML, css=_CSS, js=_JS, isolate_styles=False)


def steppers(chart: str, language: str, axes: Mapping[str, str]) -> None:
    """Draw them.

    chart: its key on the page, whose place has `T`, the most that each can be, and each of them, from 1.
    axes: what each is called, by its name in that place.
    """
    numbers = [{"name": name, "label": label} for name, label in axes.items()]
    data = {"chart": chart, "label": catalogue(language)["stage.player"], "moved": numbers}
    _component(key=f"{chart}_steppers", data=data)
