# SPDX-License-Identifier: GPL-2.0
"""The lab: a machine of given shape that runs jobs and tells how they ended.

    lab = Lab(placement="separate", back="ours", front="stock")
    results = lab.run([Job("interop", "interop", 300)], on_line=print)
"""

import base64
import dataclasses
import io
import os
import re
import shutil
import tarfile
import threading
import time

from . import debian, image, paths
from .far import Far
from .machine import Machine, can_be_steady
from .modules import ours
from .progress import say

BOOT_S = 240
# What the host grants beyond a job's own bound, before it takes dom0 itself
# to be stuck.
GRACE_S = 30
LET_GO_S = 90
# The debug kernel looks for leaks meanwhile, and needs more memory.
DEBUG_LET_GO_S = 300
GUEST_MB, DEBUG_GUEST_MB = 192, 256

# 8 ns for an instruction: about what the host takes.
ICOUNT = "shift=3,sleep=on"

# What is behind it comes as an NMI, which makes Xen panic: so dom0 can
# provoke that.
WATCHDOG = ("-device", "ib700", "-action", "watchdog=inject-nmi")

# Set when all machines are to end, whatever they are at.
stopping = threading.Event()
# Images are built by one at a time.
_building = threading.Lock()

PASS, FAIL, CRASH, TIMEOUT = "pass", "fail", "crash", "timeout"


@dataclasses.dataclass
class Job:
    """A script of tests/lab to run in dom0, and how long it may take."""
    name: str
    script: str
    seconds: int
    env: dict = dataclasses.field(default_factory=dict)
    # The ending that it must have, for the tests of the lab itself; and, behind
    # a colon, a word that it must be told with.
    expect: str = ""
    # Files for dom0 by their path.
    files: dict = dataclasses.field(default_factory=dict)
    # Who judges what the plugin counted: (result, lab) -> (whether, text)s.
    judge: object = None

    def line(self):
        words = [f"{key}={value}" for key, value in self.env.items()]
        return " ".join([self.name, str(self.seconds), self.script, *words])


@dataclasses.dataclass
class Result:
    """How a job ended, and what it said."""
    name: str
    outcome: str = TIMEOUT
    why: str = ""
    lines: list = dataclasses.field(default_factory=list)
    logs: object = None
    seconds: float = 0

    def judge(self, expect):
        """Turn the ending that was provoked into a verdict of its own."""
        outcome, _, word = expect.partition(":")
        right = self.outcome == outcome and any(
            word in line for line in [*self.lines, self.why]
            if not line.startswith("ok "))
        self.lines = [f"{'ok' if right else 'not ok'} 1 - it ends as "
                      f"{self.outcome}, wanted {expect}"]
        self.outcome, self.why = (PASS if right else FAIL), ""

    def add(self, verdicts):
        """Verdicts of the host's own behind those of the machine."""
        known = sum(line.startswith(("ok ", "not ok ")) for line in
                    self.lines)
        for number, (good, text) in enumerate(verdicts, known + 1):
            self.lines.append(f"{'ok' if good else 'not ok'} {number} - "
                              f"{text}")
            if not good and self.outcome == PASS:
                self.outcome = FAIL

    def count(self):
        """(passed, failed, skipped) of its checks."""
        good = [line for line in self.lines if line.startswith("ok ")]
        skipped = sum("# SKIP" in line for line in good)
        bad = sum(line.startswith("not ok ") for line in self.lines)
        if self.outcome != PASS and not bad:
            bad = 1
        return len(good) - skipped, bad, skipped

    def failures(self):
        """Each check that failed, with what it said of it; in lines."""
        found, telling = [], False
        for line in self.lines:
            telling = line.startswith("not ok ") or \
                (telling and line.startswith("#"))
            if telling:
                found.append(f"{self.name}: {line}")
        if self.outcome != PASS and not found:
            found.append(f"{self.name}: {self.outcome} {self.why}".rstrip())
        return found

    def data(self):
        """The measurements, "data WORD..." lines, as lists of words."""
        return [line.split()[1:] for line in self.lines
                if line.startswith("data ")]


