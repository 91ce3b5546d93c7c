# SPDX-License-Identifier: GPL-2.0
"""Addresses to functions: Xen's, a kernel's own, and a domain's modules'."""

import bisect
import functools
import re
import subprocess

from .. import debian, image
from ..progress import StepFailed

TEXT = "tTwW"


class Symbols:
    """Functions by address; each goes on until the next begins."""

    def __init__(self, entries):
        """entries: (address, name, module) in any order."""
        # Of several names for one address the first in the list counts.
        known = {}
        for address, name, module in entries:
            known.setdefault(address, (name, module))
        self._at = sorted(known)
        self._names = [known[address] for address in self._at]

    def find(self, address):
        """(name, module, whether the address is the function's first)."""
        index = bisect.bisect_right(self._at, address) - 1
        if index < 0:
            return "?", "", False
        return *self._names[index], self._at[index] == address


def parse_nm(text, skip=""):
    """The lines of nm and of /proc/kallsyms: ADDRESS TYPE NAME [MODULE]."""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and words[1] in TEXT:
            module = words[3].strip("[]") if len(words) > 3 else ""
            if not skip or not re.match(skip, words[2]):
                yield int(words[0], 16), words[2], module


def plain(name):
    """Without what the compiler adds to a name of its own making."""
    return re.sub(r"\.(constprop|isra|part|cold)(\.\d+)?", "", name)


def build_id(path):
    done = subprocess.run(["readelf", "-n", path], capture_output=True,
                          text=True, check=False)
    found = re.search(r"Build ID: ([0-9a-f]+)", done.stdout)
    return found.group(1) if found else None


@functools.lru_cache
def xen():
    """Xen's functions; they must be those of the hypervisor that boots."""
    path = debian.xen_symbols()
    identity = build_id(path)
    if not identity or bytes.fromhex(identity) not in \
            image.hypervisor().read_bytes():
        raise StepFailed("reading Xen's symbols",
                         hint=f"{path} is of another build; remove "
                         "build/tree/xen, build/tree/xen-symbols and "
                         "build/image/xen")
    done = subprocess.run(["nm", path], capture_output=True, text=True,
                          check=True)
    return Symbols(parse_nm(done.stdout))


@functools.lru_cache
def call_returns():
    """{(caller, callee): addresses behind those calls} of Xen's calls.

    What a function calls inside a loop tells how often that went round: code
    that a call returns to begins a block.
    """
    done = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", debian.xen_symbols()],
        capture_output=True, text=True, check=True)
    found, caller, pending = {}, "", None
    for line in done.stdout.splitlines():
        if line.endswith(">:"):
            caller, pending = plain(line.split("<")[1][:-2]), None
            continue
        at, _, rest = line.strip().partition(":")
        if pending and at:
            found.setdefault(pending, set()).add(int(at, 16))
        pending = None
        call = re.search(r"\bcall +[0-9a-f]+ <([^>+]+)>", rest)
        if call:
            pending = caller, plain(call.group(1))
    return found


# Kept for as long as the program runs: the file has 100,000 lines.
@functools.lru_cache
def core(kernel):
    """A kernel's own functions, as its /proc/kallsyms once told them."""
    path = image.core_symbols(kernel)
    if not path.exists():
        raise StepFailed("reading the kernel's symbols",
                         hint=f"no boot has told those of {kernel}")
    # Linker's marks that stand at a function's address.
    return Symbols(parse_nm(path.read_text(), r"(_stext|_text|__pfx_)"))


def keep_core(kernel, text):
    """Keep what a boot told of a kernel's own symbols."""
    path = image.core_symbols(kernel)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.rename(path)


def modules(text):
    """The functions of one domain's modules, of its /proc/kallsyms."""
    return Symbols(parse_nm(text, "__pfx_"))
