# SPDX-License-Identifier: GPL-2.0
"""The measuring: two boots, native and Xen, and the samples out of them."""

import collections
import dataclasses
import itertools
import os
import shutil

from .. import image, paths
from ..lab import PASS, Job, Lab
from ..pairs import NATIVE, OTHERS, concerns, driver
from ..progress import StepFailed, say
from ..provenance import xen_version

PLACEMENTS = ("native", "same", "separate", "sidecore-event",
              "sidecore-poll", "sidecore-adaptive")
# Of samples of our other modes: held against ours, not against stock.
OTHER_REPEATS = 3

# What is measured unless other placements are asked for.
USUAL_PLACEMENTS = PLACEMENTS[:3]
PATHS = ("inter", "three", "intra")
USUAL_PATHS = ("inter", "intra")
# At once, each with servers of its own: on the path "three".
GUESTS_AT_ONCE = 3
DIRECTIONS = ("rx", "tx")
TRAFFICS = ("tcp-gso", "tcp-1500", "udp-64")

SPEEDS = ("throughput", "packet_rate")
UNIT = {"throughput": "Mbit/s", "packet_rate": "packets/s",
        "instructions_per_packet": "instructions/packet",
        "events_per_packet": "events/packet",
        "hypercalls_per_packet": "hypercalls/packet"}

# What a boot and the making of the guests may take, in seconds.
SETUP_S = 300
# Of a machine with three guests of each pair.
MEMORY_MB = 4096
# What a sample may take beyond its own length.
SAMPLE_S = 6

COUNTED = {"ours": ("events_per_packet", "hypercalls_per_packet"),
           "stock": ("events_per_packet",), NATIVE: ()}


@dataclasses.dataclass(frozen=True)
class Settings:
    """How much is measured."""
    repeats: int
    sample_ms: int
    kernel: str = "6.1"
    guest_type: str = "pv"
    placements: tuple = USUAL_PLACEMENTS
    paths: tuple = USUAL_PATHS
    directions: tuple = DIRECTIONS
    traffics: tuple = TRAFFICS
    # Our other transfer modes, beside copy.
    modes: tuple = ()

    def pairs(self):
        """Those under Xen, in the order of the first round."""
        others = [pair for pair, (mode, _) in OTHERS.items()
                  if mode in self.modes]
        return ("ours", *others, "stock")

    def cells(self, pairs):
        """(pair, path, direction, traffic) of each sample of a round."""
        found = itertools.product(pairs, self.paths_of(pairs),
                                  self.directions, self.traffics)
        return [cell for cell in found if concerns(cell[0], cell[2])]

    def paths_of(self, pairs):
        """Native Linux is one machine, and not three."""
        return tuple(path for path in self.paths
                     if path != "three" or NATIVE not in pairs)

    def counted_path(self):
        """Where a packet's instructions are counted; None: nowhere."""
        return next((path for path in USUAL_PATHS if path in self.paths),
                    None)

    def repeats_of(self, pair):
        if pair in OTHERS:
            return min(self.repeats, OTHER_REPEATS)
        return self.repeats


Cell = collections.namedtuple(
    "Cell", "placement pair path direction traffic metric")


class Samples(dict):
    """Cell -> its values in the order of the repeats; and the Xen booted, and
    the plugin that counted."""

    xen = "unknown"
    plugin = ""

    def add(self, cell, value):
        self.setdefault(cell, []).append(value)


def place_of(placement):
    """(placement, notify) by its name here; no notify: the driver's own."""
    place, _, notify = placement.partition("-")
    return place, notify


def speed_of(traffic):
    return "packet_rate" if traffic.startswith("udp") else "throughput"


def far_servers(settings):
    """Programs and their arguments; tests/lab/compare/client.sh asks them."""
    iperf3 = shutil.which("iperf3", path=image.SYSTEM_PATH)
    if not iperf3:
        raise StepFailed("measuring", hint="no program iperf3 here")
    count = GUESTS_AT_ONCE if "three" in settings.paths else 1
    return tuple(server for i in range(count) for server in (
        (iperf3, "-s", "-p", str(5201 + 10 * i)),
        (image.rate_tool(), "serve", str(5202 + 10 * i))))


def boots(settings):
    """[(name, its placements, its pairs)...]: what one boot can measure."""
    native = tuple(name for name in settings.placements if name == "native")
    xen = tuple(name for name in settings.placements if name != "native")
    both = [("native", native, (NATIVE,)), ("xen", xen, settings.pairs())]
    return [boot for boot in both if boot[1]]


