# SPDX-License-Identifier: GPL-2.0
"""Samples as CSV, as Markdown and as the table on the terminal."""

import itertools

from .. import provenance as source
from ..far import Far
from ..pairs import MODES, NATIVE, OTHERS, PAIRS, driver
from ..table import aligned, median, number, spread
from ..table import csv as table_csv
from ..table import markdown as table
from .measure import (PLACEMENTS, TRAFFICS, UNIT, Cell, boots, lab_of,
                      place_of, speed_of)

COLUMNS = ("placement", "pair", "rx_mode", "tx_mode", "notify", "path",
           "direction", "traffic", "metric", "unit", "median", "low", "high",
           "repeats")

NOTES = """\
## How to read this

- **inter** is a guest and a host on the far side of an emulated NIC (e1000),
  which dom0 bridges; the far host runs at this machine's own speed. **intra**
  is a guest and a second guest. **three** is three guests and that far host,
  all at once, and their sum. `rx` and `tx` are the guest's; where there are
  two, those of the first.
- **same**: dom0 and the guests share one CPU. **separate**: dom0 has one, the
  guests the other. **native**: the same kernel with one CPU on the same NIC
  without Xen; for intra, two network namespaces over a veth pair.
- **sidecore-N**: guests and dom0 share one CPU as in same, but a second vCPU
  of dom0 has the other one, and netback's work, its interrupts and the NIC's
  are moved there, each while its pair has its turn; N is what notify says:
  event, poll, adaptive. stock has no such thing: its figures are for threaded
  NAPI, with its threads, those of the driver and the interrupts pinned to that
  CPU by hand; in results.csv its notify is `threaded`. A worker that polls
  keeps one of this host's CPUs busy: with other work on the host, that is what
  is measured.
- **tcp-gso** is iperf3 with all offloads as they are by default. **tcp-1500**
  is iperf3 with TSO, GSO and GRO off at every device on the way; checksum
  offload stays on everywhere, as the stock frontend cannot switch it off.
  **udp-64** sends datagrams of 64 bytes, with at most 128 under way, so the
  slowest stage sets the pace; what is counted was received.
- **Our other modes** (columns rx_mode and tx_mode of results.csv) are switched
  to while the guests run, and measured in the direction that they concern:
  `flip` gives the guest pages, `map` lends what it sends. They have no windows
  under the plugin here: their counts are the drivers' own.
- A figure is the median of the repeats, in parentheses the lowest and the
  highest. A ratio is ours to stock within one repeat, the two samples being
  taken seconds apart in one boot: above 1 we are faster. Where its range
  holds 1, this run tells no difference.
- A packet, for the counts, is a datagram, or 1448 bytes of TCP payload even
  where many travel in one piece. **Instructions**, **hypercalls** and
  **events** sent are those of the whole machine, counted by the emulator in a
  window of each kind (docs/measurement.md). A quick run, the path intra and
  the side-core's placements have in their place the **events** that the
  kernels count as interrupts of the vifs and of the guests' devices, and as
  **hypercalls** the grant copies and events of our drivers' own count;
  `make characterise` counts them all.

## What this cannot tell

Emulation (QEMU's TCG) weighs instructions, page table switches and traps
otherwise than a processor does, and has no caches: bytes copied in one
instruction are nearly free here, a switch between domains on one CPU is far
too dear, and so the ratios are not those of a real machine. They tell whether
one pair does more or less work than the other for the same packets. Counters
per packet depend on batching, hence on timing; they carry over better than
times do, but not exactly either. Other work on this machine shows as spread.
"""


def _arguments(boot, settings):
    """QEMU's and the kernels' parameters, as the machine gets them."""
    return " ".join(lab_of(boot, settings).qemu(Far()))


def provenance(settings, samples):
    """[(name, text)...]: all that is needed to make these numbers again."""
    facts = source.machine(settings.kernel)
    facts += [("Xen", samples.xen),
              ("iperf3", source.output("iperf3", "--version")
               .split("\n")[0])]
    facts += source.modules(settings.kernel)
    facts += [
        ("guests", f"{settings.guest_type}, 1 vCPU, tsc_mode native; "
                   "two of each pair"),
        ("repeats", str(settings.repeats)
         + (f", of other modes {settings.repeats_of(next(iter(OTHERS)))}"
            if settings.modes else "")),
        ("sample", f"{settings.sample_ms / 1000:g} s, UDP half of that"),
        ("counts", f"one window of each kind, plugin {samples.plugin}"
         if samples.plugin else "the drivers' own, and interrupts"),
    ]
    facts += [(f"machine {boot}", _arguments(boot, settings))
              for boot, _, _ in boots(settings)]
    return facts


