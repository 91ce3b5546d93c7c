# SPDX-License-Identifier: GPL-2.0
"""The page's plots, out of the results."""

from ..table import number
from . import words
from .bars import Bar, Chart, Group
from .curves import curves
from .record import COMPONENTS, PRIVATE, SHARED, Case, Flow
from .results import NOBODY, setup_order

DIRECTIONS = ("rx", "tx")
# What the plots by component show; the tables have the rest.
MAIN = ("tcp-gso", "tcp-1500", "udp-64", "udp-1472", "rr-64")
LEGEND = [(name, words.COMPONENT[name]) for name in COMPONENTS]


def main_traffics(results, path):
    seen = [case.flow.traffic for case in results.cases(path=path)]
    return [name for name in MAIN if name in seen]


def _native(results, flow):
    found = results.cases(placement="native", **flow._asdict())
    return found[0] if found else None


def _setups(results, path, traffic):
    """Those of the drivers', in whichever direction."""
    found = []
    for direction in DIRECTIONS:
        found += [setup for setup in results.setups(
            Flow(path, direction, traffic)) if setup.pair != NOBODY]
    return sorted(set(found), key=setup_order)


def _path_bars(results, flow, setups):
    """Native, then the others in native's terms."""
    native = _native(results, flow)
    if not native:
        return []
    base = results.figure(native, "instructions_per_packet").median
    bars = [Bar("native", [("native", 1.0)], (), number(base))]
    for setup in setups:
        case = Case(setup, flow)
        whole = results.figure(case, "instructions_per_packet")
        if not whole:
            # A mode of the other direction keeps its row.
            bars.append(Bar(words.setup(setup), []))
            continue
        parts = [(name, results.figure(case, "instructions_per_packet",
                                       name).median / base)
                 for name in COMPONENTS]
        bars.append(Bar(words.setup(setup), parts,
                        (whole.low / base, whole.high / base),
                        f"{number(whole.median)}, "
                        f"{whole.median / base:.2f}x"))
    return bars


def path_length(results, path):
    """Instructions per packet by component, native's being 1; or None."""
    groups = []
    for traffic in main_traffics(results, path):
        setups = _setups(results, path, traffic)
        panels = [_path_bars(results, Flow(path, direction, traffic), setups)
                  for direction in DIRECTIONS]
        if all(panels):
            groups.append(Group(words.traffic(traffic), panels))
    if not groups:
        return None
    return Chart(
        f"Path length against native, by component: {words.PATH[path]}",
        [words.DIRECTION[name] for name in DIRECTIONS], groups, LEGEND,
        "Instructions per packet, native = 1 (one CPU, no Xen). Bars: "
        "medians; whiskers: the sum's lowest and highest repeat; numbers: "
        "instructions per packet, and times native.", base=1.0, axis="{:g}x").svg()


MISSED = {PRIVATE: "l2_misses_per_packet", SHARED: "llc_misses_per_packet"}
MISSED_TITLE = {PRIVATE: "no shared cache: L2 misses",
                SHARED: "shared cache: misses of its last level"}


def _miss_bars(results, flow, topology):
    bars = []
    for setup in results.setups(flow):
        case = Case(setup, flow)
        whole = results.figure(case, MISSED[topology], "total", topology)
        if not whole or setup.pair == NOBODY:
            continue
        parts = [(name, results.figure(case, MISSED[topology], name,
                                       topology).median)
                 for name in COMPONENTS]
        moved = results.figure(case, "c2c_per_packet", "total", topology)
        spread = (whole.low, whole.high) if whole.repeats > 1 else ()
        bars.append(Bar(words.setup(setup, flow.direction), parts, spread,
                        f"{number(whole.median)} + "
                        f"{number(moved.median)} moved"))
    return bars


def misses(results, path):
    """Cache misses by component, both topologies; or None."""
    groups = []
    for traffic in main_traffics(results, path):
        for direction in DIRECTIONS:
            flow = Flow(path, direction, traffic)
            panels = [_miss_bars(results, flow, topology)
                      for topology in MISSED]
            if all(panels):
                groups.append(Group(f"{words.traffic(traffic)}, "
                                    f"{direction.capitalize()}", panels))
    if not groups:
        return None
    return Chart(
        f"Cache misses per packet, by component: {words.PATH[path]}",
        list(MISSED_TITLE.values()), groups, LEGEND,
        "Each group has a scale of its own. moved: lines that came modified "
        "out of the other CPU's cache, per packet; without a shared cache "
        "they are among the L2 misses.", own_scale=True).svg()


def _cycle_bars(results, flow, topology):
    bars = []
    for setup in results.setups(flow):
        case = Case(setup, flow)
        cost = results.cycles(case, topology)
        if not cost:
            continue
        busiest = results.busiest(case, topology)
        paint = setup.pair if setup.pair != NOBODY else "native"
        rest = cost.median - busiest.median
        bars.append(Bar(words.setup(setup, flow.direction),
                        [(paint, busiest.median), (f"{paint} light", rest)],
                        (cost.low, cost.high),
                        f"{number(busiest.median)} of "
                        f"{number(cost.median)}"))
    return bars


def cycles(results, path):
    """The model: the busiest CPU, and all of them; or None."""
    groups = []
    for traffic in main_traffics(results, path):
        for direction in DIRECTIONS:
            flow = Flow(path, direction, traffic)
            panels = [_cycle_bars(results, flow, topology)
                      for topology in MISSED]
            # Native alone has nothing to stand beside.
            if min(map(len, panels)) > 1:
                groups.append(Group(f"{words.traffic(traffic)}, "
                                    f"{direction.capitalize()}", panels))
    if not groups:
        return None
    return Chart(
        f"Modelled cycles per packet: {words.PATH[path]}",
        [words.TOPOLOGY[name] for name in MISSED], groups,
        [("native", "native: busiest CPU"), ("stock", "stock: busiest CPU"),
         ("ours", "ours: busiest CPU"),
         ("ours light", "the other CPU beside it")],
        "Each group has a scale of its own. The busiest CPU sets the "
        "throughput, the whole bar is the cost; whiskers: the cost with each "
        "parameter of the model halved and doubled.", own_scale=True).svg()


def sizes(results, path="inter"):
    """Modelled cost over the packet's size, by the mode of the crossing."""
    found = []
    for direction in DIRECTIONS:
        lines = {}
        for case in results.cases(path=path, direction=direction,
                                  placement="same"):
            kind, size, *rest = case.flow.traffic.split("-")
            if kind != "udp" or rest or case.setup.pair == NOBODY:
                continue
            cost = results.cycles(case, PRIVATE)
            if cost:
                lines.setdefault(case.setup, []).append((int(size), cost))
        lines = {setup: sorted(points, key=lambda point: point[0])
                 for setup, points in lines.items() if len(points) > 1}
        found.append((words.DIRECTION[direction], [
            (words.setup(setup, direction), _paint(setup, direction), points)
            for setup, points in lines.items()]))
    if not any(lines for _, lines in found):
        return None
    return curves("Modelled cycles per packet over the datagram's size, same "
                  "CPU, no shared cache", found)


def _paint(setup, direction):
    if words.modes(setup, direction) == "flip":
        return "flip-line"
    return f"{setup.pair}-line"
