# SPDX-License-Identifier: GPL-2.0
"""Every rule: what supports its claim, what refutes it, what leaves it open.

The numbers are made up; what is tested is that the rule says what its text
says.
"""

import unittest

import fixture
from fixture import NATIVE, OURS, STOCK, data
from lablib.characterise import claims
from lablib.characterise.verdict import OPEN, REFUTED, SUPPORTED, WAITS

DIRECTIONS = ("rx", "tx")
DOM0 = {**NATIVE, "placement": "same"}
SIDE = {**OURS, "placement": "sidecore"}
APART = {"placement": "separate"}


def judge(number, *windows, pair="stock"):
    item = next(item for item in claims.CLAIMS if item.number == number)
    return claims.judge(item, fixture.view(pair, *windows))


def both(traffic, modes, per_packet, path="inter", **more):
    return [data(f"{path}-{direction}-{traffic}", modes, per_packet, **more)
            for direction in DIRECTIONS]


def modelled(traffic, modes, per_packet, path="inter", misses=None):
    """Windows without and with caches, both ways, both topologies."""
    return [window for cache in ("off", "private", "shared")
            for window in both(traffic, modes, per_packet, path, cache=cache,
                               misses=(misses or {}).get(cache, {}))]


def bursts(modes, lengths, per_packet, **more):
    """[window...]; per_packet and more: of a burst's length."""
    found = []
    for length in lengths:
        for cache in ("off", "private"):
            found += both(f"udp-1472-burst{length}", modes,
                          per_packet(length), cache=cache,
                          **{key: make(length) for key, make in more.items()})
    return found


