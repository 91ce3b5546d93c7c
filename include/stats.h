/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-queue statistics, kept alike by both ends and shown by ethtool -S.
 *
 * A queue's statistics outlive its connection, so a reader never meets freed
 * memory and counters never run backwards. Each counter has one writer at a
 * time (the queue's NAPI owner, the holder of its transmit lock, its worker, or
 * who moves it or ends its connection), and 64-bit machines store a u64 in one
 * piece, so readers need no lock.
 */
#ifndef SPLITNET_STATS_H
#define SPLITNET_STATS_H

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include "fault.h"

enum sn_counter {
	SN_TX_PACKETS,		/* guest sent, backend took */
	SN_TX_BYTES,
	SN_TX_DROPPED,
	SN_RX_PACKETS,		/* backend sent, guest took */
	SN_RX_BYTES,
	SN_RX_DROPPED,
	SN_TX_EVENTS_SENT,	/* pushes on the Tx ring with an event */
	SN_TX_EVENTS_SAVED,	/* pushes on the Tx ring without */
	SN_RX_EVENTS_SENT,
	SN_RX_EVENTS_SAVED,
	SN_POLLS,		/* visits that found something */
	SN_POLLS_EMPTY,		/* visits that found nothing */
	SN_VISITS_1,		/* visits by packets: 1, 2-3, 4-7, ..., 64- */
	SN_VISITS_64 = SN_VISITS_1 + 6,
	SN_HANDOVERS,		/* to a worker, to another one, to NAPI */
	SN_WAKEUPS,		/* of a worker that had put the queue to sleep */
	SN_GSO_CSUM_FIXUP,	/* GSO packets that lacked csum_blank */

	SN_COUNTERS_BOTH,

	/* The backend's own. */
	SN_TX_COPY_OPS = SN_COUNTERS_BOTH,
	SN_TX_COPY_CALLS,	/* hypercalls that carried them */
	SN_RX_COPY_OPS,
	SN_RX_COPY_CALLS,
	SN_RX_EXPIRED,		/* packets that waited too long for slots */
	SN_TX_MAPS,		/* pages of the guest mapped */
	SN_TX_MAP_CALLS,
	SN_TX_UNMAPS,
	SN_TX_UNMAP_CALLS,
	SN_TX_UNMAP_FLUSHES,	/* TLB flushes that Xen made for them */
	SN_TX_MAPS_COPIED,	/* packets copied after all, within the host */
	SN_TX_MAPS_WITHHELD,	/* packets copied while others are held up */
	SN_RX_FLIPS_STAGED,	/* pages given, after a copy into them */
	SN_RX_FLIPS_DIRECT,	/* pages given that had the bytes already */
	SN_RX_FLIP_CALLS,
	SN_RX_FLIPS_REFUSED,	/* pages that Xen did not take */
	SN_RX_FLIPS_LOST,	/* pages that Xen took, and nobody got */
	SN_RX_FLIPS_STARVED,	/* slots for which there was no page */
	SN_RX_REFILLED,		/* pages that got new frames */
	SN_RX_REFILL_CALLS,

	/* The frontend's own. */
	SN_COUNTERS_FRONT,
	SN_TX_BQL_RESTARTS = SN_COUNTERS_FRONT,	/* without an answer */
	SN_RX_FLIPS_TAKEN,	/* pages that came */
	SN_RX_FLIPS_EMPTY,	/* answered slots without one */
	SN_RX_RELEASED,		/* pages given up to be replaced */
	SN_RX_RELEASE_CALLS,
	SN_GRANTS_HELD,		/* when a connection ended, by the backend */

	SN_COUNTERS
};

struct sn_stats {
	u64 counter[SN_COUNTERS];
	u64 fault[SN_FAULTS];
} ____cacheline_aligned;

enum sn_end {
	SN_END_BACK,
	SN_END_FRONT,
};

/* How many statistics one queue of @end shows. */
unsigned int sn_stats_count(enum sn_end end);

/**
 * sn_stats_names() - the names of one queue's statistics
 * @end: whose
 * @queue: number to put into the names
 * @data: where the next name of ETH_GSTRING_LEN bytes goes; moved on
 */
void sn_stats_names(enum sn_end end, unsigned int queue, u8 **data);

/**
 * sn_stats_values() - the values, in the order of the names
 * @end: whose
 * @stats: the queue's statistics
 * @data: where the next value goes; moved on
 */
void sn_stats_values(enum sn_end end, const struct sn_stats *stats, u64 **data);

static inline void sn_count(struct sn_stats *stats, enum sn_counter counter)
{
	stats->counter[counter]++;
}

static inline void sn_count_add(struct sn_stats *stats,
				enum sn_counter counter, u64 n)
{
	stats->counter[counter] += n;
}

/* Count a visit that met @packets; of what netfront sent, slots. */
static inline void sn_count_visit(struct sn_stats *stats, unsigned int packets)
{
	if (!packets) {
		sn_count(stats, SN_POLLS_EMPTY);
		return;
	}

	sn_count(stats, SN_POLLS);
	sn_count(stats, min_t(unsigned int, SN_VISITS_1 + ilog2(packets),
			      SN_VISITS_64));
}

/* Count a push of a ring: @sent or @sent + 1, as @notified says. */
static inline void sn_count_push(struct sn_stats *stats, enum sn_counter sent,
				 bool notified)
{
	stats->counter[notified ? sent : sent + 1]++;
}

#endif /* SPLITNET_STATS_H */
