// SPDX-License-Identifier: GPL-2.0
/*
 * Tx parser: what the guest sends, as the backend sees it.
 *
 * On the ring a packet is its first slot, then that slot's extras, then the
 * rest of its data slots. The first slot's size is the whole packet's; its own
 * share is what the others leave.
 */
#include "extra.h"

/* Where the parser stands within one packet. */
struct tx_cursor {
	const union sn_tx_slot *ring;
	u32 cons;		/* ring index of the first slot */
	u32 count;		/* slots that may be looked at */
	u32 used;		/* slots looked at */
	enum sn_fault fault;	/* the first one met, if it is not fatal */
};

static const union sn_tx_slot *tx_next(struct tx_cursor *cur)
{
	u32 idx = cur->cons + cur->used++;

	return &cur->ring[idx & (SN_RING_SLOTS - 1)];
}

static void tx_note(struct tx_cursor *cur, enum sn_fault fault)
{
	if (cur->fault == SN_OK)
		cur->fault = fault;
}

/* Walk the extras behind the first slot. False if they have no end. */
static bool tx_extras(struct tx_cursor *cur, struct sn_packet *pkt)
{
	const struct sn_extra *extra;
	u32 seen = 0;

	do {
		if (cur->used == cur->count)
			return false;

		extra = &tx_next(cur)->extra;
		pkt->extras++;
		if (!sn_extra_apply(extra, &seen, &pkt->offload))
			tx_note(cur, SN_FAULT_TX_EXTRA);
	} while (extra->flags & SN_EXTRA_MORE);

	if (!sn_offload_sane(&pkt->offload, seen))
		tx_note(cur, SN_FAULT_TX_GSO);

	return true;
}

/* Enter a data slot, if it is not empty and there is room. */
static void tx_add(struct tx_cursor *cur, struct sn_packet *pkt,
		   const struct sn_tx_req *req, u16 size, u16 ring)
{
	struct sn_slot *slot;

	if (size + req->offset > SN_SLOT_BYTES)
		tx_note(cur, SN_FAULT_TX_PAGE);
	if (!size || pkt->slots == SN_PKT_SLOTS)
		return;

	slot = &pkt->slot[pkt->slots++];
	slot->gref = req->gref;
	slot->offset = req->offset;
	slot->size = size;
	slot->ring = ring;
}

/* What the slots after the first one hold together. @chain is set to the number
 * of all data slots. The walk ends at the chain's end or at a fatal fault,
 * whatever it finds on the way.
 */
static enum sn_fault tx_tail_sum(struct tx_cursor *cur, u32 flags, u32 *sum,
				 u32 *chain)
{
	const struct sn_tx_req *req;

	*sum = 0;
	*chain = 1;
	while (flags & SN_TXF_MORE_DATA) {
		if (cur->used == cur->count)
			return SN_FAULT_TX_CHAIN;
		if (++*chain > SN_TX_FLOOD_SLOTS)
			return SN_FAULT_TX_FLOOD;

		req = &tx_next(cur)->req;
		*sum += req->size;
		flags = req->flags;
	}

	return SN_OK;
}

enum sn_fault sn_tx_parse(const union sn_tx_slot *ring, u32 cons, u32 count,
			  struct sn_packet *pkt)
{
	struct tx_cursor cur = { ring, cons, count, 0, SN_OK };
	const struct sn_tx_req *first = &tx_next(&cur)->req;
	u32 tail, end, sum, chain;
	enum sn_fault fault;

	pkt->size = first->size;
	pkt->ring_slots = 1;
	pkt->extras = 0;
	pkt->slots = 0;
	pkt->offload.csum_blank = first->flags & SN_TXF_CSUM_BLANK;
	pkt->offload.csum_valid = first->flags & SN_TXF_DATA_VALIDATED;
	pkt->offload.gso_type = SN_GSO_NONE;
	pkt->offload.gso_size = 0;

	if ((first->flags & SN_TXF_EXTRA_INFO) && !tx_extras(&cur, pkt))
		return SN_FAULT_TX_CHAIN;

	tail = cur.used;
	fault = tx_tail_sum(&cur, first->flags, &sum, &chain);
	if (fault != SN_OK)
		return fault;

	end = cur.used;
	pkt->ring_slots = end;
	if (chain > SN_PKT_SLOTS)
		tx_note(&cur, SN_FAULT_TX_SLOTS);
	if (sum > first->size)
		tx_note(&cur, SN_FAULT_TX_SIZE);
	if (first->size < SN_PKT_BYTES_MIN)
		tx_note(&cur, SN_FAULT_TX_RUNT);
	if (cur.fault != SN_OK)
		return cur.fault;

	tx_add(&cur, pkt, first, first->size - sum, 0);
	for (cur.used = tail; cur.used < end;) {
		const struct sn_tx_req *req = &tx_next(&cur)->req;

		tx_add(&cur, pkt, req, req->size, cur.used - 1);
	}

	return cur.fault;
}
