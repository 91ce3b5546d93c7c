# SPDX-License-Identifier: GPL-2.0
"""Windows as the instrument leaves them, made up for the tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ci"))

# pylint: disable=wrong-import-position
from lablib.characterise.record import Window  # noqa: E402
from lablib.characterise.results import Results  # noqa: E402
from lablib.characterise.view import View  # noqa: E402

PACKETS = 1000
STOCK = {"pair": "stock", "rx_mode": "copy", "tx_mode": "map",
         "notify": "event"}
OURS = {"pair": "ours", "rx_mode": "copy", "tx_mode": "copy",
        "notify": "event"}
NATIVE = {"pair": "none", "rx_mode": "none", "tx_mode": "none",
          "notify": "event", "placement": "native"}


def data(label, modes, per_packet, cache="off", **more):
    """A window; per_packet: {component: instructions}, of CPU 0, or
    {cpu: {component: instructions}}. more: misses as per_packet is, by
    {component: {level: count}}, events, hypercalls, grants, functions.
    """
    def whole(row):
        return {name: count * PACKETS for name, count in row.items()}

    by_cpu = per_packet if "0" in per_packet else {"0": per_packet, "1": {}}
    events = {"sent": 0, "upcalls": 0, "context_switches": 0,
              "tlb_flushes": 0, "flush_ipis": 0}
    found = {
        "label": label, "cache": cache, "packets": PACKETS,
        "bytes": more.get("bytes", PACKETS * 1448), "seconds": 1.0,
        "generator": {}, "modes": {"placement": "same", **modes},
        "instructions": {cpu: whole(row) for cpu, row in by_cpu.items()},
        "functions": more.get("functions", []),
        "hypercalls": whole(more.get("hypercalls", {})),
        "hypercalls_by": {},
        "grant_elements": whole(more.get("grants", {})),
        "events": {**events, **whole(more.get("events", {}))},
        "drivers": {"back": {}, "front": {}}, "provenance": {},
    }
    if cache != "off":
        misses = more.get("misses", {})
        by_cpu = misses if "0" in misses else {"0": misses, "1": {}}
        found["misses"] = {
            cpu: {name: whole(levels) for name, levels in row.items()}
            for cpu, row in by_cpu.items()}
    return found


def results(*windows):
    return Results(Window(window) for window in windows)


def view(pair, *windows):
    return View(results(*windows), pair)
