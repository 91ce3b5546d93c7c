# SPDX-License-Identifier: GPL-2.0
"""Where numbers come from: all that is needed to make them again."""

import datetime
import hashlib
import lzma
import os
import re
import subprocess

from . import debian, paths
from .modules import ours, sources


def _content(path):
    content = path.read_bytes()
    return lzma.decompress(content) if path.suffix == ".xz" else content


def _srcversion(path):
    """Modules without a version, as stock's, have none; so their sum."""
    content = _content(path)
    found = re.search(rb"\0srcversion=([^\0]*)\0", content)
    if found:
        return f"srcversion {found.group(1).decode()}"
    return f"sha256 {hashlib.sha256(content).hexdigest()[:16]}"


def _stock_module(kernel, name):
    root = debian.kernel_tree(kernel) / "lib/modules"
    return next(root.rglob(f"{name}.ko*"))


def output(*argv):
    """What a program prints; nothing where there is no such program."""
    try:
        done = subprocess.run(argv, text=True, capture_output=True,
                              check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def _cpu():
    found = re.search(r"^model name\s*: (.*)$",
                      paths.Path("/proc/cpuinfo").read_text(), re.M)
    name = found.group(1) if found else "unknown"
    return f"{os.cpu_count()} x {name}"


def machine(kernel):
    """[(name, text)...] of the machine and its programs, as they are now."""
    return [
        ("date", datetime.datetime.now(datetime.timezone.utc)
         .strftime("%Y-%m-%d %H:%M UTC")),
        ("kernel", debian.kernel_release(kernel) + " in dom0 and guests"),
        ("QEMU", output("qemu-system-x86_64", "--version")
         .split("\n")[0].replace("QEMU emulator version ", "")),
        ("host cpu", _cpu()),
        ("commit", output("git", "-C", str(paths.ROOT), "describe",
                          "--always", "--dirty") or "unknown"),
    ]


def modules(kernel):
    """[(name, text)...] of the drivers measured."""
    folder = ours(kernel)
    return ([(f"module {name}", _srcversion(folder / f"{name}.ko")
              + f", sources {sources()}") for name in ("netback", "netfront")]
            + [(f"module {name}", _srcversion(_stock_module(kernel, name)))
               for name in ("xen-netback", "xen-netfront")])


def xen_version(logs):
    """As Xen's console tells it; logs: a boot's folder."""
    console = logs / "console.log"
    for line in console.read_text(errors="replace").splitlines():
        if "Xen version " in line:
            return line.split("Xen version ", 1)[1].split(" (")[0]
    return None
