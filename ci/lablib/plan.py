# SPDX-License-Identifier: GPL-2.0
"""Which jobs run on which machines.

A scenario's head names it and what it wants:

    # lab: one line for "ci/lab list"
    # seconds: 120 [600]       the bound, and that of the full variant
    # shape: guest_vcpus=2     the machine, where it differs from the usual
    # builds: FLIP=n,MAP=n     our modules once more, with this left out; or
                               LOOP=y: with what calibrates the counting
    # on-top: LAB_SOAK_S       seconds granted on top, if this is given
    # matrix: yes              once for each pairing of drivers and kernels
    # endings: panic=crash     one job per way, and how it must end; more of
    # full-endings: hang=fail  them in the full variant; crash:BUG: and that
                               what it says of it has this word in it; with
                               LAB_WAY given, this way alone, as any other job
    # judge: yes               lablib.measure judges what the plugin counted
    # rows: TABLE 20 60        a scenario NAME-ROW for each row of the table, of
                               so many seconds beyond the bound; those that
                               are asked for run as one job
"""

import dataclasses
import fnmatch
import itertools
import re

from . import paths
from .lab import TIMEOUT, Job, Lab
from .measure import calibration
from .progress import StepFailed

# So much longer may a job take on the debug kernel.
SLOWER = 3
# The bound of a job that is to hang: all of it is waited for.
HANG_S = 8
# Every two values of two factors meet in at least one row.
PAIRWISE = [
    # back     front    dom0    guest   type
    ("ours", "ours", "6.1", "6.1", "pv"),
    ("ours", "stock", "6.1", "6.12", "pvh"),
    ("stock", "ours", "6.1", "6.12", "pv"),
    ("ours", "ours", "6.12", "6.12", "pvh"),
    ("ours", "stock", "6.12", "6.1", "pv"),
    ("stock", "ours", "6.12", "6.1", "pvh"),
]
PAIRINGS = [("ours", "ours"), ("ours", "stock"), ("stock", "ours")]
FULL = [(back, front, kernel, guest, kind)
        for kernel, guest, kind, (back, front) in itertools.product(
            ("6.1", "6.12"), ("6.1", "6.12"), ("pv", "pvh"), PAIRINGS)]


@dataclasses.dataclass
class Scenario:
    """A script of tests/lab and what its head says."""
    name: str
    about: str
    seconds: tuple
    shape: dict
    matrix: bool
    endings: dict
    full_endings: dict
    judge: bool
    script: str = ""
    # One of a table's rows, and the seconds of each.
    row: str = ""
    each: tuple = ()
    # What of the jobs' environment tells seconds on top of the bound.
    on_top: str = ""

    def bound(self, full):
        return self.seconds[-1] if full else self.seconds[0]


def _head(text, key):
    found = re.search(rf"^# {key}: (.+)$", text, re.M)
    return found.group(1).strip() if found else ""


def _shape(words):
    shape = {}
    for word in words.split():
        key, value = word.split("=", 1)
        shape[key] = int(value) if value.isdigit() else value
    return shape


def _rows(item, table, *each):
    """A scenario for each row of a table, KIND(name, "ids", "text")."""
    text = (paths.SCENARIOS / table).read_text()
    for name, ids, about in re.findall(
            r'^[A-Z]+\((\w+), "(.*?)", "(.*?)"\)$', text, re.M):
        row = name.replace("_", "-")
        ids = f" ({', '.join(ids.split())})" if ids != "-" else ""
        yield dataclasses.replace(
            item, name=f"{item.name}-{row}", about=about + ids, row=row,
            each=tuple(map(int, each)))


def scenarios():
    """All scenarios by name."""
    found = {}
    for path in sorted(paths.SCENARIOS.glob("*.sh")):
        text = path.read_text()
        about = _head(text, "lab")
        if not about:
            continue
        builds = _head(text, "builds")
        seconds = tuple(map(int, _head(text, "seconds").split())) or (120,)
        item = Scenario(
            path.stem, about, seconds,
            {**_shape(_head(text, "shape")),
             **({"builds": builds} if builds else {})},
            bool(_head(text, "matrix")), _shape(_head(text, "endings")),
            _shape(_head(text, "full-endings")), bool(_head(text, "judge")),
            path.stem, on_top=_head(text, "on-top"))
        table = _head(text, "rows")
        for each in _rows(item, *table.split()) if table else [item]:
            found[each.name] = each
    return found


def scenario(name):
    known = scenarios()
    if name not in known:
        raise StepFailed(f"finding the scenario {name}",
                         hint="see ci/lab list")
    return known[name]


