# SPDX-License-Identifier: GPL-2.0
"""How a claim is judged: parts, each with a figure and an answer."""

import dataclasses

SUPPORTED = "supported"
REFUTED = "refuted"
OPEN = "not decidable here"
WAITS = "waits for a mode not yet built"


@dataclasses.dataclass(frozen=True)
class Part:
    """One comparison. truth: None where the spread spans the bound.

    missing: what the run lacks for it; then there is no figure.
    """
    text: str
    truth: bool | None = None
    missing: str = ""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of a claim."""
    status: str
    measured: str
    why: str


def waits(mode):
    return Verdict(WAITS, "", f"needs {mode}")


def _listed(texts):
    return "; ".join(dict.fromkeys(texts))


def conclude(parts):
    """All parts must hold; a single one that does not refutes."""
    measured = _listed(part.text for part in parts if not part.missing)
    missing = [part.missing for part in parts if part.missing]
    false = [part.text for part in parts if part.truth is False]
    unsure = [part.text for part in parts
              if part.truth is None and not part.missing]
    if false:
        kept = len(parts) - len(false)
        why = f"does not hold for {_listed(false)}" if kept else \
            "does not hold in any case"
        return Verdict(REFUTED, measured, why)
    if missing:
        return Verdict(OPEN, measured,
                       f"this run did not measure {_listed(missing)}")
    if unsure:
        return Verdict(OPEN, measured,
                       f"the range spans the bound for {_listed(unsure)}")
    return Verdict(SUPPORTED, measured, "holds over the whole range")
