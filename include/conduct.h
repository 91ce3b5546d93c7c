/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the other end of one interface behaves, besides what each queue meets.
 *
 * Kept with the net device, so it outlives connections; ethtool -S shows the
 * counts before those of the queues. Each has one writer, xenbus' thread.
 */
#ifndef SPLITNET_CONDUCT_H
#define SPLITNET_CONDUCT_H

#include <linux/bitops.h>
#include <linux/ratelimit.h>
#include <linux/types.h>
#include "fault.h"

enum sn_misstep {
	SN_REFUSED,	/* connections that were refused */
	SN_ODD_STATES,	/* states that no end of an interface is ever in */

	SN_MISSTEPS
};

/**
 * struct sn_conduct - what is held against the other end
 * @log: how often the log is told of it, and of its faults
 * @met: the faults that cost packets and were met before, by enum sn_fault
 * @count: how often, by enum sn_misstep
 */
struct sn_conduct {
	struct ratelimit_state log;
	unsigned long met;
	u64 count[SN_MISSTEPS];
};

/* Nothing yet. Undone by nothing. */
void sn_conduct_init(struct sn_conduct *conduct);

/**
 * sn_conduct_names() - the names of the counts
 * @data: where the next name of ETH_GSTRING_LEN bytes goes; moved on
 */
void sn_conduct_names(u8 **data);

/**
 * sn_conduct_values() - the counts, in the order of the names
 * @conduct: the other end's
 * @data: where the next value goes; moved on
 */
void sn_conduct_values(const struct sn_conduct *conduct, u64 **data);

/* Whether the log may be told of one more thing. Any context. */
static inline bool sn_conduct_tell(struct sn_conduct *conduct)
{
	return __ratelimit(&conduct->log);
}

/* The same of a fault that is counted for each packet, and told of once in the
 * interface's life. Any context.
 */
static inline bool sn_conduct_tell_first(struct sn_conduct *conduct,
					 enum sn_fault fault)
{
	BUILD_BUG_ON(SN_FAULTS > BITS_PER_LONG);

	return !test_bit(fault, &conduct->met) &&
	       !test_and_set_bit(fault, &conduct->met) &&
	       sn_conduct_tell(conduct);
}

/* By xenbus' thread alone. */
static inline void sn_conduct_count(struct sn_conduct *conduct,
				    enum sn_misstep misstep)
{
	WRITE_ONCE(conduct->count[misstep], conduct->count[misstep] + 1);
}

#endif /* SPLITNET_CONDUCT_H */
