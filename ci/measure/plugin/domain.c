// SPDX-License-Identifier: GPL-2.0
/* Telling domains apart without seeing a register. */
#include <pthread.h>

#include "block.h"
#include "domain.h"

#define MAPPINGS	256
#define NONE		-1

static struct {
	uint64_t distance;
	int domain;
} mappings[MAPPINGS];
static int mapping_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

int mapping_of(uint64_t vaddr, uint64_t host)
{
	uint64_t distance = host - vaddr;
	int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < mapping_count; i++)
		if (mappings[i].distance == distance)
			break;
	if (i == MAPPINGS) {
		/* More pieces than anything here has: all one. */
		i--;
	} else if (i == mapping_count) {
		mappings[i].distance = distance;
		mappings[i].domain = NONE;
		mapping_count++;
	}
	pthread_mutex_unlock(&lock);
	return i;
}

static bool is_taken(int domain)
{
	for (int i = 0; i < mapping_count; i++)
		if (mappings[i].domain == domain)
			return true;
	return false;
}

static int lowest_free(void)
{
	int domain = 0;

	while (domain < MAX_DOMAINS - 1 && is_taken(domain))
		domain++;
	return domain;
}

static int merge(int a, int b)
{
	int to = a < b ? a : b, from = a < b ? b : a;

	for (int i = 0; i < mapping_count; i++)
		if (mappings[i].domain == from)
			mappings[i].domain = to;
	return to;
}

int domain_of(int mapping, int from, bool direct)
{
	int domain = mappings[mapping].domain;

	if (domain != NONE && (!direct || from == NONE || domain == from))
		return domain;
	pthread_mutex_lock(&lock);
	domain = mappings[mapping].domain;
	if (domain == NONE) {
		domain = direct && from != NONE ? from : lowest_free();
		mappings[mapping].domain = domain;
	} else if (direct && from != NONE && domain != from) {
		domain = merge(domain, from);
	}
	pthread_mutex_unlock(&lock);
	return domain;
}
