# SPDX-License-Identifier: GPL-2.0
"""The pairs of drivers, and how each moves packets unless told otherwise."""

import re

from .modules import ours

PAIRS = ("ours", "stock")
NATIVE = "none"
# Ours in another of its modes: which, and whose direction it changes.
OTHERS = {"ours/flip": ("flip", "rx"), "ours/map": ("map", "tx")}
# (rx_mode, tx_mode, notify)
MODES = {"ours": ("copy", "copy", "event"), "stock": ("copy", "map", "event"),
         "ours/flip": ("flip", "copy", "event"),
         "ours/map": ("copy", "map", "event"),
         NATIVE: ("none", "none", "event")}


def driver(pair):
    """Whose drivers a pair is made of."""
    return pair.partition("/")[0]


def concerns(pair, direction):
    """Whether a pair's mode makes a difference to that direction."""
    return pair not in OTHERS or OTHERS[pair][1] == direction


def built(kernel):
    """The transfer modes of our backend as it was built."""
    found = re.search(rb"\0modes=([^\0]*)\0",
                      (ours(kernel) / "netback.ko").read_bytes())
    return tuple(found.group(1).decode().split()) if found else ("copy",)


def has_sidecore(kernel):
    """Whether our backend can work on a side-core."""
    return b"\0parm=sidecore_cpus:" in \
        (ours(kernel) / "netback.ko").read_bytes()
