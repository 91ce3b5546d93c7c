# SPDX-License-Identifier: GPL-2.0
"""What is measured: which windows in which boot, and the boots.

Path lengths come from windows without simulated caches, misses from short
ones with them, which run at a tenth of the speed and last in their boot.
"""

import dataclasses
import functools
import itertools
import os
import time

from .. import paths
from ..lab import stopping
from ..machine import can_be_steady
from ..measure.boot import MOST_WINDOWS, Spec, run, steady
from ..pairs import MODES, NATIVE, built, has_sidecore
from ..progress import StepFailed, say, warn
from ..run import in_lanes
from .record import TOPOLOGIES, Flow, load

NAME = "characterise"
DIRECTIONS = ("rx", "tx")
PAIRS = ("stock", "ours")
XEN = ("same", "separate")
# Machines beside each other: a host has two CPUs at least.
LANES = 2
# The shared level: small, since a large one swallows everything.
LLC_KB = 4096


@dataclasses.dataclass(frozen=True)
class Traffic:
    """How the generator is told of a traffic; amounts are bytes for TCP,
    else packets."""
    kind: str
    size: str
    offloads: str
    counted: int
    cached: int


MB = 1 << 20
TCP = {"tcp-gso": Traffic("tcp", "0", "on", 16 * MB, 4 * MB),
       "tcp-1500": Traffic("tcp", "0", "off", 8 * MB, 2 * MB)}
BURSTS = (1, 8, 64, 256)
RATES = (100, 400)


def traffic(name):
    """By its name in the results."""
    if name in TCP:
        return TCP[name]
    kind, size, *more = name.split("-")
    word = more[0].rstrip("0123456789") if more else ""
    number = int(more[0].removeprefix(word)) if more else 0
    if word == "vcpus":
        return TCP[f"{kind}-{size}"]
    if word == "rate":
        return Traffic("udp", f"{size}@{number}", "on", 3 * number,
                       2 * number)
    if word == "burst":
        # Whole bursts, in the warm-up too.
        count = max(512, 4 * number)
        return Traffic("udp", f"{size}/{number}", "on", count, count)
    if kind == "rr":
        return Traffic("rr", size, "on", 1000, 400)
    return Traffic("udp", size, "on", 4000, 1200)


MTU = ("tcp-1500",)
BULK = ("tcp-gso", "tcp-1500")
SHORT = ("tcp-gso", "udp-64", "tcp-1500")
UDP = ("udp-64", "udp-1472")
SERIES = ("udp-256", "udp-1024")
PACED = tuple(f"udp-1472-rate{rate}" for rate in RATES)
BURSTING = tuple(f"udp-1472-burst{length}" for length in BURSTS)


@dataclasses.dataclass(frozen=True)
class Block:
    """Windows that are measured alike: all of placements x traffics."""
    path: str
    traffics: tuple
    placements: tuple
    repeats: int
    pairs: tuple = PAIRS
    cache: str = "off"
    directions: tuple = DIRECTIONS
    # Where our other transfer modes are measured, too.
    others: tuple = ()
    # How a side-core learns of work.
    notify: tuple = ("event", "poll")


@dataclasses.dataclass(frozen=True)
class Boot:
    """A machine, and its blocks. shape: fields of Lab."""
    name: str
    blocks: tuple
    shape: dict = dataclasses.field(default_factory=dict)


# dom0's second vCPU has the second CPU to itself.
SIDECORE = {"dom0_vcpus": 2}
# A quick run has one clock, and fewer boots for it: CPUs that work at once take
# turns there.
QUICK = {"steady": True}


def _both(block):
    """The block once for each topology."""
    return tuple(dataclasses.replace(block, cache=topology)
                 for topology in TOPOLOGIES)


def _native(path, traffics, repeats):
    return Block(path, traffics, ("native",), repeats, (NATIVE,))


def _dom0(traffics, repeats):
    """dom0 ends the traffic itself."""
    return Block("inter", traffics, ("same",), repeats, (NATIVE,))


def _side(path, traffics, repeats, **more):
    return Block(path, traffics, ("sidecore",), repeats, ("ours",), **more)