@dataclasses.dataclass
class Lab:
    """The shape of the machine; see the options of ci/lab."""
    placement: str = "separate"
    back: str = "ours"
    front: str = "ours"
    guest_type: str = "pv"
    kernel: str = "6.1"
    guest_kernel: str = ""
    backend_domain: str = "dom0"
    # Our backend's transfer modes; its own defaults where empty.
    rx_mode: str = ""
    tx_mode: str = ""
    dom0_vcpus: int = 1
    guest_vcpus: int = 1
    guests: int = 1
    cpus: int = 2
    far: bool = False
    # Programs that run on the far host meanwhile.
    far_servers: tuple = ()
    full: bool = False
    memory_mb: int = 3072
    dom0_mb: int = 1024
    dom0_extra: str = ""
    xen_extra: str = ""
    # Whether QEMU's plugin counts, see docs/measurement.md; and the size of
    # the shared cache that it simulates.
    measure: bool = False
    llc_kb: int = 4096
    # Whether instructions are the machine's clock: how many ticks and time
    # slices work takes is not the host's doing then, but its CPUs take turns.
    # The host's clock, where QEMU cannot do it.
    steady: bool = False
    # Our modules once more with modes left out, as words for make, joined by
    # commas: "FLIP=n,MAP=n COPY=n" are two builds.
    builds: str = ""
    # Guest kernels that must be in the image; default: guest_kernel alone.
    guest_kernels: tuple = ()
    # Where the console's log is written, for others to follow.
    console: str = ""

    def __post_init__(self):
        self.guest_kernel = self.guest_kernel or self.kernel
        self.steady = self.steady and can_be_steady()
        if self.placement == "sidecore":
            # The side-core is vCPU 1, on CPU 1.
            self.dom0_vcpus = max(self.dom0_vcpus, 2)
        self.guest_kernels = tuple(dict.fromkeys(
            (self.guest_kernel, *self.guest_kernels)))

    def debugs(self):
        """Whether the debug kernel runs anywhere."""
        return debian.DEBUG in (self.kernel, *self.guest_kernels)

    def let_go_s(self):
        """The bound of letting go after a job."""
        return DEBUG_LET_GO_S if self.debugs() else LET_GO_S

    def params(self, mode):
        shared = self.placement in ("same", "sidecore")
        cpus = "0" if shared else f"1-{self.cpus - 1}"
        if self.guest_vcpus > 1 and not shared:
            cpus = f"0-{self.cpus - 1}"
        values = {
            "MODE": mode, "BACK": self.back, "FRONT": self.front,
            "TYPE": self.guest_type, "KERNEL": self.kernel,
            "GUEST_KERNEL": self.guest_kernel,
            "GUEST_KERNELS": f'"{" ".join(self.guest_kernels)}"',
            "RX_MODE": self.rx_mode, "TX_MODE": self.tx_mode,
            "PLACEMENT": self.placement, "BACKEND": self.backend_domain,
            "BUILDS": f'"{self.builds}"',
            "GUESTS": self.guests, "GUEST_VCPUS": self.guest_vcpus,
            "GUEST_CPUS": cpus, "FAR": int(self.far), "FULL": int(self.full),
            "GUEST_MB": DEBUG_GUEST_MB if self.debugs() else GUEST_MB,
            "LET_GO": self.let_go_s(),
            "MEASURE": int(self.measure), "STEADY": int(self.steady),
            "CORE_SYMBOLS": self._core_symbols(),
        }
        # A job's own environment goes before the run's parameters.
        lines = [f": ${{LAB_{key}:={value}}}" for key, value in
                 values.items()]
        names = " ".join(f"LAB_{key}" for key in values)
        return "\n".join([*lines, f"export {names}", ""]).encode()

    def _core_symbols(self):
        """The kernels whose own symbols are still to be had from a boot."""
        if not self.measure:
            return ""
        kernels = {self.kernel, *self.guest_kernels}
        return ",".join(sorted(kernel for kernel in kernels
                               if not image.core_symbols(kernel).exists()))

    def needs_ours(self):
        return "ours" in (self.back, self.front)

    def _modules(self, kernel):
        """{where in the image: folder} of each build of our modules."""
        found = {"ours": ours(kernel)}
        for build in self.builds.split():
            found[build] = ours(kernel, build.split(","))
        return found

    def _image(self, jobs, mode, need_ours):
        modules = self._modules(self.kernel) if need_ours else {}
        guests = {kernel: self._modules(kernel) if need_ours else {}
                  for kernel in self.guest_kernels}
        if self.placement == "native":
            guests = {}
        extra = {"lab/params": self.params(mode), "lab/jobs": "".join(
            job.line() + "\n" for job in jobs).encode()}
        for job in jobs:
            extra.update(job.files)
        return image.dom0_image(self.kernel, modules, guests, extra)

    def prepare(self, folder, jobs, mode="jobs", need_ours=None):
        """The files that QEMU boots from, in the run's own folder."""
        if need_ours is None:
            need_ours = self.needs_ours() or any(
                "ours" in job.env.values() for job in jobs)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if self.console:
            os.symlink(os.path.abspath(self.console), folder / "console.log")
        with _building:
            content = self._image(jobs, mode, need_ours)
            os.symlink(debian.vmlinuz(self.kernel), folder / "vmlinuz")
            os.symlink(image.vmlinux(self.kernel), folder / "vmlinux")
            os.symlink(image.hypervisor(), folder / "xen")
            if self.measure and self.placement != "native":
                debian.xen_symbols()
        (folder / "dom0.img").write_bytes(content)

    def _linux_args(self, console):
        # The plugin knows code by its address.
        # Slowed down by counting, a CPU may take longer than RCU believes.
        fixed = ("nokaslr rcupdate.rcu_cpu_stall_suppress=1 nowatchdog "
                 if self.measure else "")
        return (f"console={console} rdinit=/init mitigations=off "
                f"panic_on_warn=1 panic=-1 loglevel=7 {fixed}"
                f"{self.dom0_extra}")

    def _accel_args(self):
        if not self.steady:
            return ["-accel", "tcg,thread=multi"]
        return ["-accel", "tcg,thread=single", "-icount", ICOUNT]

    def _plugin_args(self):
        if not self.measure:
            return []
        return ["-plugin", f"{image.plugin()},out=measure.log,"
                f"llc={self.llc_kb << 10}"]

    def _boot_args(self):
        """Xen and its modules, or the kernel alone."""
        if self.placement == "native":
            return ["-kernel", "vmlinuz", "-initrd", "dom0.img",
                    "-append", self._linux_args("ttyS0")]
        # xsave off: a PVH guest's AVX dies of #UD under TCG.
        xen = (f"com1=115200,8n1 console=com1 "
               f"dom0_mem={self.dom0_mb}M,max:{self.dom0_mb}M "
               f"dom0_max_vcpus={self.dom0_vcpus} dom0_vcpus_pin "
               f"spec-ctrl=no xpti=no pv-l1tf=no nmi=fatal loglvl=info "
               f"guest_loglvl=info xsave=0 {self.xen_extra}")
        # Commas separate modules, so one inside an argument is doubled.
        dom0 = self._linux_args("hvc0").strip().replace(",", ",,")
        return ["-kernel", "xen", "-append", xen.strip(),
                "-initrd", f"vmlinux {dom0},dom0.img"]

    def qemu(self, far, console="file:console.log", extra=()):
        net = far.qemu_args() if far else ["-net", "none"]
        return ["qemu-system-x86_64", *self._accel_args(),
                "-cpu", "max,-smap,-erms,-fsrm", "-smp", str(self.cpus),
                "-m", str(self.memory_mb), "-display", "none", "-no-reboot",
                "-serial", console, "-serial", "file:verdict.log",
                "-monitor", "none", *WATCHDOG, *net, *self._plugin_args(),
                *extra, *self._boot_args()]

    def run(self, jobs, on_line=None, on_result=None, folder=None,
            qemu_extra=()):
        """Run jobs, packed into as few boots as their endings allow.

        on_line(name, line) hears what a job says, on_result(result) how it
        ended.
        """
        results, left = [], list(jobs)
        while left and not stopping.is_set():
            done = self._boot(left, on_line or (lambda _name, _line: None),
                              on_result or (lambda _result: None),
                              folder, qemu_extra)
            results += done
            left = left[len(done):]
        return results

    def _boot(self, jobs, on_line, on_result, folder, qemu_extra):
        """One boot; the results of those jobs that it came to."""
        folder = folder or paths.RUN / f"{jobs[0].name}-{os.getpid()}"
        self.prepare(folder, jobs)
        watch = _Watch(self, jobs, on_line, on_result, folder)
        far = Far() if self.far else None
        machine = None
        try:
            if far:
                far.up()
                for argv in self.far_servers:
                    far.start(argv)
            machine = Machine(self.qemu(far, extra=qemu_extra), folder,
                              watch.line, far.wrapper() if far else ())
            while machine.poll(heed=watch.heed) and not watch.overdue() \
                    and not stopping.is_set():
                watch.saw(machine.crash)
            watch.saw(machine.crash)
            watch.died()
            return watch.done
        finally:
            if machine:
                machine.end()
            if far:
                far.down()
            watch.keep(folder)


