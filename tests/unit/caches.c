// SPDX-License-Identifier: GPL-2.0
/*
 * The plugin's simulated caches, and the instructions that it tells apart.
 *
 * A working set that fits a level misses it once per line, one that is larger
 * than a level of least-recently-used lines misses it every time; a line that
 * one CPU wrote reaches the other from there; what two share has to be taken
 * before it is written.
 */
#include <string.h>

#include "../../ci/measure/plugin/cache.h"
#include "../../ci/measure/plugin/insn.h"
#include "ktap.h"

#define CPUS	2
#define LINES(kib)	((kib) * 1024 / 64)

static const char *const event_names[] = {
	"l1i", "l1d", "l2", "llc", "c2c", "upgrades",
};

static bool made(void)
{
	static bool done;

	if (!done)
		done = cache_setup(CPUS, 4 << 20);
	return done;
}

/* Read so many lines in order; the counts of events. */
static void walk(u64 first, u64 lines, u32 seen[CACHE_EVENTS])
{
	memset(seen, 0, CACHE_EVENTS * sizeof(*seen));
	for (u64 i = 0; i < lines; i++) {
		unsigned int events = cache_data(0, first + i, false);

		for (int k = 0; k < CACHE_EVENTS; k++)
			seen[k] += events >> k & 1;
	}
}

static void expect_walk(u32 kib, bool shared, u32 l1d, u32 l2, u32 llc)
{
	u32 wanted[CACHE_EVENTS] = {
		[CACHE_L1D] = l1d * LINES(kib), [CACHE_L2] = l2 * LINES(kib),
		[CACHE_LLC] = llc * LINES(kib),
	};
	u32 seen[CACHE_EVENTS];

	cache_empty(shared);
	walk(1, LINES(kib), seen);
	CHECK(seen[CACHE_L1D] == LINES(kib) && seen[CACHE_L2] == LINES(kib));
	walk(1, LINES(kib), seen);
	for (int k = 0; k < CACHE_EVENTS; k++)
		CHECK(seen[k] == wanted[k], "%u KiB: %u of %s, not %u", kib,
		      seen[k], event_names[k], wanted[k]);
}

static void test_working_sets(void)
{
	CHECK(made());
	expect_walk(32, false, 0, 0, 0);
	expect_walk(64, false, 1, 0, 0);
	expect_walk(1024, false, 1, 0, 0);
	expect_walk(2048, false, 1, 1, 0);
	expect_walk(4096, true, 1, 1, 0);
	expect_walk(8192, true, 1, 1, 1);
}

#define EVENT(name)	(1u << CACHE_##name)

static void test_two_cpus(void)
{
	CHECK(made());
	cache_empty(false);
	CHECK(cache_data(0, 7, true) == (EVENT(L1D) | EVENT(L2)));
	CHECK(!cache_data(0, 7, true));
	/* The other CPU gets it from there, and both can read it. */
	CHECK(cache_data(1, 7, false) ==
	      (EVENT(L1D) | EVENT(L2) | EVENT(C2C)));
	CHECK(!cache_data(0, 7, false) && !cache_data(1, 7, false));
	/* Whoever writes takes it away. */
	CHECK(cache_data(1, 7, true) == EVENT(UPGRADE));
	CHECK(!cache_data(1, 7, true));
	CHECK(cache_data(0, 7, true) ==
	      (EVENT(L1D) | EVENT(L2) | EVENT(C2C)));
	/* Clean, nobody hands it over; alone, nobody is asked. */
	CHECK(cache_data(0, 8, false) == (EVENT(L1D) | EVENT(L2)));
	CHECK(!cache_data(0, 8, true));
	CHECK(cache_data(0, 9, false) == (EVENT(L1D) | EVENT(L2)));
	CHECK(cache_data(1, 9, false) == (EVENT(L1D) | EVENT(L2)));
	CHECK(cache_data(0, 9, true) == EVENT(UPGRADE));
}

static void test_code(void)
{
	CHECK(made());
	cache_empty(false);
	CHECK(cache_code(0, 20) == (EVENT(L1I) | EVENT(L2)));
	CHECK(!cache_code(0, 20));
	/* Data of the same line: another L1, the same L2. */
	CHECK(cache_data(0, 20, false) == EVENT(L1D));
}

/* Lines of one set push each other out of L2, and of the L1s with it. */
static void test_inclusion(void)
{
	const u64 stride = (1 << 20) / 64 / 16;

	CHECK(made());
	cache_empty(false);
	/* L1 keeps the first one young, of which L2 hears nothing. */
	for (u64 i = 0; i < 16; i++) {
		cache_data(0, 1 + i * stride, false);
		CHECK(!i || !cache_data(0, 1, false));
	}
	cache_data(0, 1 + 16 * stride, false);
	CHECK(!cache_data(0, 1 + 16 * stride, false));
	CHECK(cache_data(0, 1, false) == (EVENT(L1D) | EVENT(L2)));
}

#define INSN(...)	((const u8[]){ __VA_ARGS__ }), \
			sizeof((const u8[]){ __VA_ARGS__ })

static void test_instructions(void)
{
	CHECK(is_rep_string(INSN(0xf3, 0xa4)));
	CHECK(is_rep_string(INSN(0xf3, 0x48, 0xab)));
	CHECK(is_rep_string(INSN(0x66, 0xf2, 0xaf)));
	CHECK(!is_rep_string(INSN(0xa4)));
	CHECK(!is_rep_string(INSN(0xf3, 0x90)));
	CHECK(!is_rep_string(INSN(0xf3, 0x0f, 0xb8, 0xc0)));
	CHECK(!is_rep_string(INSN(0xf3)));
	CHECK(marker_of(INSN(0x0f, 0x1f, 0x84, 0, 'K', 'P', 'S', 9)) ==
	      (MARKER_START << 8 | 9));
	CHECK(!marker_of(INSN(0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0)));
	CHECK(!marker_of(INSN(0x0f, 0x1f, 0x84, 0, 'K', 'P', 'S')));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(working_sets),
	KTAP_CASE(two_cpus),
	KTAP_CASE(code),
	KTAP_CASE(inclusion),
	KTAP_CASE(instructions),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
