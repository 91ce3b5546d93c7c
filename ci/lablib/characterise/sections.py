# SPDX-License-Identifier: GPL-2.0
"""The report's sections, out of the results."""

from ..table import number
from . import charts, claims, model, words
from .document import Heading, Items, Plot, Table, Text
from .record import COMPONENTS, TOPOLOGIES, Case, Flow
from .results import NOBODY, PAIRS
from .verdict import OPEN, REFUTED, SUPPORTED, WAITS
from .view import View

DIRECTIONS = ("rx", "tx")
# Where events and functions are shown; the CSV has the rest.
SHOWN = ("tcp-1500", "tcp-gso", "udp-64")
FUNCTIONS = 7		# of each component


def _per(value):
    """A count per packet: small ones matter."""
    if value == 0:
        return "0"
    return number(value) if value >= 0.01 else f"{value:.2g}"


def _text(figure, form=_per):
    return figure.text(form) if figure else "-"


def _shown(results, path="inter"):
    """(traffic, direction, flow, setups) of what the tables show."""
    for traffic in SHOWN:
        for direction in DIRECTIONS:
            flow = Flow(path, direction, traffic)
            setups = [setup for setup in results.setups(flow)
                      if setup.pair != NOBODY]
            if setups:
                yield flow, setups


def _flow_title(flow):
    return f"{words.traffic(flow.traffic)}, {words.DIRECTION[flow.direction]}"


# 1: path length

def _path_table(results, path):
    lines = []
    for traffic in charts.main_traffics(results, path):
        for direction in DIRECTIONS:
            flow = Flow(path, direction, traffic)
            native = results.cases(placement="native", **flow._asdict())
            base = native and results.figure(native[0],
                                             "instructions_per_packet")
            for setup in results.setups(flow):
                lines.append(_path_line(results, Case(setup, flow), base))
    head = ["traffic", "", "setup", "instructions per packet",
            *(words.COMPONENT[name] for name in COMPONENTS), "x native",
            "repeats"]
    return Table(head, lines, left=3)


def _path_line(results, case, base):
    whole = results.figure(case, "instructions_per_packet")
    parts = [results.figure(case, "instructions_per_packet", name).median
             for name in COMPONENTS]
    ratio = (whole / base).text("{:.2f}".format) if base else "-"
    return [words.traffic(case.flow.traffic), case.flow.direction,
            words.setup(case.setup, case.flow.direction), _text(whole),
            *map(number, parts), ratio, str(whole.repeats)]


def path_length(results):
    yield Heading("Path length against native, by component")
    yield Text(
        "How many instructions the whole machine runs for one packet, and "
        "whose they are. Idle loops, spinning on locks and polls that find "
        "nothing are not in it. Native is the same Linux kernel with one CPU "
        "on the same machine without Xen. A packet is a datagram, a request "
        "with its response, or 1448 bytes of TCP payload, also where many "
        "travel in one piece.")
    for path in words.PATH:
        drawing = charts.path_length(results, path)
        if drawing:
            yield Plot(f"path-length-{path}", drawing,
                       f"Instructions per packet: {words.PATH[path]}.")
    for path in words.PATH:
        if results.cases(path=path):
            yield Heading(f"In numbers: {words.PATH[path]}", 3)
            yield _path_table(results, path)


# 2: functions

def _functions(results, case):
    """{(component, name): (instructions, calls)}, per packet."""
    windows = results.windows(case)
    total = {}
    for window in windows:
        for item in window.functions:
            key = (item["component"], item["name"])
            had = total.get(key, (0, 0))
            total[key] = tuple(
                a + item.get(name, 0) / window.packets / len(windows)
                for a, name in zip(had, ("instructions", "calls")))
    return total


