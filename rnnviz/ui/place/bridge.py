"""The JavaScript that the parts of a page share to learn where a chart is and to move it. Nothing in it comes from a
reader: texts are put into the page as text, by the scripts that use this."""

from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.ui.first.pictures import FRAME, STAND_IN
from rnnviz.ui.host.internals import HEADER, MAIN, MARKS

REST = 500  # ms without a step, after which the chart rests

# `show` scrolls to a picture that begins above what is seen of the page, or below `most` of the window.
SHOW = f"""
function show(picture, most = Infinity) {{
  const under = document.querySelector("{HEADER}")?.getBoundingClientRect().bottom ?? 0;
  const top = picture.getBoundingClientRect().top;
  if (top >= under && top <= most*innerHeight) return;
  document.querySelector("{MAIN}").scrollBy({{top: top - under, behavior: 'smooth'}});
}}
"""
# `watch` calls `hear` with the chart's place, and again whenever it is another; `tell` moves the chart. It takes the
# first picture away for good where the chart is drawn: the rules that hid it would ask after each step what is drawn.
BRIDGE = f"""
const svg = chart => document.querySelector(`.st-key-${{chart}}_frame svg.marks`);

function watch(chart, hear) {{
  let last = null;
  const look = () => {{
    const text = svg(chart)?.querySelector('g.whereabouts_marks text')?.textContent;
    if (!text || text === last) return;
    last = text;
    for (const first of document.querySelectorAll('.{STAND_IN}')) {{
      if (first.closest("{FRAME}")?.querySelector("{MARKS}")) first.remove();
    }}
    hear(Object.fromEntries(text.split('{SEPARATOR}').map(part => {{
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    }})));
  }};
  const observer = new MutationObserver(look);
  const root = document.querySelector("{MAIN}") || document.body;
  observer.observe(root, {{childList: true, subtree: true, characterData: true}});
  look();
  return () => observer.disconnect();
}}

// The address of what the page has learned: it is no other page to go back to.
function address(query) {{
  const now = new URLSearchParams(location.search), next = new URLSearchParams(query);
  for (const [name, value] of now) if (name.startsWith('embed')) next.append(name, value);
  if (next.toString() !== now.toString()) history.replaceState(history.state, '', `?${{next}}${{location.hash}}`);
}}

function tell(chart, name, value) {{
  svg(chart)?.dispatchEvent(new CustomEvent('rnnviz', {{detail: {{name, value}}}}));
}}
"""
