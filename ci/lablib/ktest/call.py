# SPDX-License-Identifier: GPL-2.0
"""One call of ktest.pl, which makes one test, and how it ended.

Its exit status says nothing: what counts is its last line, and whether the
lab's own verdict is the same.
"""

import contextlib
import dataclasses
import os
import re
import shutil
import signal
import subprocess

from .. import debian, paths
from ..progress import StepFailed, meanwhile, say

CONFIGS = paths.ROOT / "ci" / "ktest"
FOLDER = paths.BUILD / "ktest"
# Each boot and each job has a bound of its own; this is for what has none.
BOUND_S = 3600
# The lab's verdict by its exit status.
ENDINGS = {0: "pass", 1: "fail", 2: "crash", 3: "timeout"}


@dataclasses.dataclass
class Ended:
    """What ktest.pl and the lab said."""
    folder: object
    # ktest.pl's result: whether it was a success, and if not, its words.
    good: bool
    why: str
    # How the lab ended that ran last; "off" if it was not let end.
    lab: str
    # (passed, failed, skipped) checks of it.
    checks: tuple
    log: str

    def passed(self):
        """Both have to say so."""
        return self.good and self.lab == "pass"


def _write_config(folder, config, words):
    lines = [f"{key} := {value}" for key, value in
             {"ROOT": paths.ROOT, "DIR": folder, **words}.items()]
    path = folder / "ktest.conf"
    path.write_text("\n".join([*lines, f"INCLUDE {CONFIGS / config}.conf",
                               ""]))
    return path


def _read(path):
    return path.read_text(errors="replace") if path.exists() else ""


def _result(log):
    """(whether it was a success, why not) by ktest.pl's log."""
    counts = re.findall(r"^ *(\d+) of (\d+) tests were successful$", log,
                        re.M)
    failed = re.findall(r"^KTEST RESULT: TEST 1.*? Failed: (.*)$", log, re.M)
    critical = re.findall(r"^CRITICAL FAILURE\.\.\. (.*)$", log, re.M)
    if counts == [("1", "1")] and not failed and not critical:
        return True, ""
    return False, " ".join(failed + critical) or "no result"


def _ended(folder):
    log, lab = _read(folder / "ktest.log"), _read(folder / "lab.log")
    status = _read(folder / "status").strip()
    checks = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", lab,
                        re.M)
    return Ended(folder, *_result(log),
                 ENDINGS.get(int(status), "off") if status else "off",
                 tuple(map(int, checks[-1])) if checks else (0, 0, 0), log)


def _off(folder):
    """Nothing is left running, whatever ktest.pl came to."""
    subprocess.run([CONFIGS / "machine", folder, "off"], check=False,
                   stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def _ktest(folder, config):
    """ktest.pl at work; when the block ends it does, and so does the machine.
    """
    with open(folder / "ktest.out", "wb") as out:
        # It copies what it reads to the console, and waits for nothing while
        # there is an end to read: so this is a pipe that stays open. Were it
        # to lead a session, the console would end it with itself.
        child = subprocess.Popen(
            ["perl", debian.kernel_script("ktest.pl"), config],
            stdin=subprocess.PIPE, stdout=out, stderr=out, cwd=folder,
            process_group=0)
    try:
        yield child
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        child.stdin.close()
        _off(folder)


def _now(folder):
    """How far it is, in words: the last that the lab said of it."""
    lines = _read(folder / "lab.log").splitlines()
    said = re.sub(r"^\[ *\d+s\] *", "", lines[-1]) if lines else "preparing"
    return f"  ktest {folder.name}: {said}"


def call(name, config, bound=BOUND_S, **words):
    """Call ktest.pl with a configuration of ci/ktest, in a folder that is
    named after the test, and words put before the configuration."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = _write_config(folder, config, {
        "NAME": name, "TREE": paths.ROOT, **words})
    with _ktest(folder, path) as child, meanwhile(lambda: _now(folder), 60):
        try:
            child.wait(timeout=bound)
        except subprocess.TimeoutExpired as error:
            raise StepFailed(f"ktest {name}", folder / "ktest.log",
                             f"no end after {bound} s") from error
    return _ended(folder)


def tell(ended, seconds):
    """A line on the terminal: what each of the two said."""
    why = f" ({ended.why})" if ended.why else ""
    passed, failed, skipped = ended.checks
    say(f"ktest {ended.folder.name}: {'pass' if ended.passed() else 'fail'}"
        f"{why}, the lab: {ended.lab}, {passed} passed, {failed} failed, "
        f"{skipped} skipped, {seconds:.0f} s")
