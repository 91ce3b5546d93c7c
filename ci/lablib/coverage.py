# SPDX-License-Identifier: GPL-2.0
"""Which lines of our modules the debug kernel's runs reached.

Each domain leaves gcov's counters with the logs of its job (tests/lab/lib/
debug.sh); a line counts as reached if it was in any of them.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile

from . import paths
from .progress import StepFailed

FOLDERS = ("netback", "netfront", "common")
FOLDER = paths.BUILD / "coverage"


def _counters(folder, archive):
    """Lay the counters of one domain beside the compiler's notes on them."""
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as tar:
        for member in tar.getmembers():
            name = os.path.normpath(member.name)
            if member.isfile() and name.endswith(".gcda") and \
                    not name.startswith((".", "/")):
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(tar.extractfile(member).read())
                yield path


def _lines(counters):
    """(file, line, count) by the counters of one object. Its path is that of
    the object below build/modules: BUILD/src/netback/vif.gcda."""
    name = counters.relative_to(FOLDER / "counters").with_suffix(".gcno")
    source = paths.MODULES / name.parts[0] / "src"
    shutil.copy(paths.MODULES / name, counters.parent)
    done = subprocess.run(["gcov", "--stdout", "--json-format", counters],
                          cwd=source, capture_output=True, check=False)
    if done.returncode:
        raise StepFailed("reading the coverage",
                         hint=done.stderr.decode().strip())
    for file in json.loads(done.stdout)["files"]:
        name = os.path.normpath(os.path.join(source, file["file"]))
        name = os.path.relpath(name, source)
        if name.split("/")[0] in FOLDERS:
            for line in file["lines"]:
                yield name, line["line_number"], line["count"]


def gather(logs):
    """{file: {line: count}} of all domains of these jobs' logs."""
    found = {}
    for archive in [path for folder in logs
                    for path in sorted(folder.glob("coverage-*.tar.gz"))]:
        shutil.rmtree(FOLDER, ignore_errors=True)
        for counters in list(_counters(FOLDER / "counters", archive)):
            for name, line, count in _lines(counters):
                lines = found.setdefault(name, {})
                lines[line] = lines.get(line, 0) + count
    return found


def share(found, folder):
    """(reached, all) lines of a folder's sources."""
    counts = [count for name, lines in found.items()
              if name.split("/")[0] == folder for count in lines.values()]
    return sum(count > 0 for count in counts), len(counts)


def _unreached(name, lines):
    """The runs of lines that were not reached, each with its text."""
    text = (paths.DRIVERS / name).read_text().splitlines()
    for line in sorted(lines):
        if not lines[line]:
            yield f"{name}:{line}: {text[line - 1].strip()}"


def report(found):
    """Lines of a table, a row for each file; what no run reached is listed in
    build/coverage/unreached."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    listed = [line for name in sorted(found)
              for line in _unreached(name, found[name])]
    (FOLDER / "unreached").write_text("".join(f"{line}\n" for line in listed))
    for name in sorted(found):
        counts = found[name].values()
        reached = sum(count > 0 for count in counts)
        yield f"{name:24} {reached:4} of {len(counts):4} lines, " \
              f"{100 * reached / len(counts):3.0f} %"
    for folder in FOLDERS:
        reached, total = share(found, folder)
        if total:
            yield f"{folder + '/':24} {reached:4} of {total:4} lines, " \
                  f"{100 * reached / total:3.0f} %"