def _modes(cell):
    """(rx_mode, tx_mode, notify) that a cell was measured with."""
    *modes, notify = MODES[cell.pair]
    place, asked = place_of(cell.placement)
    if place == "sidecore":
        notify = asked if driver(cell.pair) == "ours" else "threaded"
    return (*modes, notify)


def rows(samples):
    """The lines of the CSV, as lists of texts. What does not hear of notify is
    one row, of all placements that differ in it alone."""
    found = {}
    for cell, values in sorted(samples.items(), key=_order):
        key = (place_of(cell.placement)[0], driver(cell.pair), *_modes(cell),
               cell.path, cell.direction, cell.traffic, cell.metric,
               UNIT[cell.metric])
        found.setdefault(key, []).extend(values)
    return [[*key, *(f"{value:g}" for value in
                     (median(values), min(values), max(values))),
             str(len(values))] for key, values in found.items()]


def _order(item):
    """Placements in the order measured, then as a reader expects."""
    cell, _ = item
    return (PLACEMENTS.index(cell.placement), cell.path, cell.traffic,
            cell.direction, cell.metric, cell.pair)


def csv(facts, lines):
    return table_csv(facts, COLUMNS, lines)


# Tables

def ratios(samples, placement, path, direction, traffic, metric=None,
           pairs=PAIRS):
    """Ours to stock, or other pairs, repeat by repeat."""
    metric = metric or speed_of(traffic)
    both = [samples.get(Cell(placement, pair, path, direction, traffic,
                             metric), ()) for pair in pairs]
    return [a / b for a, b in zip(*both) if b]


def _ratio(value):
    return f"{value:.2f}"


def _axes(samples):
    """What was measured, each in the order of its first sample."""
    def seen(name):
        return list(dict.fromkeys(getattr(cell, name) for cell in samples))
    placements = [name for name in seen("placement") if name != "native"]
    traffics = [name for name in TRAFFICS if name in seen("traffic")]
    return placements, seen("path"), traffics, seen("direction")


def speed_table(samples, path):
    """(head, lines) of one path: native, ours, stock and their ratio."""
    placements, _, traffics, directions = _axes(samples)
    head = ["traffic", "dir", "native"]
    for placement in placements:
        head += [f"{placement}: ours", "stock", "ours/stock"]
    lines = []
    for traffic in traffics:
        for direction in directions:
            where = (path, direction, traffic)
            unit = UNIT[speed_of(traffic)]
            line = [f"{traffic}, {unit}", direction, spread(samples.get(
                Cell("native", NATIVE, *where, speed_of(traffic)), ()))]
            for placement in placements:
                line += [spread(samples.get(
                    Cell(placement, pair, *where, speed_of(traffic)), ()))
                    for pair in PAIRS]
                line.append(spread(ratios(samples, placement, *where),
                                   _ratio))
            lines.append(line)
    return head, lines


INSTRUCTIONS = "instructions_per_packet"
# What is counted of a packet, as heads of columns.
COUNTS = {INSTRUCTIONS: "instructions",
          "hypercalls_per_packet": "hypercalls",
          "events_per_packet": "events"}


def counter_table(samples, path):
    placements, _, traffics, directions = _axes(samples)
    columns = [("native", NATIVE, INSTRUCTIONS), *(
        (placement, pair, metric) for placement in placements
        for metric in COUNTS for pair in PAIRS)]
    measured = {(cell.placement, cell.pair, cell.metric) for cell in samples
                if cell.path == path}
    columns = [column for column in columns if column in measured]
    head = ["traffic", "dir", *(
        f"{placement}: {COUNTS[metric]}" + (f", {pair}" * (pair != NATIVE))
        for placement, pair, metric in columns)]
    lines = []
    for traffic in traffics:
        for direction in directions:
            line = [traffic, direction]
            for placement, pair, metric in columns:
                line.append(spread(samples.get(
                    Cell(placement, pair, path, direction, traffic, metric),
                    ()), _count))
            lines.append(line)
    return head, lines


