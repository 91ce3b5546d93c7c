// SPDX-License-Identifier: GPL-2.0
/*
 * Rx parser under the fuzzer: a ring of slots as a backend may write them.
 *
 * The input is the packet's ring index, then slots of 8 bytes. They are laid
 * down from that index on; all others are once all zeros and once all ones, so
 * that a look at a slot beyond the producer shows as a difference.
 */
#include "fuzz.h"

static enum sn_fault parse(const u8 *data, u32 cons, u32 count, u8 filler,
			   struct sn_packet *pkt)
{
	union sn_rx_slot ring[SN_RING_SLOTS];
	enum sn_fault fault;
	u32 i;

	memset(ring, filler, sizeof(ring));
	memset(pkt, filler, sizeof(*pkt));
	for (i = 0; i < count; i++)
		memcpy(&ring[(cons + i) % SN_RING_SLOTS],
		       data + i * sizeof(*ring), sizeof(*ring));

	fault = sn_rx_parse(ring, cons, count, pkt);
	fuzz_claim(oracle_rx(ring, cons, count, fault, pkt));
	if (fault == SN_OK)
		fuzz_packet(pkt, count, SN_PKT_SLOTS * SN_SLOT_BYTES);

	return fault;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct sn_packet one, two;
	enum sn_fault fault;
	u32 cons, count;

	if (!fuzz_header(&data, &size, &cons))
		return 0;
	count = fuzz_count(size, sizeof(union sn_rx_slot));
	if (!count)
		return 0;

	fault = parse(data, cons, count, 0, &one);
	if (fault != parse(data, cons, count, 0xff, &two))
		fuzz_claim("the verdict depends on slots beyond the producer");
	if (fault == SN_OK)
		fuzz_same(&one, &two);

	return 0;
}
