# SPDX-License-Identifier: GPL-2.0
"""The measuring: one boot per placement, samples out of it."""

import collections
import dataclasses
import shutil

from .. import debian, image, paths
from ..lab import PASS, Job, Lab
from ..progress import StepFailed, say

PLACEMENTS = ("native", "same", "separate")
PATHS = ("inter", "intra")
DIRECTIONS = ("rx", "tx")
TRAFFICS = ("tcp-gso", "tcp-1500", "udp-64")
PAIRS = ("ours", "stock")
NATIVE = "none"

# What a boot and the making of four guests may take, in seconds.
SETUP_S = 300
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
    placements: tuple = PLACEMENTS
    paths: tuple = PATHS
    directions: tuple = DIRECTIONS
    traffics: tuple = TRAFFICS

    def cells(self, pairs):
        return (len(pairs) * len(self.paths) * len(self.directions)
                * len(self.traffics))


Cell = collections.namedtuple(
    "Cell", "placement pair path direction traffic metric")


class Samples(dict):
    """Cell -> its values in the order of the repeats; and the Xen booted."""

    xen = "unknown"

    def add(self, cell, value):
        self.setdefault(cell, []).append(value)


def speed_of(traffic):
    return "packet_rate" if traffic.startswith("udp") else "throughput"


def far_servers():
    iperf3 = shutil.which("iperf3", path=image.SYSTEM_PATH)
    if not iperf3:
        raise StepFailed("measuring", hint="no program iperf3 here")
    return ((iperf3, "-s"), (image.rate_tool(), "serve", "5202"))


def lab_of(placement, settings):
    """The machine of a placement. Native Linux gets one CPU, as a guest has.

    Left alone it distrusts QEMU's TSC and asks the HPET for the time, which
    costs an exit each, and its scheduler counts in jiffies.
    """
    shape = {"placement": placement, "far": True, "kernel": settings.kernel,
             "guest_type": settings.guest_type,
             "far_servers": far_servers()}
    if placement == "native":
        shape.update(back="stock", front="stock", cpus=1,
                     dom0_extra="tsc=reliable")
    return Lab(**shape)


def _job(placement, settings, pairs):
    count = settings.cells(pairs) * settings.repeats
    seconds = SETUP_S + count * (settings.sample_ms // 1000 + SAMPLE_S)
    env = {"COMPARE_REPEATS": settings.repeats,
           "COMPARE_MS": settings.sample_ms,
           "COMPARE_PAIRS": ",".join(pairs),
           "COMPARE_PATHS": ",".join(settings.paths),
           "COMPARE_DIRECTIONS": ",".join(settings.directions),
           "COMPARE_TRAFFICS": ",".join(settings.traffics)}
    script = "native" if placement == "native" else "pairs"
    return Job(f"compare-{placement}", f"compare/{script}", seconds, env)


class _Progress:
    """A line every tenth of the way."""

    def __init__(self, placement, total):
        self.placement = placement
        self.total = total
        self.seen = 0

    def line(self, line):
        words = line.split()
        if words[:1] != ["data"]:
            if words[:1] == ["ok"] and self.seen == 0:
                say(f"  {self.placement}: {line.split(' - ', 1)[-1]}")
            return
        if words[5] not in ("throughput", "packet_rate"):
            return
        self.seen += 1
        tenth = max(1, self.total // 10)
        if self.seen % tenth == 0 or self.seen == self.total:
            unit = "Mbit/s" if words[5] == "throughput" else "packets/s"
            pair = "" if words[1] == NATIVE else f"{words[1]} "
            say(f"  {self.placement}: sample {self.seen} of {self.total}, "
                f"{pair}{words[2]} {words[3]} {words[4]} "
                f"{float(words[6]):.0f} {unit}")


def _why(result):
    for line in result.lines:
        if line.startswith("not ok"):
            return line.split(" - ", 1)[-1]
    return result.why or f"it ended as {result.outcome}"


def _take(samples, placement, result, settings, pairs):
    for pair, path, direction, traffic, metric, value in result.data():
        samples.add(Cell(placement, pair, path, direction, traffic, metric),
                    float(value))
    for pair in pairs:
        for path in settings.paths:
            for direction in settings.directions:
                for traffic in settings.traffics:
                    for metric in (speed_of(traffic), *COUNTED[pair]):
                        cell = Cell(placement, pair, path, direction,
                                    traffic, metric)
                        if len(samples.get(cell, ())) != settings.repeats:
                            raise StepFailed(
                                f"measuring {placement}", result.logs,
                                "not every sample arrived: "
                                + " ".join(cell))


def _xen_version(result):
    console = result.logs / "console.log"
    for line in console.read_text(errors="replace").splitlines():
        if "Xen version " in line:
            return line.split("Xen version ", 1)[1].split(" (")[0]
    return None


def _measure(placement, settings, samples):
    pairs = (NATIVE,) if placement == "native" else PAIRS
    job = _job(placement, settings, pairs)
    total = settings.cells(pairs) * settings.repeats
    say(f"boot {placement}: {total} samples of "
        f"{settings.sample_ms / 1000:g} s")
    lab = lab_of(placement, settings)
    result = lab.run([job], on_line=_Progress(placement, total).line)[0]
    if result.outcome != PASS:
        raise StepFailed(f"measuring {placement}", result.logs, _why(result))
    _take(samples, placement, result, settings, pairs)
    samples.xen = _xen_version(result) or samples.xen


def build(settings):
    """Everything that a boot needs, so that no boot's time goes into it."""
    lab_of("native", settings).prepare(paths.RUN / "compare-build", [])
    lab_of("same", settings).prepare(paths.RUN / "compare-build", [])
    shutil.rmtree(paths.RUN / "compare-build")


def measure(settings):
    samples = Samples()
    build(settings)
    for placement in settings.placements:
        _measure(placement, settings, samples)
    return samples


def kernel_release(settings):
    return debian.kernel_release(settings.kernel)
