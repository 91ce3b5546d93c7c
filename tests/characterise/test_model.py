# SPDX-License-Identifier: GPL-2.0
"""The cycle model: a bill of known size, its busiest CPU, its range."""

import unittest

import fixture
from lablib.characterise import model
from lablib.characterise.record import PRIVATE, SHARED, Window

LABEL = "inter-rx-tcp-1500"
ONE = {name: 1 for name in model.parameters()}
LEVELS = {"l1i": 5, "l1d": 15, "l2": 8, "llc": 2, "c2c": 3, "upgrades": 1}


def bill(instructions, misses, topology, **more):
    counted = Window(fixture.data(LABEL, fixture.OURS, instructions, **more))
    cached = Window(fixture.data(LABEL, fixture.OURS, instructions, topology,
                                 misses=misses))
    return model.Bill([counted], [cached], topology)


class BillTest(unittest.TestCase):
    def test_each_miss_is_paid_once(self):
        shared = bill({"xen": 100}, {"xen": LEVELS}, SHARED)
        self.assertEqual(shared.items["0"]["xen"], {
            "cpi.xen": 100, "l2_hit": 12, "llc_hit": 3, "remote_dirty": 3,
            "dram": 2, "upgrade": 1, "context_switch": 0, "tlb_flush": 0,
            "flush_ipi": 0, "hypercall": 0})

    def test_without_a_shared_level_memory_serves(self):
        private = bill({"xen": 100}, {"xen": {**LEVELS, "llc": 0}}, PRIVATE)
        item = private.items["0"]["xen"]
        self.assertEqual((item["dram"], item["remote_dirty"]), (5, 3))
        self.assertNotIn("llc_hit", item)

    def test_waiting_costs_nothing(self):
        busy = bill({"xen": 100, "idle": 900, "spin": 50, "poll": 70}, {},
                    PRIVATE)
        self.assertEqual(busy.cost(ONE), 100)

    def test_throughput_and_cost(self):
        both = bill({"0": {"dom0_kernel": 300, "xen": 100},
                     "1": {"domu_kernel": 250}}, {}, PRIVATE)
        self.assertEqual(both.busiest(ONE), 400)
        self.assertEqual(both.cost(ONE), 650)

    def test_events_go_where_xen_runs(self):
        both = bill({"0": {"xen": 300}, "1": {"xen": 100}}, {}, PRIVATE,
                    events={"tlb_flushes": 4, "flush_ipis": 8,
                            "context_switches": 12},
                    hypercalls={"grant_table_op": 16})
        for cpu, share in (("0", 0.75), ("1", 0.25)):
            item = both.items[cpu]["xen"]
            self.assertEqual(
                [item[name] for name in ("tlb_flush", "flush_ipi",
                                         "context_switch", "hypercall")],
                [count * share for count in (4, 8, 12, 16)])

    def test_only_some_parameters(self):
        shared = bill({"xen": 100}, {"xen": LEVELS}, SHARED)
        self.assertEqual(shared.cycles(ONE, only=model.MISSES), 21)


class RangeTest(unittest.TestCase):
    def test_one_parameter_at_a_time(self):
        figure = model.modelled(lambda values: values["a"] + values["b"],
                                {"a": 10, "b": 4})
        self.assertEqual((figure.median, figure.low, figure.high),
                         (14, 9, 24))

    def test_parameters_are_whole(self):
        wanted = {"cpi.xen", "cpi.kernel", "cpi.user", "context_switch",
                  "tlb_flush", "flush_ipi", "hypercall", *model.MISSES}
        found = model.parameters()
        self.assertEqual(set(found), wanted)
        self.assertTrue(all(value > 0 for value in found.values()))


if __name__ == "__main__":
    unittest.main()
