# SPDX-License-Identifier: GPL-2.0
"""All windows of a run, and the figures made of them."""

from ..pairs import NATIVE
from .figure import Figure
from .model import Bill, modelled
from .record import APART, COMPONENTS, TOPOLOGIES

PLACEMENTS = ("native", "same", "separate", "sidecore")
PAIRS = ("stock", "ours")
# The Linux that ends the traffic itself: native, or dom0.
NOBODY = NATIVE

UNIT = {
    "instructions_per_packet": "instructions/packet",
    "instructions_per_kb": "instructions/KiB",
    "hypercalls_per_packet": "hypercalls/packet",
    "grant_ops_per_packet": "grant operations/packet",
    "events_per_packet": "events/packet",
    "upcalls_per_packet": "upcalls/packet",
    "switches_per_packet": "context switches/packet",
    "flushes_per_packet": "flushes/packet",
    "flush_ipis_per_packet": "interrupts/packet",
    "l1d_misses_per_packet": "misses/packet",
    "l2_misses_per_packet": "misses/packet",
    "llc_misses_per_packet": "misses/packet",
    "c2c_per_packet": "transfers/packet",
    "cycles_per_packet": "cycles/packet",
    "busiest_cycles_per_packet": "cycles/packet",
}

# What is counted of a whole window, whoever did it.
EVENTS = {"events_per_packet": "sent", "upcalls_per_packet": "upcalls",
          "switches_per_packet": "context_switches",
          "flushes_per_packet": "tlb_flushes",
          "flush_ipis_per_packet": "flush_ipis"}
MISSES = {"l1d_misses_per_packet": "l1d", "l2_misses_per_packet": "l2",
          "llc_misses_per_packet": "llc", "c2c_per_packet": "c2c"}


def _amount(window, metric, component):
    """The metric's value in one window."""
    if metric == "instructions_per_kb":
        return window.instructions(component) * 1024 / window.bytes
    if metric == "instructions_per_packet":
        count = window.instructions(component)
    elif metric == "hypercalls_per_packet":
        count = window.hypercalls(component)
    elif metric == "grant_ops_per_packet":
        count = sum(window.grant_elements().values())
    elif metric in MISSES:
        count = window.misses(MISSES[metric], component)
    else:
        count = window.event(EVENTS[metric])
    return count / window.packets


class Results:
    """The windows by case, counting and cache runs apart."""

    def __init__(self, windows):
        self.counted = {}
        self.cached = {}
        for window in windows:
            if window.cache in TOPOLOGIES:
                self.cached.setdefault(
                    (window.case, window.cache), []).append(window)
            else:
                self.counted.setdefault(window.case, []).append(window)
        self._bills = {}

    def cases(self, **wanted):
        """Those measured whose setup or flow has these values."""
        def fits(case):
            named = {**case.setup._asdict(), **case.flow._asdict()}
            return all(named[key] == value for key, value in wanted.items())
        return [case for case in self.counted if fits(case)]

    def setups(self, flow):
        """The setups that carried this flow, as a reader expects them."""
        found = [case.setup for case in self.counted if case.flow == flow]
        return sorted(found, key=setup_order)

    def windows(self, case, topology=""):
        if topology:
            return self.cached.get((case, topology), [])
        return self.counted.get(case, [])

    def figure(self, case, metric, component="total", topology=""):
        """Counted, over the repeats; None where it was not measured."""
        if not topology and metric in MISSES:
            return None
        windows = self.windows(case, topology)
        if not windows:
            return None
        return Figure.of(_amount(window, metric, component)
                         for window in windows)

    def events(self, case, table):
        """table: a window's method that gives {name: count}; per packet."""
        windows = self.windows(case)
        names = {name for window in windows for name in table(window)}
        return {name: Figure.of(table(window).get(name, 0) / window.packets
                                for window in windows) for name in names}

    def bill(self, case, topology):
        """None where either kind of window is missing."""
        key = (case, topology)
        if key not in self._bills:
            both = self.windows(case), self.windows(case, topology)
            self._bills[key] = Bill(*both, topology) if all(both) else None
        return self._bills[key]

    def cycles(self, case, topology, component=None):
        """Modelled cost per packet, all CPUs together."""
        bill = self.bill(case, topology)
        return bill and modelled(
            lambda values: bill.cycles(values, component=component))

    def busiest(self, case, topology):
        """Modelled cycles per packet of the CPU that sets the pace."""
        bill = self.bill(case, topology)
        return bill and modelled(bill.busiest)


def setup_order(setup):
    """As a reader expects them: native first, stock before ours."""
    pairs = (NOBODY, *PAIRS)
    return (_place(PLACEMENTS, setup.placement), setup.placement,
            _place(pairs, setup.pair), *setup[2:])


def _place(known, name):
    return known.index(name) if name in known else len(known)


COLUMNS = ("placement", "pair", "rx_mode", "tx_mode", "notify", "path",
           "direction", "traffic", "metric", "unit", "median", "low", "high",
           "repeats", "topology", "component")
COUNTED = ("instructions_per_packet", "instructions_per_kb",
           "hypercalls_per_packet", "grant_ops_per_packet",
           *EVENTS)
# Which components have figures of their own; the rest is of the whole.
BY_COMPONENT = {"instructions_per_packet": (*COMPONENTS, "total"),
                "instructions_per_kb": (*COMPONENTS, "total"),
                "hypercalls_per_packet": ("dom0_kernel", "domu_kernel",
                                          "total")}


def _row(case, metric, figure, topology, component):
    return [*case.setup, *case.flow, metric, UNIT[metric],
            *(f"{value:.6g}" for value in
              (figure.median, figure.low, figure.high)),
            str(figure.repeats), topology, component]


def _counted_rows(results, case):
    for metric in COUNTED:
        components = BY_COMPONENT.get(metric, ("total",))
        if metric == "instructions_per_packet":
            components += APART
        for component in components:
            yield _row(case, metric, results.figure(case, metric, component),
                       "", component)


def _cached_rows(results, case, topology):
    for metric in MISSES:
        for component in (*COMPONENTS, "total"):
            yield _row(case, metric,
                       results.figure(case, metric, component, topology),
                       topology, component)
    if not results.bill(case, topology):
        return
    for component in COMPONENTS:
        yield _row(case, "cycles_per_packet",
                   results.cycles(case, topology, component), topology,
                   component)
    yield _row(case, "cycles_per_packet", results.cycles(case, topology),
               topology, "total")
    yield _row(case, "busiest_cycles_per_packet",
               results.busiest(case, topology), topology, "total")


def rows(results):
    """The lines of the CSV, as lists of texts."""
    found = []
    for case in sorted(results.counted,
                       key=lambda case: (setup_order(case.setup),
                                         case.flow)):
        found += _counted_rows(results, case)
        for topology in TOPOLOGIES:
            if results.windows(case, topology):
                found += _cached_rows(results, case, topology)
    return found
