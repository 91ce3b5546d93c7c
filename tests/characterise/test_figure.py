# SPDX-License-Identifier: GPL-2.0
"""Spreads: arithmetic never narrows them, and answers cover all of them."""

import unittest

import fixture  # noqa: F401  pylint: disable=unused-import
from lablib.characterise.figure import Figure


class FigureTest(unittest.TestCase):
    def test_of_repeats(self):
        self.assertEqual(Figure.of([3, 1, 2]), Figure(2, 1, 3, 3))

    def test_difference_takes_the_bounds_crosswise(self):
        change = Figure(5, 4, 6) - Figure(3, 1, 5)
        self.assertEqual((change.median, change.low, change.high), (2, -1, 5))

    def test_ratio_takes_the_bounds_crosswise(self):
        ratio = Figure(8, 6, 12) / Figure(4, 3, 6)
        self.assertEqual((ratio.median, ratio.low, ratio.high), (2, 1, 4))

    def test_ratio_to_nothing_is_infinite(self):
        self.assertTrue((Figure(1, 1, 1) / Figure(0, 0, 0)).above(1e9))

    def test_nothing_to_nothing_is_the_same(self):
        ratio = Figure(0, 0, 0) / Figure(0, 0, 0)
        self.assertEqual((ratio.median, ratio.low, ratio.high), (1, 1, 1))

    def test_answers(self):
        figure = Figure(2, 1, 3)
        self.assertIs(figure.above(0.5), True)
        self.assertIs(figure.above(2), None)
        self.assertIs(figure.above(3), False)
        self.assertIs(figure.below(3.5), True)
        self.assertIs(figure.below(2), None)
        self.assertIs(figure.below(1), False)
        self.assertIs(figure.within(1, 3), True)
        self.assertIs(figure.within(2, 3), None)
        self.assertIs(figure.within(4, 5), False)

    def test_text(self):
        self.assertEqual(Figure(2, 1, 3).text(), "2 (1-3)")
        self.assertEqual(Figure(2, 2, 2).text(), "2")


if __name__ == "__main__":
    unittest.main()
