# SPDX-License-Identifier: GPL-2.0
"""What the lab reads from binaries: a module's needs, a program's libraries."""

import os
import re
import subprocess
from pathlib import Path

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
    return [Path(path) for path in _LDD.findall(done.stdout)]
