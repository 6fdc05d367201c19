"""Draws the plots of docs/performance.md from saved results, as SVG text.

A plot is a grid of panels. A panel is a row of bars, one for each server. The colours follow the reader's light or dark
scheme.
"""
import math
from xml.sax.saxutils import escape, quoteattr

PANEL_WIDTH, TITLE_HEIGHT, ROW_HEIGHT, AXIS_HEIGHT = 460, 34, 24, 34
LABELS_END, BARS_START, BARS_END, FIGURES_END = 104, 112, 370, 424
MARGIN, NOTE_HEIGHT, BAR_HEIGHT = 12, 26, 12
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 14px; }
.note, .tick { fill: #59636e; font-size: 12px; }
.page { fill: #ffffff; }
.grid { stroke: #d8dee4; }
.echo { stroke: #1f2328; stroke-dasharray: 4 3; }
.range { stroke: #1f2328; stroke-width: 1.5; }
.waymark { fill: #0969da; }
.alone { fill: #80b7f0; }
.other { fill: #b6bec7; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .note, .tick { fill: #9198a1; }
  .page { fill: #0d1117; }
  .grid { stroke: #30363d; }
  .echo, .range { stroke: #e6edf3; }
  .waymark { fill: #4493f8; }
  .alone { fill: #24558f; }
  .other { fill: #59616b; }
}
"""


class Panel:
    """`rows` is [(server, median, smallest, largest)]. `limit` is the end of the axis; with None the rows determine
    it."""

    def __init__(self, title, rows, digits=2, echo=True, limit=None):
        self.title, self.rows, self.digits, self.echo = title, rows, digits, echo
        self.limit = 1.02 * (limit or max(row[3] for row in rows))
        self.step = tick_step(self.limit)


def tick_step(largest):
    """The distance between two ticks of an axis that ends at `largest`: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(largest / 2))
    return next(step * power for step in (1, 2, 5, 10) if largest / (step * power) < 6)


def text(x, y, words, kind="", anchor="start"):
    kind = f" class={quoteattr(kind)}" if kind else ""
    return f'<text x="{x:g}" y="{y:g}"{kind} text-anchor="{anchor}">{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line class="{kind}" x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"/>'


def colour(server):
    return {"Waymark": "waymark", "Waymark alone": "alone"}.get(server, "other")


def panel_lines(panel, left, top, rows):
    """The panel at this position, with room for this number of rows."""

    def at(value):
        return round(left + BARS_START + (BARS_END - BARS_START) * value / panel.limit, 1)

    first, last = top + TITLE_HEIGHT, top + TITLE_HEIGHT + rows * ROW_HEIGHT
    yield text(left, top + 18, panel.title, "title")
    for number in range(math.floor(panel.limit / panel.step) + 1):
        value = number * panel.step
        yield line(at(value), first, at(value), last + 4, "grid")
        yield text(at(value), last + 18, f"{value:,g}", "tick", "middle")
    for number, (server, median, smallest, largest) in enumerate(panel.rows):
        middle = first + (number + 0.5) * ROW_HEIGHT
        yield text(left + LABELS_END, middle + 4.5, server, anchor="end")
        yield (
            f'<rect class="{colour(server)}" x="{at(0):g}" y="{middle - BAR_HEIGHT / 2:g}" '
            f'width="{at(median) - at(0):g}" height="{BAR_HEIGHT}"/>'
        )
        if smallest < largest:
            yield line(at(smallest), middle, at(largest), middle, "range")
            for end in (smallest, largest):
                yield line(at(end), middle - 4, at(end), middle + 4, "range")
        yield text(left + FIGURES_END, middle + 4.5, f"{median:,.{panel.digits}f}", anchor="end")
    if panel.echo:
        yield line(at(1), first, at(1), last + 4, "echo")


def plot(title, panels, note):
    """A complete SVG: two panels in each row, and a note below all of them."""
    columns, rows = min(2, len(panels)), max(len(panel.rows) for panel in panels)
    panel_height = TITLE_HEIGHT + rows * ROW_HEIGHT + AXIS_HEIGHT
    width = 2 * MARGIN + (columns - 1) * PANEL_WIDTH + FIGURES_END
    height = 2 * MARGIN + math.ceil(len(panels) / columns) * panel_height + NOTE_HEIGHT
    size = f'width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {size} role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" {size}/>',
    ]
    for number, panel in enumerate(panels):
        left, top = MARGIN + number % columns * PANEL_WIDTH, MARGIN + number // columns * panel_height
        lines += panel_lines(panel, left, top, rows)
    lines.append(text(MARGIN, height - MARGIN - 4, note, "note"))
    return "\n".join([*lines, "</svg>"]) + "\n"