def _function_lines(found, setups):
    for component in COMPONENTS:
        best = {}
        for setup in setups:
            for (owner, name), (count, _) in found[setup].items():
                if owner == component:
                    best[name] = max(best.get(name, 0), count)
        order = sorted(best, key=best.get, reverse=True)[:FUNCTIONS]
        for name in order:
            line = [words.COMPONENT[component], f"`{name}`"]
            for setup in setups:
                count, calls = found[setup].get((component, name), (0, 0))
                line += [number(count) if count else "-",
                         _per(calls) if calls else "-"]
            yield line


def functions(results):
    yield Heading("Top functions per component")
    yield Text(
        f"The {FUNCTIONS} functions of each component that take most of a "
        "packet's instructions in any column: their own instructions per "
        "packet, without those of the functions they call, and how often they "
        "are called per packet. Means over the repeats. Unlike above, waiting "
        "is in them: Xen's for locks in `_spin_lock` and its kin, a polling "
        "side-core's empty rounds in `worker_main` and what it calls.")
    for flow, setups in _shown(results):
        setups = [setup for setup in setups if setup.placement in
                  ("same", "sidecore")]
        found = {setup: _functions(results, Case(setup, flow))
                 for setup in setups}
        lines = list(_function_lines(found, setups))
        if not lines:
            continue
        head = ["component", "function"]
        for setup in setups:
            head += [words.setup(setup, flow.direction), "calls"]
        yield Heading(_flow_title(flow), 3)
        yield Table(head, lines, left=2)


# 3: events

def _event_rows(results, flow, setups):
    """(name, [Figure or None of each setup...])."""
    cases = [Case(setup, flow) for setup in setups]

    def row(text, metric, component="total"):
        return text, [results.figure(case, metric, component)
                      for case in cases]

    def by_name(form, table):
        found = [results.events(case, table) for case in cases]
        names = {name for events in found for name, figure in events.items()
                 if figure.median >= 0.0005}
        most = {name: max(events[name].median for events in found
                          if name in events) for name in names}
        for name in sorted(names, key=most.get, reverse=True):
            yield form.format(name), [events.get(name) for events in found]

    yield row("hypercalls", "hypercalls_per_packet")
    yield row("of these, by dom0", "hypercalls_per_packet", "dom0_kernel")
    yield row("of these, by the guests", "hypercalls_per_packet",
              "domu_kernel")
    yield from by_name("`{}`", lambda window: window.hypercalls_by_name())
    yield row("grant operations", "grant_ops_per_packet")
    yield from by_name("grant {}", lambda window: window.grant_elements())
    yield row("events sent", "events_per_packet")
    yield row("upcalls", "upcalls_per_packet")
    yield row("context switches", "switches_per_packet")
    yield row("TLB flushes", "flushes_per_packet")
    yield row("flush interrupts", "flush_ipis_per_packet")
    yield from by_name("emulated {}", lambda window: window.emulated())
    yield from by_name("TCP segments {}", lambda window: window.segments())


def events(results):
    yield Heading("Events per packet")
    yield Text(
        "What crosses a border, per packet and machine-wide: hypercalls by "
        "name, the grant operations that they carry, event-channel "
        "notifications sent and upcalls taken, switches between domains, TLB "
        "flushes with the interrupts to other CPUs they take, and "
        "instructions that Xen emulates. Below them the segments that TCP "
        "on this machine hands down and is handed, acknowledgements among "
        "them: with those that acknowledge the path grows, whoever drives "
        "it. Medians; in parentheses the lowest and the highest repeat.")
    for flow, setups in _shown(results):
        lines = [[name, *map(_text, figures)]
                 for name, figures in _event_rows(results, flow, setups)
                 if any(figure and figure.median for figure in figures)]
        yield Heading(_flow_title(flow), 3)
        yield Table(["per packet", *(words.setup(setup, flow.direction)
                                     for setup in setups)], lines)


# 4: misses, and the model over everything

