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

# The metapackages name the versions that belong together.
KERNELS = {
    "6.1": ("linux-image-amd64", "linux-headers-amd64"),
    "6.12": ("linux-image-6.12-amd64", "linux-headers-6.12-amd64"),
}
XEN = [
    "xen-hypervisor-4.17-amd64", "xen-utils-4.17", "xen-utils-common",
    "xenstore-utils", "libxencall1", "libxendevicemodel1", "libxenevtchn1",
    "libxenforeignmemory1", "libxengnttab1", "libxenhypfs1",
    "libxenmisc4.17", "libxenstore4", "libxentoolcore1", "libxentoollog1",
    "libyajl2",
]


def _depends(package, pattern):
    done = subprocess.run(["apt-cache", "depends", package], text=True,
                          capture_output=True, check=False)
    names = re.findall(r"^ [ |]Depends: (\S+)$", done.stdout, re.M)
    names = [name for name in names if re.match(pattern, name)]
    if not names:
        raise StepFailed(f"looking up the package {package}",
                         hint="apt knows no such package; apt-get update?")
    return names


def _kernel_packages(kernel):
    image, headers = KERNELS[kernel]
    header = _depends(headers, r"linux-headers-\d")[0]
    return (_depends(image, r"linux-image-\d")[:1] + [header]
            + _depends(header, r"linux-headers-.*-common$")
            + _depends(header, r"linux-kbuild-"))


def _download(name, packages):
    folder = paths.DEB / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command(["apt-get", "download", *packages], f"downloading {name}",
            f"download-{name}.log", cwd=folder, tries=3)
    return sorted(folder.glob("*.deb"))


def _unpack(name, packages, mend):
    """Download and unpack; the tree appears only when it is whole."""
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


def _mend_headers(tree):
    """The header package includes its common part by an absolute path."""
    for makefile in tree.glob("usr/src/linux-headers-*-amd64/Makefile"):
        text = makefile.read_text()
        here = "$(dir $(lastword $(MAKEFILE_LIST)))../"
        makefile.write_text(text.replace("/usr/src/", here))
    # Debug information for modules wants pahole, and deletes the module when
    # that is missing; the lab has no use for it.
    for vmlinux in tree.glob("usr/src/linux-headers-*-amd64/vmlinux"):
        vmlinux.unlink()


def kernel_tree(kernel):
    return _unpack(f"linux-{kernel}", lambda: _kernel_packages(kernel),
                   _mend_headers)


def xen_tree():
    return _unpack("xen", lambda: XEN, lambda tree: None)


def xen_dev():
    """Xen's libraries to link programs with."""
    return _unpack("xen-dev", lambda: ["libxen-dev"], lambda tree: None)


def xen_symbols():
    """Xen's own symbols: what the hypervisor's file is linked from."""
    tree = _unpack("xen-symbols", lambda: [f"{XEN[0]}-dbg"],
                   lambda tree: None)
    return next((tree / "usr/lib/debug/boot").glob("xen-syms-*-amd64"))


def kernel_release(kernel):
    return next((kernel_tree(kernel) / "lib/modules").iterdir()).name


def vmlinuz(kernel):
    return next((kernel_tree(kernel) / "boot").glob("vmlinuz-*"))


def headers(kernel):
    """The folder to give as KDIR."""
    return next((kernel_tree(kernel) / "usr/src")
                .glob("linux-headers-*-amd64"))


def checkpatch():
    """checkpatch.pl and its word lists, from the kernel's source package."""
    scripts = paths.TREE / "kernel-scripts"
    if scripts.exists():
        return scripts / "checkpatch.pl"
    say("fetch linux-source-6.1 for checkpatch")
    deb = _download("linux-source", ["linux-source-6.1"])[0]
    part = paths.TREE / "kernel-scripts.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    pipe = ('dpkg --fsys-tarfile "$1" | '
            "tar -xO ./usr/src/linux-source-6.1.tar.xz | "
            'tar -xJ -C "$2" --strip-components=2 --wildcards '
            '"*/scripts/checkpatch.pl" "*/scripts/spelling.txt" '
            '"*/scripts/const_structs.checkpatch"')
    command(["bash", "-o", "pipefail", "-c", pipe, "sh", deb, part],
            "unpacking checkpatch", "download-linux-source.log")
    part.rename(scripts)
    shutil.rmtree(paths.DEB / "linux-source")
    return scripts / "checkpatch.pl"
