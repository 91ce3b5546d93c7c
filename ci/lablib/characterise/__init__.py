# SPDX-License-Identifier: GPL-2.0
"""make characterise: what each packet costs, counted, modelled and judged."""
