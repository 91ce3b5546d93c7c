# SPDX-License-Identifier: GPL-2.0
"""SVG written by hand: the few shapes that the plots are made of.

Colours are classes, so that one drawing serves light and dark.
"""

from html import escape

# A class: what it paints, on light and on dark paper.
PAPER = {
    "paper": ("fill", "#ffffff", "#0d1117"),
    "soft": ("fill", "#57606a", "#9198a1"),
    "grid": ("stroke", "#d0d7de", "#30363d"),
    "range": ("stroke", "#24292f", "#e6edf3"),
}
INK = ("#24292f", "#e6edf3")
BASE = """\
  svg { font-family: system-ui, sans-serif; font-size: 12px; }
  .title { font-size: 15px; font-weight: 600; } .head { font-weight: 600; }
  .value { font-size: 9.5px; } .range { stroke-width: 1.3; }"""


def style(colours, extra=""):
    """A style sheet; colours: as PAPER, and beside it."""
    every = {**PAPER, **colours}
    lines = [BASE]
    for i, indent in ((0, "  "), (1, "    ")):
        if i:
            lines.append("  @media (prefers-color-scheme: dark) {")
        lines.append(f"{indent}text {{ fill: {INK[i]}; }}")
        lines += [f"{indent}.{name} {{ {paints[0]}: {paints[1 + i]}; }}"
                  for name, paints in every.items()]
    return "\n".join([*lines, "  }", *([extra] if extra else [])])


class Drawing:
    """Shapes in the order drawn; later ones lie on top."""

    def __init__(self):
        self.parts = []

    def text(self, x, y, text, style="", anchor="start"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" '
            f'text-anchor="{anchor}">{escape(text, quote=False)}</text>')

    def box(self, x, y, width, height, style, hint=""):
        """hint: what a pointer over the box is told."""
        end = f"><title>{escape(hint)}</title></rect>" if hint else "/>"
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" '
            f'height="{height:.1f}" class="{style}"{end}')

    def line(self, x1, y1, x2, y2, style):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" '
            f'y2="{y2:.1f}" class="{style}"/>')

    def whisker(self, low, high, y, style="range"):
        """A range along a row."""
        self.line(low, y, high, y, style)
        for end in (low, high):
            self.line(end, y - 3, end, y + 3, style)

    def path(self, points, style):
        """A line through points."""
        self.parts.append(
            '<polyline points="'
            + " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            + f'" class="{style}" fill="none"/>')

    def document(self, width, height, sheet):
        """The whole, on paper; sheet: the style sheet."""
        body = "\n".join(self.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" '
                f'viewBox="0 0 {width} {height:.0f}" '
                f'width="{width}" height="{height:.0f}">\n'
                f"<style>\n{sheet}\n</style>\n"
                f'<rect width="100%" height="100%" class="paper"/>\n'
                f"{body}\n</svg>\n")


def grid_step(most):
    """Distance of the grid's lines, so that there are about five."""
    for step in (0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20):
        if most / step <= 5.5:
            return step
    return 50
