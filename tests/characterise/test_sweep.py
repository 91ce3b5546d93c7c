# SPDX-License-Identifier: GPL-2.0
"""The sweep: its boots are possible, and it measures what the rules ask."""

import threading
import time
import unittest
from unittest import mock

import fixture
from lablib.characterise import claims, sweep
from lablib.characterise.record import Flow
from lablib.characterise.verdict import WAITS
from lablib.measure.boot import MOST_WINDOWS, Spec
from lablib.pairs import MODES
from lablib.progress import StepFailed

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
        whole = specs(SETS["full"])
        left = specs(sweep.without_sidecore(SETS["full"]))
        self.assertEqual(left, [spec for spec in whole
                                if spec.placement != "sidecore"])
        self.assertEqual([boot.name for boot in
                          sweep.without_sidecore(SETS["quick"])],
                         ["quick-native", "quick-xen"])


class Machines:
    """Stands for the boots: which there were, and which beside each other."""

    def __init__(self, fails=None):
        self.fails = fails or {}
        self.lock = threading.Lock()
        self.running = []
        self.booted = []
        self.beside = set()

    def run(self, _windows, name, **_shape):
        with self.lock:
            self.booted.append(name)
            self.running.append(name)
            if len(self.running) > 1:
                self.beside.update(self.running)
        time.sleep(0.02)
        with self.lock:
            self.running.remove(name)
        if self.fails.get(name, 0) >= self.booted.count(name):
            raise StepFailed(name)

    def measure(self, boots):
        with mock.patch.object(sweep, "run", self.run), \
                mock.patch.object(sweep, "say"), \
                mock.patch.object(sweep, "warn"), \
                mock.patch.object(sweep, "can_be_steady", lambda: True):
            sweep.measure(boots, "6.1")


class MeasureTest(unittest.TestCase):
    def setUp(self):
        with mock.patch.object(sweep, "can_be_steady", lambda: True):
            self.boots = [part for boot in SETS["full"] for part in
                          sweep.parts(boot, sweep.specs(boot, BUILT))]
            self.steady = {sweep.log_of(part[0]) for part in self.boots
                           if sweep.by_instructions(*part)}
        self.names = [sweep.log_of(boot) for boot, _ in self.boots]

    def test_every_boot_is_measured(self):
        machines = Machines()
        machines.measure(self.boots)
        self.assertEqual(sorted(machines.booted), sorted(self.names))

    def test_the_host_s_clock_has_the_host_to_itself(self):
        machines = Machines()
        machines.measure(self.boots)
        self.assertTrue(self.steady)
        self.assertLessEqual(machines.beside, self.steady)

    def test_a_boot_may_fail_once(self):
        machines = Machines({self.names[0]: 1, self.names[-1]: 1})
        machines.measure(self.boots)
        self.assertEqual(sorted(machines.booted),
                         sorted(self.names + [self.names[0], self.names[-1]]))

    def test_a_boot_that_fails_twice_ends_the_run(self):
        for name in (self.names[0], self.names[-1]):
            with self.assertRaisesRegex(StepFailed, name):
                Machines({name: 2}).measure(self.boots)

    def test_no_fault_is_lost_in_a_thread(self):
        machines = Machines()
        machines.run = mock.Mock(side_effect=KeyError("windows"))
        with self.assertRaises(KeyError):
            machines.measure(self.boots)


if __name__ == "__main__":
    unittest.main()
