# SPDX-License-Identifier: GPL-2.0
"""Which commit broke a scenario: ktest.pl's bisection of our drivers.

What is checked out is a clone below build/; the lab and the scenario are
this tree's throughout.
"""

import re
import shutil
import subprocess

from .. import paths
from ..progress import StepFailed, say
from .call import BOUND_S, FOLDER, call


def git(tree, *words):
    """What git says."""
    done = subprocess.run(["git", "-C", tree, *words], text=True,
                          capture_output=True, check=False)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or [""])[-1]
        raise StepFailed(f"git {words[0]}", hint=why)
    return done.stdout.strip()


def _tree(name):
    return FOLDER / f"{name}-tree"


def clone(name):
    """A clone of its own for the call of this name, with all that this
    repository has, branches or not."""
    if not (paths.ROOT / ".git").exists() or not shutil.which("git"):
        raise StepFailed("cloning the project",
                         hint="it takes git, and a repository here")
    tree = _tree(name)
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    git(paths.ROOT, "clone", "--quiet", "--shared", "--no-checkout",
        paths.ROOT, tree)
    return tree


def commit(name):
    """The commit that a name of this repository means."""
    return git(paths.ROOT, "rev-parse", "--verify", "--end-of-options",
               f"{name}^{{commit}}")


def bisect(name, good, bad, **words):
    """(the first bad commit, how the call ended); None if it was not found.
    The clone of this name has both.
    """
    tree = _tree(name)
    git(tree, "checkout", "--quiet", "--detach", bad)
    count = int(git(tree, "rev-list", "--count", f"{good}..{bad}"))
    steps = 2 + count.bit_length()
    ended = call(name, "bisect", bound=steps * BOUND_S, TREE=tree, GOOD=good,
                 BAD=bad, **words)
    found = re.findall(r"^Bad commit was \[([0-9a-f]+)\]$", ended.log, re.M)
    return (found[-1] if found and ended.good else None), ended


def tell_bisection(ended, seconds):
    """Each commit that was tried, and what it was found to be."""
    why = f" ({ended.why})" if ended.why else ""
    say(f"ktest {ended.folder.name}: {'done' if ended.good else 'failed'}"
        f"{why}, {seconds:.0f} s")
    # ktest.pl copies git's notes into its log, unless there is no answer.
    notes = _tree(ended.folder.name) / ".git" / "BISECT_LOG"
    text = notes.read_text() if notes.exists() else ended.log
    for verdict, found, subject in re.findall(
            r"^# (good|bad|skip|possible first bad commit): "
            r"\[([0-9a-f]+)\] (.*)$", text, re.M):
        say(f"  {verdict:4} {found[:12]} {subject}")
