# SPDX-License-Identifier: GPL-2.0
"""Counts per packet: a window of each kind of sample under QEMU's plugin.

The samples are timed without it, so these are other boots, and one window of
each kind: docs/measurement.md says how well repeats agree.
"""

from .. import paths
from ..characterise.record import load
from ..characterise.results import Results
from ..characterise.sweep import Block, Boot, parts, specs
from ..measure.boot import run
from ..pairs import NATIVE, PAIRS
from .measure import Cell

COUNTED = ("instructions_per_packet", "hypercalls_per_packet",
           "events_per_packet")
# The others have windows of their own in ci/characterise.
PLACEMENTS = ("native", "same", "separate")


def _boot(name, placements, pairs, settings):
    return Boot(f"compare-count-{name}", (
        Block(settings.counted_path(), settings.traffics, placements, 1, pairs,
              directions=settings.directions),))


def boots(settings):
    """Like the samples' boots: one without Xen and one with it."""
    if not settings.counted_path():
        return []
    placements = [name for name in PLACEMENTS if name in settings.placements]
    xen = tuple(name for name in placements if name != "native")
    found = []
    if "native" in placements:
        found.append(_boot("native", ("native",), (NATIVE,), settings))
    if xen:
        found.append(_boot("xen", xen, PAIRS, settings))
    return found


def _take(samples, windows):
    results = Results(windows)
    for case in results.counted:
        for metric in COUNTED:
            cell = Cell(case.setup.placement, case.setup.pair, *case.flow,
                        metric)
            figure = results.figure(case, metric)
            # In place of what the drivers and the kernels count themselves.
            samples[cell] = [figure.median]


def count(settings, samples):
    """Boot, count, and add it to the samples."""
    planned = [part for boot in boots(settings)
               for part in parts(boot, specs(boot, ("copy",)))]
    for boot, windows in planned:
        run(windows, boot.name, kernel=settings.kernel,
            guest_type=settings.guest_type)
        windows = load(paths.LOG / boot.name / "windows.json")
        samples.plugin = windows[0].provenance["plugin"]
        _take(samples, windows)
