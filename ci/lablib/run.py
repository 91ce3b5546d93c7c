# SPDX-License-Identifier: GPL-2.0
"""Boots in a row, told on the terminal as they go."""

import os

from . import paths
from .lab import PASS
from .progress import say, warn


def show(result):
    passed, failed, skipped = result.count()
    why = f" ({result.why})" if result.why else ""
    say(f"{result.name}: {result.outcome}{why}, {passed} passed, "
        f"{failed} failed, {skipped} skipped, {result.seconds:.0f} s")
    if result.outcome != PASS:
        log = os.path.relpath(paths.LOG / result.name)
        warn(f"{result.name} {result.outcome}, logs: {log}/")


def run_boots(boots):
    """All boots; their results."""
    results = []
    for lab, jobs in boots:
        say(f"boot Xen with Linux {lab.kernel}: "
            f"{' '.join(job.name for job in jobs)}")
        results += lab.run(jobs, on_line=lambda line: say(f"  {line}"),
                           on_result=show)
    return results


def total_line(results):
    counts = [result.count() for result in results]
    passed, failed, skipped = map(sum, zip((0, 0, 0), *counts))
    return f"{passed} passed, {failed} failed, {skipped} skipped"