def quick_boots():
    """Enough for the first figures: traffic that leaves the machine, and no
    repeats."""
    return [
        Boot("quick-native", (
            _native("inter", SHORT, 1), *_both(_native("inter", MTU, 1)))),
        Boot("quick-xen", (
            Block("inter", SHORT, XEN, 1, others=("same",)),
            _dom0(MTU, 1),
            *_both(Block("inter", MTU, XEN, 1))), QUICK),
        Boot("quick-sidecore", (
            _side("inter", BULK, 1),
            *_both(_side("inter", MTU, 1, notify=("poll",)))),
            {**SIDECORE, **QUICK}),
    ]


def full_boots():
    """All that the report shows, within what an hour has of it."""
    only_rx = {"directions": ("rx",)}

    def vcpus(count):
        """dom0 with so many, one of them where the guest is."""
        return Block("inter", (f"tcp-gso-vcpus{count}",), ("separate",), 2,
                     directions=("tx",), others=("separate",))
    return [
        Boot("native", (
            _native("inter", BULK + UDP + ("rr-64",), 2),
            _native("intra", SHORT, 2), _native("dom0", BULK, 2),
            *_both(_native("inter", BULK, 1)),
            *_both(_native("intra", MTU, 1)))),
        Boot("xen", (
            Block("inter", BULK, ("same",), 3, others=("same",)),
            Block("inter", BULK, ("separate",), 2, others=("separate",)),
            Block("inter", UDP, XEN, 2, others=("same",)),
            Block("inter", ("rr-64",), ("same",), 1), _dom0(BULK, 2),
            Block("inter", SERIES, ("same",), 1, ("ours",), **only_rx,
                  others=("same",)),
            Block("inter", BURSTING, ("same",), 1, **only_rx,
                  others=("same",)),
            Block("inter", BURSTING, ("same",), 1, directions=("tx",)),
            Block("inter", ("udp-1472",), ("separate",), 1, ("ours",),
                  **only_rx, others=("separate",)),
            Block("inter", PACED, XEN, 1),
            Block("intra", SHORT, XEN, 1), Block("dom0", BULK, ("same",), 3))),
        Boot("xen-caches", (
            *_both(Block("inter", BULK, XEN, 1)),
            *_both(Block("inter", ("udp-1472",), XEN, 1, ("ours",), **only_rx,
                         others=XEN)),
            Block("inter", ("udp-64",) + SERIES, ("same",), 1, ("ours",),
                  "private", **only_rx, others=("same",)),
            Block("inter", PACED[-1:], XEN, 1, cache="private"),
            Block("inter", BURSTING, ("same",), 1, cache="private"),
            *_both(Block("intra", MTU, XEN, 1)))),
        Boot("sidecore", (
            _side("inter", SHORT, 2), _side("intra", BULK, 1),
            _side("inter", SHORT, 1, notify=("adaptive",)),
            *_both(_side("inter", BULK, 1, notify=("poll",))),
            *_both(_side("intra", MTU, 1, notify=("poll",))),
            vcpus(2)), SIDECORE),
        Boot("vcpus4", (vcpus(4),), {"dom0_vcpus": 4, "cpus": 4}),
    ]


def without_sidecore(boots):
    """What a build without side-cores can do of the boots."""
    left = [dataclasses.replace(boot, blocks=tuple(
        block for block in boot.blocks if "sidecore" not in block.placements))
            for boot in boots]
    return [boot for boot in left if boot.blocks]


def modes_of(block, pair, placement, direction, known):
    """The vif's switches, each set of which is a setup; known: the transfer
    modes that our backend has. All of them are named, since a window leaves
    them as they are."""
    if pair != "ours" or placement == "native":
        return [()]
    usual = dict(zip(("rx_mode", "tx_mode"), MODES[pair]))
    found = [usual]
    other = {"rx": "flip", "tx": "map"}[direction]
    if placement in block.others and other in known:
        found.append({**usual, f"{direction}_mode": other})
    if placement == "sidecore":
        found = [{**modes, "notify": notify, "sidecore_cpus": 1,
                  "offload": "sidecore"}
                 for modes in found for notify in block.notify]
    return [tuple(modes.items()) for modes in found]


