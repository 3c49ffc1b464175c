"""What is wrong with the texts of a stage: shortened, beyond the picture's edge, or over one another."""

from __future__ import annotations

from playwright.sync_api import Page

# Each line of a text by its own box. A text that is not seen, or as small as a place for the page, is none.
_FAULTS = """() => [...document.querySelectorAll("[class*='_stage_frame'] svg.marks")].flatMap(svg => {
  const edge = svg.getBoundingClientRect(), faults = [];
  const seen = text => text.textContent.trim() && Number(text.getAttribute('opacity') ?? 1) > 0.05
    && parseFloat(text.getAttribute('font-size') ?? getComputedStyle(text).fontSize) > 2;
  const lines = [...svg.querySelectorAll('g.mark-text text')].filter(seen)
    .flatMap(text => text.querySelector('tspan') ? [...text.querySelectorAll('tspan')] : [text])
    .filter(line => line.textContent.trim())
    .map(line => ({said: line.textContent, box: line.getBoundingClientRect()}));
  lines.forEach(({said, box}, n) => {
    if (said.endsWith('…')) faults.push(`cut: ${said}`);
    if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1) {
      faults.push(`beyond the edge: ${said}`);
    }
    for (const other of lines.slice(n + 1)) {
      const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      // A word on a ground of its own is drawn twice at one place.
      if (said === other.said && Math.abs(box.left - other.box.left) + Math.abs(box.top - other.box.top) < 1) continue;
      if (wide > 1.5 && high > 0.35 * Math.min(box.height, other.box.height)) {
        faults.push(`over one another: ${said} | ${other.said}`);
      }
    }
  });
  return faults;
})"""


def faults(page: Page) -> list[str]:
    """A line for each; empty where all texts are whole and apart."""
    return list(dict.fromkeys(page.evaluate(_FAULTS)))
