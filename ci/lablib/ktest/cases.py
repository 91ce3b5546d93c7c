# SPDX-License-Identifier: GPL-2.0
"""The cases of make ktest: a scenario in each mode on each kernel."""

import dataclasses
import os
import shutil
import time

from .. import debian, paths, plan
from ..progress import StepFailed, say, warn
from .call import call, tell

KERNELS = (*debian.KERNELS, debian.DEBUG)
# As ci/ktest/modes.conf has them.
MODES = ("copy", "flip", "map", "sidecore")
SCENARIO = "transfer"


@dataclasses.dataclass
class Case:
    """test: a scenario, and maybe more words for ci/lab run."""
    kernel: str
    mode: str
    test: str = SCENARIO

    def name(self):
        return f"{scenario_of(self.test)}-{self.mode}-{self.kernel}"


def scenario_of(test):
    return test.split()[0]


def prepare(kernels, test=SCENARIO):
    """Look whether there is such a test, and fetch and build what takes long,
    before anything is bounded."""
    plan.scenario(scenario_of(test))
    debian.kernel_script("ktest.pl")
    for kernel in kernels:
        debian.kernel_tree(kernel)


def _keep_logs(case, folder):
    logs = paths.LOG / scenario_of(case.test)
    if logs.exists():
        shutil.copytree(logs, folder / "logs")
    warn(f"ktest {case.name()} failed, logs: {os.path.relpath(folder)}/")


def run(case):
    """(passed, failed, skipped) of one case, that is a single 1. It counts as
    skipped if the lab passed over any of its checks."""
    say(f"ktest {case.name()}: {case.test} on Linux {case.kernel}, "
        f"mode {case.mode}")
    start = time.time()
    try:
        ended = call(case.name(), "test", KERNEL=case.kernel, MODE=case.mode,
                     WHAT=case.test)
    except StepFailed as failure:
        # It has no end; those behind it may have one.
        warn(str(failure))
        return 0, 1, 0
    tell(ended, time.time() - start)
    if not ended.passed():
        _keep_logs(case, ended.folder)
        return 0, 1, 0
    return (0, 0, 1) if ended.checks[2] else (1, 0, 0)