def _spec(block, name, placement, pair, direction, modes):
    item = traffic(name)
    count = item.counted if block.cache == "off" else item.cached
    # TCP takes a while to find its pace; simulated caches take too long.
    whole = item.kind == "tcp" and block.cache == "off"
    return Spec(Flow(block.path, direction, name).label(), placement, pair,
                block.path, direction, item.kind, item.size, item.offloads,
                block.cache, count if whole else max(1, count // 4), count,
                modes)


def specs(boot, known):
    """The boot's windows in an order that moves guests and switches offloads
    seldom; repeats lie apart, and the pairs alternate within one."""
    found = []
    for block in boot.blocks:
        for placement, repeat in itertools.product(
                block.placements, range(block.repeats)):
            names = sorted(block.traffics, key=lambda name:
                           (traffic(name).offloads == "off") != repeat % 2)
            found += [(placement, _spec(block, name, placement, pair,
                                        direction, modes))
                      for name in names for direction in block.directions
                      for pair in block.pairs
                      for modes in modes_of(block, pair, placement,
                                            direction, known)]
    # Stable: within a placement the order above stays.
    found.sort(key=lambda item: item[0])
    return [spec for _, spec in found]


def log_of(boot):
    return f"{NAME}-{boot.name}"


def by_instructions(boot, windows):
    """Whether instructions are the clock of these windows of a boot."""
    return can_be_steady() and boot.shape.get("steady", steady(windows))


def parts(boot, windows):
    """[(Boot, [Spec...])...]: as many boots as so many windows take, and
    those with instructions as the clock apart."""
    found = []
    for wanted in (True, False):
        alike = [window for window in windows
                 if by_instructions(boot, [window]) == wanted]
        for start in range(0, len(alike), MOST_WINDOWS):
            name = f"{boot.name}-{len(found) + 1}" if found else boot.name
            found.append((dataclasses.replace(boot, name=name),
                          alike[start:start + MOST_WINDOWS]))
    return found


def plan(quick, kernel):
    """[(Boot, [Spec...])...]"""
    boots = quick_boots() if quick else full_boots()
    if not has_sidecore(kernel):
        boots = without_sidecore(boots)
    known = built(kernel)
    return [part for boot in boots
            for part in parts(boot, specs(boot, known))]


def _try(boot, windows, kernel):
    """Twice if need be: a long run should not fall to one bad boot."""
    shape = {"kernel": kernel, "llc_kb": LLC_KB, **boot.shape}
    try:
        run(windows, log_of(boot), **shape)
    except StepFailed as failure:
        if stopping.is_set():
            raise
        warn(f"{failure}; once more")
        run(windows, log_of(boot), **shape)


def _measure(boot, windows, kernel):
    start = time.time()
    _try(boot, windows, kernel)
    say(f"{boot.name}: {len(windows)} windows in {time.time() - start:.0f} s")


def _length(part):
    """Caches take four times as long."""
    return sum(1 if window.cache == "off" else 4 for window in part[1])


def measure(boots, kernel):
    """Boot and measure; the windows are left in the boots' logs.

    Where instructions are the clock, a machine is one thread, and does not see
    what runs beside it; the others have the host to themselves.
    """
    say(f"{sum(len(windows) for _, windows in boots)} windows in "
        f"{len(boots)} boots")
    alone = [part for part in boots if not by_instructions(*part)]
    beside = sorted((part for part in boots if part not in alone),
                    key=_length, reverse=True)
    for planned, lanes in ((beside, min(LANES, os.cpu_count())), (alone, 1)):
        in_lanes([functools.partial(_measure, *part, kernel)
                  for part in planned], lanes)


def collect(boots):
    """The windows that these boots left, the last time each was run."""
    found = []
    for boot, _ in boots:
        path = paths.LOG / log_of(boot) / "windows.json"
        if not path.exists():
            raise StepFailed("reading the windows", path.parent,
                             "this boot has left none")
        found += load(path)
    return found
