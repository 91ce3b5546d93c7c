/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks: straight pieces of guest code as QEMU translates them, each with
 * what ran of it. Functions and calls are derived from these afterwards.
 */
#ifndef MEASURE_BLOCK_H
#define MEASURE_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "cache.h"

#define MAX_CPUS	8
#define MAX_DOMAINS	8

/* Whose code it is, by its address. */
enum place { PLACE_USER, PLACE_XEN, PLACE_CORE, PLACE_MODULE };

/* What one CPU ran of one block in the present window. */
struct tally {
	uint32_t window;
	uint32_t events[CACHE_EVENTS];
	uint64_t runs[MAX_DOMAINS];
};

struct block {
	struct block *next;
	uint64_t vaddr;
	uint64_t host;		/* of the first byte, 0 if not in memory */
	uint32_t insns;
	uint32_t bytes;
	enum place place;
	int mapping;		/* PLACE_CORE: see domain.h */
	/* The address of a REP string instruction that ends it, or 0. */
	uint64_t rep;
	/* The lines of code that it touches; a second page may follow. */
	uint64_t line[2];
	uint32_t lines[2];
	uint32_t number;
	struct tally *tally[MAX_CPUS];
};

/**
 * block_get - the record of a piece of code, made if it is new
 * @vaddr: its guest virtual address
 * @host: where that lies in QEMU's memory, which tells equal addresses of
 *	different domains apart
 * @insns: its instructions
 *
 * Called while QEMU translates, on any CPU's thread.
 */
struct block *block_get(uint64_t vaddr, uint64_t host, uint32_t insns);

enum place place_of(uint64_t vaddr);

#endif
