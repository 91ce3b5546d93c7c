# SPDX-License-Identifier: GPL-2.0
"""Progress lines, the one way a step fails, and bounded commands."""

import contextlib
import os
import subprocess
import sys
import threading
import time

from . import paths

# A Makefile that calls several programs hands its own start down, so that the
# times on the terminal run on.
START = float(os.environ.get("SPLITNET_START", time.time()))


class StepFailed(Exception):
    """One clear line for the user: which step, and where its log lies."""

    def __init__(self, step, log=None, hint=""):
        where = f", log: {os.path.relpath(log)}" if log else ""
        super().__init__(f"{step} failed{where}{': ' + hint if hint else ''}")


def say(text):
    print(f"[{time.time() - START:4.0f}s] {text}", flush=True)


def warn(text):
    print(text, file=sys.stderr, flush=True)


def command(argv, step, log, timeout=600, tries=1, **kwargs):
    """Run argv with its output in build/log/<log>; raise StepFailed."""
    path = paths.LOG / log
    path.parent.mkdir(parents=True, exist_ok=True)
    hint = ""
    for _ in range(tries):
        with open(path, "ab") as out:
            out.write(("$ " + " ".join(map(str, argv)) + "\n").encode())
            out.flush()
            try:
                done = subprocess.run(argv, stdout=out, stderr=out,
                                      stdin=subprocess.DEVNULL,
                                      timeout=timeout, check=False, **kwargs)
            except subprocess.TimeoutExpired:
                hint = f"no end after {timeout} s"
                continue
            if done.returncode == 0:
                return
            hint = f"exit status {done.returncode}"
    raise StepFailed(step, path, hint)


@contextlib.contextmanager
def meanwhile(text, seconds=30):
    """While the block runs, say text() from time to time."""
    ended = threading.Event()

    def tell():
        while not ended.wait(seconds):
            say(text())

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
