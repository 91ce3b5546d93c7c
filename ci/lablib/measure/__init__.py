# SPDX-License-Identifier: GPL-2.0
"""Counting what a packet costs: docs/measurement.md.

    from lablib.measure.boot import Spec, run
"""
