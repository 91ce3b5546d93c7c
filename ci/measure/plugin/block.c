// SPDX-License-Identifier: GPL-2.0
/* Finding a block's record. */
#include <pthread.h>
#include <stdlib.h>

#include "block.h"

#define BUCKETS		(1U << 18)

#define XEN_FIRST	0xffff800000000000ULL
#define XEN_LAST	0xffff87ffffffffffULL
#define CORE_FIRST	0xffffffff80000000ULL
#define CORE_LAST	0xffffffff9fffffffULL

static struct block *buckets[BUCKETS];
static uint32_t count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

enum place place_of(uint64_t vaddr)
{
	if (!(vaddr >> 63))
		return PLACE_USER;
	if (vaddr >= XEN_FIRST && vaddr <= XEN_LAST)
		return PLACE_XEN;
	if (vaddr >= CORE_FIRST && vaddr <= CORE_LAST)
		return PLACE_CORE;
	return PLACE_MODULE;
}

static uint32_t bucket_of(uint64_t vaddr, uint64_t host, uint32_t insns)
{
	uint64_t mixed = vaddr ^ host << 7 ^ insns;

	return mixed * 0x9e3779b97f4a7c15ULL >> 46;
}

struct block *block_get(uint64_t vaddr, uint64_t host, uint32_t insns)
{
	struct block **head = &buckets[bucket_of(vaddr, host, insns)];
	struct block *block;

	pthread_mutex_lock(&lock);
	for (block = *head; block; block = block->next)
		if (block->vaddr == vaddr && block->host == host &&
		    block->insns == insns)
			break;
	if (!block) {
		block = calloc(1, sizeof(*block));
		if (!block)
			abort();
		block->vaddr = vaddr;
		block->host = host;
		block->insns = insns;
		block->place = place_of(vaddr);
		block->number = count++;
		block->next = *head;
		*head = block;
	}
	pthread_mutex_unlock(&lock);
	return block;
}
