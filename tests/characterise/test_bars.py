# SPDX-License-Identifier: GPL-2.0
"""Bars that belong together stand in one row."""

import re
import unittest

import fixture  # noqa: F401 pylint: disable=unused-import
from lablib.characterise.bars import Bar, Chart, Group


def heights(drawing):
    """{text: y} of all texts but those of the axis."""
    return {text: y for y, text in re.findall(
        r'y="([\d.]+)"[^>]*>([^<]*[a-z][^<]*)</text>', drawing)}


class BarsTest(unittest.TestCase):
    def test_a_panel_without_a_bar_leaves_its_row_free(self):
        left = [Bar("first", [("xen", 1)], (), "left one"),
                Bar("second", [("xen", 2)], (), "left two")]
        right = [Bar("second", [("xen", 3)], (), "right two"),
                 Bar("third", [("xen", 1)], (), "right three")]
        found = heights(Chart("title", ["a", "b"],
                              [Group("group", [left, right])], []).svg())
        self.assertEqual(found["first"], found["left one"])
        self.assertEqual(found["second"], found["left two"])
        self.assertEqual(found["second"], found["right two"])
        self.assertEqual(found["third"], found["right three"])
        self.assertEqual(len({found["first"], found["second"],
                              found["third"]}), 3)


if __name__ == "__main__":
    unittest.main()
