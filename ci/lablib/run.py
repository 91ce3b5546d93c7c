# SPDX-License-Identifier: GPL-2.0
"""Boots in a row, or in two rows beside each other, told as they go."""

import functools
import os
import queue
import threading

from . import paths
from .lab import PASS, stopping
from .progress import say, warn


def show(result):
    passed, failed, skipped = result.count()
    why = f" ({result.why})" if result.why else ""
    say(f"{result.name}: {result.outcome}{why}, {passed} passed, "
        f"{failed} failed, {skipped} skipped, {result.seconds:.0f} s")
    if result.outcome != PASS:
        log = os.path.relpath(paths.LOG / result.name)
        warn(f"{result.name} {result.outcome}, logs: {log}/")


def _run_boot(lab, jobs):
    say(f"boot Xen with Linux {lab.kernel}: "
        f"{' '.join(job.name for job in jobs)}")
    return lab.run(jobs, on_line=lambda name, line: say(f"  {name}: {line}"),
                   on_result=show)


class _Lane(threading.Thread):
    """Does one task after the other until none is left."""

    def __init__(self, tasks, failures):
        super().__init__()
        self.tasks = tasks
        self.results = []
        self.failures = failures

    def run(self):
        try:
            while not stopping.is_set():
                self.results.append(self.tasks.get_nowait()())
        except queue.Empty:
            pass
        # Whatever it is, the caller is to hear of it.
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(failure)
            stopping.set()


def in_lanes(tasks, lanes):
    """Call all tasks, so many beside each other, what they return; a failure
    of one ends the machines of the others."""
    left, failures = queue.Queue(), []
    for task in tasks:
        left.put(task)
    rows = [_Lane(left, failures) for _ in range(lanes)]
    for row in rows:
        row.start()
    try:
        for row in rows:
            row.join()
    finally:
        # Interrupted: each ends its machine before it goes.
        stopping.set()
        for row in rows:
            row.join()
        stopping.clear()
    if failures:
        raise failures[0]
    return [result for row in rows for result in row.results]


def run_boots(boots, lanes=1):
    """All boots, so many beside each other; their results."""
    return sum(in_lanes([functools.partial(_run_boot, *boot)
                         for boot in boots], lanes), [])


def total_line(results, passed=0, failed=0):
    """The last line of a program; with checks of its own counted in."""
    counts = [result.count() for result in results]
    passed, failed, skipped = map(sum, zip((passed, failed, 0), *counts))
    return f"{passed} passed, {failed} failed, {skipped} skipped"
