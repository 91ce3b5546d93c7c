# SPDX-License-Identifier: GPL-2.0
"""Whether ktest.pl and the lab call a failure a failure, and a bisection
finds what was broken on purpose."""

import time

from ..progress import say, warn
from .bisect import bisect, clone, commit, git, tell_bisection
from .call import call, tell

KERNEL, MODE = "6.1", "copy"
STOCK = "--back stock --front stock"
# What is run; ktest.pl's words for it ("" is a success); the lab's ending.
WAYS = {
    "pass": ("selftest --set LAB_WAY=pass", "", "pass"),
    "fail": ("selftest --set LAB_WAY=fail", "test failed", "fail"),
    "guest-panic": ("selftest --set LAB_WAY=guest-panic", "test failed",
                    "crash"),
    "dom0-panic": ("selftest --set LAB_WAY=dom0-panic", "test failed",
                   "crash"),
    "hang": ("selftest --set LAB_WAY=hang", "test failed", "timeout"),
    "boot-panic": ("boot --dom0-extra rdinit=/none",
                   "failed - got a bug report", "crash"),
    # Nobody reads what cat writes.
    "boot-hang": ("boot --dom0-extra rdinit=/bin/cat",
                  "failed - never got a boot prompt.", "timeout"),
}
# A history, and the one of its commits that breaks netback: the vif's carrier
# goes where it should come.
COMMITS, BROKEN = 4, 3
MISTAKE = ("netif_carrier_on(", "netif_carrier_off(")
BISECT = "bisect"


def _verdict(good, text):
    say(f"{'ok' if good else 'not ok'} - {text}")
    return good


def _way(name):
    what, why, lab = WAYS[name]
    start = time.time()
    ended = call(f"selftest-{name}", "test", KERNEL=KERNEL, MODE=MODE,
                 WHAT=f"{what} {STOCK}")
    tell(ended, time.time() - start)
    told = (ended.good, ended.why, ended.lab)
    if told != (not why, why, lab):
        warn(f"wanted: {why or 'a success'}, the lab: {lab}")
    return _verdict(told == (not why, why, lab), f"{name} ends as it should")


def _head(tree):
    return git(tree, "rev-parse", "HEAD")


def _commit(tree, subject):
    git(tree, "-c", "user.name=selftest", "-c", "user.email=selftest@invalid",
        "commit", "--quiet", "--all", "--allow-empty", "--message", subject)
    return _head(tree)


def _break(tree):
    changed = 0
    for path in sorted((tree / "netback").glob("*.c")):
        text = path.read_text()
        changed += text.count(MISTAKE[0])
        path.write_text(text.replace(*MISTAKE))
    return changed


def _history(tree):
    """(the commits, the one that is broken) on top of this tree's own."""
    git(tree, "checkout", "--quiet", "--detach", commit("HEAD"))
    made = [_head(tree)]
    for number in range(1, COMMITS + 1):
        if number == BROKEN and not _break(tree):
            warn(f"nothing to break: no {MISTAKE[0]} in netback")
        made.append(_commit(tree, f"selftest: {number} of {COMMITS}"))
    return made, made[BROKEN]


def _bisect():
    name = f"selftest-{BISECT}"
    tree = clone(name)
    made, broken = _history(tree)
    start = time.time()
    found, ended = bisect(name, made[0], made[-1], KERNEL=KERNEL,
                          MODE=MODE, WHAT="boot")
    tell_bisection(ended, time.time() - start)
    return _verdict(found == broken, f"{broken[:12]} was broken, "
                    f"{(found or 'none')[:12]} was found")


def names():
    return [*WAYS, BISECT]


def run(name):
    """Whether it went as it should."""
    return _bisect() if name == BISECT else _way(name)
