# SPDX-License-Identifier: GPL-2.0
"""The debug kernel: a small one for dom0 and PV guests, built from Debian's
source with everything on that reports a driver's mistakes (ci/kernel/)."""

import functools
import hashlib
import os
import re
import shutil

from . import paths
from .apt import unpack_source, version
from .progress import StepFailed, command, meanwhile, say

SOURCE = "linux-source-6.1"
PARTS = paths.ROOT / "ci" / "kernel"
CONFIGS = ("base.config", "debug.config")
PATCHES = ("gntdev.patch", "upcall.patch", "xenbus.patch")
# Of the source, what no build of it here needs: half a gigabyte.
LEFT_OUT = ("*/Documentation/[!K]*", "*.dts*", "*/tools/testing/*",
            "*/drivers/gpu/drm/amd/include/*")
PROGRAMS = ("bc", "bison", "flex", "patch")
HEADER = paths.Path("/usr/include/libelf.h")
# What the build compiles, about; and its bound.
OBJECTS = 1470
BUILD_S = 5400
LOG = "debug-kernel.log"


def _digest():
    """Of all that it is made from; the release carries it."""
    total = hashlib.sha256(version(SOURCE).encode())
    for name in (*CONFIGS, *PATCHES):
        total.update((PARTS / name).read_bytes())
    return total.hexdigest()[:8]


def _look_for_tools():
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    missing += [] if HEADER.exists() else ["libelf-dev"]
    if missing:
        raise StepFailed("building the debug kernel", hint="missing: "
                         f"{', '.join(missing)}; run ci/setup --debug-kernel")


def _make(folder, *words, **kwargs):
    command(["make", "-C", folder, *words], "building the debug kernel", LOG,
            timeout=BUILD_S, **kwargs)


def _wanted(texts):
    """{symbol: value or "n"} of the configs."""
    found = {}
    for text in texts:
        found.update(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.M))
        found.update((name, "n") for name in
                     re.findall(r"^# (CONFIG_\w+) is not set$", text, re.M))
    return found


def _configure(folder, digest):
    own = folder / "release.config"
    own.write_text(f'CONFIG_LOCALVERSION="-debug-{digest}"\n')
    configs = [*(PARTS / name for name in CONFIGS), own]
    _make(folder, "tinyconfig")
    command(["scripts/kconfig/merge_config.sh", "-m", "-O", ".", ".config",
             *configs], "configuring the debug kernel", LOG, cwd=folder)
    _make(folder, "olddefconfig")
    # A symbol that depends on another one that is off vanishes silently.
    got = _wanted([(folder / ".config").read_text()])
    for name, value in _wanted(path.read_text() for path in configs).items():
        if got.get(name, "n") != value:
            raise StepFailed("configuring the debug kernel",
                             paths.LOG / LOG, f"{name} is not {value}")


def _compiled():
    """How far it is, in words."""
    text = (paths.LOG / LOG).read_text(errors="replace")
    count = len(re.findall(r"^  (?:CC|AS) ", text, re.M))
    return f"debug kernel: {count} of about {OBJECTS} files compiled"


def _fetch(folder):
    folder.mkdir(parents=True)
    unpack_source(SOURCE, folder, "--strip-components=1",
                  *(f"--exclude={pattern}" for pattern in LEFT_OUT))
    for name in PATCHES:
        command(["patch", "-p1", "-i", PARTS / name],
                "mending the debug kernel", LOG, cwd=folder)


def _compile(folder, part):
    """Build in the folder, and lay out what comes of it below part."""
    with meanwhile(_compiled):
        _make(folder, f"-j{os.cpu_count()}", "bzImage", "modules")
    _make(folder, "modules_install", f"INSTALL_MOD_PATH={part}",
          "DEPMOD=true")
    modules = next((part / "lib/modules").iterdir())
    for name in ("build", "source"):
        (modules / name).unlink(missing_ok=True)
    (part / "boot").mkdir()
    shutil.copy(folder / "arch/x86/boot/bzImage",
                part / "boot" / f"vmlinuz-{modules.name}")


@functools.cache
def tree():
    """Its folder, laid out as Debian's kernels are; built if it is not there
    or was made from something else."""
    digest = _digest()
    folder = paths.TREE / f"linux-debug-{digest}"
    if folder.exists():
        return folder
    _look_for_tools()
    say("build the debug kernel; it is kept, and takes 10 to 40 minutes")
    (paths.LOG / LOG).unlink(missing_ok=True)
    for old in paths.TREE.glob("linux-debug-*"):
        shutil.rmtree(old)
    part = paths.TREE / f"linux-debug-{digest}.part"
    # Where the header package of other kernels has its own.
    source = part / "usr/src/linux-headers-debug-amd64"
    _fetch(source)
    _configure(source, digest)
    _compile(source, part)
    part.rename(folder)
    return folder
