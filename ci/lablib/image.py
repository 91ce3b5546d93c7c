# SPDX-License-Identifier: GPL-2.0
"""The initramfs images of dom0 and of the guests.

An image is a few archives laid end to end. The big ones (user land, toolstack,
a kernel's stock modules) are compressed once and cached; what belongs to one
run (our modules, the scenarios, parameters) is a small archive on top.
"""

import gzip
import hashlib
import lzma
import shutil
import struct
import subprocess

from . import debian, elf, paths
from .cpio import Archive
from .progress import StepFailed, command, say

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIBRARY_FOLDER = "lib/x86_64-linux-gnu"
XEN_BIN = "usr/lib/xen-4.17/bin"

# Stock modules that dom0, a driver domain or a guest may load; what they
# depend on comes along.
STOCK = ["xen-privcmd", "xenfs", "xen-evtchn", "xen-gntdev", "xen-gntalloc",
         "xen-netback", "xen-netfront", "bridge", "e1000", "veth", "netconsole"]

XENSTORE = ["chmod", "exists", "list", "ls", "read", "rm", "watch", "write"]
TOOLSTACK = ["xl", "xenstored", "xenconsoled", "xenconsole", "xen-init-dom0",
             "libxl-save-helper", "lsevtchn", "xen-diag"]


def _host_program(name):
    path = shutil.which(name, path=SYSTEM_PATH)
    if not path:
        raise StepFailed("building the images",
                         hint=f"no program {name} here; run ci/setup")
    return paths.Path(path).resolve()


def _add_program(archive, path, source):
    """A program and the libraries that it maps."""
    archive.file(path, source, 0o755)
    xen = debian.xen_tree() / "usr/lib/x86_64-linux-gnu"
    for library in elf.libraries(source, [xen]):
        if library.name.startswith("ld-linux"):
            archive.file(f"lib64/{library.name}", library, 0o755)
        else:
            archive.file(f"{LIBRARY_FOLDER}/{library.name}", library, 0o755)


def _digest(*parts):
    """A short name for a content made of texts and files."""
    total = hashlib.sha256()
    for part in parts:
        is_path = isinstance(part, paths.Path)
        total.update(part.read_bytes() if is_path else str(part).encode())
        total.update(b"\0")
    return total.hexdigest()[:12]


def _cached(name, digest, fill):
    """The compressed archive of this content, built if it is not there."""
    path = paths.IMAGE / f"{name}-{digest}.cpio.zst"
    if path.exists():
        return path
    say(f"build image part {name}")
    paths.IMAGE.mkdir(parents=True, exist_ok=True)
    for old in paths.IMAGE.glob(f"{name}-????????????.cpio.zst"):
        old.unlink()
    archive = Archive()
    fill(archive)
    done = subprocess.run(["zstd", "-q", "-3", "-c"], input=archive.bytes(),
                          capture_output=True, check=True)
    # The kernel wants the next archive at a multiple of four.
    part = path.with_suffix(".part")
    part.write_bytes(done.stdout + b"\0" * (-len(done.stdout) % 4))
    part.rename(path)
    return path


def _program(name, sources, needs=(), flags=("-static",), libraries=()):
    """A program built from C, kept by the content of what it is made of."""
    tool = paths.IMAGE / f"{name}-{_digest(*sources, *needs, *flags)}"
    if not tool.exists():
        paths.IMAGE.mkdir(parents=True, exist_ok=True)
        command(["gcc", *flags, "-O2", "-Wall", "-Wextra", "-Werror",
                 "-pthread", "-o", tool, *sources, *libraries],
                f"building {name}",
                f"{name}.log")
    return tool


def _tool(name, **how):
    return _program(name, [paths.SCENARIOS / f"{name}.c"],
                    [paths.SCENARIOS / "tool.h"], **how)


def _hostile():
    """The peers that misbehave."""
    folder = paths.SCENARIOS / "hostile"
    return _program("hostile", [*sorted(folder.glob("*.c")),
                                paths.ROOT / "common" / "fault.c"],
                    [*sorted(folder.glob("*.h")),
                     *sorted((paths.ROOT / "include").glob("*.h"))])


def _measure_tool(name):
    guest = paths.MEASURE / "guest"
    return _program(name, [guest / f"{name}.c", guest / "mark.c"],
                    [guest / "mark.h", paths.MEASURE / "marker.h"])


def traffic_tool():
    """The traffic between markers, also for the far side of the wire."""
    return _measure_tool("traffic-tool")


def calibrate_tool():
    """What the plugin is calibrated with."""
    return _measure_tool("calibrate-tool")


def plugin():
    """QEMU's plugin that counts."""
    folder = paths.MEASURE / "plugin"
    return _program("measure.so", sorted(folder.glob("*.c")),
                    [*sorted(folder.glob("*.h")), paths.MEASURE / "marker.h"],
                    ("-shared", "-fPIC", "-fvisibility=hidden"))


