#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the plugin wrote, made into records.

A window of a few blocks, written by hand: whose they are, what is a call, a
hypercall, a grant's element, a lock's waiting, a poller's empty look.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ci"))

# pylint: disable=wrong-import-position
from lablib.measure import symbols, windows  # noqa: E402

NM = """
ffff82d040000000 T idle_loop
ffff82d040000100 T do_grant_table_op
ffff82d040000200 t gnttab_copy
ffff82d040000300 T _spin_lock
ffff82d040000400 t unmap_common.constprop.0
ffff82d040000500 D data
"""
CORE = """
ffffffff81000000 T xen_pv_evtchn_do_upcall
ffffffff81000010 T __pfx_eth_type_trans
ffffffff81000020 T eth_type_trans
"""
MODULES = ["ffffffffc0000000 t rx_take\t[netback]\n",
           "ffffffffc0000000 t rx_parse\t[netfront]\n"]
# The call in gnttab_copy returns to its 0x10th byte.
RETURNS = {("gnttab_copy", "memcpy"): {0xffff82d040000210}}

NO_EVENTS = " 0 0 0 0 0 0"
LOG = [
    "b 9 1 ffff82d040000100 7 0" + NO_EVENTS + " 5 0 0 0 0 0 0 0",
    "window 3 1",
    "poll 0 0 30 0 10", "poll 1 0 0 0 0",
    # Xen, for dom0 and for the guest.
    "b 1 1 ffff82d040000100 7 0" + NO_EVENTS + " 5 2 0 0 0 0 0 0",
    "b 2 1 ffff82d040000210 4 0 0 1 1 0 0 0 9 0 0 0 0 0 0 0",
    # Ten locks, one of them waited for: 90 times round.
    "b 3 1 ffff82d040000300 3 0" + NO_EVENTS + " 10 0 0 0 0 0 0 0",
    "b 4 1 ffff82d040000303 2 0" + NO_EVENTS + " 100 0 0 0 0 0 0 0",
    "b 5 1 ffff82d040000008 6 1" + NO_EVENTS + " 0 4 0 0 0 0 0 0",
    # dom0's module, of which three runs looked like the guest's.
    "b 6 3 ffffffffc0000000 10 0" + NO_EVENTS + " 50 3 0 0 0 0 0 0",
    "b 7 2 ffffffff81000000 5 1" + NO_EVENTS + " 0 6 0 0 0 0 0 0",
    "b 8 2 ffffffff81000024 5 1" + NO_EVENTS + " 0 1 0 0 0 0 0 0",
    "b 10 3 ffffffffc0000000 2 1" + NO_EVENTS + " 0 8 0 0 0 0 0 0",
    "b 11 0 401000 100 1" + NO_EVENTS + " 0 1 0 0 0 0 0 0",
    "end 3",
    "window 4 0",
    "b 1 1 ffff82d040000100 7 0" + NO_EVENTS + " 1 0 0 0 0 0 0 0",
]

XEN_0 = 7 * 7 + 4 * 9 + 3 * 10 + 2 * 100
SPIN_0 = 3 * 10 + 2 * 100 - 12 * 10


def record():
    core = symbols.Symbols(symbols.parse_nm(CORE, "__pfx_"))
    space = windows.Space(symbols.Symbols(symbols.parse_nm(NM)),
                          [(core, symbols.modules(text)) for text in MODULES])
    found = list(windows.read(LOG))
    assert [window.number for window in found] == [3], "one is whole"
    return windows.Counts(found[0], space, RETURNS).record()


def is_function(found, component, name, wanted):
    one = next(one for one in found["functions"]
               if (one["component"], one["name"]) == (component, name))
    return {key: one[key] for key in wanted} == wanted


def cases(found):
    cpu0, cpu1 = found["instructions"]["0"], found["instructions"]["1"]
    yield "caches", found["cache"] == "private"
    yield "xen", cpu0["xen"] == XEN_0 - SPIN_0 - 30 and not cpu1["xen"]
    yield "spin", cpu0["spin"] == SPIN_0
    yield "poll", cpu0["poll"] == 40
    yield "idle", cpu1["idle"] == 24
    yield "majority", (cpu0["dom0_kernel"] == 530 - 10
                       and not cpu0["domu_kernel"])
    yield "guest", cpu1["domu_kernel"] == 30 + 5 + 16
    yield "user", cpu1["domu_user"] == 100
    yield "modules", (
        is_function(found, "dom0_kernel", "rx_take",
                    {"calls": 53, "module": "netback"})
        and is_function(found, "domu_kernel", "rx_parse",
                        {"calls": 8, "instructions": 16}))
    yield "entry", is_function(found, "domu_kernel", "eth_type_trans",
                               {"calls": 0, "instructions": 5})
    yield "hypercalls", found["hypercalls"] == {"grant_table_op": 7}
    yield "callers", found["hypercalls_by"] == {
        "dom0_kernel": {"grant_table_op": 5},
        "domu_kernel": {"grant_table_op": 2}}
    yield "elements", found["grant_elements"]["copy"] == 9
    yield "upcalls", found["events"]["upcalls"] == 6
    yield "misses", found["misses"]["0"]["xen"]["l2"] == 1
    yield "plain", symbols.plain("unmap_common.constprop.0") == "unmap_common"
    yield "before", symbols.Symbols([]).find(5) == ("?", "", False)


def main():
    results = list(cases(record()))
    print(f"KTAP version 1\n1..{len(results)}")
    for number, (name, good) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} {name}")
    return not all(good for _, good in results)


if __name__ == "__main__":
    sys.exit(main())
