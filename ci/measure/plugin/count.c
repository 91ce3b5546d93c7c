// SPDX-License-Identifier: GPL-2.0
/* What happens in each CPU's thread; windows and what they leave behind. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "count.h"
#include "domain.h"

/* Blocks that one CPU may touch in one window; there are not that many. */
#define MAX_TOUCHED	(1U << 19)
#define PLACES		4

struct cpu {
	int domain;
	int mapping;
	bool xen;		/* Xen ran since the core kernel did */
	uint64_t rep;		/* the REP instruction it came to last, or 0 */
	struct block *block;
	uint32_t touched;
	struct block **touch;
	/* Instructions in this window by place, at the poller's last visit,
	 * and those that were polling; what its last empty look counted for, and
	 * how long it was.
	 */
	uint64_t insns[PLACES];
	uint64_t visit[PLACES];
	uint64_t poll[PLACES];
	uint64_t look[PLACES];
	uint64_t length;
	bool looked;
} __attribute__((aligned(64)));

static struct cpu cpus[MAX_CPUS];
static unsigned int cpu_count;
static FILE *out;
static void (*watch_memory)(void);
static enum cache_mode cache_mode;
static uint32_t window;		/* the present one's serial number */
static bool counting;
static bool simulating;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

bool count_setup(FILE *file, unsigned int count, void (*watch)(void))
{
	out = file;
	cpu_count = count;
	watch_memory = watch;
	for (unsigned int i = 0; i < count; i++) {
		cpus[i].domain = -1;
		cpus[i].mapping = -1;
		cpus[i].touch = malloc(MAX_TOUCHED * sizeof(struct block *));
		if (!cpus[i].touch)
			return false;
	}
	return true;
}

