# SPDX-License-Identifier: GPL-2.0
"""A job's windows: the plugin's counts, the traffic's and the drivers'."""

import functools
import hashlib
import json
import re
import subprocess

from .. import debian, image
from ..modules import ours
from ..progress import StepFailed
from . import symbols, windows

DRIVERS = ("back", "front")
WORDS = ("label", "placement", "pair", "path", "direction", "kind", "size",
         "offloads", "cache", "modes")


def _statistics(path):
    """The numbers of "ethtool -S"."""
    if not path.exists():
        return None
    found = re.findall(r"^ *(\S+): (\d+)$", path.read_text(), re.M)
    return {name: int(value) for name, value in found}


def _drivers(logs, number):
    """What each driver counted during a window, where the job asked it."""
    found = {}
    for end in DRIVERS:
        before = _statistics(logs / f"window-{number}.{end}.before")
        after = _statistics(logs / f"window-{number}.{end}.after")
        if before is not None and after is not None:
            found[end] = {name: value - before.get(name, 0)
                          for name, value in after.items()}
    return found


def _number(text):
    return float(text) if "." in text else int(text)


def _traffic(words):
    """Of a line "data window NUMBER WORD... NAME=VALUE..."."""
    facts = dict(zip(WORDS, words))
    results = {name: _number(value) for name, value in
               (word.split("=", 1) for word in words[len(WORDS):])}
    modes = dict(word.split("=", 1) for word in
                 facts.pop("modes").split(",") if "=" in word)
    return facts, results, modes


def space_of(logs, lab):
    """The functions of the machine that a job ran on."""
    for path in logs.glob("symbols-core-*"):
        symbols.keep_core(path.name.removeprefix("symbols-core-"),
                          path.read_text())
    domains = []
    while (path := logs / f"symbols-{len(domains)}").exists():
        kernel = lab.guest_kernel if domains else lab.kernel
        domains.append((symbols.core(kernel),
                        symbols.modules(path.read_text())))
    if not domains:
        raise StepFailed("reading the symbols", logs, "no domain told any")
    native = lab.placement == "native"
    xen = symbols.Symbols([]) if native else symbols.xen()
    return windows.Space(xen, domains)


@functools.lru_cache
def _output(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.stdout.strip().splitlines()[0] if done.stdout else "unknown"


def srcversion(path):
    found = re.search(rb"\0srcversion=([^\0]*)\0", path.read_bytes())
    return found.group(1).decode() if found else ""


def provenance(lab, logs):
    """What a window's numbers depend on."""
    console = (logs / "console.log")
    text = console.read_text(errors="replace") if console.exists() else ""
    xen = re.search(r"Xen version (.*?) \(", text)
    modules = ours(lab.kernel) if lab.needs_ours() else None
    qemu = lab.qemu(None)
    return {
        "xen": xen.group(1) if xen else "none",
        "qemu": _output("qemu-system-x86_64", "--version"),
        "kernel": debian.kernel_release(lab.kernel),
        "guest_kernel": debian.kernel_release(lab.guest_kernel),
        "guest_type": lab.guest_type,
        "srcversion": {path.stem: srcversion(path) for path in
                       sorted(modules.glob("*.ko"))} if modules else {},
        "cpu": qemu[qemu.index("-cpu") + 1], "cpus": lab.cpus,
        "clock": "instructions" if lab.steady else "host",
        "llc_kb": lab.llc_kb, "xen_extra": lab.xen_extra,
        "dom0_extra": lab.dom0_extra, "dom0_vcpus": lab.dom0_vcpus,
        "plugin": hashlib.sha256(image.plugin().read_bytes())
        .hexdigest()[:12],
    }


def raw(result, lab):
    """{number: the plugin's record} of a job's windows."""
    path = result.logs / "measure.log"
    if not path.exists():
        raise StepFailed("reading the windows", result.logs, "none there")
    space = space_of(result.logs, lab)
    returns = {} if lab.placement == "native" else symbols.call_returns()
    found = {}
    with open(path, encoding="ascii") as lines:
        for window in windows.read(lines):
            if window.overflow:
                raise StepFailed("reading the windows", path,
                                 "more blocks than the plugin keeps")
            found[window.number] = windows.Counts(window, space,
                                                  returns).record()
    return found


def records(result, lab):
    """A job's windows as windows.json has them; it is written, too."""
    counts = raw(result, lab)
    facts = provenance(lab, result.logs)
    found = []
    for kind, number, *words in result.data():
        if kind != "window":
            continue
        if int(number) not in counts:
            raise StepFailed("reading the windows", result.logs,
                             f"the plugin missed number {number}")
        about, generator, modes = _traffic(words)
        modes.update(pair=about["pair"], placement=about["placement"])
        found.append({
            **about, "number": int(number), "packets": generator["packets"],
            "bytes": generator["bytes"], "seconds": generator["seconds"],
            "generator": generator, **counts[int(number)],
            "drivers": _drivers(result.logs, number), "modes": modes,
            "provenance": facts})
    (result.logs / "windows.json").write_text(
        "\n".join(json.dumps(record) for record in found) + "\n")
    return found
