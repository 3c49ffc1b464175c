"""The tips of a chart by a tap: Vega shows one only to a pointer that moves over a mark, and a finger's does not."""

TIP = "#vg-tooltip-element.visible"

# A tap does first what it does; then, where it has not led into a cell or out of one and was no guess, what is there
# is hovered. What a tip says may follow from where the pointer is, so that is told twice. It goes away with the next
# touch, and when the page scrolls.
TIPS = f"""
function tips() {{
  let leave = () => {{}};
  const moved = (mark, kind, event) => mark.dispatchEvent(new PointerEvent(kind, {{
    bubbles: true, pointerType: 'touch', clientX: event.clientX, clientY: event.clientY}}));
  const drawn = then => requestAnimationFrame(() => requestAnimationFrame(then));
  document.addEventListener('click', event => {{
    const chart = event.pointerType === 'touch' && event.target.closest?.('svg.marks');
    if (!chart) return;
    const where = () => chart.querySelector('g.whereabouts_marks text')?.textContent ?? '';
    const place = () => String(where().match(/(depth|pending)=\\d/g));
    const before = place();
    drawn(() => {{
      const mark = document.elementFromPoint(event.clientX, event.clientY);
      if (!chart.contains(mark) || place() !== before) return;
      leave = () => {{
        moved(mark, 'pointerout', event);
        document.querySelector("{TIP}")?.classList.remove('visible');
        leave = () => {{}};
      }};
      moved(mark, 'pointermove', event);
      drawn(() => {{
        moved(mark, 'pointermove', event);
        if (!document.querySelector("{TIP}")) leave();
      }});
    }});
  }}, true);
  document.addEventListener('pointerdown', event => {{ if (event.pointerType === 'touch') leave(); }}, true);
  document.addEventListener('scroll', () => leave(), true);
}}
"""