static bool flag(const bool *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

/* This CPU's counters of a block, set to zero once per window. */
static struct tally *tally_of(struct cpu *cpu, struct block *block)
{
	struct tally *tally = block->tally[cpu - cpus];

	if (tally && tally->window == window)
		return tally;
	if (!tally) {
		tally = malloc(sizeof(*tally));
		if (!tally)
			abort();
		block->tally[cpu - cpus] = tally;
	}
	memset(tally, 0, sizeof(*tally));
	tally->window = window;
	if (cpu->touched < MAX_TOUCHED)
		cpu->touch[cpu->touched++] = block;
	return tally;
}

static void count_events(struct cpu *cpu, unsigned int events)
{
	struct tally *tally;

	if (!events || !flag(&counting))
		return;
	tally = tally_of(cpu, cpu->block);
	for (int i = 0; i < CACHE_EVENTS; i++)
		tally->events[i] += events >> i & 1;
}

/* Fetching the code; QEMU's addresses and physical ones must not meet. */
static void fetch(struct cpu *cpu, const struct block *block)
{
	for (int part = 0; part < 2; part++)
		for (uint32_t i = 0; i < block->lines[part]; i++)
			count_events(cpu, cache_code(cpu - cpus,
						     block->line[part] + i));
}

static void follow_domain(struct cpu *cpu, const struct block *block)
{
	if (block->place == PLACE_XEN)
		cpu->xen = true;
	if (block->place != PLACE_CORE)
		return;
	if (block->mapping != cpu->mapping) {
		cpu->domain = domain_of(block->mapping, cpu->domain,
					!cpu->xen);
		cpu->mapping = block->mapping;
	}
	cpu->xen = false;
}

void count_block(unsigned int vcpu, void *data)
{
	struct cpu *cpu = &cpus[vcpu];
	struct block *block = data;
	/* A REP instruction that goes round again is the same instruction. */
	bool again = block->rep && block->insns == 1 &&
		     cpu->rep == block->vaddr;

	cpu->rep = block->rep;
	cpu->block = block;
	follow_domain(cpu, block);
	if (again)
		return;
	if (flag(&simulating))
		fetch(cpu, block);
	if (!flag(&counting))
		return;
	tally_of(cpu, block)->runs[cpu->domain < 0 ? 0 : cpu->domain]++;
	cpu->insns[block->place] += block->insns;
}

bool count_accesses(void)
{
	return flag(&simulating);
}

void count_access(unsigned int vcpu, uint64_t physical, unsigned int bytes,
		  bool write)
{
	uint64_t first = physical >> LINE_SHIFT;
	uint64_t last = (physical + bytes - 1) >> LINE_SHIFT;
	struct cpu *cpu = &cpus[vcpu];

	if (!cpu->block)
		return;
	for (uint64_t line = first; line <= last; line++)
		count_events(cpu, cache_data(vcpu, line + 1, write));
}

static void window_start(unsigned int number)
{
	window++;
	for (unsigned int i = 0; i < cpu_count; i++) {
		cpus[i].touched = 0;
		memset(cpus[i].insns, 0, sizeof(cpus[i].insns));
		memset(cpus[i].visit, 0, sizeof(cpus[i].visit));
		memset(cpus[i].poll, 0, sizeof(cpus[i].poll));
		cpus[i].length = 0;
		cpus[i].looked = false;
	}
	fprintf(out, "window %u %u\n", number, cache_mode);
	__atomic_store_n(&counting, true, __ATOMIC_RELEASE);
}

/* block NUMBER PLACE VADDR INSNS CPU EVENT... RUNS-OF-DOMAIN... */
static void write_block(unsigned int vcpu, const struct block *block)
{
	const struct tally *tally = block->tally[vcpu];

	fprintf(out, "b %u %u %" PRIx64 " %u %u", block->number, block->place,
		block->vaddr, block->insns, vcpu);
	for (int i = 0; i < CACHE_EVENTS; i++)
		fprintf(out, " %u", tally->events[i]);
	for (int i = 0; i < MAX_DOMAINS; i++)
		fprintf(out, " %" PRIu64, tally->runs[i]);
	fputc('\n', out);
}

/* poll CPU INSTRUCTIONS-OF-PLACE... */
static void write_cpu(unsigned int vcpu)
{
	const struct cpu *cpu = &cpus[vcpu];

	fprintf(out, "poll %u", vcpu);
	for (int i = 0; i < PLACES; i++)
		fprintf(out, " %" PRIu64, cpu->poll[i]);
	fputc('\n', out);
	for (uint32_t i = 0; i < cpu->touched; i++)
		write_block(vcpu, cpu->touch[i]);
	if (cpu->touched == MAX_TOUCHED)
		fputs("overflow\n", out);
}

static void window_end(unsigned int number)
{
	if (!flag(&counting))
		return;
	__atomic_store_n(&counting, false, __ATOMIC_RELEASE);
	__atomic_store_n(&simulating, false, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < cpu_count; i++)
		write_cpu(i);
	fprintf(out, "end %u\n", number);
	fflush(out);
}

static void set_caches(enum cache_mode mode)
{
	cache_mode = mode;
	__atomic_store_n(&simulating, false, __ATOMIC_RELEASE);
	cache_empty(cache_mode == CACHE_SHARED);
	if (cache_mode != CACHE_OFF)
		watch_memory();
}

/* From here on the next look is counted. */
static void poll_look(struct cpu *cpu)
{
	memcpy(cpu->visit, cpu->insns, sizeof(cpu->visit));
	cpu->looked = true;
}

/* An interrupt comes in between now and then, and what it does is work: a look
 * that took more than twice as long as the one before counts like that one. No
 * look is the measure for long, since few are short for a reason of their own:
 * a queue was in other hands. One that began before the window did does not
 * count.
 */
static void poll_empty(struct cpu *cpu)
{
	uint64_t look[PLACES], length = 0;

	if (!cpu->looked) {
		poll_look(cpu);
		return;
	}

	for (int i = 0; i < PLACES; i++) {
		look[i] = cpu->insns[i] - cpu->visit[i];
		length += look[i];
	}
	poll_look(cpu);
	if (!cpu->length || length <= 2 * cpu->length)
		memcpy(cpu->look, look, sizeof(cpu->look));
	cpu->length = length;
	for (int i = 0; i < PLACES; i++)
		cpu->poll[i] += cpu->look[i];
}

void count_marker(unsigned int vcpu, void *data)
{
	unsigned int argument = (uintptr_t)data & 0xff;
	struct cpu *cpu = &cpus[vcpu];

	switch ((enum marker_op)((uintptr_t)data >> 8)) {
	case MARKER_VISIT:
		poll_look(cpu);
		return;
	case MARKER_EMPTY:
		poll_empty(cpu);
		return;
	default:
		break;
	}
	pthread_mutex_lock(&lock);
	switch ((enum marker_op)((uintptr_t)data >> 8)) {
	case MARKER_CACHE:
		set_caches(argument);
		break;
	case MARKER_WARM:
		__atomic_store_n(&simulating, cache_mode != CACHE_OFF,
				 __ATOMIC_RELEASE);
		break;
	case MARKER_START:
		window_start(argument);
		break;
	case MARKER_END:
		window_end(argument);
		break;
	default:
		break;
	}
	pthread_mutex_unlock(&lock);
}
