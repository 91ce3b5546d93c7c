# SPDX-License-Identifier: GPL-2.0
"""The results as the claims ask for them."""

from .model import modelled
from .record import Flow
from .results import NOBODY

class View:
    """The results of one pair of drivers, native Linux beside it."""

    def __init__(self, results, pair):
        self.results = results
        self.pair = pair

    def case(self, placement, flow, **modes):
        """The case of this pair with these modes, or None.

        placement may be native, or dom0: dom0 itself ends the traffic.

        Modes that are not named: the first measured, which is the default.
        """
        pair = self.pair
        if placement in ("native", "dom0"):
            pair = NOBODY
        if placement == "dom0":
            placement = "same"
        wanted = {"placement": placement, "pair": pair, **flow._asdict(),
                  **modes}
        if placement in ("same", "separate"):
            wanted.setdefault("notify", "event")
        found = self.results.cases(**wanted)
        return found[0] if found else None

    def figure(self, placement, flow, metric, component="total",
               topology="", **modes):
        case = self.case(placement, flow, **modes)
        return case and self.results.figure(case, metric, component, topology)

    def ratio(self, above, below, flow, metric):
        """Of two placements."""
        pair = [self.figure(name, flow, metric) for name in (above, below)]
        return pair[0] / pair[1] if all(pair) else None

    def bills(self, topology, *cases):
        """The bills of these cases; None unless all are there."""
        found = [case and self.results.bill(case, topology) for case in cases]
        return found if all(found) else None

    def modelled(self, function, topology, *cases):
        """function(parameters, bills...), with its range."""
        bills = self.bills(topology, *cases)
        return bills and modelled(lambda values: function(values, *bills))

    def flows(self, **wanted):
        """The flows measured with these values."""
        return list(dict.fromkeys(
            case.flow for case in self.results.cases(**wanted)))

    def has(self, **modes):
        """Whether a case of this pair was measured with these modes."""
        return bool(self.results.cases(pair=self.pair, **modes))


def flow(direction, traffic, path="inter"):
    return Flow(path, direction, traffic)
