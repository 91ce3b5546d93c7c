# SPDX-License-Identifier: GPL-2.0
"""One boot that measures a list of windows.

    specs = [Spec("rx", "same", "ours", "dom0", "rx", "tcp", count=16 << 20)]
    records = run(specs, "measure-same")
"""

import dataclasses

from .. import image
from ..lab import PASS, Job, Lab
from ..progress import StepFailed, say
from . import collect

# The pair where no split driver takes part.
NATIVE = "none"
# What a boot and the making of four guests may take, and each window.
SETUP_S = 400
WINDOW_S = 60
# The markers' argument is a byte, and 0 is for none.
MOST_WINDOWS = 255
# Placements where one CPU does all the work.
ONE_CPU = ("native", "same")


@dataclasses.dataclass(frozen=True)
class Spec:
    """A window: what runs, where, between whom, measured with what."""
    label: str
    # native, same, separate; or sidecore: dom0 has a second CPU
    placement: str
    # ours, stock; none if native, and where dom0 itself ends the traffic
    pair: str
    # dom0: to and from dom0 itself; intra: between two guests (namespaces
    # if native); inter: beyond the emulated NIC
    path: str
    # rx, tx: the guest's (the measured one's)
    direction: str
    # tcp, udp, flood, rr; see ci/measure/guest/traffic-tool.c
    kind: str
    # bytes of payload in a packet; 0 for what fits (TCP); UDP also N/BURST
    # and N@RATE, see traffic-tool.c
    size: int | str = 0
    # on, off, or 16k: segments in one piece of at most so much
    offloads: str = "on"
    # off, private, shared
    cache: str = "off"
    # bytes for TCP, packets for the others
    warm: int = 2 << 20
    count: int = 16 << 20
    # rx_mode, tx_mode, notify...: the vif's switches for this window
    modes: tuple = ()

    def line(self):
        modes = ",".join(f"{key}={value}" for key, value in self.modes)
        return " ".join(map(str, (
            self.label, self.placement, self.pair, self.path, self.direction,
            self.kind, self.size, self.offloads, self.cache, modes or "-",
            self.warm, self.count)))


def _job(specs, name):
    def names(key):
        return ",".join(dict.fromkeys(getattr(spec, key) for spec in specs))
    native = specs[0].placement == "native"
    pairs = dict.fromkeys(spec.pair for spec in specs
                          if native or spec.pair != NATIVE)
    env = {"COMPARE_PLACEMENTS": names("placement"),
           "COMPARE_PAIRS": ",".join(pairs), "COMPARE_PATHS": names("path"),
           "COMPARE_MS": WINDOW_S * 1000}
    script = "measure/native" if native else "measure/xen"
    text = "".join(f"{spec.line()}\n" for spec in specs)
    return Job(name, script, SETUP_S + WINDOW_S * len(specs), env,
               files={"lab/windows": text.encode()})


def steady(specs):
    """Whether instructions are to be the clock of these windows.

    Then they hardly differ from repeat to repeat, and a window with simulated
    caches, which slow the host down to a tenth, holds no more ticks than
    others. But CPUs take turns: where two work at once, that is to be seen.
    """
    return all(spec.placement in ONE_CPU or spec.cache != "off"
               for spec in specs)


def _lab(specs, shape):
    """The machine for these windows; native Linux gets one CPU, as a guest
    has, and is told not to distrust QEMU's TSC."""
    kinds = {spec.placement == "native" for spec in specs}
    if len(kinds) > 1 or len(specs) > MOST_WINDOWS:
        raise ValueError("a boot is native or not, and has few windows")
    shape = {"placement": "separate", "measure": True,
             "steady": steady(specs),
             "far": any(spec.path == "inter" for spec in specs), **shape}
    if kinds == {True}:
        shape.update(placement="native", back="stock", front="stock")
        shape.setdefault("cpus", 1)
        shape["dom0_extra"] = f"tsc=reliable {shape.get('dom0_extra', '')}"
    if shape["far"]:
        shape["far_servers"] = ((image.traffic_tool(), "serve", "5203"),)
    return Lab(**shape)


def _why(result):
    for line in result.lines:
        if line.startswith("not ok"):
            return line.split(" - ", 1)[-1]
    return result.why or f"it ended as {result.outcome}"


def _tell(name, line):
    """Its windows' data are for the host alone."""
    if not line.startswith("data "):
        say(f"  {name}: {line}")


def run(specs, name="measure", **shape):
    """Boot, measure, return the records; logs are in build/log/NAME/.

    shape: fields of Lab, such as kernel, guest_type, cpus, llc_kb, xen_extra.
    """
    # Once memory accesses are looked at, they are until the end.
    specs = sorted(specs, key=lambda spec: spec.cache != "off")
    lab = _lab(specs, shape)
    say(f"boot {name}: {len(specs)} windows")
    results = lab.run([_job(specs, name)], on_line=_tell)
    if not results:
        raise StepFailed(f"measuring {name}", hint="it was stopped")
    result = results[0]
    if result.outcome != PASS:
        raise StepFailed(f"measuring {name}", result.logs, _why(result))
    return collect.records(result, lab)
