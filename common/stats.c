// SPDX-License-Identifier: GPL-2.0
#include <linux/ethtool.h>
#include "../include/stats.h"

static const char * const counter_name[SN_COUNTERS] = {
	[SN_TX_PACKETS]		= "tx_packets",
	[SN_TX_BYTES]		= "tx_bytes",
	[SN_TX_DROPPED]		= "tx_dropped",
	[SN_RX_PACKETS]		= "rx_packets",
	[SN_RX_BYTES]		= "rx_bytes",
	[SN_RX_DROPPED]		= "rx_dropped",
	[SN_TX_EVENTS_SENT]	= "tx_events_sent",
	[SN_TX_EVENTS_SAVED]	= "tx_events_suppressed",
	[SN_RX_EVENTS_SENT]	= "rx_events_sent",
	[SN_RX_EVENTS_SAVED]	= "rx_events_suppressed",
	[SN_POLLS]		= "polls",
	[SN_POLLS_EMPTY]	= "polls_empty",
	[SN_VISITS_1]		= "visits_of_1",
	[SN_VISITS_1 + 1]	= "visits_of_2",
	[SN_VISITS_1 + 2]	= "visits_of_4",
	[SN_VISITS_1 + 3]	= "visits_of_8",
	[SN_VISITS_1 + 4]	= "visits_of_16",
	[SN_VISITS_1 + 5]	= "visits_of_32",
	[SN_VISITS_64]		= "visits_of_64",
	[SN_HANDOVERS]		= "handovers",
	[SN_WAKEUPS]		= "wakeups",
	[SN_GSO_CSUM_FIXUP]	= "gso_csum_fixup",
	[SN_TX_COPY_OPS]	= "tx_copy_ops",
	[SN_TX_COPY_CALLS]	= "tx_copy_hypercalls",
	[SN_RX_COPY_OPS]	= "rx_copy_ops",
	[SN_RX_COPY_CALLS]	= "rx_copy_hypercalls",
	[SN_RX_EXPIRED]		= "rx_expired",
	[SN_TX_MAPS]		= "tx_maps",
	[SN_TX_MAP_CALLS]	= "tx_map_hypercalls",
	[SN_TX_UNMAPS]		= "tx_unmaps",
	[SN_TX_UNMAP_CALLS]	= "tx_unmap_hypercalls",
	[SN_TX_UNMAP_FLUSHES]	= "tx_unmap_flushes",
	[SN_TX_MAPS_COPIED]	= "tx_maps_copied",
	[SN_TX_MAPS_WITHHELD]	= "tx_maps_withheld",
	[SN_RX_FLIPS_STAGED]	= "rx_flips_staged",
	[SN_RX_FLIPS_DIRECT]	= "rx_flips_direct",
	[SN_RX_FLIP_CALLS]	= "rx_flip_hypercalls",
	[SN_RX_FLIPS_REFUSED]	= "rx_flips_refused",
	[SN_RX_FLIPS_LOST]	= "rx_flips_lost",
	[SN_RX_FLIPS_STARVED]	= "rx_flips_starved",
	[SN_RX_REFILLED]	= "rx_pages_refilled",
	[SN_RX_REFILL_CALLS]	= "rx_refill_hypercalls",
	[SN_TX_BQL_RESTARTS]	= "tx_bql_restarts",
	[SN_RX_FLIPS_TAKEN]	= "rx_flips_taken",
	[SN_RX_FLIPS_EMPTY]	= "rx_flips_empty",
	[SN_RX_RELEASED]	= "rx_pages_released",
	[SN_RX_RELEASE_CALLS]	= "rx_release_hypercalls",
	[SN_GRANTS_HELD]	= "grants_held",
};

/* The part of the tables that one end shows, besides what both do. */
struct stats_span {
	unsigned int first;
	unsigned int end;
	enum sn_fault fault_first;
	enum sn_fault fault_end;
};

static const struct stats_span stats_span[] = {
	[SN_END_BACK]	= { SN_COUNTERS_BOTH, SN_COUNTERS_FRONT,
			    SN_OK + 1, SN_FAULT_FRONT },
	[SN_END_FRONT]	= { SN_COUNTERS_FRONT, SN_COUNTERS,
			    SN_FAULT_FRONT, SN_FAULTS },
};

unsigned int sn_stats_count(enum sn_end end)
{
	const struct stats_span *span = &stats_span[end];

	return SN_COUNTERS_BOTH + span->end - span->first +
	       span->fault_end - span->fault_first;
}

static void stats_name(unsigned int queue, const char *name, u8 **data)
{
	snprintf(*data, ETH_GSTRING_LEN, "queue_%u_%s", queue, name);
	*data += ETH_GSTRING_LEN;
}

void sn_stats_names(enum sn_end end, unsigned int queue, u8 **data)
{
	const struct stats_span *span = &stats_span[end];
	unsigned int i;

	for (i = 0; i < SN_COUNTERS_BOTH; i++)
		stats_name(queue, counter_name[i], data);
	for (i = span->first; i < span->end; i++)
		stats_name(queue, counter_name[i], data);
	for (i = span->fault_first; i < span->fault_end; i++)
		stats_name(queue, sn_fault_table[i].name, data);
}

void sn_stats_values(enum sn_end end, const struct sn_stats *stats, u64 **data)
{
	const struct stats_span *span = &stats_span[end];
	unsigned int i;

	for (i = 0; i < SN_COUNTERS_BOTH; i++)
		*(*data)++ = READ_ONCE(stats->counter[i]);
	for (i = span->first; i < span->end; i++)
		*(*data)++ = READ_ONCE(stats->counter[i]);
	for (i = span->fault_first; i < span->fault_end; i++)
		*(*data)++ = READ_ONCE(stats->fault[i]);
}
