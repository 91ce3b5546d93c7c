# SPDX-License-Identifier: GPL-2.0
"""Where things lie. Whatever is generated or downloaded is under build/."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Whose drivers are built and tested: this tree's, or another version's.
DRIVERS = Path(os.environ.get("SPLITNET_DRIVERS") or ROOT).resolve()
BUILD = ROOT / "build"
DEB = BUILD / "deb"
TREE = BUILD / "tree"
IMAGE = BUILD / "image"
# Beside their sources.
MODULES = DRIVERS / "build" / "modules"
LOG = BUILD / "log"
RUN = BUILD / "run"
SCENARIOS = ROOT / "tests" / "lab"
MEASURE = ROOT / "ci" / "measure"
RECIPES = ROOT / "ci" / "image"
