# SPDX-License-Identifier: GPL-2.0
"""What the instrument leaves of a boot: its windows, one object a line.

A window is a stretch of traffic between two markers, counted apart.
"""

import json
from typing import NamedTuple

from ..pairs import MODES

# Whose work an instruction is. What is in APART is nobody's: waiting, and
# looking whether there is work.
COMPONENTS = ("xen", "dom0_kernel", "dom0_user", "domu_kernel", "domu_user")
APART = ("idle", "spin", "poll")
LEVELS = ("l1i", "l1d", "l2", "llc", "c2c", "upgrades")

TABLES = ("instructions", "misses", "hypercalls", "hypercalls_by",
          "grant_elements", "events")
# So many of a window's functions are kept, the most expensive.
FUNCTIONS = 150
# Called once for each segment of TCP, at whichever end is on the machine.
SEGMENTS = {"sent": "__tcp_transmit_skb", "received": "tcp_v4_rcv"}

PRIVATE, SHARED = "private", "shared"
TOPOLOGIES = (PRIVATE, SHARED)


class Setup(NamedTuple):
    """Where the I/O work runs, whose drivers do it, and how."""
    placement: str
    pair: str
    rx_mode: str
    tx_mode: str
    notify: str


class Flow(NamedTuple):
    """The traffic of a window."""
    path: str
    direction: str
    traffic: str

    @classmethod
    def of_label(cls, label):
        """A label is PATH-DIRECTION-TRAFFIC; only the last has dashes."""
        return cls(*label.split("-", 2))

    def label(self):
        return "-".join(self)


class Case(NamedTuple):
    """What is measured: traffic on a setup."""
    setup: Setup
    flow: Flow


def _default_modes(pair):
    return dict(zip(("rx_mode", "tx_mode", "notify"), MODES[pair]))


class Window:
    """One window; amounts are of the whole window unless said."""

    def __init__(self, data):
        modes = {**_default_modes(data["modes"]["pair"]), **data["modes"]}
        self.case = Case(Setup(*(modes[key] for key in Setup._fields)),
                         Flow.of_label(data["label"]))
        self.cache = data["cache"]
        self.packets = data["packets"]
        self.bytes = data["bytes"]
        self.seconds = data["seconds"]
        # The rest are thousands that come to nothing.
        self.functions = data["functions"][:FUNCTIONS]
        self._segments = {word: sum(item.get("calls", 0)
                                    for item in data["functions"]
                                    if item["name"] == name)
                          for word, name in SEGMENTS.items()}
        self.provenance = data.get("provenance", {})
        self._data = {name: data.get(name, {}) for name in TABLES}
        if self.packets <= 0:
            raise ValueError(f"window {data['label']} holds no packets")

    def cpus(self):
        return sorted(self._data["instructions"], key=int)

    def instructions(self, component, cpu=None):
        return self._sum("instructions", component, cpu)

    def _sum(self, table, component, cpu):
        """Of a table by CPU and component; "total" is the work's."""
        wanted = COMPONENTS if component == "total" else (component,)
        return sum(row.get(name, 0)
                   for number, row in self._data[table].items()
                   if cpu in (None, number) for name in wanted)

    def misses(self, level, component, cpu=None):
        """What the simulated caches counted, by LEVELS."""
        wanted = COMPONENTS if component == "total" else (component,)
        return sum(row.get(name, {}).get(level, 0)
                   for number, row in self._data["misses"].items()
                   if cpu in (None, number) for name in wanted)

    def hypercalls(self, component="total"):
        table = (self._data["hypercalls"] if component == "total" else
                 self._data["hypercalls_by"].get(component, {}))
        return sum(table.values())

    def hypercalls_by_name(self):
        return self._data["hypercalls"]

    def grant_elements(self):
        """How many copies, maps, ...; a hypercall carries several."""
        return self._data["grant_elements"]

    def segments(self):
        """TCP's, with its acknowledgements: sent before they are cut,
        received after they were joined."""
        return self._segments

    def event(self, name):
        return self._data["events"].get(name, 0)

    def emulated(self):
        return self._data["events"].get("emulated", {})


def load(path):
    """The windows of a boot, in the order of their measuring."""
    with open(path, encoding="ascii") as lines:
        return [Window(json.loads(line)) for line in lines]
