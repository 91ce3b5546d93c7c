# SPDX-License-Identifier: GPL-2.0
"""Our two modules, built for each kernel out of the source tree."""

import hashlib
import os
import shutil

from . import debian, paths
from .progress import StepFailed, command, say

# Words for a build that have a header included before all else.
BEFORE = {"LOOP=y": paths.ROOT / "ci" / "measure" / "loop.h"}
# What a module is made of; Kbuild stands at the root.
SOURCES = ("include", "common", "netback", "netfront")


def source_files():
    found = [paths.DRIVERS / "Kbuild"]
    for folder in SOURCES:
        found += sorted(path for path in (paths.DRIVERS / folder).rglob("*")
                        if path.is_file() and path.suffix in (".c", ".h", ""))
    return [path for path in found if path.exists()]


def _digest(files):
    total = hashlib.sha256()
    for path in files:
        total.update(os.path.relpath(path, paths.DRIVERS).encode() + b"\0")
        total.update(path.read_bytes())
    return total.hexdigest()


def sources():
    """What tells our modules' sources from any others: modpost's srcversion
    leaves out what lies in another folder, such as common/."""
    return _digest(source_files())[:16]


def copy_sources(files, folder):
    shutil.rmtree(folder, ignore_errors=True)
    for path in files:
        to = folder / path.relative_to(paths.DRIVERS)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)


def make_argv(kernel, folder, *more):
    """The build of an external module, warnings being errors."""
    flags = ["-Werror"]
    for word in more:
        flags += ["-include", str(BEFORE[word])] if word in BEFORE else []
    # The debug kernel counts which lines of ours were reached.
    counted = ["GCOV_PROFILE=y"] if kernel == debian.DEBUG else []
    return ["make", "-C", debian.headers(kernel), f"M={folder}",
            f"-j{os.cpu_count()}", f"KCFLAGS={' '.join(flags)}",
            "CONFIG_DEBUG_INFO_BTF_MODULES=", *counted, *more, "modules"]


def ours(kernel, build=()):
    """The folder with netback.ko and netfront.ko, built if not current.

    build: what to leave out, as words for make, or a word of BEFORE.
    """
    files = source_files() + [BEFORE[word] for word in build if word in BEFORE]
    # A folder's name that make can take.
    name = "-".join((debian.kernel_release(kernel), *build)).replace("=", "")
    folder = paths.MODULES / name
    stamp = folder / "digest"
    digest = _digest(files)
    if stamp.exists() and stamp.read_text() == digest:
        return folder / "src"
    say(f"build our modules for {' '.join((kernel, *build))}")
    step, log = f"building the modules for {name}", f"modules-{name}.log"
    (paths.LOG / log).unlink(missing_ok=True)
    copy_sources(source_files(), folder / "src")
    stamp.unlink(missing_ok=True)
    command(make_argv(kernel, folder / "src", *build), step, log)
    # modpost's complaints do not fail the build by themselves.
    if "WARNING:" in (paths.LOG / log).read_text():
        raise StepFailed(step, paths.LOG / log, "modpost warns")
    # Each image holds them; debug information is fifty times the code.
    command(["strip", "-g", *(folder / "src").glob("*.ko")], step, log)
    stamp.write_text(digest)
    return folder / "src"
