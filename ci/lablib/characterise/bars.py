# SPDX-License-Identifier: GPL-2.0
"""Stacked bars: rows of labelled bars in groups, panels side by side."""

import dataclasses
import textwrap

from ..svg import Drawing, grid_step, style

WIDTH = 1000
LEFT = 206		# room for the bars' labels
GAP = 34		# between panels
TOP = 104
BAR, BAR_GAP = 13, 4
HEAD = 24		# a group's heading
GROUP_GAP = 14
BOTTOM = 40
NOTE = 96		# room behind a bar for its number

PAINTS = {
    "xen": ("fill", "#cf222e", "#ff7b72"),
    "dom0_kernel": ("fill", "#0969da", "#58a6ff"),
    "dom0_user": ("fill", "#80b8f5", "#1f4f8f"),
    "domu_kernel": ("fill", "#2da44e", "#3fb950"),
    "domu_user": ("fill", "#94d8a6", "#1d6b34"),
    "native": ("fill", "#8c959f", "#6e7681"),
    "base": ("stroke", "#24292f", "#e6edf3"),
    "stock": ("fill", "#bf8700", "#d29922"),
    "ours": ("fill", "#0969da", "#58a6ff"),
    "stock-line": ("stroke", "#bf8700", "#d29922"),
    "ours-line": ("stroke", "#0969da", "#58a6ff"),
    "flip-line": ("stroke", "#8250df", "#bc8cff"),
}
SHEET = style(PAINTS, """\
  .base { stroke-width: 1.4; stroke-dasharray: 5 3; }
  .light { fill-opacity: 0.45; }
  .curve { stroke-width: 2; } .bound { stroke-width: 1; opacity: 0.45; }""")


@dataclasses.dataclass
class Bar:
    """parts: [(paint, value)...]; spread: (low, high) of their sum."""
    label: str
    parts: list
    spread: tuple = ()
    note: str = ""

    def end(self):
        whole = sum(value for _, value in self.parts)
        return max([whole, *self.spread])


@dataclasses.dataclass
class Group:
    """A heading, and the bars of each panel below it; bars of one label
    stand in one row."""
    title: str
    panels: list

    def labels(self):
        return list(dict.fromkeys(bar.label for bars in self.panels
                                  for bar in bars))


class Chart:
    """One drawing. base: where a line marks the yardstick, in bar units.

    Scales are the chart's, or with own_scale each group's.
    """

    def __init__(self, title, panels, groups, legend, foot="", base=None,
                 own_scale=False, axis="{:g}"):
        self.title, self.panels, self.groups = title, panels, groups
        self.legend, self.foot, self.base = legend, foot, base
        self.own_scale, self.axis = own_scale, axis
        self.draw = Drawing()
        self.width = ((WIDTH - LEFT - 20 - GAP * (len(panels) - 1))
                      / len(panels))

    @staticmethod
    def _most(groups):
        ends = [bar.end() for group in groups for bars in group.panels
                for bar in bars]
        return max([*ends, 1e-9])

    @staticmethod
    def _height(group):
        return HEAD + len(group.labels()) * (BAR + BAR_GAP) + GROUP_GAP

    def _x(self, panel):
        return LEFT + panel * (self.width + GAP)

    def _grid(self, bottom, scale):
        for panel in range(len(self.panels)):
            x, most = self._x(panel), (self.width - NOTE) / scale
            step = grid_step(most)
            for i in range(int(most / step + 1e-6) + 1):
                at = x + i * step * scale
                self.draw.line(at, TOP - 4, at, bottom, "grid")
                self.draw.text(at, bottom + 15, self.axis.format(i * step),
                               "soft", "middle")
            if self.base:
                at = x + self.base * scale
                self.draw.line(at, TOP - 4, at, bottom, "base")

    def _bar(self, x, y, bar, scale):
        at = x
        for paint, value in bar.parts:
            if value > 0:
                self.draw.box(at, y, value * scale, BAR, paint,
                              f"{bar.label}: {paint}")
                at += value * scale
        if bar.spread:
            low, high = (x + value * scale for value in bar.spread)
            self.draw.whisker(low, high, y + BAR / 2)
            at = max(at, high)
        self.draw.text(at + 5, y + 10, bar.note, "value soft")

    def _group(self, y, group, scale):
        self.draw.text(24, y + 15, group.title, "head")
        y += HEAD
        for label in group.labels():
            self.draw.text(LEFT - 10, y + 10, label, "soft", "end")
            for panel, bars in enumerate(group.panels):
                for bar in bars:
                    if bar.label == label:
                        self._bar(self._x(panel), y, bar, scale)
            y += BAR + BAR_GAP

    def _legend(self):
        self.draw.text(24, 28, self.title, "title")
        x = 24
        for paint, text in self.legend:
            self.draw.box(x, 44, 16, BAR, paint)
            self.draw.text(x + 22, 55, text)
            x += 40 + 6.7 * len(text)
        if self.base:
            self.draw.line(x, 50, x + 22, 50, "base")
            self.draw.text(x + 28, 55, "native")
        for panel, text in enumerate(self.panels):
            self.draw.text(self._x(panel), TOP - 18, text, "head")

    def svg(self):
        bottom = TOP + sum(map(self._height, self.groups))
        room = self.width - NOTE
        scale = room / self._most(self.groups)
        self._legend()
        if not self.own_scale:
            self._grid(bottom, scale)
        y = TOP
        for group in self.groups:
            if self.own_scale:
                scale = room / self._most([group])
            self._group(y, group, scale)
            y += self._height(group)
        lines = textwrap.wrap(self.foot, 150)
        for row, line in enumerate(lines):
            self.draw.text(24, bottom + 38 + 16 * row, line, "soft")
        return self.draw.document(WIDTH, bottom + BOTTOM + 16 * len(lines),
                                  SHEET)