class ClaimsTest(unittest.TestCase):
    def check(self, status, number, *windows, pair="stock"):
        verdict = judge(number, *windows, pair=pair)
        self.assertEqual(verdict.status, status,
                         f"{verdict.measured} / {verdict.why}")
        return verdict

    def test_all_are_there(self):
        self.assertEqual([item.number for item in claims.CLAIMS],
                         list(range(1, 19)))

    def test_nothing_measured_decides_nothing(self):
        for item in claims.CLAIMS:
            self.check(OPEN, item.number)

    def test_a_missing_window_is_named(self):
        verdict = self.check(OPEN, 1, *both("tcp-1500", STOCK, {"xen": 9}))
        self.assertIn("did not measure rx; tx", verdict.why)

    def test_1_path_length(self):
        native = both("tcp-1500", NATIVE, {"dom0_kernel": 1000})
        for status, count in ((SUPPORTED, 3500), (REFUTED, 2000),
                              (REFUTED, 6000)):
            self.check(status, 1, *native,
                       *both("tcp-1500", STOCK, {"xen": count}))

    def test_1_one_direction_refutes(self):
        verdict = self.check(
            REFUTED, 1, *both("tcp-1500", NATIVE, {"dom0_kernel": 1000}),
            data("inter-rx-tcp-1500", STOCK, {"xen": 3000}),
            data("inter-tx-tcp-1500", STOCK, {"xen": 9000}))
        self.assertEqual(verdict.why, "does not hold for tx 9.00x")

    def test_1_a_spread_over_the_bound_decides_nothing(self):
        self.check(OPEN, 1, *both("tcp-1500", NATIVE, {"dom0_kernel": 1000}),
                   *both("tcp-1500", STOCK, {"xen": 2400}),
                   *both("tcp-1500", STOCK, {"xen": 2600}))

    def test_1_waiting_is_not_path_length(self):
        self.check(SUPPORTED, 1,
                   *both("tcp-1500", NATIVE, {"dom0_kernel": 1000}),
                   *both("tcp-1500", STOCK, {"xen": 3000, "idle": 9000,
                                             "spin": 9000, "poll": 9000}))

    def test_2_loss(self):
        native = modelled("tcp-1500", NATIVE, {"dom0_kernel": 1000})
        for status, count in ((SUPPORTED, 3000), (REFUTED, 1500),
                              (REFUTED, 900)):
            mine = {"dom0_kernel": count}
            self.check(status, 2, *native,
                       *modelled("tcp-1500", STOCK, mine),
                       *modelled("tcp-1500", {**STOCK, **APART}, mine))

    def test_2_the_models_range_may_decide_nothing(self):
        # 2.4 times in instructions, but what of Xen's share is unsure.
        native = modelled("tcp-1500", NATIVE, {"dom0_kernel": 1000})
        mine = {"dom0_kernel": 1000, "xen": 1400}
        self.check(OPEN, 2, *native, *modelled("tcp-1500", STOCK, mine),
                   *modelled("tcp-1500", {**STOCK, **APART}, mine))

    def test_3_added_cost(self):
        native = both("tcp-1500", NATIVE, {"dom0_kernel": 1000})
        for status, xen, guest in ((SUPPORTED, 800, 1000),
                                   (REFUTED, 200, 2000)):
            self.check(status, 3, *native, *both(
                "tcp-1500", STOCK, {"xen": xen, "dom0_kernel": 100,
                                    "domu_kernel": guest}))

    def test_4_separate_is_dearer(self):
        for status, apart in ((SUPPORTED, 1200), (REFUTED, 900)):
            self.check(
                status, 4,
                *modelled("udp-1472-rate400", STOCK, {"xen": 1000}),
                *modelled("udp-1472-rate400", {**STOCK, **APART},
                          {"0": {"xen": apart / 2}, "1": {"xen": apart / 2}}))

    def test_4_takes_the_highest_rate(self):
        low, high = "udp-1472-rate100", "udp-1472-rate400"
        self.check(
            SUPPORTED, 4, *modelled(low, STOCK, {"xen": 1000}),
            *modelled(low, {**STOCK, **APART}, {"xen": 500}),
            *modelled(high, STOCK, {"xen": 1000}),
            *modelled(high, {**STOCK, **APART}, {"xen": 1500}))

    def test_4_a_load_that_was_not_carried_does_not_count(self):
        self.check(OPEN, 4,
                   *modelled("udp-1472-rate2000", STOCK, {"xen": 1000}),
                   *modelled("udp-1472-rate2000", {**STOCK, **APART},
                             {"xen": 1500}))

    def side_core(self, dom0, guest, misses=None):
        found = []
        for path in ("inter", "intra"):
            found += modelled("tcp-1500", OURS, {"xen": 1000}, path,
                              {"private": {"xen": {"l2": 20}},
                               "shared": {"xen": {"l2": 20}}})
            found += modelled("tcp-1500", SIDE,
                              {"0": {"dom0_kernel": dom0},
                               "1": {"domu_kernel": guest}}, path, misses)
        return found

    def test_5_side_core(self):
        self.check(WAITS, 5, *both("tcp-1500", OURS, {"xen": 1}), pair="ours")
        self.check(SUPPORTED, 5, *self.side_core(200, 200), pair="ours")
        self.check(REFUTED, 5, *self.side_core(9000, 9000), pair="ours")

    def test_6_fewer_misses(self):
        self.check(WAITS, 6, *both("tcp-1500", OURS, {"xen": 1}), pair="ours")
        few = {name: {"dom0_kernel": {"l2": 5}}
               for name in ("private", "shared")}
        self.check(SUPPORTED, 6, *self.side_core(600, 500, few), pair="ours")
        many = {name: {"dom0_kernel": {"l2": 40}}
                for name in ("private", "shared")}
        self.check(REFUTED, 6, *self.side_core(10, 10, many), pair="ours")

    def topology(self, private, shared):
        found = []
        for modes, lost in ((STOCK, (10, 10)),
                            ({**STOCK, **APART}, (private, shared))):
            found += modelled("tcp-1500", modes, {"xen": 1}, misses={
                "private": {"xen": {"l2": lost[0] + 3, "c2c": 3}},
                "shared": {"xen": {"l2": 99, "llc": lost[1]}}})
        return found

    def test_7_topology(self):
        self.check(SUPPORTED, 7, *self.topology(14, 6))
        self.check(REFUTED, 7, *self.topology(14, 16))
        self.check(OPEN, 7, *both("tcp-1500", STOCK, {"xen": 1}))

    def test_8_guest_against_dom0(self):
        dom0 = both("tcp-1500", DOM0, {"dom0_kernel": 1000})
        for status, count in ((SUPPORTED, 2300), (REFUTED, 3500)):
            self.check(status, 8, *dom0,
                       *both("tcp-1500", STOCK, {"xen": count}))

    def by_size(self, cost, mode):
        found = []
        for size in claims.SIZES:
            found += modelled(f"udp-{size}", {**OURS, "rx_mode": mode},
                              {"dom0_kernel": cost(size)})
        return found

    def test_9_flip_crosses(self):
        copy = self.by_size(lambda size: 1000 + size, "copy")
        self.check(WAITS, 9, *copy, pair="ours")
        self.check(SUPPORTED, 9, *copy,
                   *self.by_size(lambda size: 1700, "flip"), pair="ours")
        self.check(REFUTED, 9, *copy, *self.by_size(
            lambda size: 1700 + size // 2, "flip"), pair="ours")
        self.check(REFUTED, 9, *copy, *self.by_size(
            lambda size: 9000, "flip"), pair="ours")

    def test_10_copy_beats_flip(self):
        for status, count in ((SUPPORTED, 1500), (REFUTED, 700)):
            windows = []
            for where in ({}, APART):
                windows += modelled("udp-1472", {**OURS, **where},
                                    {"dom0_kernel": 1000})
                windows += modelled(
                    "udp-1472", {**OURS, **where, "rx_mode": "flip"},
                    {"dom0_kernel": count})
            self.check(status, 10, *windows, pair="ours")

    def test_11_flip_flushes(self):
        copy = bursts(OURS, (1, 8, 64), lambda n: {"xen": 1},
                      grants=lambda n: {"copy": 2})
        flip = {**OURS, "rx_mode": "flip"}
        self.check(WAITS, 11, *copy, pair="ours")
        for status, flushes in ((SUPPORTED, lambda n: 1),
                                (REFUTED, lambda n: 1 / n)):
            self.check(status, 11, *copy, *bursts(
                flip, (1, 8, 64), lambda n: {"xen": 1},
                grants=lambda n: {"transfer": 1},
                events=lambda n, f=flushes: {"tlb_flushes": f(n)}),
                pair="ours")

    def test_12_staged(self):
        plain = modelled("udp-64", {**OURS, **APART}, {"dom0_kernel": 1000})
        self.check(WAITS, 12, *plain, pair="ours")
        staged = {**OURS, **APART, "rx_mode": "staged", "tx_mode": "staged"}
        for status, count in ((SUPPORTED, 400), (REFUTED, 800)):
            self.check(status, 12, *plain, *modelled(
                "udp-64", staged, {"dom0_kernel": count}), pair="ours")

    def test_13_bulk(self):
        bulk = both("tcp-gso", STOCK, {"xen": 1000})
        for status, count in ((SUPPORTED, 12000), (REFUTED, 8000)):
            self.check(status, 13, *bulk,
                       *both("tcp-1500", STOCK, {"xen": count}))

    def test_14_map(self):
        def crossing(modes, direction, count):
            return data(f"inter-{direction}-tcp-1500", modes, {"xen": count},
                        hypercalls={"grant_table_op": count},
                        events={"tlb_flushes": count})
        self.check(WAITS, 14, crossing(OURS, "tx", 100), pair="ours")
        for status, count in ((SUPPORTED, 200), (REFUTED, 50)):
            self.check(status, 14, crossing(STOCK, "tx", count),
                       crossing(STOCK, "rx", 100))

    def vcpus(self, modes, per_count):
        return [window for count in (1, 2, 4) for window in both(
            f"tcp-gso-vcpus{count}" if count > 1 else "tcp-gso",
            {**modes, **APART}, {"xen": 1},
            events={"flush_ipis": per_count(count)})]

    def test_15_more_vcpus(self):
        self.check(SUPPORTED, 15, *self.vcpus(STOCK, lambda n: n - 1))
        self.check(REFUTED, 15, *self.vcpus(STOCK, lambda n: 0))
        self.check(SUPPORTED, 15, *self.vcpus(OURS, lambda n: 0),
                   pair="ours")
        self.check(REFUTED, 15, *self.vcpus(OURS, lambda n: 1), pair="ours")

    def test_16_polling(self):
        event = both("tcp-1500", SIDE, {"xen": 1},
                     events={"sent": 2, "upcalls": 1})
        self.check(WAITS, 16, *event, pair="ours")
        for status, sent in ((SUPPORTED, 0.01), (REFUTED, 1)):
            self.check(status, 16, *event, *both(
                "tcp-1500", {**SIDE, "notify": "poll"}, {"xen": 1},
                events={"sent": sent}), pair="ours")

    def test_17_more_events(self):
        same = both("udp-1472-rate500", STOCK, {"xen": 1},
                    events={"sent": 1})
        for status, sent in ((SUPPORTED, 2), (REFUTED, 0.5)):
            self.check(status, 17, *same, *both(
                "udp-1472-rate500", {**STOCK, **APART}, {"xen": 1},
                events={"sent": sent}))
        self.check(OPEN, 17, *both("tcp-1500", STOCK, {"xen": 1}))

    def test_18_batches(self):
        lengths = (1, 16, 256)
        for status, lost in ((SUPPORTED, lambda n: 9 if n in (1, 256) else 5),
                             (REFUTED, lambda n: 9 if n == 1 else 5)):
            self.check(status, 18, *bursts(
                STOCK, lengths, lambda n: {"xen": 1000 / n + 500},
                misses=lambda n, f=lost: {"xen": {"l2": f(n)}}))


if __name__ == "__main__":
    unittest.main()
