# SPDX-License-Identifier: GPL-2.0
"""The checks that run nothing: checkpatch, sparse, W=1, shellcheck."""

import shutil
import subprocess

from . import debian, paths
from .modules import copy_sources, make_argv, source_files
from .progress import StepFailed

CODE = ("include", "common", "netback", "netfront")


def _report(step, log, text):
    """Keep what a checker said; anything at all is a failure."""
    path = paths.LOG / log
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if text.strip():
        raise StepFailed(step, path, text.strip().splitlines()[0])


# The kernel's own constants, such as XenbusStateClosed, are in camel case;
# without its tree checkpatch cannot know that they are the kernel's.
IGNORED = "CAMELCASE"


def checkpatch():
    files = [path for folder in CODE
             for path in sorted((paths.ROOT / folder).rglob("*.[ch]"))]
    # It looks for headers below a root, and leaves a cache where it runs.
    folder = paths.BUILD / "static"
    (folder / "include").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["perl", debian.kernel_script("checkpatch.pl"), "--no-tree", f"--root={folder}",
         "--strict", "--terse", "--no-summary", "--color=never",
         "--ignore", IGNORED, "-f", *files],
        cwd=folder, capture_output=True, text=True, check=False)
    _report("checkpatch", "checkpatch.log", done.stdout + done.stderr)


def sparse(kernel):
    """sparse and W=1 together, on the whole of both modules."""
    folder = paths.BUILD / "static" / debian.kernel_release(kernel)
    shutil.rmtree(folder, ignore_errors=True)
    copy_sources(source_files(), folder)
    argv = make_argv(kernel, folder, "C=2", "CHECK=sparse", "W=1")
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    # The kernel's own headers are not ours to mend.
    ours = [line for line in text.splitlines()
            if str(folder) in line and ("warning:" in line or
                                        "error:" in line)]
    if done.returncode and not ours:
        ours = text.splitlines()
    ours += [line for line in text.splitlines() if "WARNING: modpost" in line]
    _report(f"sparse and W=1 on {kernel}", f"sparse-{kernel}.log",
            "\n".join(ours))


def _is_shell(path):
    with open(path, "rb") as file:
        line = file.readline()
    return path.suffix == ".sh" or line in (b"#!/bin/sh\n", b"#!/bin/bash\n")


def shell_scripts():
    found = [path for folder in ("ci", "tests", ".ci")
             for path in sorted((paths.ROOT / folder).rglob("*"))]
    return [path for path in found if path.is_file() and _is_shell(path)]


def shellcheck():
    done = subprocess.run(
        ["shellcheck", "-S", "warning", "-f", "gcc", *shell_scripts()],
        cwd=paths.ROOT, capture_output=True, text=True, check=False)
    _report("shellcheck", "shellcheck.log", done.stdout + done.stderr)


def checks():
    """(name, function) of each."""
    yield "checkpatch", checkpatch
    for kernel in debian.KERNELS:
        yield f"sparse and W=1 on {kernel}", lambda k=kernel: sparse(k)
    yield "shellcheck", shellcheck