def matching(patterns):
    """The scenarios that are named by name or by pattern; all if none is."""
    known = list(scenarios())
    names = []
    for pattern in patterns or ["*"]:
        found = fnmatch.filter(known, pattern)
        names += found or [scenario(pattern).name]
    return list(dict.fromkeys(names))


def _matrix_jobs(item, shape, full):
    """(shape, job) for each row of the matrix; a row's kernel is a boot."""
    for back, front, kernel, guest, kind in FULL if full else PAIRWISE:
        name = f"{item.name}-{back}-{front}-{kind}-{kernel}-{guest}"
        env = {"LAB_BACK": back, "LAB_FRONT": front, "LAB_TYPE": kind,
               "LAB_GUEST_KERNEL": guest}
        row = {**shape, "kernel": kernel, "back": "ours", "front": "ours",
               "guest_kernels": ("6.1", "6.12")}
        yield row, Job(name, item.name, item.bound(full), env)


def _ending_jobs(item, shape, full):
    """(shape, job) for each ending that the scenario provokes."""
    more = item.full_endings if full else {}
    for way, ending in {**item.endings, **more}.items():
        bound = HANG_S if ending == TIMEOUT else item.bound(False)
        yield shape, Job(f"{item.name}-{way}", item.name, bound,
                         {"LAB_WAY": way}, ending)


def _merge_rows(jobs, full):
    """Jobs of one boot, with the rows of each table made into one job."""
    merged, tables = [], {}
    for item, job in jobs:
        if not item.row:
            merged.append(job)
            continue
        first = tables.setdefault(item.script, job)
        if first is job:
            merged.append(job)
            job.env = {**job.env, "LAB_ROWS": item.row}
        else:
            first.name = item.script
            first.env["LAB_ROWS"] += f",{item.row}"
            first.seconds += job.seconds - item.bound(full)
        first.seconds += item.each[-1] if full else item.each[0]
    return merged


# What a scenario asks for that takes no boot of its own.
PER_JOB = {"backend_domain": "LAB_BACKEND", "guest_vcpus": "LAB_GUEST_VCPUS",
           "rx_mode": "LAB_RX_MODE", "tx_mode": "LAB_TX_MODE"}


def _split(shape):
    """A scenario's shape: (the machine's part, the job's environment)."""
    machine = {key: value for key, value in shape.items()
               if key not in PER_JOB}
    env = {PER_JOB[key]: value for key, value in shape.items()
           if key in PER_JOB}
    if shape.get("guest_vcpus", 1) > 1:
        env["LAB_GUEST_CPUS"] = "all"
    return machine, env


def _bites(packed, seconds):
    """Jobs in groups whose bounds sum up to no more than so many seconds."""
    group, total = [], 0
    for job in packed:
        if group and seconds and total + job.seconds > seconds:
            yield group
            group, total = [], 0
        group.append(job)
        total += job.seconds
    yield group


def jobs(names, options, full=False, seconds=0, env=None):
    """[(Lab, [Job...])...]: the fewest boots for these scenarios.

    options: what the user asked for, as fields of Lab; a pairing named there
    takes the place of the matrix. seconds: no boot gets jobs for longer than
    this, unless it is a single one; the longest boots come first. env: what
    every job is given besides; LAB_RANDOM_S in it, the bound of each random
    row, is granted on top.
    """
    env = env or {}
    pinned = {"back", "front", "kernel", "guest_kernel", "guest_type"}
    boots = {}
    for name in names:
        item = scenario(name)
        machine, own = _split({key: value for key, value in
                               item.shape.items() if key not in options})
        shape = {**machine, **options, "full": full}
        if item.matrix and not pinned & options.keys():
            rows = _matrix_jobs(item, shape, full)
        elif item.endings and "LAB_WAY" not in env:
            rows = _ending_jobs(item, {"back": "stock", "front": "stock",
                                       **shape}, full)
        else:
            judge = calibration.judge if item.judge else None
            rows = [(shape, Job(name, item.script, item.bound(full),
                                {**own, **env}, judge=judge))]
        for row, job in rows:
            job.env = {**env, **job.env}
            if item.row.startswith("random"):
                job.seconds += int(env.get("LAB_RANDOM_S", 0))
            job.seconds += int(env.get(item.on_top, 0))
            key = tuple(sorted(row.items()))
            boots.setdefault(key, []).append((item, job))
    found = []
    for key, packed in boots.items():
        lab = Lab(**dict(key))
        merged = _merge_rows(packed, full)
        for job in merged if lab.debugs() else []:
            job.seconds *= SLOWER
        found += [(lab, group) for group in _bites(merged, seconds)]
    if seconds:
        found.sort(key=lambda boot: -sum(job.seconds for job in boot[1]))
    return found
