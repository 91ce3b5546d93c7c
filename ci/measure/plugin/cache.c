// SPDX-License-Identifier: GPL-2.0
/*
 * The caches' model.
 *
 * An L2 holds whatever its L1s hold, so it answers for them to other CPUs.
 * Words are changed under the lock only; their owner looks them up without,
 * since a hit that needs no permission changes nothing.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "cache.h"

#define L1_BYTES	(32U << 10)
#define L1_WAYS		8
#define L2_BYTES	(1U << 20)
#define L2_WAYS		16
#define LLC_WAYS	16

/* A word is line << 2 | state; 0 is an empty place. */
enum state { INVALID, SHARED, EXCLUSIVE, MODIFIED };

struct level {
	unsigned int ways;
	uint64_t sets;
	uint64_t *word;
	uint32_t *used;		/* when, by its owner's clock */
	uint32_t clock;
};

static struct {
	struct level l1i, l1d, l2;
} own[MAX_CPUS];
static struct level llc;
static unsigned int cpu_count;
static bool llc_present;
static pthread_spinlock_t lock;

static bool level_make(struct level *level, uint64_t bytes, unsigned int ways)
{
	level->ways = ways;
	level->sets = (bytes >> LINE_SHIFT) / ways;
	level->word = calloc(level->sets * ways, sizeof(*level->word));
	level->used = calloc(level->sets * ways, sizeof(*level->used));
	return level->word && level->used;
}

static void level_empty(struct level *level)
{
	memset(level->word, 0,
	       level->sets * level->ways * sizeof(*level->word));
}

static uint64_t word_load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static void word_store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

static enum state state_of(uint64_t word)
{
	return word & 3;
}

static uint64_t *level_find(struct level *level, uint64_t line)
{
	uint64_t *set = level->word + line % level->sets * level->ways;

	for (unsigned int way = 0; way < level->ways; way++)
		if (word_load(&set[way]) >> 2 == line)
			return &set[way];
	return NULL;
}

static void level_touch(struct level *level, const uint64_t *word)
{
	level->used[word - level->word] = ++level->clock;
}

/* The place that is empty, or unused for longest. */
static uint64_t *level_victim(struct level *level, uint64_t line)
{
	uint64_t first = line % level->sets * level->ways;
	uint64_t oldest = first;

	for (uint64_t at = first; at < first + level->ways; at++) {
		if (!level->word[at])
			return &level->word[at];
		if ((int32_t)(level->used[at] - level->used[oldest]) < 0)
			oldest = at;
	}
	return &level->word[oldest];
}

static void level_drop(struct level *level, uint64_t line)
{
	uint64_t *word = level_find(level, line);

	if (word)
		word_store(word, 0);
}

static void level_put(struct level *level, uint64_t line, enum state state)
{
	uint64_t *word = level_victim(level, line);

	word_store(word, line << 2 | state);
	level_touch(level, word);
}

static void level_set(struct level *level, uint64_t line, enum state state)
{
	uint64_t *word = level_find(level, line);

	if (word)
		word_store(word, line << 2 | state);
}

static void l2_put(unsigned int cpu, uint64_t line, enum state state)
{
	uint64_t *word = level_victim(&own[cpu].l2, line);

	if (*word) {
		level_drop(&own[cpu].l1i, *word >> 2);
		level_drop(&own[cpu].l1d, *word >> 2);
	}
	word_store(word, line << 2 | state);
	level_touch(&own[cpu].l2, word);
}

static void drop(unsigned int cpu, uint64_t line)
{
	level_drop(&own[cpu].l1i, line);
	level_drop(&own[cpu].l1d, line);
	level_drop(&own[cpu].l2, line);
}

static void set_state(unsigned int cpu, uint64_t line, enum state state)
{
	level_set(&own[cpu].l1d, line, state);
	level_set(&own[cpu].l2, line, state);
}

/* Take a line from the other CPUs, or share it with them. Returns the
 * strongest state that one of them had.
 */
static enum state others(unsigned int cpu, uint64_t line, bool write)
{
	enum state strongest = INVALID;

	for (unsigned int i = 0; i < cpu_count; i++) {
		uint64_t *word = i == cpu ? NULL :
				 level_find(&own[i].l2, line);

		if (!word)
			continue;
		if (state_of(*word) > strongest)
			strongest = state_of(*word);
		if (write)
			drop(i, line);
		else
			set_state(i, line, SHARED);
	}
	return strongest;
}