class _Watch:
    """Follows the verdict port through one boot."""

    def __init__(self, lab, jobs, on_line, on_result, folder):
        self.lab = lab
        self.jobs = jobs
        self.folder = folder
        self.on_line = on_line
        self.on_result = on_result
        self.done = []
        self.current = None
        self.files = None
        # Those of the current job, each as it was sent.
        self.archives = []
        self.ended = False
        # Whether a sign of a crash on the console means one; the first, and
        # the result of the job that it belongs to.
        self.heed = True
        self.crash = None
        self.blamed = None
        self.deadline = time.time() + BOOT_S
        self._start = 0

    def overdue(self):
        return time.time() > self.deadline

    def line(self, line):
        if self.files is not None and line != "LAB eof":
            self.files.append(line)
        elif line.startswith("LAB "):
            getattr(self, "_" + line.split()[1])(*line.split()[2:])
        elif line:
            if self.current:
                self.current.lines.append(line)
            self.on_line(self.current.name if self.current else "-", line)

    def _boot(self):
        self.deadline = time.time() + 60

    def _begin(self, name, seconds):
        self.current = Result(name)
        # No log of another run is to be taken for this one's.
        shutil.rmtree(paths.LOG / name, ignore_errors=True)
        self.archives, self.ended = [], False
        self._start = time.time()
        self.deadline = time.time() + int(seconds) + GRACE_S

    def _closing(self, _name):
        # Letting go after the job has a bound of its own.
        self.deadline = time.time() + self.lab.let_go_s() + GRACE_S

    def _overdue(self, _name):
        self.heed = False
        self.current.outcome = TIMEOUT

    def _end(self, _name, outcome):
        self.ended = True
        self.current.outcome = outcome
        self.current.seconds = time.time() - self._start
        # For the logs: a machine whose accesses to memory are looked at
        # sends 10 kB in a second.
        self.deadline = time.time() + 120

    def _files(self, _name):
        self.files = []

    def _eof(self):
        self.archives.append(self.files)
        self.files = None
        # The last ones come behind the end.
        if self.ended:
            self.current.logs = _unpack(self.current.name, self.archives)
            self._finish(self.current)

    def _done(self):
        self.deadline = time.time() + 15

    def _finish(self, result):
        job = self.jobs[len(self.done)]
        if job.expect:
            result.judge(job.expect)
        if result.logs:
            self._keep_counts(result.logs)
            if job.judge:
                self._judge(job, result)
        self.done.append(result)
        self.current = None
        self.on_result(result)

    def _judge(self, job, result):
        known = len(result.lines)
        result.add(job.judge(result, self.lab))
        for line in result.lines[known:]:
            self.on_line(result.name, line)

    def _keep_counts(self, logs):
        counts = self.folder / "measure.log"
        if counts.exists():
            shutil.copy(counts, logs / counts.name)

    def saw(self, crash):
        """A sign of a crash is of the job under way, or the one that ended
        last: the machine lives on for some seconds, to tell more."""
        if not crash or self.crash or not self.heed:
            return
        self.crash = crash
        self.blamed = self.current or (self.done[-1] if self.done else None)

    def died(self):
        """The machine is gone: judge the job that was under way, or the
        first when none was come to."""
        result = self.current
        if self.blamed in self.done:
            if not self._was_to_crash(self.blamed):
                self._ended_badly(self.blamed)
                self.on_result(self.blamed)
            return
        if not result and not self.done:
            result = Result(self.jobs[0].name)
        if not result:
            return
        if self.heed:
            self._ended_badly(result)
        self._finish(result)

    def _was_to_crash(self, result):
        """And has: dom0 told of it before its console did."""
        job = self.jobs[self.done.index(result)]
        return (job.expect or "").startswith(CRASH) and result.outcome == PASS

    def _ended_badly(self, result):
        result.outcome = CRASH if self.crash else TIMEOUT
        result.why = self.crash or "no verdict within its time"

    def keep(self, folder):
        """The boot's own logs go beside each of its jobs'."""
        for result in self.done:
            result.logs = paths.LOG / result.name
            result.logs.mkdir(parents=True, exist_ok=True)
            for name in ("console.log", "verdict.log", "qemu.log"):
                if (folder / name).exists():
                    shutil.copy(folder / name, result.logs / name)
        shutil.rmtree(folder, ignore_errors=True)


def _extract(packed, folder):
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        for member in tar.getmembers():
            # Plain files in one folder; nothing else is expected.
            base = re.sub(r"^\./", "", member.name)
            if member.isfile() and "/" not in base:
                (folder / base).write_bytes(tar.extractfile(member).read())


def _unpack(name, archives):
    folder = paths.LOG / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for lines in archives:
        try:
            _extract(base64.b64decode("".join(lines)), folder)
        except (ValueError, tarfile.TarError, EOFError) as error:
            say(f"logs of {name} did not arrive whole: {error}")
    return folder
