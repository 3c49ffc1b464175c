"""The JavaScript that the parts of a page share to learn where a chart is and to move it. Nothing in it comes from a
reader: texts are put into the page as text, by the scripts that use this."""

from rnnviz.charts.kit.tables import SEPARATOR
from rnnviz.ui.first.pictures import FRAME, STAND_IN
from rnnviz.ui.host.internals import HEADER, MAIN, MARKS

REST = 500  # ms without a step, after which the chart rests

STILL = 3  # s, in which what comes into view is kept there while the page around it is still being drawn
# `show` scrolls to what `find` finds, as soon as it does, where that begins above what is seen of the page or below
# `most` of the window. What the server sends meanwhile can end a smooth scroll or move the picture: where it then rests
# out of view, it is scrolled to again, unless the visitor has done something since.
SHOW = f"""
function show(find, most = Infinity, wait = {STILL}) {{
  const acts = new AbortController(), smooth = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  for (const act of ['wheel', 'pointerdown', 'keydown']) {{
    addEventListener(act, () => acts.abort(), {{capture: true, passive: true, signal: acts.signal}});
  }}
  let until = performance.now() + 1000*wait, last = null, found = false;
  const look = () => {{
    if (acts.signal.aborted) return;
    const picture = find();
    if (picture) {{
      if (!found) until = performance.now() + {1000 * STILL};
      const under = document.querySelector("{HEADER}")?.getBoundingClientRect().bottom ?? 0;
      const top = Math.round(picture.getBoundingClientRect().top);
      const away = top < under || top > most*innerHeight;
      if (away && (!found || top === last)) {{
        document.querySelector("{MAIN}").scrollBy({{top: top - under, behavior: smooth ? 'smooth' : 'auto'}});
      }}
      last = top;
      found = true;
    }}
    if (performance.now() < until) setTimeout(look, 150);
    else acts.abort();
  }};
  look();
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
