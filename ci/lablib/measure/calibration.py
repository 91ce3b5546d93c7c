# SPDX-License-Identifier: GPL-2.0
"""What the plugin must count where the true count is known."""

from . import collect

LOOP = 10_000_000
VISITS, VISIT = 10_000, 1000
COPIES, COPY_BYTES = 1000, 1000
HYPERCALLS = 5000
PASSES = 2000
LINE = 64
# ci/measure/loop.h
EXTRA = 500
# Instructions that markers, a start and an end may add.
SLACK = 20_000


def _total(record, component):
    return sum(row[component] for row in record["instructions"].values())


def _misses(record, event):
    return sum(row.get("dom0_user", {}).get(event, 0)
               for row in record["misses"].values())


def _near(value, wanted, part, slack=0):
    return abs(value - wanted) <= wanted * part + slack


def _loop(record):
    count = _total(record, "dom0_user")
    yield (_near(count, 2 * LOOP, 0.001, SLACK),
           f"a loop of {2 * LOOP} instructions counts as {count}")


def _poll(record):
    polled, user = _total(record, "poll"), _total(record, "dom0_user")
    # With each come the markers' own calls, about a tenth of it within and
    # without; one of them is brief.
    calls = VISITS * VISIT // 5
    yield (0 <= polled - VISITS * VISIT < calls,
           f"{VISITS} empty visits of {VISIT} instructions poll {polled}")
    # Each tenth was interrupted, by as much again as nine of them.
    work = 9 * VISIT * VISITS // 10
    yield (0 <= user - work < calls,
           f"and leave the program {user}, of which {work} came in between")


def _rep(record):
    count = _total(record, "dom0_user")
    # Each copy is the REP instruction and what loads its registers.
    yield (COPIES <= count <= 12 * COPIES + SLACK,
           f"{COPIES} REP copies of {COPY_BYTES} bytes count as {count}")


def _idle(record):
    busy = sum(count for row in record["instructions"].values()
               for component, count in row.items() if component != "idle")
    idle = _total(record, "idle")
    yield busy < 20_000_000, f"an idle second counts {busy} instructions"
    guest = _total(record, "domu_user")
    yield (idle > 0 and guest < SLACK,
           f"idling itself counts {idle}, the guest's programs {guest}")


def _hypercalls(record):
    count = record["hypercalls"].get("xen_version", 0)
    by = record["hypercalls_by"]["dom0_kernel"].get("xen_version", 0)
    # Linux makes it, too, to be called back at once.
    yield (HYPERCALLS <= by <= count and _near(count, HYPERCALLS, 0.03),
           f"{HYPERCALLS} hypercalls count as {count}, dom0's {by}")


# The rounds of a walk: enough that nothing else shows.
def _rounds(kib):
    return 20 if kib <= 256 else 4


# What a walk over so many KiB must miss, as a part of its accesses; "shared"
# has a last level, "private" none.
WALKS = {
    ("private", 16): {"l1d": 0, "l2": 0, "llc": 0},
    ("private", 256): {"l1d": 1, "l2": 0, "llc": 0},
    ("private", 1792): {"l1d": 1, "l2": 1, "llc": 0},
    ("shared", 1792): {"l1d": 1, "l2": 1, "llc": 0},
    ("shared", 8192): {"l1d": 1, "l2": 1, "llc": 1},
}


def _walk(kib):
    def judge(record):
        cache = record["cache"]
        accesses = _rounds(kib) * (kib << 10) // LINE
        for event, part in WALKS[cache, kib].items():
            share = _misses(record, event) / accesses
            yield (abs(share - part) < 0.1,
                   f"{cache}: of {accesses} accesses to {kib} KiB "
                   f"{share:.3f} miss {event}, wanted {part}")
    return judge


def _pass(record):
    # A way there and back moves the line twice, dirty each time. Waiting ends
    # read the line in between, too, so a pass may cost an upgrade as well.
    moved = _misses(record, "c2c")
    taken = _misses(record, "upgrades")
    yield (_near(moved, 2 * PASSES, 0.1),
           f"{2 * PASSES} passes of a line count as {moved} transfers")
    yield (taken >= 0.9 * moved, f"and as {taken} upgrades")


def _apart(record):
    """dom0 is on CPU 0, the guest on CPU 1, traffic between them."""
    for cpu, who in (("0", "domu"), ("1", "dom0")):
        row = record["instructions"][cpu]
        other = row[f"{who}_kernel"] + row[f"{who}_user"]
        both = sum(count for name, count in row.items()
                   if name.startswith("dom"))
        yield (other == 0 and both > 1_000_000,
               f"CPU {cpu} counts {other} of {who}'s instructions, "
               f"{both} of the domains'")


def _sum(drivers, ending):
    return sum(count for end in drivers.values()
               for name, count in end.items() if name.endswith(ending))


def _drivers(record, asking):
    """The drivers' own counters against the plugin's. They are read outside
    of the window: what asking for traffic takes is measured by itself."""
    def grown(count):
        return count(record) - count(asking)
    pairs = [("events sent",
              grown(lambda one: _sum(one["drivers"], "_events_sent")),
              grown(lambda one: one["events"]["sent"]
                    - one["events"]["ipis"])),
             ("copy hypercalls",
              grown(lambda one: _sum(one["drivers"], "_copy_hypercalls")),
              grown(lambda one: one["hypercalls"].get("grant_table_op", 0)))]
    for what, own, counted in pairs:
        yield (own > 0 and _near(counted, own, 0.02, 2),
               f"the drivers count {own} {what}, the plugin {counted}")
    yield from _extra(record)


def _extra(record):
    """The instructions that the build LOOP=y adds for each packet."""
    mine = [item for item in record["functions"]
            if item["name"] == "measure_loop"
            and item["component"] == "dom0_kernel"]
    calls, count = (sum(item[key] for item in mine) / record["packets"]
                    for key in ("calls", "instructions"))
    yield (abs(calls - 1) < 0.02,
           f"{calls:.3f} calls per packet of a loop in dom0's Rx")
    yield (abs(count / calls - EXTRA) <= 10 if calls else False,
           f"of {EXTRA} instructions, counted {count:.0f} per packet")
    yield ({item["module"] for item in mine} == {"netback"},
           "all of them in the module netback")


# By the labels of the windows that each of them takes.
JUDGES = {
    "loop": _loop, "poll": _poll, "rep": _rep, "idle": _idle,
    "hypercalls": _hypercalls,
    "pass": _pass, "apart": _apart, "drivers asking": _drivers,
    **{f"walk-{kib}-{cache}": _walk(kib) for cache, kib in WALKS},
}


def judge(result, lab):
    """The verdicts on the windows of tests/lab/calibration.sh."""
    seen = {}
    for record in collect.records(result, lab):
        seen[record["label"]] = record
    for labels, function in JUDGES.items():
        if labels == "pass" and lab.steady:
            continue
        missing = [label for label in labels.split() if label not in seen]
        for label in missing:
            yield False, f"the window {label} is there"
        if not missing:
            yield from function(*map(seen.get, labels.split()))