static unsigned int llc_access(uint64_t line)
{
	uint64_t *word;

	if (!llc_present)
		return 0;
	word = level_find(&llc, line);
	if (word) {
		level_touch(&llc, word);
		return 0;
	}
	level_put(&llc, line, SHARED);
	return 1 << CACHE_LLC;
}

static unsigned int l2_fill(unsigned int cpu, uint64_t line, bool write,
			    enum state *state)
{
	enum state remote = others(cpu, line, write);
	unsigned int events = 1 << CACHE_L2;

	*state = write ? MODIFIED : remote ? SHARED : EXCLUSIVE;
	if (remote == MODIFIED) {
		/* It is written back on its way. */
		events |= 1 << CACHE_C2C;
		llc_access(line);
	} else {
		events |= llc_access(line);
	}
	l2_put(cpu, line, *state);
	return events;
}

/* A CPU writes to a line that it has and may not write yet. */
static unsigned int own_line(unsigned int cpu, uint64_t line, enum state had)
{
	others(cpu, line, true);
	set_state(cpu, line, MODIFIED);
	return had == SHARED ? 1 << CACHE_UPGRADE : 0;
}

static unsigned int l2_access(unsigned int cpu, uint64_t line, bool write,
			      enum state *state)
{
	uint64_t *word = level_find(&own[cpu].l2, line);
	unsigned int events = 0;

	if (!word)
		return l2_fill(cpu, line, write, state);
	level_touch(&own[cpu].l2, word);
	*state = state_of(*word);
	if (write && *state != MODIFIED) {
		events = own_line(cpu, line, *state);
		*state = MODIFIED;
	}
	return events;
}

/* Called with the lock. */
static unsigned int data_slow(unsigned int cpu, uint64_t line, bool write)
{
	struct level *l1d = &own[cpu].l1d;
	uint64_t *word = level_find(l1d, line);
	enum state state;
	unsigned int events;

	if (word) {
		level_touch(l1d, word);
		return write && state_of(*word) != MODIFIED ?
		       own_line(cpu, line, state_of(*word)) : 0;
	}
	events = 1 << CACHE_L1D | l2_access(cpu, line, write, &state);
	level_put(l1d, line, state);
	return events;
}

unsigned int cache_data(unsigned int cpu, uint64_t line, bool write)
{
	struct level *l1d = &own[cpu].l1d;
	uint64_t *word = level_find(l1d, line);
	unsigned int events;

	if (word && (!write || state_of(word_load(word)) == MODIFIED)) {
		level_touch(l1d, word);
		return 0;
	}
	pthread_spin_lock(&lock);
	events = data_slow(cpu, line, write);
	pthread_spin_unlock(&lock);
	return events;
}

unsigned int cache_code(unsigned int cpu, uint64_t line)
{
	struct level *l1i = &own[cpu].l1i;
	uint64_t *word = level_find(l1i, line);
	unsigned int events;
	enum state state;

	if (word) {
		level_touch(l1i, word);
		return 0;
	}
	pthread_spin_lock(&lock);
	events = 1 << CACHE_L1I | l2_access(cpu, line, false, &state);
	level_put(l1i, line, SHARED);
	pthread_spin_unlock(&lock);
	return events;
}

bool cache_setup(unsigned int cpus, uint64_t llc_bytes)
{
	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	cpu_count = cpus;
	for (unsigned int i = 0; i < cpus; i++)
		if (!level_make(&own[i].l1i, L1_BYTES, L1_WAYS) ||
		    !level_make(&own[i].l1d, L1_BYTES, L1_WAYS) ||
		    !level_make(&own[i].l2, L2_BYTES, L2_WAYS))
			return false;
	return level_make(&llc, llc_bytes, LLC_WAYS);
}

void cache_empty(bool shared)
{
	pthread_spin_lock(&lock);
	llc_present = shared;
	level_empty(&llc);
	for (unsigned int i = 0; i < cpu_count; i++) {
		level_empty(&own[i].l1i);
		level_empty(&own[i].l1d);
		level_empty(&own[i].l2);
	}
	pthread_spin_unlock(&lock);
}
