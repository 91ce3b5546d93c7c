# SPDX-License-Identifier: GPL-2.0
"""Debian packages fetched and unpacked under build/, without installing them.

Nothing here needs root. A tree that is complete is used as it is, so a second
run asks the network for nothing.
"""

import re
import shutil
import subprocess

from . import paths
from .progress import StepFailed, command, say


def _ask(*words):
    done = subprocess.run(["apt-cache", *words], text=True,
                          capture_output=True, check=False)
    return done.stdout


def depends(package, pattern):
    """What a package depends on, of names like the pattern."""
    names = re.findall(r"^ [ |]Depends: (\S+)$", _ask("depends", package),
                       re.M)
    names = [name for name in names if re.match(pattern, name)]
    if not names:
        raise StepFailed(f"looking up the package {package}",
                         hint="apt knows no such package; apt-get update?")
    return names


def version(package):
    """The version that would be downloaded."""
    found = re.search(r"^Version: (\S+)$",
                      _ask("show", "--no-all-versions", package), re.M)
    if not found:
        raise StepFailed(f"looking up the package {package}",
                         hint="apt knows no such package; apt-get update?")
    return found.group(1)


def _download(name, packages):
    folder = paths.DEB / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command(["apt-get", "download", *packages], f"downloading {name}",
            f"download-{name}.log", cwd=folder, tries=3)
    return sorted(folder.glob("*.deb"))


def unpack(name, packages, mend=lambda tree: None):
    """Download and unpack; the tree appears only when it is whole.

    packages: a function, called only where something is to be fetched.
    """
    tree = paths.TREE / name
    if tree.exists():
        return tree
    say(f"fetch {name} ({len(packages())} packages)")
    part = paths.TREE / f"{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for deb in _download(name, packages()):
        command(["dpkg", "-x", deb, part], f"unpacking {deb.name}",
                f"download-{name}.log")
    mend(part)
    part.rename(tree)
    shutil.rmtree(paths.DEB / name)
    return tree


def unpack_source(package, folder, *tar):
    """What tar's words choose of the tarball in a package like
    linux-source-6.1, laid into a folder that is there."""
    say(f"fetch {package}")
    deb = _download(package, [package])[0]
    pipe = ('dpkg --fsys-tarfile "$1" | '
            'tar -xO "./usr/src/$2.tar.xz" | tar -xJ -C "$3" "${@:4}"')
    command(["bash", "-o", "pipefail", "-c", pipe, "sh", deb, package, folder,
             *tar], f"unpacking {package}", f"download-{package}.log")
    shutil.rmtree(paths.DEB / package)
