# SPDX-License-Identifier: GPL-2.0
"""The papers' claims, and the rules that judge them.

A rule was fixed before anything was measured, and is applied to each pair of
drivers by itself. It answers for the whole spread of a counted figure, and
over the whole range of a modelled one; where that spans the bound, the claim
is not decidable here.
"""

from typing import Callable, NamedTuple

from .figure import Figure, percent, times
from .model import MISSES, modelled
from .record import PRIVATE, SHARED, TOPOLOGIES
from .verdict import OPEN, Part, Verdict, conclude, waits
from .view import flow

BOTH = ("rx", "tx")
INSTRUCTIONS = "instructions_per_packet"
MTU = "tcp-1500"
BULK = "tcp-gso"
SMALL = "udp-64"


class Claim(NamedTuple):
    """What is claimed, by whom, and how it is judged."""
    number: int
    text: str
    source: str
    rule: str
    judge: Callable


CLAIMS = []


def claim(number, text, source, rule):
    def keep(function):
        CLAIMS.append(Claim(number, text, source, rule, function))
        return function
    return keep


def _part(name, figure, truth, form):
    """One comparison; figure None says that it was not measured."""
    if figure is None:
        return Part(name, missing=name)
    return Part(f"{name} {figure.text(form)}", truth(figure))


@claim(1, "path length per packet is 3 to 4 times native's, Rx and Tx",
       "2006", "instructions per packet against native, TCP at 1500 bytes "
       "without GSO, same CPU: within 2.5 to 5 in both directions")
def path_length(view):
    return conclude([
        _part(direction, view.ratio("same", "native", flow(direction, MTU),
                                    INSTRUCTIONS),
              lambda ratio: ratio.within(2.5, 5), times)
        for direction in BOTH])


@claim(2, "Rx and Tx lose more than half of native's throughput", "2006",
       "modelled throughput (cycles of the busiest CPU) against native, TCP "
       "at 1500 bytes, each placement and topology: the loss is above 50 % "
       "over the model's whole range")
def loss(view):
    parts = []
    for placement in ("same", "separate"):
        for direction in BOTH:
            for topology in TOPOLOGIES:
                where = flow(direction, MTU)
                lost = view.modelled(
                    lambda values, own, native: 1 - native.busiest(values)
                    / own.busiest(values), topology,
                    view.case(placement, where), view.case("native", where))
                parts.append(_part(f"{placement} {direction} {topology}",
                                   lost, lambda lost: lost.above(0.5),
                                   percent))
    return conclude(parts)


@claim(3, "most of the added cost is Xen's and dom0's", "2006",
       "instructions of Xen and dom0, divided by those added to native's, "
       "TCP at 1500 bytes, same CPU: above 0.5 in both directions")
def added_cost(view):
    parts = []
    for direction in BOTH:
        where = flow(direction, MTU)
        whole = view.figure("same", where, INSTRUCTIONS)
        native = view.figure("native", where, INSTRUCTIONS)
        theirs = [view.figure("same", where, INSTRUCTIONS, name)
                  for name in ("xen", "dom0_kernel", "dom0_user")]
        share = None
        if whole and native and all(theirs):
            share = (theirs[0] + theirs[1] + theirs[2]) / (whole - native)
        parts.append(_part(direction, share,
                           lambda share: share.above(0.5), percent))
    return conclude(parts)


def _dearer(view, where, metric_text, figure):
    """Separate against same, by a function of a placement."""
    both = [figure(placement) for placement in ("separate", "same")]
    more = both[0] / both[1] if all(both) else None
    return _part(f"{where.direction} {metric_text}", more,
                 lambda more: more.above(1), times)


# What of the offered load must have arrived.
CARRIED = 0.95


def _paced(view, direction):
    """The paced flows that were carried wherever dom0 runs, by their load."""
    found = [where for where in view.flows(
        pair=view.pair, placement="same", direction=direction, path="inter")
        if "-rate" in where.traffic
        and all(_carried(view, placement, where)
                for placement in ("same", "separate"))]
    return sorted(found, key=lambda where: _tail(where, "-rate"))


def _carried(view, placement, where):
    case = view.case(placement, where)
    return all(window.packets >= CARRIED * _tail(where, "-rate")
               * window.seconds for window in
               (view.results.windows(case) if case else ()))


def _tail(where, word):
    return int(where.traffic.split(word)[1])


