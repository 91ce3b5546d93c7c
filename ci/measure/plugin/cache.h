/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulated caches: L1I, L1D and L2 of each CPU, and a last level that all of
 * them share or none. Lines are kept coherent as MESI does.
 */
#ifndef MEASURE_CACHE_H
#define MEASURE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "../marker.h"

#define LINE_SHIFT	6

/* What an access may cause; a CACHE_* function returns a mask of 1 << event. */
enum cache_event {
	CACHE_L1I,		/* misses */
	CACHE_L1D,
	CACHE_L2,
	CACHE_LLC,
	CACHE_C2C,		/* the line came dirty out of another CPU */
	CACHE_UPGRADE,		/* a shared line was taken from the others */
	CACHE_EVENTS
};

/**
 * cache_setup - make empty caches
 * @cpus: how many CPUs have their own
 * @llc_bytes: the shared level's size, a power of two
 *
 * Return: false when there is no memory for them.
 */
bool cache_setup(unsigned int cpus, uint64_t llc_bytes);

/**
 * cache_empty - forget all lines
 * @shared: whether there is a shared level from here on
 */
void cache_empty(bool shared);

/**
 * cache_data - one CPU reads or writes
 * @cpu: which
 * @line: the physical address >> LINE_SHIFT, never 0
 * @write: whether it writes
 *
 * Each CPU's calls come from one thread.
 *
 * Return: a mask of events.
 */
unsigned int cache_data(unsigned int cpu, uint64_t line, bool write);

/**
 * cache_code - one CPU fetches instructions
 * @cpu: which
 * @line: as for cache_data()
 *
 * Return: a mask of events.
 */
unsigned int cache_code(unsigned int cpu, uint64_t line);

#endif
