# SPDX-License-Identifier: GPL-2.0
"""How far the repeats of a window lie apart."""

from . import words
from .document import Heading, Table, Text
from .results import PLACEMENTS

# What a prototype of the instrument reached on one CPU, with both ends of TCP
# on the machine: parts of the median.
BOUND = {"rx": 0.03, "tx": 0.06}


def deviation(figure):
    """Of the repeat that lies farthest from the median, as a part of it."""
    return max(figure.high - figure.median,
               figure.median - figure.low) / figure.median


def worst(results, **wanted):
    """The largest deviation of the cases like these; None: none repeated."""
    figures = [results.figure(case, "instructions_per_packet")
               for case in results.cases(**wanted)]
    found = [deviation(figure) for figure in figures if figure.repeats > 1]
    return max(found, default=None)


def _cell(value):
    return "-" if value is None else f"{value * 100:.1f} %"


def _line(results, path, traffic):
    return [words.PATH[path], words.traffic(traffic)] + [
        _cell(worst(results, path=path, traffic=traffic, placement=placement,
                    direction=direction))
        for placement in PLACEMENTS for direction in words.DIRECTION]


def _verdict(results):
    """One sentence for each direction."""
    for direction, bound in BOUND.items():
        value = worst(results, path="dom0", placement="same",
                      direction=direction)
        if value is not None:
            yield (f"Same CPU, both ends on the machine, "
                   f"{direction.capitalize()}: within {value * 100:.1f} % "
                   f"(asked: {bound * 100:.0f} %).")


def section(results):
    """The report's; empty where nothing was repeated."""
    flows = dict.fromkeys((case.flow.path, case.flow.traffic)
                          for case in results.cases())
    lines = [_line(results, path, traffic) for path, traffic in flows]
    lines = [line for line in lines if set(line[2:]) != {"-"}]
    if not lines:
        return
    yield Heading("How well repeats agree")
    yield Text(
        "How far the farthest repeat of a window lies from its median, the "
        "worst of all drivers and modes. Where one CPU does all the work, and "
        "where caches are simulated, instructions are the machine's clock; "
        "otherwise the host's clock and its load are in it. Where the other "
        "end of TCP is "
        "beyond the NIC it runs at the pace of the host that emulates this "
        "machine, and how many acknowledgements it sends differs from repeat "
        "to repeat (the last rows of the tables of events say how many came): "
        "pieces of 64 KiB feel that most, since so little else is done for "
        "them.")
    for text in _verdict(results):
        yield Text(text)
    yield Table(["path", "traffic"] +
                [f"{words.PLACEMENT.get(placement, placement)}, "
                 f"{direction.capitalize()}" for placement in PLACEMENTS
                 for direction in words.DIRECTION], lines, left=2)
