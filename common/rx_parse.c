// SPDX-License-Identifier: GPL-2.0
/*
 * Rx parser: what the backend delivered, as the frontend sees it.
 *
 * Responses sit in the ring slots of the requests that they answer, so the
 * position on the ring, not the id, says which page a slot speaks of.
 */
#include "extra.h"

/* Where the parser stands within one packet. */
struct rx_cursor {
	const union sn_rx_slot *ring;
	u32 cons;		/* ring index of the first slot */
	u32 count;		/* slots that may be looked at */
	u32 used;		/* slots looked at */
	enum sn_fault fault;	/* the first one met, if it is not fatal */
};

static const union sn_rx_slot *rx_next(struct rx_cursor *cur)
{
	u32 idx = cur->cons + cur->used++;

	return &cur->ring[idx & (SN_RING_SLOTS - 1)];
}

static void rx_note(struct rx_cursor *cur, enum sn_fault fault)
{
	if (cur->fault == SN_OK)
		cur->fault = fault;
}

/* Walk the extras behind the first slot. False if they have no end. */
static bool rx_extras(struct rx_cursor *cur, struct sn_packet *pkt)
{
	const struct sn_extra *extra;
	u32 seen = 0;

	do {
		if (cur->used == cur->count)
			return false;

		extra = &rx_next(cur)->extra;
		pkt->extras++;
		if (!sn_extra_apply(extra, &seen, &pkt->offload))
			rx_note(cur, SN_FAULT_RXRSP_EXTRA);
	} while (extra->flags & SN_EXTRA_MORE);

	if (!sn_offload_sane(&pkt->offload, seen))
		rx_note(cur, SN_FAULT_RXRSP_GSO);

	return true;
}

/* Enter a data slot, if it is not empty. */
static void rx_add(struct rx_cursor *cur, struct sn_packet *pkt,
		   const struct sn_rx_rsp *rsp, u16 ring)
{
	struct sn_slot *slot;

	if (rsp->status < 0) {
		rx_note(cur, SN_FAULT_RXRSP_STATUS);
		return;
	}
	if (rsp->offset + rsp->status > SN_SLOT_BYTES) {
		rx_note(cur, SN_FAULT_RXRSP_PAGE);
		return;
	}
	if (!rsp->status)
		return;
	if (pkt->slots == SN_PKT_SLOTS) {
		rx_note(cur, SN_FAULT_RXRSP_SLOTS);
		return;
	}

	slot = &pkt->slot[pkt->slots++];
	slot->gref = 0;
	slot->offset = rsp->offset;
	slot->size = rsp->status;
	slot->ring = ring;
	pkt->size += rsp->status;
}

enum sn_fault sn_rx_parse(const union sn_rx_slot *ring, u32 cons, u32 count,
			  struct sn_packet *pkt)
{
	struct rx_cursor cur = { ring, cons, count, 0, SN_OK };
	const struct sn_rx_rsp *rsp = &rx_next(&cur)->rsp;

	pkt->size = 0;
	pkt->extras = 0;
	pkt->slots = 0;
	pkt->offload.csum_blank = rsp->flags & SN_RXF_CSUM_BLANK;
	pkt->offload.csum_valid = rsp->flags & SN_RXF_DATA_VALIDATED;
	pkt->offload.gso_type = SN_GSO_NONE;
	pkt->offload.gso_size = 0;

	rx_add(&cur, pkt, rsp, 0);
	if ((rsp->flags & SN_RXF_EXTRA_INFO) && !rx_extras(&cur, pkt))
		return SN_FAULT_RXRSP_CHAIN;

	while (rsp->flags & SN_RXF_MORE_DATA) {
		if (cur.used == cur.count)
			return SN_FAULT_RXRSP_CHAIN;

		rsp = &rx_next(&cur)->rsp;
		rx_add(&cur, pkt, rsp, cur.used - 1);
	}

	pkt->ring_slots = cur.used;
	if (pkt->size < SN_PKT_BYTES_MIN)
		rx_note(&cur, SN_FAULT_RXRSP_RUNT);

	return cur.fault;
}