@claim(4, "dom0 on a separate CPU is dearer in total than on the same",
       "2006", "at equal offered load (paced UDP, the highest rate that "
       "both placements carried), no shared LLC: instructions per packet and modelled "
       "cycles per packet, summed over the CPUs, are higher when separate, "
       "in both directions")
def separate_dearer(view):
    parts = []
    for direction in BOTH:
        where = (_paced(view, direction) or [flow(direction, "udp paced")])[-1]
        parts.append(_dearer(
            view, where, "instructions", lambda placement: view.figure(
                placement, where, INSTRUCTIONS)))
        cycles = view.modelled(
            lambda values, apart, same: apart.cost(values) / same.cost(values),
            PRIVATE, view.case("separate", where), view.case("same", where))
        parts.append(_part(f"{direction} cycles", cycles,
                           lambda more: more.above(1), times))
    return conclude(parts)


def _side_core(view, where):
    """The case on a side-core, polling where that was measured."""
    return (view.case("sidecore", where, notify="poll")
            or view.case("sidecore", where))


PATHS = ("inter", "intra")


@claim(5, "a side-core raises throughput, between nodes and within one",
       "2013", "modelled cycles per packet of the busiest CPU, side-core "
       "against same CPU, TCP at 1500 bytes, both paths, directions and "
       "topologies: below 1 over the model's whole range")
def side_core(view):
    if not view.has(placement="sidecore"):
        return waits("the side-core")
    parts = []
    for path in PATHS:
        for direction in BOTH:
            for topology in TOPOLOGIES:
                where = flow(direction, MTU, path)
                ratio = view.modelled(
                    lambda values, side, same: side.busiest(values)
                    / same.busiest(values), topology,
                    _side_core(view, where), view.case("same", where))
                parts.append(_part(f"{path} {direction} {topology}", ratio,
                                   lambda ratio: ratio.below(1), times))
    return conclude(parts)


def _miss_share(values, side, same):
    """What fewer misses give of the busiest CPU's gain."""
    gain = same.busiest(values) - side.busiest(values)
    saved = (same.cycles(values, only=MISSES)
             - side.cycles(values, only=MISSES))
    return saved / gain if gain > 0 else 0.0


@claim(6, "much of the side-core's gain is fewer cache misses", "2013",
       "the cycles saved on misses, all CPUs, are at least 30 % of the "
       "cycles that the busiest CPU gains, and L2 misses per packet fall; "
       "TCP at 1500 bytes, shared LLC, both directions")
def fewer_misses(view):
    if not view.has(placement="sidecore"):
        return waits("the side-core")
    parts = []
    for direction in BOTH:
        where = flow(direction, MTU)
        side, same = _side_core(view, where), view.case("same", where)
        share = view.modelled(_miss_share, SHARED, side, same)
        parts.append(_part(f"{direction} share of the gain", share,
                           lambda share: share.above(0.3), percent))
        missed = [case and view.results.figure(
            case, "l2_misses_per_packet", "total", SHARED)
            for case in (side, same)]
        ratio = missed[0] / missed[1] if all(missed) else None
        parts.append(_part(f"{direction} L2 misses", ratio,
                           lambda ratio: ratio.below(1), times))
    return conclude(parts)


def _dram(view, placement, where, topology):
    """Lines per packet that came from memory."""
    case = view.case(placement, where)
    windows = case and view.results.windows(case, topology)
    if not windows:
        return None
    return Figure.of(
        (window.misses("llc", "total") if topology == SHARED else
         window.misses("l2", "total") - window.misses("c2c", "total"))
        / window.packets for window in windows)


@claim(7, "the cache topology reconciles 4 and 6", "inferred",
       "misses that go to memory per packet, separate minus same, TCP at "
       "1500 bytes: the sign differs between no shared LLC and a shared "
       "one; refuted where it is the same in both directions of traffic")
def topology_decides(view):
    parts, measured = [], []
    for direction in BOTH:
        where = flow(direction, MTU)
        signs = []
        for topology in TOPOLOGIES:
            both = [_dram(view, placement, where, topology)
                    for placement in ("separate", "same")]
            change = both[0] - both[1] if all(both) else None
            measured.append(_part(f"{direction} {topology}", change,
                                  lambda change: change.above(0),
                                  _signed))
            signs.append(measured[-1])
        missing = _first(part.missing for part in signs)
        truth = None
        if None not in (signs[0].truth, signs[1].truth):
            truth = signs[0].truth != signs[1].truth
        text = ", ".join(part.text for part in signs)
        parts.append(Part(text, truth, missing))
    return conclude(parts)