def agent_tool():
    """Commands for a guest, over xenstore. The library's thread does not
    begin in a static program: its stack is too small for what that needs.
    """
    folder = debian.xen_tree() / "usr/lib/x86_64-linux-gnu"
    return _tool("agent-tool", flags=(
        f"-I{debian.xen_dev()}/usr/include", f"-Wl,-rpath-link,{folder}"),
                 libraries=(folder / "libxenstore.so.4",))


def _net_tool():
    return _tool("net-tool")


def rate_tool():
    """The measuring program, for the far side of the wire on this machine."""
    return _tool("rate-tool")


def net_tool():
    """The traffic program, for the far side of the wire on this machine."""
    return _net_tool()


def _fill_userland(archive):
    for folder in ("proc", "sys", "dev/pts", "run", "tmp", "root", "var",
                   "mnt", "etc"):
        archive.directory(folder)
    archive.device("dev/console", 5, 1)
    archive.device("dev/null", 1, 3, 0o666)
    archive.link("var/run", "../run")
    archive.data("etc/passwd", b"root:x:0:0::/root:/bin/bash\n")
    busybox = _host_program("busybox")
    archive.file("bin/busybox", busybox, 0o755)
    # Begun a thousand times, and twice as fast without libraries to load.
    archive.file("usr/bin/bash", _host_program("bash-static"), 0o755)
    for name in ("ip", "bridge", "ethtool", "iperf3"):
        _add_program(archive, f"usr/bin/{name}", _host_program(name))
    archive.link("bin/bash", "../usr/bin/bash")
    archive.file("usr/bin/net-tool", _net_tool(), 0o755)
    _add_program(archive, "usr/bin/agent-tool", agent_tool())
    archive.file("usr/bin/rate-tool", rate_tool(), 0o755)
    archive.file("usr/bin/traffic-tool", traffic_tool(), 0o755)
    archive.file("usr/bin/calibrate-tool", calibrate_tool(), 0o755)
    archive.file("usr/bin/hostile", _hostile(), 0o755)
    _add_program(archive, "usr/bin/xenstore",
                 debian.xen_tree() / "usr/bin/xenstore")
    for name in XENSTORE:
        archive.link(f"usr/bin/xenstore-{name}", "xenstore")
    # pthread_cancel opens this one by itself.
    cancel = paths.Path("/lib/x86_64-linux-gnu/libgcc_s.so.1")
    archive.file(f"{LIBRARY_FOLDER}/{cancel.name}", cancel, 0o755)
    applets = subprocess.run([busybox, "--list"], capture_output=True,
                             text=True, check=True).stdout.split()
    for applet in applets:
        if f"usr/bin/{applet}" not in archive.entries and applet != "busybox":
            archive.link(f"bin/{applet}", "busybox")
    archive.link("sbin", "bin")


def userland():
    digest = _digest(paths.Path(__file__), agent_tool(), _net_tool(),
                     rate_tool(), traffic_tool(), calibrate_tool(),
                     _hostile(),
                     *(_host_program(name) for name in
                       ("busybox", "bash-static", "ip", "ethtool", "iperf3")))
    return _cached("userland", digest, _fill_userland)


def _fill_toolstack(archive):
    tree = debian.xen_tree() / XEN_BIN
    for name in TOOLSTACK:
        _add_program(archive, f"{XEN_BIN}/{name}", tree / name)
        archive.link(f"usr/bin/{name}", f"../../{XEN_BIN}/{name}")
    archive.data("etc/xen/xl.conf", b'autoballoon="off"\n')


def toolstack():
    digest = _digest(paths.Path(__file__), debian.xen_tree() / XEN_BIN / "xl")
    return _cached("toolstack", digest, _fill_toolstack)


def _module_files(kernel):
    """Every stock module of a kernel by its name, dashes as underscores."""
    root = debian.kernel_tree(kernel) / "lib/modules"
    return {path.name.split(".")[0].replace("-", "_"): path
            for path in root.rglob("*.ko*")}


def _fill_modules(kernel):
    def fill(archive):
        folder = f"lib/modules/{debian.kernel_release(kernel)}"
        files = _module_files(kernel)
        lines, todo, done = [], [*STOCK], set()
        while todo:
            name = todo.pop().replace("-", "_")
            if name in done or name not in files:
                continue
            done.add(name)
            path = files[name]
            content = path.read_bytes()
            if path.suffix == ".xz":
                content = lzma.decompress(content)
            archive.data(f"{folder}/{path.name.split('.')[0]}.ko", content)
            needs = elf.module_depends(content)
            todo += needs
            lines.append((path.name.split(".")[0], needs))
        names = {name.replace("-", "_"): name for name, _ in lines}
        known = [(name, _closure(name, dict(lines), names)) for name, _ in
                 lines]
        archive.data(f"{folder}/modules.dep", "".join(
            f"{name}.ko: {' '.join(f'{need}.ko' for need in needs)}\n"
            for name, needs in known).encode())
    return fill


