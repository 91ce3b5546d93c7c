/* SPDX-License-Identifier: GPL-2.0 */
/* Counting what each CPU runs, from one marker to another. */
#ifndef MEASURE_COUNT_H
#define MEASURE_COUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "block.h"

/**
 * count_setup - begin
 * @out: where the windows go
 * @cpus: how many CPUs there are
 * @watch: called to have count_access() called from soon on
 *
 * Return: false when there is no memory for it.
 */
bool count_setup(FILE *out, unsigned int cpus, void (*watch)(void));

/**
 * count_block - QEMU's callback: a CPU begins to run a block
 * @vcpu: the CPU
 * @block: struct block
 */
void count_block(unsigned int vcpu, void *block);

/**
 * count_access - a CPU's access to memory, inside the block last begun
 * @vcpu: the CPU
 * @physical: the address
 * @bytes: how many
 * @write: whether it writes
 */
void count_access(unsigned int vcpu, uint64_t physical, unsigned int bytes,
		  bool write);

/**
 * count_accesses - whether accesses are to be told to count_access() now
 */
bool count_accesses(void);

/**
 * count_marker - QEMU's callback: a CPU comes to a marker
 * @vcpu: the CPU
 * @marker: marker_of() it, as a pointer
 */
void count_marker(unsigned int vcpu, void *marker);

#endif