def misses(results):
    yield Heading("Cache misses: same CPU, separate CPUs, side-core")
    drawn = [(path, charts.misses(results, path)) for path in words.PATH]
    if not any(drawing for _, drawing in drawn):
        yield Text("This run simulated no caches.")
        return
    yield Text(
        "Simulated caches: 32 KiB of L1 for data and for instructions, 1 MiB "
        "of L2, all private to a CPU; then either memory, or a small last "
        "level that both CPUs share. Windows are short, since they take "
        "about ten times as long.")
    for path, drawing in drawn:
        if drawing:
            yield Plot(f"misses-{path}", drawing,
                       f"Cache misses per packet: {words.PATH[path]}.")
    if not results.cases(placement="sidecore"):
        yield Text("The side-core waits to be built; it then appears here.")


def cycles(results):
    yield Heading("The model: cycles, throughput and cost")
    yield Text(
        "Emulation has no cycles. These are the counts above, each times a "
        "price from the table below: instructions by component, misses by "
        "where the line was found, and events. Throughput is set by the "
        "busiest CPU, cost is the sum over the CPUs. Every modelled figure "
        "comes with its range when each price alone is halved or doubled; "
        "the repeats' spread is not in that range.")
    for path in words.PATH:
        drawing = charts.cycles(results, path)
        if drawing:
            yield Plot(f"cycles-{path}", drawing,
                       f"Modelled cycles per packet: {words.PATH[path]}.")
    yield Table(["price", "cycles each"],
                [[f"`{name}`", f"{value:g}"]
                 for name, value in model.parameters().items()])


# 5: copy against flip

def crossing(results):
    yield Heading("Copy against flip over size")
    drawing = charts.sizes(results)
    if drawing:
        yield Plot("sizes", drawing, "Modelled cost of a datagram by its "
                   "size and by the way its bytes cross.")
    else:
        yield Text("This run measured too few sizes for it.")
    if not results.cases(rx_mode="flip"):
        yield Text("**Flip waits to be built**; its curve and the size from "
                   "which on it is the cheaper then appear here. What is "
                   "there is the other side: how copying grows with the size.")
        return
    for topology in TOPOLOGIES:
        yield Text(_crossing_text(results, topology))


def _crossing_text(results, topology):
    where = f"Rx, same CPU, {words.TOPOLOGY[topology]}: "
    view = View(results, "ours")
    copy, flip = (claims.by_size(view, "rx", topology, rx_mode=mode)
                  for mode in ("copy", "flip"))
    if min(len(copy), len(flip)) < 2:
        return where + "too few sizes were measured of one of them."
    sizes = [claims.crossing(*(claims.fit(values, series)
                               for series in (copy, flip)))
             for values in model.variants(model.parameters())]
    real = [size for size in sizes if size]
    if not real:
        return where + "the lines do not cross; one mode is always cheaper."
    text = f"{sizes[0]:.0f}" if sizes[0] else "none"
    never = len(sizes) - len(real)
    return (where + f"flip becomes the cheaper from n* = {text} bytes on "
            f"(range {min(real):.0f} to {max(real):.0f}"
            + (f"; in {never} of {len(sizes)} variants never)" if never
               else ")") + ".")


# 6: the claims

def _verdict_cell(verdict):
    if not verdict.measured:
        return f"**{verdict.status}**: {verdict.why}"
    return f"**{verdict.status}**: {verdict.measured}. {verdict.why}"


def verdicts(results):
    """[(claim, {pair: Verdict})...]"""
    return [(item, {pair: claims.judge(item, View(results, pair))
                    for pair in PAIRS}) for item in claims.CLAIMS]


def claims_table(results):
    yield Heading("The claims")
    yield Text(
        "What the papers and others say, judged by rules that were fixed "
        "before the run and are applied to each pair of drivers by itself. "
        "**supported** and **refuted** hold over the whole spread of what "
        "was counted and over the whole range of what was modelled; a claim "
        "whose range spans its bound is **not decidable here**. `stock` has "
        "the modes of today's Linux, so a claim about a mode that it lost, or "
        "never had, waits there for good.")
    lines = []
    for item, by_pair in verdicts(results):
        lines.append([str(item.number), f"{item.text} ({item.source})",
                      item.rule, *map(_verdict_cell, by_pair.values())])
    yield Table(["#", "claim", "rule", *PAIRS], lines, left=5, prose=True)


