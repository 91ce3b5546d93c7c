/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test frame in one header: a program is a table of named cases, prints
 * KTAP, and ends with status 1 if any case failed.
 *
 * A case goes on after a failed CHECK(), so one run shows all that is wrong;
 * of each case the first few failures are printed. Random numbers come from
 * a seed that is printed with the results, SEED= in the environment sets
 * another one.
 */
#ifndef SPLITNET_TEST_KTAP_H
#define SPLITNET_TEST_KTAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../include/platform.h"

struct ktap_case {
	const char *name;
	void (*run)(void);
};

/* The table's entry for the case test_@name(). */
#define KTAP_CASE(name)		{ #name, test_##name }

/* Failures of one case that are printed. */
#define KTAP_SHOWN		5

static unsigned int ktap_failures;
static u64 ktap_state;

static inline void __attribute__((format(printf, 4, 5)))
ktap_fail(const char *file, int line, const char *cond, const char *fmt, ...)
{
	va_list args;

	if (++ktap_failures > KTAP_SHOWN)
		return;

	printf("# %s:%d: not true: %s;", file, line, cond);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

/* CHECK(condition[, "format", ...]): the format tells where in a loop. */
#define CHECK(cond, ...) \
	do { \
		if (!(cond)) \
			ktap_fail(__FILE__, __LINE__, #cond, " " __VA_ARGS__); \
	} while (0)

/* The next random number: xorshift64*. */
static inline u32 ktap_random(void)
{
	ktap_state ^= ktap_state >> 12;
	ktap_state ^= ktap_state << 25;
	ktap_state ^= ktap_state >> 27;

	return (ktap_state * 0x2545f4914f6cdd1dull) >> 32;
}

/* A random number from @low to @high, both included. */
static inline u32 ktap_between(u32 low, u32 high)
{
	return low + ktap_random() % (high - low + 1);
}

/* Run the table; returns the status to exit with. */
static inline int ktap_run(const struct ktap_case *cases, unsigned int count)
{
	const char *text = getenv("SEED");
	u64 seed = text ? strtoull(text, NULL, 0) : 1;
	unsigned int i, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n1..%u\n# seed %llu\n", count,
	       (unsigned long long)seed);

	for (i = 0; i < count; i++) {
		/* Each case alone repeats the same numbers. */
		ktap_state = (seed + 1) * 0x9e3779b97f4a7c15ull | 1;
		ktap_failures = 0;
		cases[i].run();
		if (ktap_failures > KTAP_SHOWN)
			printf("# and %u more\n", ktap_failures - KTAP_SHOWN);
		failed += !!ktap_failures;
		printf("%s %u %s\n", ktap_failures ? "not ok" : "ok", i + 1,
		       cases[i].name);
	}

	return !!failed;
}

#endif /* SPLITNET_TEST_KTAP_H */