def lab_of(boot, settings):
    """The machine of a boot. Native Linux gets one CPU, as a guest has.

    Left alone it distrusts QEMU's TSC and asks the HPET for the time, which
    costs an exit each, and its scheduler counts in jiffies.
    """
    shape = {"placement": "separate", "far": True, "kernel": settings.kernel,
             "guest_type": settings.guest_type,
             "far_servers": far_servers(settings)}
    if "three" in settings.paths:
        shape.update(memory_mb=MEMORY_MB)
    if any(place_of(name)[0] == "sidecore" for name in settings.placements):
        # vCPU 1 is offline but for these placements.
        shape.update(dom0_vcpus=2)
    if boot == "native":
        shape.update(placement="native", back="stock", front="stock", cpus=1,
                     dom0_extra="tsc=reliable")
    return Lab(**shape)


def _job(boot, settings, placements, pairs):
    count = len(placements) * sum(settings.repeats_of(pair) for pair, *_
                                  in settings.cells(pairs))
    seconds = SETUP_S + count * (settings.sample_ms // 1000 + SAMPLE_S)
    env = {"COMPARE_REPEATS": settings.repeats,
           "COMPARE_OTHER_REPEATS": OTHER_REPEATS,
           "COMPARE_MS": settings.sample_ms,
           "COMPARE_PLACEMENTS": ",".join(placements),
           "COMPARE_PAIRS": ",".join(pairs),
           "COMPARE_PATHS": ",".join(settings.paths_of(pairs)),
           "COMPARE_DIRECTIONS": ",".join(settings.directions),
           # The fewest changes of the offloads.
           "COMPARE_TRAFFICS": ",".join(sorted(
               settings.traffics, key=lambda name: name == "tcp-1500"))}
    script = "native" if boot == "native" else "pairs"
    return Job(f"compare-{boot}", f"compare/{script}", seconds, env), count


class _Progress:
    """A line every few samples."""

    def __init__(self, total):
        self.total = total
        self.seen = 0

    def line(self, _name, line):
        words = line.split()
        if words[:1] == ["ok"]:
            say("  " + line.split(" - ", 1)[-1])
        elif words[:1] == ["data"] and words[6] in SPEEDS:
            self.sample(*words[1:])

    def sample(self, placement, pair, path, direction, traffic, metric, value):
        self.seen += 1
        if self.seen % max(1, self.total // 20) and self.seen != self.total:
            return
        who = placement if pair == NATIVE else f"{placement} {pair}"
        say(f"  sample {self.seen} of {self.total}: {who} {path} {direction} "
            f"{traffic} {float(value):.0f} {UNIT[metric]}")


def _why(result):
    for line in result.lines:
        if line.startswith("not ok"):
            return line.split(" - ", 1)[-1]
    return result.why or f"it ended as {result.outcome}"


def _expected(settings, placements, pairs):
    for placement, cell in itertools.product(placements,
                                             settings.cells(pairs)):
        pair, *_, traffic = cell
        for metric in (speed_of(traffic), *COUNTED[driver(pair)]):
            yield Cell(placement, *cell, metric)


def _take(samples, result, settings, expected):
    for *cell, value in result.data():
        samples.add(Cell(*cell), float(value))
    for cell in expected:
        if len(samples.get(cell, ())) != settings.repeats_of(cell.pair):
            raise StepFailed("collecting the samples", result.logs,
                             f"not all arrived of {' '.join(cell)}")


def _measure(boot, placements, pairs, settings, samples):
    job, total = _job(boot, settings, placements, pairs)
    say(f"boot {boot}: {total} samples of {settings.sample_ms / 1000:g} s")
    lab = lab_of(boot, settings)
    result = lab.run([job], on_line=_Progress(total).line)[0]
    if result.outcome != PASS:
        raise StepFailed(f"measuring {' and '.join(placements)}", result.logs,
                         _why(result))
    _take(samples, result, settings, _expected(settings, placements, pairs))
    samples.xen = xen_version(result.logs) or samples.xen


def build(settings):
    """Everything that a boot needs, so that no boot's time goes into it."""
    for boot, _, _ in boots(settings):
        folder = paths.RUN / f"compare-build-{os.getpid()}"
        lab_of(boot, settings).prepare(folder, [])
        shutil.rmtree(folder)


def measure(settings):
    samples = Samples()
    build(settings)
    for boot, placements, pairs in boots(settings):
        _measure(boot, placements, pairs, settings, samples)
    return samples
