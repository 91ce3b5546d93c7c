# SPDX-License-Identifier: GPL-2.0
"""How far repeats lie apart, and the sentence about it."""

import unittest

import fixture
from fixture import OURS, STOCK, data
from lablib.characterise import agreement
from lablib.characterise.document import Table, Text


def repeats(label, modes, *counts):
    return [data(label, modes, {"xen": count}) for count in counts]


class AgreementTest(unittest.TestCase):
    def setUp(self):
        self.results = fixture.results(
            *repeats("dom0-rx-tcp-gso", STOCK, 1000, 1010, 980),
            *repeats("dom0-rx-tcp-gso", OURS, 500, 500, 540),
            *repeats("dom0-tx-tcp-gso", OURS, 500),
            *repeats("inter-rx-udp-64", OURS, 100))

    def test_the_worst_counts(self):
        self.assertAlmostEqual(
            0.08, agreement.worst(self.results, path="dom0", direction="rx"))
        self.assertAlmostEqual(
            0.02, agreement.worst(self.results, pair="stock"))

    def test_once_is_no_repeat(self):
        self.assertIsNone(agreement.worst(self.results, direction="tx"))

    def test_the_section(self):
        found = list(agreement.section(self.results))
        texts = [block.text for block in found if isinstance(block, Text)]
        self.assertIn("Rx: within 8.0 % (asked: 3 %)", texts[-1])
        table, = [block for block in found if isinstance(block, Table)]
        line, = table.lines
        self.assertEqual(line[2:6], ["-", "-", "8.0 %", "-"])

    def test_nothing_repeated(self):
        once = fixture.results(*repeats("inter-rx-udp-64", OURS, 100))
        self.assertEqual([], list(agreement.section(once)))


if __name__ == "__main__":
    unittest.main()
