# SPDX-License-Identifier: GPL-2.0
"""Curves with their range, panels side by side."""

from ..svg import Drawing
from ..table import number
from .bars import SHEET, WIDTH

LEFT, GAP, TOP, HEIGHT, BOTTOM = 84, 90, 96, 250, 76


def _round_up(value):
    """To a number that divides into five."""
    step = 1
    while step * 10 < value:
        step *= 10
    for factor in (1, 2, 2.5, 5, 10):
        if step * factor >= value:
            return step * factor
    return value


class _Panel:
    """One pair of axes, both from 0."""

    def __init__(self, draw, x, width, lines):
        self.draw, self.x, self.width, self.lines = draw, x, width, lines
        points = [point for _, _, points in lines for point in points]
        self.most_x = max(size for size, _ in points)
        self.most_y = _round_up(max(figure.high for _, figure in points))

    def at(self, size, value):
        return (self.x + size / self.most_x * self.width,
                TOP + HEIGHT * (1 - value / self.most_y))

    def axes(self):
        for i in range(6):
            value = self.most_y * i / 5
            _, y = self.at(0, value)
            self.draw.line(self.x, y, self.x + self.width, y, "grid")
            self.draw.text(self.x - 8, y + 4, number(value) if value else "0",
                           "soft", "end")
        for size in sorted({size for _, _, points in self.lines
                            for size, _ in points}):
            x, y = self.at(size, 0)
            if size >= 256 or size == 64:
                self.draw.text(x, y + 16, str(size), "soft", "middle")
        self.draw.text(self.x + self.width / 2, TOP + HEIGHT + 34,
                       "bytes of payload", "soft", "middle")

    def curve(self, row, label, paint, points):
        for bound in ("low", "high"):
            self.draw.path([self.at(size, getattr(figure, bound))
                            for size, figure in points], f"{paint} bound")
        self.draw.path([self.at(size, figure.median)
                        for size, figure in points], f"{paint} curve")
        y = TOP + HEIGHT - 12 - 16 * row
        self.draw.line(self.x + 10, y - 4, self.x + 32, y - 4,
                       f"{paint} curve")
        self.draw.text(self.x + 38, y, label)


def curves(title, panels):
    """panels: [(title, [(label, paint, [(x, Figure)...])...])...]."""
    draw = Drawing()
    draw.text(24, 28, title, "title")
    width = (WIDTH - LEFT - 30 - GAP * (len(panels) - 1)) / len(panels)
    for i, (name, lines) in enumerate(panels):
        x = LEFT + i * (width + GAP)
        draw.text(x, TOP - 18, name, "head")
        if not lines:
            draw.text(x, TOP + 20, "not measured in this run", "soft")
            continue
        panel = _Panel(draw, x, width, lines)
        panel.axes()
        for row, line in enumerate(lines):
            panel.curve(row, *line)
    draw.text(24, 52, "Thick: the model as it stands; thin: its range with "
                      "each parameter halved and doubled.", "soft")
    return draw.document(WIDTH, TOP + HEIGHT + BOTTOM, SHEET)
