# SPDX-License-Identifier: GPL-2.0
"""make ktest: ktest.pl drives the lab, one call for each test."""
