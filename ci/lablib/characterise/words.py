# SPDX-License-Identifier: GPL-2.0
"""What things are called on the pages."""

from .record import PRIVATE, SHARED
from .results import NOBODY

COMPONENT = {"xen": "Xen", "dom0_kernel": "dom0 kernel",
             "dom0_user": "dom0 user", "domu_kernel": "guest kernel",
             "domu_user": "guest user", "idle": "idle",
             "spin": "lock spinning", "poll": "empty polls",
             "native": "native kernel and user"}
PLACEMENT = {"same": "same CPU", "separate": "separate CPUs",
             "sidecore": "side-core"}
TOPOLOGY = {PRIVATE: "no shared last-level cache",
            SHARED: "shared last-level cache"}
PATH = {"inter": "guest and a host beyond the NIC",
        "intra": "guest and a second guest",
        "dom0": "guest and dom0 itself"}
DIRECTION = {"rx": "Rx, into the guest", "tx": "Tx, out of the guest"}


def traffic(name):
    """A traffic's name as a reader knows it."""
    known = {"tcp-gso": "TCP, 64 KiB pieces", "tcp-1500": "TCP, 1500 bytes",
             "rr-64": "request and response, 64 bytes"}
    if name in known:
        return known[name]
    kind, size, *rest = name.split("-")
    if kind == "udp" and size.isdigit():
        size = f"UDP, {size} bytes"
        for word in rest:
            for key, text in (("rate", "{} packets/s"), ("burst", "bursts of "
                                                         "{}")):
                if word.startswith(key):
                    size += ", " + text.format(word.removeprefix(key))
        return size
    if rest and rest[-1].startswith("vcpus"):
        return (f"{traffic(f'{kind}-{size}')}, "
                f"{rest[-1].removeprefix('vcpus')} dom0 vCPUs")
    return name


def modes(item, direction=""):
    """How bytes cross; without a direction, both ways."""
    by = {"rx": item.rx_mode, "tx": item.tx_mode}
    if direction:
        return by[direction]
    return "/".join(dict.fromkeys(by.values()))


def setup(item, direction=""):
    """A bar's label: whose drivers, by which mode, where."""
    if item.placement == "native":
        return "native"
    if item.pair == NOBODY:
        return "dom0 itself"
    text = f"{item.pair} {modes(item, direction)}, "
    text += PLACEMENT.get(item.placement, item.placement)
    return text + (f", {item.notify}" if item.notify != "event" else "")
