# SPDX-License-Identifier: GPL-2.0
"""What the lab boots and builds against, by the names of Debian's packages."""

import shutil

from . import debugkernel, paths
from .apt import depends, unpack, unpack_source
from .debugkernel import SOURCE

# The metapackages name the versions that belong together.
KERNELS = {
    "6.1": ("linux-image-amd64", "linux-headers-amd64"),
    "6.12": ("linux-image-6.12-amd64", "linux-headers-6.12-amd64"),
}
# Built here, to tell what the others do not.
DEBUG = "debug"
# Of the kernel's source; the second and the third are checkpatch.pl's lists.
SCRIPTS = ("scripts/checkpatch.pl", "scripts/spelling.txt",
           "scripts/const_structs.checkpatch",
           "tools/testing/ktest/ktest.pl")
XEN = [
    "xen-hypervisor-4.17-amd64", "xen-utils-4.17", "xen-utils-common",
    "xenstore-utils", "libxencall1", "libxendevicemodel1", "libxenevtchn1",
    "libxenforeignmemory1", "libxengnttab1", "libxenhypfs1",
    "libxenmisc4.17", "libxenstore4", "libxentoolcore1", "libxentoollog1",
    "libyajl2",
]


def _kernel_packages(kernel):
    image, headers = KERNELS[kernel]
    header = depends(headers, r"linux-headers-\d")[0]
    return (depends(image, r"linux-image-\d")[:1] + [header]
            + depends(header, r"linux-headers-.*-common$")
            + depends(header, r"linux-kbuild-"))


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
    if kernel == DEBUG:
        return debugkernel.tree()
    return unpack(f"linux-{kernel}", lambda: _kernel_packages(kernel),
                  _mend_headers)


def xen_tree():
    return unpack("xen", lambda: XEN)


def xen_dev():
    """Xen's libraries to link programs with."""
    return unpack("xen-dev", lambda: ["libxen-dev"])


def xen_symbols():
    """Xen's own symbols: what the hypervisor's file is linked from."""
    tree = unpack("xen-symbols", lambda: [f"{XEN[0]}-dbg"])
    return next((tree / "usr/lib/debug/boot").glob("xen-syms-*-amd64"))


def kernel_release(kernel):
    return next((kernel_tree(kernel) / "lib/modules").iterdir()).name


def vmlinuz(kernel):
    return next((kernel_tree(kernel) / "boot").glob("vmlinuz-*"))


def headers(kernel):
    """The folder to give as KDIR."""
    return next((kernel_tree(kernel) / "usr/src")
                .glob("linux-headers-*-amd64"))


def kernel_script(name):
    """One of SCRIPTS, from the kernel's source package."""
    scripts = paths.TREE / "kernel-scripts"
    if (scripts / name).exists():
        return scripts / name
    part = paths.TREE / "kernel-scripts.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    unpack_source(SOURCE, part, "--transform=s|.*/||", "--wildcards",
                  *(f"*/{path}" for path in SCRIPTS))
    shutil.rmtree(scripts, ignore_errors=True)
    part.rename(scripts)
    return scripts / name
