/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share. The oracles are those of the unit tests: a
 * target fails not only where the code crashes, but wherever it breaks its
 * contract.
 */
#ifndef SPLITNET_FUZZ_H
#define SPLITNET_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "../unit/oracle.h"

/* Called by libFuzzer. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/* Give up if there is anything wrong. */
static inline void fuzz_claim(const char *wrong)
{
	if (!wrong)
		return;

	fprintf(stderr, "not true to its contract: %s\n", wrong);
	abort();
}

/* Take 32 bits off the input. */
static inline bool fuzz_header(const u8 **data, size_t *size, u32 *value)
{
	if (*size < sizeof(*value))
		return false;

	memcpy(value, *data, sizeof(*value));
	*data += sizeof(*value);
	*size -= sizeof(*value);

	return true;
}

/* Slots that the input fills. */
static inline u32 fuzz_count(size_t size, size_t slot)
{
	return size / slot < SN_RING_SLOTS ? size / slot : SN_RING_SLOTS;
}

/* What the drivers rely on in any sound packet of @count slots. */
static inline void fuzz_packet(const struct sn_packet *pkt, u32 count,
			       u32 max_bytes)
{
	u32 i, bytes = 0;

	if (pkt->slots < 1 || pkt->slots > SN_PKT_SLOTS)
		fuzz_claim("1 to 18 slots");
	if (pkt->ring_slots > count ||
	    pkt->slots + pkt->extras > pkt->ring_slots)
		fuzz_claim("no more slots than there are");
	for (i = 0; i < pkt->slots; i++) {
		const struct sn_slot *slot = &pkt->slot[i];

		if (!slot->size || slot->offset + slot->size > SN_SLOT_BYTES)
			fuzz_claim("each slot lies in its page");
		if (slot->ring >= pkt->ring_slots ||
		    (i && slot->ring <= pkt->slot[i - 1].ring))
			fuzz_claim("slots are in the ring's order");
		bytes += slot->size;
	}
	if (bytes != pkt->size || bytes < SN_PKT_BYTES_MIN || bytes > max_bytes)
		fuzz_claim("the slots are the packet");
	if (pkt->offload.gso_type && (pkt->offload.gso_size < 8 ||
				      pkt->offload.gso_size == 0xffff))
		fuzz_claim("segments have a size");
}

/* Two descriptions of the same packet are the same. */
static inline void fuzz_same(const struct sn_packet *one,
			     const struct sn_packet *two)
{
	const struct sn_offload *a = &one->offload, *b = &two->offload;
	u32 i;

	if (one->size != two->size || one->ring_slots != two->ring_slots ||
	    one->extras != two->extras || one->slots != two->slots)
		fuzz_claim("the same slots are another packet");
	if (a->csum_blank != b->csum_blank || a->csum_valid != b->csum_valid ||
	    a->gso_type != b->gso_type || a->gso_size != b->gso_size)
		fuzz_claim("the same slots have other wishes");
	for (i = 0; i < one->slots; i++)
		if (memcmp(&one->slot[i], &two->slot[i],
			   offsetof(struct sn_slot, ring) + sizeof(u16)))
			fuzz_claim("the same slots are other slots");
}

#endif /* SPLITNET_FUZZ_H */
