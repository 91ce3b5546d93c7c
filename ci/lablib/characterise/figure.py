# SPDX-License-Identifier: GPL-2.0
"""A number with its spread, and what may be concluded from it."""

import dataclasses
import math
import statistics

from ..table import number


@dataclasses.dataclass(frozen=True)
class Figure:
    """A median between the lowest and the highest of its repeats.

    Of a modelled figure the bounds are the model's, see model.py. Arithmetic
    takes the bounds as independent, so it never narrows a spread.
    """
    median: float
    low: float
    high: float
    repeats: int = 1

    @classmethod
    def of(cls, values):
        values = list(values)
        return cls(statistics.median(values), min(values), max(values),
                   len(values))

    def _with(self, other, median, low, high):
        return Figure(median, low, high, min(self.repeats, other.repeats))

    def __add__(self, other):
        return self._with(other, self.median + other.median,
                          self.low + other.low, self.high + other.high)

    def __sub__(self, other):
        return self._with(other, self.median - other.median,
                          self.low - other.high, self.high - other.low)

    def __truediv__(self, other):
        """Of figures that are not negative. Something to nothing is infinite,
        nothing to nothing the same."""
        def part(a, b):
            if b > 0:
                return a / b
            return math.inf if a > 0 else 1.0
        return self._with(other, part(self.median, other.median),
                          part(self.low, other.high),
                          part(self.high, other.low))

    def times(self, factor):
        return Figure(self.median * factor, self.low * factor,
                      self.high * factor, self.repeats)

    # Three answers: True and False where the whole spread says so, else None.

    def above(self, bound):
        if self.low > bound:
            return True
        return None if self.high > bound else False

    def below(self, bound):
        if self.high < bound:
            return True
        return None if self.low < bound else False

    def within(self, low, high):
        if low <= self.low and self.high <= high:
            return True
        return None if self.high >= low and self.low <= high else False

    def text(self, form=number):
        """The median, and the spread where there is one."""
        low, high = form(self.low), form(self.high)
        if low == high:
            return form(self.median)
        return f"{form(self.median)} ({low}-{high})"


def times(value):
    """A ratio as text."""
    if math.isinf(value):
        return "from none"
    return f"{value:.0f}x" if value >= 100 else f"{value:.2f}x"


def percent(value):
    return f"{value * 100:.0f} %"