def _closure(name, needs, names):
    """Everything below a module, the deepest last, as modules.dep has it."""
    found = []
    for need in needs[name]:
        need = names.get(need.replace("-", "_"))
        if need:
            found += [need, *_closure(need, needs, names)]
    # Of a module named twice the last place counts: it is loaded first.
    return list(dict.fromkeys(reversed(found)))[::-1]


def stock_modules(kernel):
    digest = _digest(paths.Path(__file__), debian.kernel_release(kernel))
    return _cached(f"modules-{kernel}", digest, _fill_modules(kernel))


def hypervisor():
    """Xen as QEMU's multiboot loader wants it: not compressed."""
    path = paths.IMAGE / "xen"
    if not path.exists():
        paths.IMAGE.mkdir(parents=True, exist_ok=True)
        packed = next((debian.xen_tree() / "boot").glob("xen-4.17-amd64.gz"))
        path.write_bytes(gzip.decompress(packed.read_bytes()))
    return path


def _payload(kernel):
    """The compressed kernel inside a bzImage, by its boot header."""
    image = debian.vmlinuz(kernel).read_bytes()
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (image[0x1f1] + 1) * 512 + offset
    return image[start:start + length]


def vmlinux(kernel):
    """The unpacked kernel. Unpacking it again for each domain, in the
    toolstack or in Xen, takes several seconds under emulation."""
    path = paths.IMAGE / f"vmlinux-{debian.kernel_release(kernel)}"
    if path.exists():
        return path
    payload = _payload(kernel)
    if payload.startswith(b"\xfd7zXZ"):
        content = lzma.LZMADecompressor().decompress(payload)
    else:
        # The last four bytes are the kernel's own note of its size.
        content = subprocess.run(["zstd", "-dcq"], input=payload[:-4],
                                 capture_output=True, check=True).stdout
    paths.IMAGE.mkdir(parents=True, exist_ok=True)
    part = paths.IMAGE / f"{path.name}.part"
    part.write_bytes(content)
    part.rename(path)
    return path


def core_symbols(kernel):
    """Where a kernel's own symbols lie, once a boot has told them."""
    return paths.IMAGE / f"kallsyms-{debian.kernel_release(kernel)}"


def _join(parts, overlay):
    return b"".join(part.read_bytes() for part in parts) + overlay.bytes()


def guest_image(kernel, ours):
    """A guest's initramfs; ours: {build: folder of our modules for it}."""
    overlay = Archive()
    overlay.file("init", paths.RECIPES / "guest-init", 0o755)
    for name in ("vif-up", "servers", "module-unload"):
        overlay.file(f"lab/{name}", paths.RECIPES / name, 0o755)
    _add_ours(overlay, ours)
    return _join([userland(), stock_modules(kernel)], overlay)


def _add_ours(overlay, ours):
    for build, folder in ours.items():
        for module in sorted(folder.glob("*.ko")):
            overlay.file(f"lab/{build}/{module.name}", module)


def dom0_image(kernel, ours, guests, extra):
    """dom0's initramfs.

    ours: {build: folder of our modules}; guests: {kernel: the same}; extra:
    {path: bytes} of the run, such as the list of jobs.
    """
    overlay = Archive()
    overlay.file("init", paths.RECIPES / "dom0-init", 0o755)
    overlay.file("lab/runner", paths.RECIPES / "dom0-runner", 0o755)
    for name in ("vif-up", "hotplug", "servers", "module-unload"):
        overlay.file(f"lab/{name}", paths.RECIPES / name, 0o755)
    overlay.file("etc/xen/scripts/vif-lab", paths.RECIPES / "vif-lab", 0o755)
    for script in sorted(paths.SCENARIOS.rglob("*.sh")):
        overlay.file(f"lab/tests/{script.relative_to(paths.SCENARIOS)}",
                     script)
    docs = paths.ROOT / "docs"
    for page in [*sorted((docs / "ABI").iterdir()), *sorted(docs.glob("*.md"))]:
        overlay.file(f"lab/docs/{page.name}", page)
    _add_ours(overlay, ours)
    for guest, modules in guests.items():
        overlay.file(f"boot/vmlinux-{guest}", vmlinux(guest))
        overlay.data(f"boot/guest-{guest}.img", guest_image(guest, modules))
    for path, content in extra.items():
        overlay.data(path, content)
    return _join([userland(), toolstack(), stock_modules(kernel)], overlay)
