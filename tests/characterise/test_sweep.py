# SPDX-License-Identifier: GPL-2.0
"""The sweep: its boots are possible, and it measures what the rules ask."""

import unittest

import fixture
from lablib.characterise import claims, sweep
from lablib.characterise.record import Flow
from lablib.characterise.verdict import WAITS
from lablib.measure.boot import MOST_WINDOWS, Spec
from lablib.pairs import MODES

BUILT = ("copy", "map", "flip")
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
        whole = [Spec(str(i), "native", "none", "inter", "rx", "tcp")
                 for i in range(2 * MOST_WINDOWS + 1)]
        found = sweep.parts(boot, whole)
        self.assertEqual([item.name for item, _ in found],
                         ["native", "native-2", "native-3"])
        self.assertEqual([len(windows) for _, windows in found],
                         [MOST_WINDOWS, MOST_WINDOWS, 1])
        self.assertEqual(sum((windows for _, windows in found), []), whole)

    def test_where_two_cpus_work_is_a_boot_of_its_own(self):
        for boot in SETS["full"]:
            whole = sweep.specs(boot, BUILT)
            found = [windows for _, windows in sweep.parts(boot, whole)]
            for windows in found:
                self.assertEqual({sweep.by_instructions(boot, [spec])
                                  for spec in windows},
                                 {sweep.by_instructions(boot, windows)})
            self.assertEqual(sorted(map(repr, sum(found, []))),
                             sorted(map(repr, whole)))

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

    def test_only_staged_grants_wait(self):
        windows = [window(spec) for spec in specs(SETS["full"], BUILT)]
        view = fixture.view("ours", *windows)
        waiting = [item.number for item in claims.CLAIMS
                   if claims.judge(item, view).status == WAITS]
        self.assertEqual(waiting, [12])

    def test_other_modes_are_measured_where_asked(self):
        block = sweep.Block("inter", ("udp-64",), sweep.XEN, 1,
                            others=("same",))

        def modes(*args):
            return [dict(found) for found in sweep.modes_of(block, *args)]
        copies = {"rx_mode": "copy", "tx_mode": "copy"}
        self.assertEqual(modes("ours", "same", "rx", ("copy",)), [copies])
        self.assertEqual(modes("stock", "same", "rx", BUILT), [{}])
        self.assertEqual(modes("ours", "separate", "rx", BUILT), [copies])
        self.assertEqual(modes("ours", "same", "rx", BUILT),
                         [copies, {**copies, "rx_mode": "flip"}])
        self.assertEqual(modes("ours", "same", "tx", BUILT),
                         [copies, {**copies, "tx_mode": "map"}])

    def test_a_side_core_is_notified_and_polls(self):
        block = sweep.Block("inter", ("udp-64",), ("sidecore",), 1)
        found = [dict(modes) for modes in sweep.modes_of(
            block, "ours", "sidecore", "rx", BUILT)]
        self.assertEqual([modes["notify"] for modes in found],
                         ["event", "poll"])
        self.assertEqual({modes["offload"] for modes in found}, {"sidecore"})

    def test_a_build_without_side_cores_boots_without(self):
        left = sweep.without_sidecore(SETS["full"])
        self.assertEqual([boot.name for boot in SETS["full"]
                          if boot not in left], ["sidecore"])


if __name__ == "__main__":
    unittest.main()
