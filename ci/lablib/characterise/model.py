# SPDX-License-Identifier: GPL-2.0
"""From counts to cycles: a bill of what happened, times the parameters.

The bill is linear: so many instructions at so much each, so many misses of
each kind, so many flushes. Instructions and events come from windows without
simulated caches, misses from the short ones with them. What one core's
out-of-order execution hides of a miss is not modelled: misses are dear here.

Throughput is set by the busiest CPU; cost is the sum over CPUs. Idling, lock
spinning and empty polls are in neither.
"""

import statistics
import tomllib
from pathlib import Path

from .figure import Figure
from .record import COMPONENTS, SHARED

PARAMETERS = Path(__file__).with_name("model.toml")
CPI_OF = {"xen": "xen", "dom0_kernel": "kernel", "domu_kernel": "kernel",
          "dom0_user": "user", "domu_user": "user"}
EVENT_OF = {"context_switch": "context_switches", "tlb_flush": "tlb_flushes",
            "flush_ipi": "flush_ipis"}
# The parameters that are paid for a miss.
MISSES = ("l2_hit", "llc_hit", "remote_dirty", "upgrade", "dram")


def parameters(path=PARAMETERS):
    """{name: value}; CPIs are called cpi.xen and so on."""
    tables = tomllib.loads(path.read_text())
    return {**{f"cpi.{name}": value for name, value in tables["cpi"].items()},
            **tables["penalty"]}


def variants(central):
    """The parameters as they are, then each alone halved and doubled."""
    yield central
    for name, value in central.items():
        for factor in (0.5, 2):
            yield {**central, name: value * factor}


def _median(windows, amount):
    return statistics.median(amount(window) / window.packets
                             for window in windows)


def _kinds_of_miss(missed, topology):
    """{parameter: how many}, from counts of a CPU's misses by level."""
    l2, c2c = missed["l2"], missed["c2c"]
    kinds = {"l2_hit": missed["l1i"] + missed["l1d"] - l2,
             "remote_dirty": c2c, "upgrade": missed["upgrades"]}
    if topology == SHARED:
        kinds["dram"] = missed["llc"]
        kinds["llc_hit"] = l2 - c2c - missed["llc"]
    else:
        kinds["dram"] = l2 - c2c
    return {name: max(0, count) for name, count in kinds.items()}


class Bill:
    """What a packet takes: {cpu: {component: {parameter: how many}}}."""

    def __init__(self, counted, cached, topology):
        """counted, cached: windows of one case, without and with caches."""
        self.items = {}
        for cpu in counted[0].cpus():
            self.items[cpu] = {name: self._item(counted, cached, topology,
                                                name, cpu)
                               for name in COMPONENTS}
        self._add_events(counted)

    @staticmethod
    def _item(counted, cached, topology, component, cpu):
        missed = {level: _median(cached, lambda window: window.misses(
            level, component, cpu)) for level in
            ("l1i", "l1d", "l2", "llc", "c2c", "upgrades")}
        item = _kinds_of_miss(missed, topology)
        item["cpi." + CPI_OF[component]] = _median(
            counted, lambda window: window.instructions(component, cpu))
        return item

    def _add_events(self, counted):
        """Xen's events go to the CPUs as its instructions do."""
        total = sum(row["xen"]["cpi.xen"] for row in self.items.values())
        if not total:
            return
        events = {name: _median(counted, lambda window: window.event(event))
                  for name, event in EVENT_OF.items()}
        events["hypercall"] = _median(counted,
                                      lambda window: window.hypercalls())
        for row in self.items.values():
            share = row["xen"]["cpi.xen"] / total
            for name, count in events.items():
                row["xen"][name] = count * share

    def cycles(self, values, cpu=None, component=None, only=None):
        """values: the parameters; only: those of them that count."""
        return sum(count * values[name]
                   for number, row in self.items.items()
                   if cpu in (None, number)
                   for owner, item in row.items()
                   if component in (None, owner)
                   for name, count in item.items()
                   if only is None or name in only)

    def cost(self, values):
        """Of all CPUs together."""
        return self.cycles(values)

    def busiest(self, values):
        """Of the CPU that sets the pace."""
        return max(self.cycles(values, cpu) for cpu in self.items)


def modelled(function, central=None):
    """function(parameters) with its range over the parameters."""
    values = [function(variant)
              for variant in variants(central or parameters())]
    return Figure(values[0], min(values), max(values))