def _first(texts):
    return next((text for text in texts if text), "")


def _signed(value):
    return f"{value:+.1f}"


@claim(8, "Xen and the driver domain raise the instruction cost 2.2 to 2.5 "
       "times", "VEE'05", "instructions per packet of Rx that ends in the "
       "guest, against Rx that ends in dom0, TCP at 1500 bytes, same CPU: "
       "within 1.8 to 3.1 (as wide about the claim as rule 1 is)")
def guest_against_dom0(view):
    return conclude([_part(
        "rx", view.ratio("same", "dom0", flow("rx", MTU), INSTRUCTIONS),
        lambda ratio: ratio.within(1.8, 3.1), times)])


SIZES = (64, 256, 1024, 1472)


def by_size(view, direction, topology, **modes):
    """[(bytes, bill)...] of UDP on one CPU."""
    found = []
    for size in SIZES:
        case = view.case("same", flow(direction, f"udp-{size}"), **modes)
        bill = case and view.results.bill(case, topology)
        if bill:
            found.append((size, bill))
    return found


def line_through(points):
    """(at 0, per unit) of the least squares' line."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = (sum((x - mean_x) * (y - mean_y) for x, y in points)
             / sum((x - mean_x) ** 2 for x, _ in points))
    return mean_y - slope * mean_x, slope


def crossing(copy, flip):
    """The size from which on flip is the cheaper; None when there is none."""
    if copy[1] <= flip[1]:
        return None
    size = (flip[0] - copy[0]) / (copy[1] - flip[1])
    return size if size > 0 else None


def fit(values, series):
    return line_through([(size, bill.cost(values)) for size, bill in series])


@claim(9, "a flip's cost does not depend on the size, a copy's is linear: "
       "they cross", "ATC'06", "lines through modelled cycles per packet of "
       "64 to 1472 bytes, no shared LLC: flip grows by less than 10 % of its "
       "cost at 64 bytes, copy grows faster, and they cross below 4096 bytes")
def flip_crosses(view):
    if not view.has(rx_mode="flip"):
        return waits("Rx mode flip")
    copy, flip = (by_size(view, "rx", PRIVATE, rx_mode=mode)
                  for mode in ("copy", "flip"))
    if min(len(copy), len(flip)) < 3:
        return conclude([Part("", missing="three sizes of each mode")])
    growth = modelled(lambda values: _growth(fit(values, flip)))
    extra = modelled(lambda values: fit(values, copy)[1]
                     - fit(values, flip)[1])
    sizes = modelled(lambda values: crossing(
        fit(values, copy), fit(values, flip)) or float("inf"))
    return conclude([
        _part("flip grows by", growth,
              lambda growth: growth.below(0.1), percent),
        _part("copy beyond flip, cycles per byte", extra,
              lambda extra: extra.above(0), "{:.2f}".format),
        _part("they cross at bytes", sizes,
              lambda sizes: sizes.below(4096), "{:.0f}".format)])


def _growth(fit):
    """From the smallest size to the largest, as a part of the smallest's."""
    smallest = fit[0] + fit[1] * SIZES[0]
    return fit[1] * (SIZES[-1] - SIZES[0]) / smallest


@claim(10, "a copy beats a flip at 1500 bytes", "ATC'06",
       "modelled cycles per packet, copy against flip, Rx, UDP of 1472 "
       "bytes, both placements and topologies: below 1 over the whole range")
def copy_beats_flip(view):
    if not view.has(rx_mode="flip"):
        return waits("Rx mode flip")
    where, parts = flow("rx", f"udp-{SIZES[-1]}"), []
    for placement in ("same", "separate"):
        for topology in TOPOLOGIES:
            ratio = view.modelled(
                lambda values, copy, flip: copy.cost(values)
                / flip.cost(values), topology,
                view.case(placement, where, rx_mode="copy"),
                view.case(placement, where, rx_mode="flip"))
            parts.append(_part(f"{placement} {topology}", ratio,
                               lambda ratio: ratio.below(1), times))
    return conclude(parts)


