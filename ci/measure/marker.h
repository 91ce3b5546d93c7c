/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Markers: an eight-byte NOP whose displacement says something to the plugin
 * and nothing to the processor.
 *
 *	0f 1f 84 00 'K' 'P' OP ARG	nopl disp32(%rax,%rax,1)
 */
#ifndef MEASURE_MARKER_H
#define MEASURE_MARKER_H

#include <stdint.h>

#define MARKER_SIZE	8
#define MARKER_HEAD	{ 0x0f, 0x1f, 0x84, 0x00, 'K', 'P' }
#define MARKER_HEAD_SIZE	6

enum marker_op {
	MARKER_CACHE = 'C',	/* ARG: enum cache_mode; empties the caches */
	MARKER_WARM = 'W',	/* the caches are simulated from here on */
	MARKER_START = 'S',	/* a window opens; ARG: its number */
	MARKER_END = 'E',	/* and closes */
	MARKER_VISIT = 'V',	/* a poller looks for work on this CPU */
	MARKER_EMPTY = 'P',	/* it found none: all since VISIT was polling */
};

/* What the window is measured with. */
enum cache_mode {
	CACHE_OFF,
	CACHE_PRIVATE,		/* L1 and L2 per CPU, then memory */
	CACHE_SHARED,		/* and a last level that all CPUs share */
};

#endif