def tally(results):
    """{status: how many}, for each pair."""
    found = verdicts(results)
    return {pair: {status: sum(by_pair[pair].status == status
                               for _, by_pair in found)
                   for status in (SUPPORTED, REFUTED, OPEN, WAITS)}
            for pair in PAIRS}


# What stands in front, and at the end

def _compared(results, placement, direction, traffic, path="inter"):
    flow = Flow(path, direction, traffic)
    found = []
    for pair in PAIRS:
        case = View(results, pair).case(placement, flow)
        if not case:
            return None
        found.append(results.figure(case, "instructions_per_packet"))
    native = View(results, NOBODY).figure("native", flow,
                                          "instructions_per_packet")
    ratio = (found[1] / found[0]).text("{:.2f}".format)
    text = (f"{words.traffic(traffic)}, {direction.capitalize()}, "
            f"{words.PLACEMENT[placement]}: stock {number(found[0].median)}, "
            f"ours {number(found[1].median)} instructions per packet, "
            f"ours/stock {ratio}")
    if native:
        text += (f"; that is {found[0].median / native.median:.2f} and "
                 f"{found[1].median / native.median:.2f} times native")
    return text + "."


def summary(results):
    lines = [_compared(results, "same", direction, traffic)
             for traffic in ("tcp-1500", "tcp-gso")
             for direction in DIRECTIONS]
    lines = [line for line in lines if line]
    for pair, counts in tally(results).items():
        lines.append(
            f"Of the {len(claims.CLAIMS)} claims, for {pair}: " + ", ".join(
                f"{count} {status}" for status, count in counts.items())
            + ".")
    yield Items(lines)


LIMITS = (
    "Absolute speed: no figure here is Mbit/s, and none can be had from it.",
    "Measured cycles: cycles per instruction, the depth of out-of-order "
    "execution and what it hides of a miss are the model's assumptions.",
    "Hardware prefetchers, direct cache access by NICs, memory-level "
    "parallelism, SMT and NUMA: none of them is simulated.",
    "The latency of interrupts between CPUs and of TLB shoot-downs: they are "
    "counted, and priced by the model.",
    "Bulk copies: a string instruction counts once however long it is, so "
    "copying shows in the cache misses and in the modelled cycles, not in the "
    "path length.",
    "Device memory accesses: what the NIC reads and writes by itself does not "
    "reach the simulated caches, so lines that it filled look as if they were "
    "still cached.",
    "Timing: how much is batched depends on who runs when, and emulated CPUs "
    "do not run at the pace of real ones. Events per packet and whatever "
    "depends on batching (separate CPUs above all) carry over less well than "
    "the instructions of one code path.",
    "Acknowledgements: how many TCP sends back differs from window to window "
    "and moves native's path length by up to a third at 1500 bytes; ratios to "
    "native hold so far.",
    "The NIC is an emulated e1000: its driver's work is native's as well as "
    "dom0's, but a modern NIC's would be less.",
)


def limits():
    yield Heading("What emulation cannot tell")
    yield Items(list(LIMITS))


def words_used():
    yield Heading("Words")
    yield Items([
        "**Rx, Tx** are the guest's: Rx goes into it, Tx out of it.",
        "**stock** is Debian's xen-netback and xen-netfront, **ours** "
        "splitnet's; behind it the way the bytes cross: `copy` by grant "
        "copy, `map` by mapping the guest's page, `flip` by handing the page "
        "over.",
        "**same CPU**: dom0 and the guests share one; **separate CPUs**: "
        "dom0 has one, the guests the other; **side-core**: dom0's network "
        "work has one to itself.",
        "A figure is the median of its repeats, in parentheses the lowest "
        "and the highest; where a figure is modelled, the parentheses are "
        "the model's range.",
    ])


def provenance(facts):
    yield Heading("Where these numbers come from")
    yield Items([f"{name}: `{text}`" for name, text in facts])