def _bursts(view, direction, **modes):
    """The flows of bursts that the pair carried, by the burst's length."""
    found = [where for where in view.flows(
        pair=view.pair, placement="same", direction=direction, path="inter",
        **modes) if "-burst" in where.traffic]
    return sorted(found, key=lambda where: _tail(where, "-burst"))


def _per_element(view, where, kind, **modes):
    """TLB flushes for each grant operation of a kind."""
    case = view.case("same", where, **modes)
    windows = case and view.results.windows(case)
    counts = [window.grant_elements().get(kind, 0) for window in windows or ()]
    if not windows or not all(counts):
        return None
    return Figure.of(window.event("tlb_flushes") / count
                     for window, count in zip(windows, counts))


@claim(11, "a flip costs one TLB flush per page, batching saves none; a copy "
       "costs none", "Xen source", "TLB flushes per page flipped, bursts of "
       "1 to 64: within 0.9 to 1.1 at each; per copy: below 0.01")
def flip_flushes(view):
    if not view.has(rx_mode="flip"):
        return waits("Rx mode flip")
    parts = []
    for where in _bursts(view, "rx", rx_mode="flip"):
        parts.append(_part(
            f"flip, {where.traffic}",
            _per_element(view, where, "transfer", rx_mode="flip"),
            lambda figure: figure.within(0.9, 1.1), "{:.2f}".format))
        parts.append(_part(
            f"copy, {where.traffic}",
            _per_element(view, where, "copy", rx_mode="copy"),
            lambda figure: figure.below(0.01), "{:.3f}".format))
    return conclude(parts or [Part("", missing="bursts")])


@claim(12, "at 64 bytes, grant operations are most of the cost", "Xen docs",
       "modelled cycles of the busiest CPU per packet of 64 bytes, without "
       "staged grants against with them: at least 2 in both directions, no "
       "shared LLC")
def staged_wins(view):
    if not (view.has(rx_mode="staged") and view.has(tx_mode="staged")):
        return waits("transfer mode staged")
    parts = []
    for direction in BOTH:
        where = flow(direction, SMALL)
        mode = f"{direction}_mode"
        ratio = view.modelled(
            lambda values, plain, staged: plain.busiest(values)
            / staged.busiest(values), PRIVATE,
            view.case("separate", where),
            view.case("separate", where, **{mode: "staged"}))
        parts.append(_part(direction, ratio,
                           lambda ratio: ratio.above(2), times))
    return conclude(parts)


@claim(13, "bulk is fine, packets of an MTU are bad", "Xen docs",
       "instructions per byte at 1500 bytes without GSO against 64 KiB GSO, "
       "same CPU: at least 10 in both directions")
def bulk_is_fine(view):
    parts = []
    for direction in BOTH:
        pair = [view.figure("same", flow(direction, traffic),
                            "instructions_per_kb") for traffic in (MTU, BULK)]
        ratio = pair[0] / pair[1] if all(pair) else None
        parts.append(_part(direction, ratio,
                           lambda ratio: ratio.above(10), times))
    return conclude(parts)


# Claim 14 asks what crossing costs, so of the instructions those of Xen.
CROSSING = (("Xen's instructions", INSTRUCTIONS, "xen"),
            ("hypercalls", "hypercalls_per_packet", "total"),
            ("flushes", "flushes_per_packet", "total"))


@claim(14, "into a backend by map and unmap is dearer than out of it by copy",
       "Qubes 11041", "per packet at 1500 bytes, same CPU, Tx by map against "
       "Rx by copy: Xen's instructions, hypercalls and TLB flushes are all "
       "higher; and higher than Tx by copy, where the pair has it")
def map_dearer(view):
    if not view.has(tx_mode="map"):
        return waits("Tx mode map")
    parts = []
    for text, metric, component in CROSSING:
        mapped = view.figure("same", flow("tx", MTU), metric, component,
                             tx_mode="map")
        rivals = [("Rx copy", view.figure("same", flow("rx", MTU), metric,
                                          component, rx_mode="copy"))]
        if view.has(tx_mode="copy"):
            rivals.append(("Tx copy", view.figure(
                "same", flow("tx", MTU), metric, component, tx_mode="copy")))
        for name, rival in rivals:
            more = mapped / rival if mapped and rival else None
            parts.append(_part(f"{text} against {name}", more,
                               lambda more: more.above(1), times))
    return conclude(parts)


