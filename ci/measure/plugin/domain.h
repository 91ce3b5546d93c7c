/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which domain runs: the distance from the core kernel's virtual addresses to
 * where they lie in memory is a mapping, and each belongs to one domain.
 */
#ifndef MEASURE_DOMAIN_H
#define MEASURE_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

/**
 * mapping_of - the number of a core kernel's mapping, made if it is new
 * @vaddr: an address of the core kernel
 * @host: where it lies
 */
int mapping_of(uint64_t vaddr, uint64_t host);

/**
 * domain_of - the domain that a mapping belongs to
 * @mapping: of the core kernel code that a CPU begins to run
 * @from: the domain that ran on this CPU before, -1 at the start
 * @direct: Xen has not run since, so it is still the same domain
 *
 * Domains are numbered as they appear: dom0 first. A kernel whose memory is
 * in pieces has several mappings; code that goes directly from one to another
 * tells that they are one domain's.
 */
int domain_of(int mapping, int from, bool direct);

#endif
