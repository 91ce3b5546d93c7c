# SPDX-License-Identifier: GPL-2.0
"""The host side of the lab: fetch, build, boot, judge."""
