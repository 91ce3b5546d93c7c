# SPDX-License-Identifier: GPL-2.0
"""The files that a run leaves: columns, provenance, sections, plots."""

import csv
import re
import tempfile
import unittest
import xml.dom.minidom
from pathlib import Path

import fixture
from fixture import NATIVE, OURS, STOCK, data
from lablib.characterise import pages
from lablib.characterise.results import COLUMNS, UNIT

FACTS = [("date", "never"), ("Xen", "4.17, made up")]
MISSES = {"xen": {"l1i": 1, "l1d": 4, "l2": 2, "llc": 1, "c2c": 0,
                  "upgrades": 0}}
FUNCTIONS = [{"component": "xen", "name": "gnttab_copy",
              "instructions": 250 * fixture.PACKETS,
              "calls": 2 * fixture.PACKETS}]


def windows():
    """Both directions, all setups, with and without caches."""
    for direction in ("rx", "tx"):
        for modes, count in ((NATIVE, 1000), (STOCK, 2500), (OURS, 2000),
                             ({**STOCK, "placement": "separate"}, 2800),
                             ({**OURS, "placement": "separate"}, 2300)):
            label = f"inter-{direction}-tcp-1500"
            for extra in (0, 100):
                yield data(label, modes, {
                    "xen": 500, "dom0_kernel": count - 500 + extra,
                    "idle": 77}, functions=FUNCTIONS,
                    hypercalls={"grant_table_op": 0.25},
                    grants={"copy": 1.5}, events={"sent": 0.1})
            for cache in ("private", "shared"):
                yield data(label, modes, {"xen": count}, cache,
                           misses=MISSES)


class PagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.out = Path(cls.folder.name) / "out"
        cls.results = fixture.results(*windows())
        pages.write(cls.out, cls.results, FACTS)
        cls.csv = (cls.out / "results.csv").read_text()
        cls.md = (cls.out / "report.md").read_text()
        cls.html = (cls.out / "report.html").read_text()

    def rows(self, **wanted):
        lines = [line for line in self.csv.splitlines()
                 if not line.startswith("#")]
        return [row for row in csv.DictReader(lines)
                if all(row[key] == value for key, value in wanted.items())]

    def test_csv_says_where_it_comes_from(self):
        self.assertEqual(self.csv.splitlines()[:3],
                         ["# date: never", "# Xen: 4.17, made up",
                          ",".join(COLUMNS)])

    def test_csv_counts(self):
        row, = self.rows(placement="same", pair="ours", direction="rx",
                         metric="instructions_per_packet", component="total")
        self.assertEqual(
            (row["median"], row["low"], row["high"], row["repeats"]),
            ("2050", "2000", "2100", "2"))
        self.assertEqual((row["rx_mode"], row["tx_mode"], row["topology"]),
                         ("copy", "copy", ""))
        row, = self.rows(placement="same", pair="stock", direction="rx",
                         metric="hypercalls_per_packet", component="total")
        self.assertEqual(row["median"], "0.25")
        row, = self.rows(placement="same", pair="stock", direction="rx",
                         metric="instructions_per_packet", component="idle")
        self.assertEqual(row["median"], "77")

    def test_csv_has_every_metric_and_topology(self):
        self.assertEqual({row["metric"] for row in self.rows()}, set(UNIT))
        for topology in ("private", "shared"):
            row, = self.rows(placement="same", pair="stock", direction="tx",
                             metric="l2_misses_per_packet", component="xen",
                             topology=topology)
            self.assertEqual(row["median"], "2")
            self.assertEqual(1, len(self.rows(
                placement="same", pair="stock", direction="tx",
                metric="cycles_per_packet", component="total",
                topology=topology)))

    def test_lines_have_all_columns(self):
        for line in self.csv.splitlines():
            if not line.startswith("#"):
                self.assertEqual(line.count(","), len(COLUMNS) - 1, line)

    def test_plots_are_xml_and_named_by_the_markdown(self):
        plots = {path.name for path in self.out.glob("*.svg")}
        self.assertEqual(plots, set(re.findall(r"\((\S+\.svg)\)", self.md)))
        self.assertIn("path-length-inter.svg", plots)
        for name in plots:
            xml.dom.minidom.parse(str(self.out / name))

    def test_the_page_needs_nothing_else(self):
        self.assertFalse(re.search(r'(src|href)="(?!#)', self.html))
        self.assertEqual(self.html.count("<svg"), self.md.count(".svg)"))
        self.assertIn("prefers-color-scheme: dark", self.html)

    def test_both_pages_have_all_sections(self):
        for title in ("Path length against native", "Top functions",
                      "Events per packet", "Cache misses",
                      "Copy against flip over size", "The claims",
                      "How well repeats agree",
                      "What emulation cannot tell"):
            self.assertRegex(self.md, f"(?m)^## {title}")
            self.assertRegex(self.html, f"<h2 [^>]*>{title}")
        self.assertIn("**Flip waits to be built**", self.md)

    def test_every_claim_is_there(self):
        for number in range(1, 19):
            self.assertRegex(self.md, rf"(?m)^\| {number} \|")

    def test_functions_are_per_packet(self):
        self.assertIn("| Xen | `gnttab_copy` | 250 | 2 | 250 | 2 |", self.md)

    def test_tables_are_whole(self):
        for block in re.findall(r"(?:^\|.*\n)+", self.md, re.M):
            widths = {len(re.findall(r"(?<!\\)\|", line))
                      for line in block.splitlines()}
            self.assertEqual(len(widths), 1, block)

    def test_terminal(self):
        text = pages.terminal(self.results)
        self.assertRegex(text, r"inter +tcp-1500 +rx +1,050 +2,550 \(2.43x\)")


if __name__ == "__main__":
    unittest.main()
