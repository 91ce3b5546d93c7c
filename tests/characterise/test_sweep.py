# SPDX-License-Identifier: GPL-2.0
"""The sweep: its boots are possible, and it measures what the rules ask."""

import unittest

import fixture
from lablib.characterise import claims, sweep
from lablib.characterise.record import Flow
from lablib.characterise.verdict import WAITS
from lablib.measure.boot import MOST_WINDOWS
from lablib.pairs import MODES

SETS = {"quick": sweep.quick_boots(), "full": sweep.full_boots()}


def specs(boots, known=("copy",)):
    return [spec for boot in boots for spec in sweep.specs(boot, known)]


def window(spec):
    """What such a window might come to."""
    modes = dict(zip(("rx_mode", "tx_mode", "notify"), MODES[spec.pair]))
    modes.update(spec.modes, pair=spec.pair, placement=spec.placement)
    return fixture.data(spec.label, modes,
                        {"xen": 100, "dom0_kernel": 100}, spec.cache,
                        misses={"xen": {"l1i": 0, "l1d": 9, "l2": 5,
                                        "llc": 2, "c2c": 1, "upgrades": 0}})


class SweepTest(unittest.TestCase):
    def test_boots_have_names_of_their_own(self):
        names = [boot.name for boots in SETS.values() for boot in boots]
        self.assertEqual(len(names), len(set(names)))

    def test_a_boot_is_native_or_not(self):
        for boots in SETS.values():
            for boot in boots:
                native = {spec.placement == "native" for spec in
                          sweep.specs(boot, ("copy",))}
                self.assertEqual(len(native), 1, boot.name)

    def test_a_boot_with_too_many_windows_is_parted(self):
        boot = SETS["full"][0]
        whole = list(range(2 * MOST_WINDOWS + 1))
        found = sweep.parts(boot, whole)
        self.assertEqual([item.name for item, _ in found],
                         ["native", "native-2", "native-3"])
        self.assertEqual([len(windows) for _, windows in found],
                         [MOST_WINDOWS, MOST_WINDOWS, 1])
        self.assertEqual(sum((windows for _, windows in found), []), whole)

    def test_labels_tell_the_flow(self):
        for spec in specs(SETS["full"]):
            flow = Flow.of_label(spec.label)
            self.assertEqual((flow.path, flow.direction),
                             (spec.path, spec.direction))
            self.assertEqual(flow.label(), spec.label)

    def test_placements_come_one_after_the_other(self):
        for boot in SETS["full"]:
            placements = [spec.placement for spec in
                          sweep.specs(boot, ("copy",))]
            changes = sum(a != b for a, b in zip(placements, placements[1:]))
            self.assertLess(changes, 2, boot.name)

    def test_the_full_sweep_measures_what_the_rules_ask(self):
        windows = [window(spec) for spec in specs(SETS["full"])]
        for pair in sweep.PAIRS:
            view = fixture.view(pair, *windows)
            for item in claims.CLAIMS:
                verdict = claims.judge(item, view)
                self.assertNotIn("did not measure", verdict.why,
                                 f"claim {item.number}, {pair}")

    def test_nothing_waits_once_all_is_built(self):
        boots = sweep.with_sidecore(SETS["full"])
        windows = [window(spec) for spec in
                   specs(boots, ("copy", "map", "flip", "staged"))]
        view = fixture.view("ours", *windows)
        for item in claims.CLAIMS:
            verdict = claims.judge(item, view)
            self.assertNotEqual(verdict.status, WAITS, item.number)

    def test_modes_are_those_built_for_the_direction(self):
        known = ("copy", "map", "flip", "staged")
        self.assertEqual(sweep.modes_of("ours", "same", "rx", ("copy",)),
                         [()])
        self.assertEqual(sweep.modes_of("stock", "same", "rx", known), [()])
        for direction, other in (("rx", "flip"), ("tx", "map")):
            self.assertEqual(
                sweep.modes_of("ours", "same", direction, known),
                [((f"{direction}_mode", mode),)
                 for mode in ("copy", other, "staged")])

    def test_a_side_core_is_notified_and_polls(self):
        self.assertEqual(
            sweep.modes_of("ours", "sidecore", "rx", ("copy",)),
            [(("offload", "sidecore"), ("notify", notify))
             for notify in ("event", "poll")])


if __name__ == "__main__":
    unittest.main()