def _vcpu_flows(view, mode):
    """Bulk Tx with one vCPU in dom0 and with more, by how many."""
    found = [where for where in view.flows(pair=view.pair, tx_mode=mode,
                                           direction="tx", path="inter")
             if "-vcpus" in where.traffic]
    return [flow("tx", BULK),
            *sorted(found, key=lambda where: _tail(where, "-vcpus"))]


@claim(15, "more dom0 vCPUs can cost more: TLB shoot-downs", "XenServer 6.5, "
       "Qubes", "flush interrupts per packet, bulk Tx with 1, 2 and 4 dom0 "
       "vCPUs: by map those with the most vCPUs exceed those with one, by "
       "copy they stay below 0.01")
def more_vcpus(view):
    parts = []
    for mode in ("map", "copy"):
        if not view.has(tx_mode=mode):
            continue
        flows = _vcpu_flows(view, mode)
        found = [view.figure("separate", where, "flush_ipis_per_packet",
                             tx_mode=mode) for where in flows]
        if len(found) < 2 or not all(found):
            parts.append(Part("", missing=f"several dom0 vCPUs, Tx by {mode}"))
            continue
        if mode == "map":
            parts.append(_part("map, the most beyond the fewest",
                               found[-1] - found[0],
                               lambda more: more.above(0), "{:.3f}".format))
        else:
            parts.append(_part("copy, the most", found[-1],
                               lambda most: most.below(0.01),
                               "{:.3f}".format))
    return conclude(parts)


def _notifications(view, placement, where, **modes):
    both = [view.figure(placement, where, metric, **modes)
            for metric in ("events_per_packet", "upcalls_per_packet")]
    return both[0] + both[1] if all(both) else None


@claim(16, "polling removes notifications", "ELVIS",
       "event-channel sends and upcalls per packet at 1500 bytes, on the "
       "side-core, notified against polling (the backend alone: the guest's "
       "one CPU waits for events): more than 100 in both directions")
def polling(view):
    if not view.has(notify="poll"):
        return waits("notify=poll")
    parts = []
    for direction in BOTH:
        where = flow(direction, MTU)
        pair = [_notifications(view, "sidecore", where, notify=notify)
                for notify in ("event", "poll")]
        ratio = pair[0] / pair[1] if all(pair) else None
        parts.append(_part(direction, ratio,
                           lambda ratio: ratio.above(100), times))
    return conclude(parts)


@claim(17, "separate CPUs send more events per packet than the same CPU, at "
       "equal load", "inferred", "event-channel sends per packet, separate "
       "against same, at each offered load of paced UDP that both carried: "
       "above 1")
def more_events(view):
    parts = []
    for direction in BOTH:
        for where in _paced(view, direction):
            ratio = view.ratio("separate", "same", where, "events_per_packet")
            load = _tail(where, "-rate")
            parts.append(_part(f"{direction} at {load}/s", ratio,
                               lambda ratio: ratio.above(1), times))
    return conclude(parts or [Part("", missing="paced loads")])


@claim(18, "larger batches cut Xen's instructions per packet, then lose "
       "cache residency", "netback history", "UDP of 1472 bytes in bursts of "
       "1 to 256, same CPU: Xen's instructions per packet at the longest "
       "burst are below those at 1, and L2 misses per packet at the longest "
       "are above the fewest of the shorter ones")
def batches(view):
    parts = []
    for direction in BOTH:
        flows = _bursts(view, direction)
        work = [view.figure("same", where, INSTRUCTIONS, "xen")
                for where in flows]
        missed = [view.figure("same", where, "l2_misses_per_packet", "total",
                              PRIVATE) for where in flows]
        if len(flows) < 3 or not all(work) or not all(missed):
            parts.append(Part("", missing=f"bursts, {direction}"))
            continue
        fewest = min(missed[:-1], key=lambda figure: figure.median)
        parts.append(_part(f"{direction} Xen's instructions",
                           work[-1] / work[0],
                           lambda ratio: ratio.below(1), times))
        parts.append(_part(f"{direction} L2 misses", missed[-1] / fewest,
                           lambda ratio: ratio.above(1), times))
    return conclude(parts)


def judge(item, view):
    """The verdict on a claim; nothing measured of the pair is no verdict."""
    if not view.has():
        return Verdict(OPEN, "", "the pair was not measured")
    return item.judge(view)
