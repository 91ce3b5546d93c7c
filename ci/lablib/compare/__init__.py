# SPDX-License-Identifier: GPL-2.0
"""make compare: measure ours, stock and native in one run; show the result."""
