# SPDX-License-Identifier: GPL-2.0
"""Where things lie. Whatever is generated or downloaded is under build/."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
DEB = BUILD / "deb"
TREE = BUILD / "tree"
IMAGE = BUILD / "image"
MODULES = BUILD / "modules"
LOG = BUILD / "log"
RUN = BUILD / "run"
SCENARIOS = ROOT / "tests" / "lab"
MEASURE = ROOT / "ci" / "measure"
RECIPES = ROOT / "ci" / "image"
