# SPDX-License-Identifier: GPL-2.0
"""What the lab reads from binaries: a module's needs, a program's libraries."""

import os
import re
import subprocess
from pathlib import Path

from .progress import StepFailed

_LDD = re.compile(r"(?:=> )?(/\S+) \(0x")


def module_depends(content):
    """The names in a module's .modinfo "depends=" entry."""
    found = re.search(rb"\0depends=([^\0]*)\0", content)
    names = found.group(1).decode() if found else ""
    return [name for name in names.split(",") if name]


def libraries(program, folders):
    """Every shared library that a program maps, the loader included."""
    env = dict(os.environ, LD_LIBRARY_PATH=":".join(map(str, folders)))
    done = subprocess.run(["ldd", program], env=env, text=True,
                          capture_output=True, check=False)
    missing = re.findall(r"(\S+) => not found", done.stdout)
    if missing:
        raise StepFailed(f"collecting the libraries of {program}",
                         hint=f"not here: {' '.join(missing)}")
    return [Path(path) for path in _LDD.findall(done.stdout)]
