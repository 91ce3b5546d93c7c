# SPDX-License-Identifier: GPL-2.0
"""The far side of the wire: a network namespace of this run's own.

QEMU runs in it, its e1000 on a tap whose address is the far host's. Nothing
outside the namespace is ever addressed.
"""

import itertools
import os
import subprocess

from .progress import StepFailed

ADDRESS = "10.0.0.254"
ADDRESS6 = "fd00::254"


def _run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        hint = done.stderr.strip().splitlines()[-1:] or [" ".join(argv)]
        if os.geteuid():
            hint.append("a network namespace takes root")
        raise StepFailed("making the far side's network",
                         hint="; ".join(hint))


# Machines may run beside each other.
_count = itertools.count()


class Far:
    """One namespace with one tap, and the servers started in it."""

    def __init__(self):
        self.name = f"lab-far-{os.getpid()}-{next(_count)}"
        self._children = []

    def up(self):
        _run("ip", "netns", "add", self.name)
        inside = ("ip", "-n", self.name)
        _run(*inside, "link", "set", "lo", "up")
        _run(*inside, "tuntap", "add", "dev", "tap0", "mode", "tap")
        _run(*inside, "addr", "add", f"{ADDRESS}/24", "dev", "tap0")
        _run(*inside, "addr", "add", f"{ADDRESS6}/64", "dev", "tap0", "nodad")
        _run(*inside, "link", "set", "tap0", "up")

    def wrapper(self):
        """What goes before a command that runs inside."""
        return ("ip", "netns", "exec", self.name)

    def start(self, argv, **kwargs):
        """A server on the far host; it ends with the namespace."""
        child = subprocess.Popen([*self.wrapper(), *argv],
                                 stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, **kwargs)
        self._children.append(child)
        return child

    @staticmethod
    def qemu_args():
        return ["-netdev", "tap,id=n0,ifname=tap0,script=no,downscript=no",
                "-device", "e1000,netdev=n0,mac=00:16:3e:fe:00:01"]

    def down(self):
        for child in self._children:
            child.kill()
            child.wait()
        subprocess.run(["ip", "netns", "del", self.name], check=False,
                       capture_output=True)
