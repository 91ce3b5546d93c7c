# SPDX-License-Identifier: GPL-2.0
"""The plot: speed relative to native, as SVG written by hand."""

from .measure import NATIVE, PAIRS, TRAFFICS, UNIT, Cell, speed_of
from .report import median, number

WIDTH = 980
LEFT = 128		# room for the labels of the rows
GAP = 30		# between the two panels
TOP = 96
BAR, BAR_GAP = 11, 3
GROUP_GAP = 16
BOTTOM = 62

STYLE = """\
  svg { font-family: system-ui, sans-serif; font-size: 12px; }
  .paper { fill: #ffffff; } text { fill: #24292f; }
  .soft { fill: #57606a; } .grid { stroke: #d0d7de; }
  .native { stroke: #24292f; stroke-width: 1.5; stroke-dasharray: 5 3; }
  .range { stroke: #24292f; stroke-width: 1.3; }
  .ours { fill: #0969da; } .stock { fill: #bf8700; }
  .other { fill-opacity: 0.5; }
  .title { font-size: 15px; font-weight: 600; } .head { font-weight: 600; }
  .value { font-size: 9.5px; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117; } text { fill: #e6edf3; }
    .soft { fill: #9198a1; } .grid { stroke: #30363d; }
    .native, .range { stroke: #e6edf3; }
    .ours { fill: #58a6ff; } .stock { fill: #d29922; }
  }"""


class _Drawing:
    def __init__(self):
        self.parts = []

    def text(self, x, y, text, style="", anchor="start"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" '
            f'text-anchor="{anchor}">{text}</text>')

    def box(self, x, y, width, height, style):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" '
            f'height="{height:.1f}" class="{style}"/>')

    def line(self, x1, y1, x2, y2, style):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" '
            f'y2="{y2:.1f}" class="{style}"/>')


def _seen(samples, name):
    return list(dict.fromkeys(getattr(cell, name) for cell in samples))


def _step(most):
    """Distance of the grid's lines, so that there are about five."""
    for step in (0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20):
        if most / step <= 5.5:
            return step
    return 50


class _Plot:
    def __init__(self, samples):
        self.samples = samples
        self.paths = _seen(samples, "path")
        self.groups = [(traffic, direction)
                       for traffic in TRAFFICS
                       if traffic in _seen(samples, "traffic")
                       for direction in _seen(samples, "direction")]
        self.placements = [name for name in _seen(samples, "placement")
                           if name != "native"]
        self.bars = [(placement, pair) for placement in self.placements
                     for pair in PAIRS]
        self.group_height = len(self.bars) * (BAR + BAR_GAP) + GROUP_GAP
        self.height = TOP + len(self.groups) * self.group_height + BOTTOM
        self.panel = ((WIDTH - LEFT - 24 - GAP * (len(self.paths) - 1))
                      / max(1, len(self.paths)))
        self.draw = _Drawing()

    def values(self, placement, pair, path, group):
        traffic, direction = group
        return self.samples.get(Cell(placement, pair, path, direction,
                                     traffic, speed_of(traffic)), ())

    def base(self, path, group):
        native = self.values("native", NATIVE, path, group)
        return median(native) if native else None

    def _most(self, path):
        found = [1.0]
        for group in self.groups:
            base = self.base(path, group)
            for placement, pair in self.bars:
                values = self.values(placement, pair, path, group)
                if base and values:
                    found.append(max(values) / base)
        return max(found) * 1.2

    def _grid(self, x, path, most):
        bottom = self.height - BOTTOM
        self.draw.text(x, TOP - 16, {
            "inter": "inter: guest and a host beyond the NIC",
            "intra": "intra: guest and guest"}.get(path, path), "head")
        step = _step(most)
        for i in range(int(most / step) + 1):
            at = x + i * step / most * self.panel
            self.draw.line(at, TOP - 6, at, bottom, "grid")
            self.draw.text(at, bottom + 16, f"{i * step * 100:.0f} %",
                           "soft", "middle")
        at = x + self.panel / most
        self.draw.line(at, TOP - 6, at, bottom, "native")

    def _bars(self, x, path, most):
        for row, group in enumerate(self.groups):
            y = TOP + row * self.group_height
            base = self.base(path, group)
            for placement, pair in self.bars:
                values = self.values(placement, pair, path, group)
                if base and values:
                    self._bar(x, y, placement, pair, values,
                              self.panel / most / base)
                y += BAR + BAR_GAP

    def _bar(self, x, y, placement, pair, values, scale):
        style = pair if placement == "same" else f"{pair} other"
        middle = y + BAR / 2
        low, high = min(values) * scale, max(values) * scale
        self.draw.box(x, y, median(values) * scale, BAR, style)
        self.draw.line(x + low, middle, x + high, middle, "range")
        for end in (low, high):
            self.draw.line(x + end, middle - 3, x + end, middle + 3, "range")
        self.draw.text(x + max(high, median(values) * scale) + 4, y + 9,
                       number(median(values)), "value soft")

    def _labels(self):
        for row, (traffic, direction) in enumerate(self.groups):
            y = TOP + row * self.group_height + self.group_height / 2 - 10
            self.draw.text(LEFT - 12, y, f"{traffic} {direction}", "head",
                           "end")
            self.draw.text(LEFT - 12, y + 15, UNIT[speed_of(traffic)], "soft",
                           "end")

    def _legend(self):
        self.draw.text(24, 28, "Speed relative to native Linux on the same "
                               "emulated machine", "title")
        x = 24
        for placement, pair in self.bars:
            style = pair if placement == "same" else f"{pair} other"
            self.draw.box(x, 42, 18, BAR, style)
            text = (f"{pair}, on dom0's CPU" if placement == "same"
                    else f"{pair}, on a CPU apart")
            self.draw.text(x + 24, 52, text)
            x += 44 + 6.6 * len(text)
        self.draw.line(x, 48, x + 22, 48, "native")
        self.draw.text(x + 28, 52, "native = 100 %")
        self.draw.text(24, self.height - 18,
                       "Bars: medians; whiskers: lowest and highest repeat; "
                       "numbers: the median in its unit. Under emulation: "
                       "see results.md for what this cannot tell.", "soft")

    def svg(self):
        self._legend()
        self._labels()
        x = LEFT
        for path in self.paths:
            most = self._most(path)
            self._grid(x, path, most)
            self._bars(x, path, most)
            x += self.panel + GAP
        body = "\n".join(self.draw.parts)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" '
                f'viewBox="0 0 {WIDTH} {self.height:.0f}" '
                f'width="{WIDTH}" height="{self.height:.0f}">\n'
                f"<style>\n{STYLE}\n</style>\n"
                f'<rect width="100%" height="100%" class="paper"/>\n'
                f"{body}\n</svg>\n")


def svg(samples):
    return _Plot(samples).svg()
