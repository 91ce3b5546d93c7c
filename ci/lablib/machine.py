# SPDX-License-Identifier: GPL-2.0
"""One QEMU: started, watched, bounded, ended."""

import functools
import os
import re
import signal
import subprocess
import time

# On the console, that is in Xen's or dom0's log.
CRASH = re.compile(
    rb"Hardware Dom0 crashed|Kernel panic|Xen BUG|Xen WARN|Call Trace:|"
    rb"BUG(?:: | \S+ \()|"
    rb"WARNING: (?:CPU|possible|inconsistent|suspicious)|Oops: |"
    rb"general protection fault|Panic on CPU")
# How long a dying system may go on telling why.
LAST_WORDS_S = 6


@functools.cache
def can_be_steady():
    """Whether instructions can be the clock of this QEMU's machine: seen with
    7.2. 10.0.2 ends with "Bad icount read" when Xen tries its timer."""
    text = subprocess.run(["qemu-system-x86_64", "--version"], text=True,
                          capture_output=True, check=True).stdout
    return int(re.search(r"version (\d+)", text).group(1)) < 8


class Machine:
    """QEMU with two serial ports: the console's log and the verdicts'.

    The owner calls poll() until it returns False. Lines of the verdict port
    go to on_verdict; crash holds the console's line once a crash shows there.
    """

    def __init__(self, argv, folder, on_verdict, wrapper=()):
        self.folder = folder
        self.on_verdict = on_verdict
        self.crash = None
        self._crash_at = None
        self._rest = b""
        self._console_rest = b""
        for name in ("console.log", "verdict.log"):
            (folder / name).write_bytes(b"")
        self._console = open(folder / "console.log", "rb")
        self._verdict = open(folder / "verdict.log", "rb")
        self._log = open(folder / "qemu.log", "wb")
        # A group of its own: Ctrl-C reaches us, and we end it in order. Where
        # we are killed without that, the kernel does.
        self._child = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *wrapper, *argv], cwd=folder, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log, start_new_session=True)

    def _read_console(self, heed):
        text = self._console_rest + self._console.read()
        found = CRASH.search(text)
        if found and heed and not self.crash:
            start = text.rfind(b"\n", 0, found.start()) + 1
            end = text.find(b"\n", found.end())
            line = text[start:end if end > 0 else None]
            self.crash = line.decode(errors="replace").strip()
            self._crash_at = time.time()
        self._console_rest = text[text.rfind(b"\n") + 1:]

    def _read_verdicts(self):
        lines = (self._rest + self._verdict.read()).split(b"\n")
        self._rest = lines.pop()
        for line in lines:
            self.on_verdict(line.decode(errors="replace").rstrip("\r"))

    def poll(self, heed=True):
        """Read what is new; False once the machine has ended.

        heed: whether the signs of a crash mean one.
        """
        ended = self._child.poll() is not None
        self._read_verdicts()
        self._read_console(heed)
        if ended:
            return False
        if self.crash and time.time() - self._crash_at > LAST_WORDS_S:
            return False
        time.sleep(0.1)
        return True

    def end(self):
        """Kill whatever is left."""
        if self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for file in (self._console, self._verdict, self._log):
            file.close()
