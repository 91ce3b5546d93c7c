# SPDX-License-Identifier: GPL-2.0
"""The plot: speed relative to native, as SVG written by hand."""

from ..pairs import NATIVE, PAIRS
from ..svg import Drawing, grid_step, style
from ..table import median, number
from .measure import TRAFFICS, UNIT, Cell, speed_of

WIDTH = 980
LEFT = 128		# room for the labels of the rows
GAP = 30		# between the two panels
TOP = 96
BAR, BAR_GAP = 11, 3
GROUP_GAP = 16
BOTTOM = 62

STYLE = style({
    "native": ("stroke", "#24292f", "#e6edf3"),
    "ours": ("fill", "#0969da", "#58a6ff"),
    "stock": ("fill", "#bf8700", "#d29922"),
}, """\
  .native { stroke-width: 1.5; stroke-dasharray: 5 3; }
  .place1 { fill-opacity: 0.6; } .place2 { fill-opacity: 0.45; }
  .place3 { fill-opacity: 0.33; } .place4 { fill-opacity: 0.22; }""")

PLACE = {"same": "on dom0's CPU", "separate": "on a CPU apart",
         "sidecore-event": "side-core, event",
         "sidecore-poll": "side-core, poll",
         "sidecore-adaptive": "side-core, adaptive"}


def _seen(samples, name):
    return list(dict.fromkeys(getattr(cell, name) for cell in samples))


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
        self.top = TOP + 16 * max(0, len(self.placements) - 2)
        self.height = self.top + len(self.groups) * self.group_height + BOTTOM
        self.panel = ((WIDTH - LEFT - 24 - GAP * (len(self.paths) - 1))
                      / max(1, len(self.paths)))
        self.draw = Drawing()

    def values(self, placement, pair, path, group):
        traffic, direction = group
        return self.samples.get(Cell(placement, pair, path, direction,
                                     traffic, speed_of(traffic)), ())

    def base(self, path, group):
        # Three guests are held against what one machine does.
        native = self.values("native", NATIVE,
                             "inter" if path == "three" else path, group)
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
        self.draw.text(x, self.top - 16, {
            "inter": "inter: guest and a host beyond the NIC",
            "three": "three: three guests and that host",
            "intra": "intra: guest and guest"}.get(path, path), "head")
        step = grid_step(most)
        for i in range(int(most / step) + 1):
            at = x + i * step / most * self.panel
            self.draw.line(at, self.top - 6, at, bottom, "grid")
            self.draw.text(at, bottom + 16, f"{i * step * 100:.0f} %",
                           "soft", "middle")
        at = x + self.panel / most
        self.draw.line(at, self.top - 6, at, bottom, "native")

    def _bars(self, x, path, most):
        for row, group in enumerate(self.groups):
            y = self.top + row * self.group_height
            base = self.base(path, group)
            for placement, pair in self.bars:
                values = self.values(placement, pair, path, group)
                if base and values:
                    self._bar(x, y, placement, pair, values,
                              self.panel / most / base)
                y += BAR + BAR_GAP

    def _style(self, placement, pair):
        return f"{pair} place{self.placements.index(placement)}"

    def _bar(self, x, y, placement, pair, values, scale):
        paint = self._style(placement, pair)
        middle = y + BAR / 2
        low, high = min(values) * scale, max(values) * scale
        self.draw.box(x, y, median(values) * scale, BAR, paint)
        self.draw.whisker(x + low, x + high, middle)
        self.draw.text(x + max(high, median(values) * scale) + 4, y + 9,
                       number(median(values)), "value soft")

    def _labels(self):
        for row, (traffic, direction) in enumerate(self.groups):
            y = self.top + row * self.group_height + self.group_height / 2 - 10
            self.draw.text(LEFT - 12, y, f"{traffic} {direction}", "head",
                           "end")
            self.draw.text(LEFT - 12, y + 15, UNIT[speed_of(traffic)], "soft",
                           "end")

    def _legend(self):
        self.draw.text(24, 28, "Speed relative to native Linux on the same "
                               "emulated machine", "title")
        x, y = 24, 42
        for placement, pair in self.bars:
            text = f"{pair}, {PLACE[placement]}"
            if x + 44 + 6.6 * len(text) > WIDTH:
                x, y = 24, y + 16
            self.draw.box(x, y, 18, BAR, self._style(placement, pair))
            self.draw.text(x + 24, y + 10, text)
            x += 44 + 6.6 * len(text)
        if x + 160 > WIDTH:
            x, y = 24, y + 16
        self.draw.line(x, y + 6, x + 22, y + 6, "native")
        self.draw.text(x + 28, y + 10, "native = 100 %")
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
        return self.draw.document(WIDTH, self.height, STYLE)


def svg(samples):
    return _Plot(samples).svg()
