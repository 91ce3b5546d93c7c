# SPDX-License-Identifier: GPL-2.0
"""A writer of newc cpio archives, the format of an initramfs.

Written by hand because device nodes and root-owned files need no root this
way, and because the kernel accepts archives laid end to end: a cached base and
a small overlay of each run.
"""

import stat


class Archive:
    """An initramfs under construction: path -> (mode, content, rdev)."""

    def __init__(self):
        self.entries = {}

    def directory(self, path, mode=0o755):
        self.entries.setdefault(path, (stat.S_IFDIR | mode, b"", (0, 0)))

    def _parents(self, path):
        parts = path.split("/")[:-1]
        for i in range(1, len(parts) + 1):
            self.directory("/".join(parts[:i]))

    def data(self, path, content, mode=0o644):
        self._parents(path)
        self.entries[path] = (stat.S_IFREG | mode, content, (0, 0))

    def file(self, path, source, mode=None):
        if mode is None:
            mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
        self.data(path, source.read_bytes(), mode)

    def link(self, path, target):
        self._parents(path)
        self.entries[path] = (stat.S_IFLNK | 0o777, target.encode(), (0, 0))

    def device(self, path, major, minor, mode=0o600):
        self._parents(path)
        self.entries[path] = (stat.S_IFCHR | mode, b"", (major, minor))

    def bytes(self):
        out = bytearray()
        for number, (path, entry) in enumerate(self.entries.items(), 1):
            _append(out, number, path, *entry)
        _append(out, 0, "TRAILER!!!", 0, b"", (0, 0))
        return bytes(out) + b"\0" * (-len(out) % 512)


def _append(out, ino, path, mode, content, rdev):
    name = path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (ino, mode, 0, 0, links, 0, len(content), 0, 0,
              rdev[0], rdev[1], len(name), 0)
    out += b"070701" + b"".join(b"%08X" % field for field in fields) + name
    out += b"\0" * (-len(out) % 4)
    out += content
    out += b"\0" * (-len(out) % 4)