def mode_table(samples, show=spread):
    """(head, lines) of our other modes, where they make a difference: the
    speed by copy, by the mode, and the mode's to copy's."""
    placements, all_paths, traffics, directions = _axes(samples)
    head = ["path", "traffic", "dir", "mode"]
    for placement in placements:
        head += [f"{placement}: copy", "mode", "mode/copy"]
    lines = []
    for path, traffic, direction in itertools.product(all_paths, traffics,
                                                      directions):
        where = (path, direction, traffic)
        metric = speed_of(traffic)
        for pair, (mode, changes) in OTHERS.items():
            if changes != direction or not any(
                    cell.pair == pair for cell in samples):
                continue
            line = [path, traffic, direction, mode]
            for placement in placements:
                line += [show(samples.get(Cell(placement, one, *where, metric),
                                          ())) for one in ("ours", pair)]
                line.append(spread(ratios(samples, placement, *where, metric,
                                          (pair, "ours")), _ratio))
            lines.append(line)
    return head, lines


def _count(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}"


def verdicts(samples):
    """(cells, better, worse, undecided) of ours against stock."""
    placements, all_paths, traffics, directions = _axes(samples)
    better, worse, open_ = [], [], []
    for placement in placements:
        for path in all_paths:
            for traffic in traffics:
                for direction in directions:
                    found = ratios(samples, placement, path, direction,
                                   traffic)
                    if not found:
                        continue
                    name = (f"{placement} {path} {direction} {traffic} "
                            f"({_ratio(median(found))})")
                    if min(found) > 1:
                        better.append(name)
                    elif max(found) < 1:
                        worse.append(name)
                    else:
                        open_.append(name)
    return better, worse, open_


def _listed(text, names):
    return f"- **{text}** ({len(names)}): {', '.join(names) or 'none'}."


def markdown(facts, samples):
    out = ["# Ours, stock and native", "", "![](compare.svg)", ""]
    better, worse, open_ = verdicts(samples)
    out += ["In every repeat, by the ratio's median:", "",
            _listed("ours is faster", better),
            _listed("stock is faster", worse),
            _listed("no difference beyond the spread", open_), ""]
    for path in _axes(samples)[1]:
        out += [f"## Speed, {path}", "",
                *table(*speed_table(samples, path)), ""]
    for path in _axes(samples)[1]:
        if len(_axes(samples)[0]):
            out += [f"## Counters per packet, {path}", "",
                    *table(*counter_table(samples, path)), ""]
    head, lines = mode_table(samples)
    if lines:
        out += ["## Speed of our other modes", "",
                *table(head, lines, left=4), ""]
    out += [NOTES, "## Where these numbers come from", ""]
    out += [f"- {name}: {text}" for name, text in facts]
    return "\n".join(out) + "\n"


def terminal(samples):
    """Medians only, and the ratio with its spread: fits a terminal."""
    note = ("Mbit/s (udp-64: packets/s), medians; ratios by repeat, with "
            "their spread")
    parts = [*_terminal_tables(samples)]
    head, lines = mode_table(
        samples, lambda values: number(median(values)) if values else "-")
    if lines:
        parts += ["", "\n".join(aligned(head, lines, left=4))]
    parts += [note]
    if any(cell.metric == INSTRUCTIONS for cell in samples):
        parts += ["", *_terminal_tables(samples, INSTRUCTIONS),
                  "instructions per packet, of the whole machine; fewer are "
                  "better"]
    return "\n".join(parts)


def _terminal_tables(samples, metric=None):
    placements = [name for name in _axes(samples)[0]
                  if not metric or any(cell.placement == name and
                                       cell.metric == metric
                                       for cell in samples)]
    for i in range(0, max(1, len(placements)), 2):
        yield ("\n" if i else "") + _terminal_table(
            samples, placements[i:i + 2], metric)


def _terminal_table(samples, placements, metric):
    _, all_paths, traffics, directions = _axes(samples)
    head = ["path", "traffic", "dir", "native"]
    for placement in placements:
        head += [f"{placement}: ours", "stock", "ours/stock"]
    lines = []
    for path in all_paths:
        for traffic in traffics:
            for direction in directions:
                where = (path, direction, traffic)
                shown = metric or speed_of(traffic)

                def of(placement, pair):
                    values = samples.get(
                        Cell(placement, pair, *where, shown))
                    return number(median(values)) if values else "-"

                line = [path, traffic, direction, of("native", NATIVE)]
                for placement in placements:
                    line += [of(placement, "ours"), of(placement, "stock"),
                             spread(ratios(samples, placement, *where, shown),
                                    _ratio)]
                if set(line[3:]) - {"-"}:
                    lines.append(line)
    return "\n".join(aligned(head, lines))
