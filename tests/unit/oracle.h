/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parsers' contract, told a second time: slots in, the set of faults that
 * they contain and the one description that they allow out. Slow and plain:
 * everything is gathered first and judged afterwards, so that this and the
 * parsers hardly share a mistake.
 *
 * Where slots contain several faults the parser may name any of them, but a
 * fatal one if there is one. The unit tests and the fuzzers both hold the
 * parsers to this.
 */
#ifndef SPLITNET_TEST_ORACLE_H
#define SPLITNET_TEST_ORACLE_H

#include "../../include/packet.h"

/* One data slot as it stands on the ring. */
struct oracle_slot {
	u32 gref;
	u32 offset;
	u32 flags;
	s32 size;
	u32 ring;
};

/* A whole packet, gathered from either ring. */
struct oracle {
	bool ends;		/* the chain's end is within the count */
	u32 slots;		/* ring slots of all kinds */
	u32 extras;
	u32 data;
	struct oracle_slot slot[SN_RING_SLOTS];
	struct sn_extra extra[SN_RING_SLOTS];
	u64 faults;		/* bit per fault that the slots contain */
};

#define ORACLE_FAULT(fault)	((u64)1 << (fault))

/* The flags that matter have one value on both rings. */
static_assert(SN_TXF_MORE_DATA == SN_RXF_MORE_DATA &&
	      SN_TXF_EXTRA_INFO == SN_RXF_EXTRA_INFO, "one walk serves both");

static inline struct oracle_slot oracle_tx_slot(const void *ring, u32 idx)
{
	const union sn_tx_slot *slot = ring;
	const struct sn_tx_req *req = &slot[idx % SN_RING_SLOTS].req;

	return (struct oracle_slot) {
		req->gref, req->offset, req->flags, req->size, 0 };
}

static inline struct oracle_slot oracle_rx_slot(const void *ring, u32 idx)
{
	const union sn_rx_slot *slot = ring;
	const struct sn_rx_rsp *rsp = &slot[idx % SN_RING_SLOTS].rsp;

	return (struct oracle_slot) {
		0, rsp->offset, rsp->flags, rsp->status, 0 };
}

static inline struct sn_extra oracle_extra(const void *ring, u32 idx, bool tx)
{
	const union sn_tx_slot *tx_slot = ring;
	const union sn_rx_slot *rx_slot = ring;

	return tx ? tx_slot[idx % SN_RING_SLOTS].extra :
		    rx_slot[idx % SN_RING_SLOTS].extra;
}

/* Gather what lies between @cons and the chain's end, or @count. */
static inline void oracle_gather(struct oracle *o, const void *ring, u32 cons,
				 u32 count, bool tx)
{
	bool more_extra = false, more_data = true;

	memset(o, 0, sizeof(*o));
	while (more_extra || more_data) {
		u32 idx = cons + o->slots;

		if (o->slots == count)
			return;
		if (more_extra) {
			o->extra[o->extras] = oracle_extra(ring, idx, tx);
			more_extra = o->extra[o->extras++].flags & 1;
		} else {
			struct oracle_slot *slot = &o->slot[o->data];

			*slot = tx ? oracle_tx_slot(ring, idx) :
				     oracle_rx_slot(ring, idx);
			slot->ring = o->slots;
			more_data = slot->flags & SN_TXF_MORE_DATA;
			more_extra = !o->data &&
				     slot->flags & SN_TXF_EXTRA_INFO;
			o->data++;
		}
		o->slots++;
	}
	o->ends = true;
}

/* The first GSO extra, or NULL. */
static inline const struct sn_extra *oracle_gso(const struct oracle *o)
{
	u32 i;

	for (i = 0; i < o->extras; i++)
		if (o->extra[i].type == SN_EXTRA_GSO)
			return &o->extra[i];

	return NULL;
}

static inline void oracle_judge_extras(struct oracle *o, enum sn_fault extra,
				       enum sn_fault gso)
{
	const struct sn_extra *wish = oracle_gso(o);
	u32 i, times[256] = { 0 };

	for (i = 0; i < o->extras; i++) {
		u8 type = o->extra[i].type;

		if ((type != SN_EXTRA_GSO && type != SN_EXTRA_HASH) ||
		    times[type]++)
			o->faults |= ORACLE_FAULT(extra);
	}
	if (wish && (wish->gso.size < 8 || wish->gso.size == 0xffff ||
		     (wish->gso.type != SN_GSO_TCPV4 &&
		      wish->gso.type != SN_GSO_TCPV6)))
		o->faults |= ORACLE_FAULT(gso);
}

/* Judge a Tx chain; the first slot's size becomes its own share. */
static inline void oracle_judge_tx(struct oracle *o)
{
	s32 i, total = o->slot[0].size;

	if (o->data > SN_TX_FLOOD_SLOTS)
		o->faults = ORACLE_FAULT(SN_FAULT_TX_FLOOD);
	else if (!o->ends)
		o->faults = ORACLE_FAULT(SN_FAULT_TX_CHAIN);
	if (o->faults)
		return;

	oracle_judge_extras(o, SN_FAULT_TX_EXTRA, SN_FAULT_TX_GSO);
	if (o->data > SN_PKT_SLOTS)
		o->faults |= ORACLE_FAULT(SN_FAULT_TX_SLOTS);
	if (total < SN_PKT_BYTES_MIN)
		o->faults |= ORACLE_FAULT(SN_FAULT_TX_RUNT);
	for (i = 1; i < (s32)o->data; i++)
		o->slot[0].size -= o->slot[i].size;
	if (o->slot[0].size < 0)
		o->faults |= ORACLE_FAULT(SN_FAULT_TX_SIZE);
	for (i = 0; i < (s32)o->data; i++)
		if ((s32)o->slot[i].offset + o->slot[i].size > SN_SLOT_BYTES)
			o->faults |= ORACLE_FAULT(SN_FAULT_TX_PAGE);
}

static inline void oracle_judge_rx(struct oracle *o)
{
	u32 i, bytes = 0, filled = 0;

	if (!o->ends) {
		o->faults = ORACLE_FAULT(SN_FAULT_RXRSP_CHAIN);
		return;
	}

	oracle_judge_extras(o, SN_FAULT_RXRSP_EXTRA, SN_FAULT_RXRSP_GSO);
	for (i = 0; i < o->data; i++) {
		const struct oracle_slot *slot = &o->slot[i];

		if (slot->size < 0)
			o->faults |= ORACLE_FAULT(SN_FAULT_RXRSP_STATUS);
		else if (slot->offset + slot->size > SN_SLOT_BYTES)
			o->faults |= ORACLE_FAULT(SN_FAULT_RXRSP_PAGE);
		else
			bytes += slot->size;
		filled += slot->size > 0;
	}
	if (filled > SN_PKT_SLOTS)
		o->faults |= ORACLE_FAULT(SN_FAULT_RXRSP_SLOTS);
	if (bytes < SN_PKT_BYTES_MIN)
		o->faults |= ORACLE_FAULT(SN_FAULT_RXRSP_RUNT);
}

/* What is wrong with the description of a sound packet, or NULL. */
static inline const char *oracle_packet(const struct oracle *o,
					const struct sn_packet *pkt)
{
	const struct sn_extra *gso = oracle_gso(o);
	u32 i, n = 0, bytes = 0;

	for (i = 0; i < o->data; i++) {
		const struct oracle_slot *slot = &o->slot[i];

		if (!slot->size)
			continue;
		if (n == pkt->slots || n == SN_PKT_SLOTS)
			return "a slot is missing";
		if (pkt->slot[n].gref != slot->gref ||
		    pkt->slot[n].offset != slot->offset ||
		    pkt->slot[n].size != slot->size ||
		    pkt->slot[n].ring != slot->ring)
			return "a slot is described wrongly";
		bytes += slot->size;
		n++;
	}
	if (n != pkt->slots || !n)
		return "the number of slots is wrong";
	if (bytes != pkt->size)
		return "the size is not the slots' sum";
	if (pkt->offload.gso_type != (gso ? gso->gso.type : SN_GSO_NONE) ||
	    pkt->offload.gso_size != (gso ? gso->gso.size : 0))
		return "the GSO wish is wrong";

	return NULL;
}

/* What is wrong with a verdict of either parser, or NULL. */
static inline const char *oracle_verdict(const struct oracle *o,
					 enum sn_fault fault,
					 const struct sn_packet *pkt)
{
	if (fault < SN_OK || fault >= SN_FAULTS)
		return "no such fault";
	if (fault == SN_OK && o->faults)
		return "a fault is overlooked";
	if (fault != SN_OK && !(o->faults & ORACLE_FAULT(fault)))
		return "a fault is made up";
	if (sn_fault_fatal(fault))
		return NULL;
	if (pkt->ring_slots != o->slots || pkt->extras != o->extras)
		return "the ring falls out of step";

	return fault == SN_OK ? oracle_packet(o, pkt) : NULL;
}

/* What is wrong with what sn_tx_parse() says of these slots, or NULL. */
static inline const char *oracle_tx(const union sn_tx_slot *ring, u32 cons,
				    u32 count, enum sn_fault fault,
				    const struct sn_packet *pkt)
{
	u32 flags = ring[cons % SN_RING_SLOTS].req.flags;
	struct oracle o;

	oracle_gather(&o, ring, cons, count, true);
	oracle_judge_tx(&o);
	if (fault == SN_OK &&
	    (pkt->offload.csum_blank != !!(flags & SN_TXF_CSUM_BLANK) ||
	     pkt->offload.csum_valid != !!(flags & SN_TXF_DATA_VALIDATED)))
		return "the checksum wish is wrong";

	return oracle_verdict(&o, fault, pkt);
}

/* What is wrong with what sn_rx_parse() says of these slots, or NULL. */
static inline const char *oracle_rx(const union sn_rx_slot *ring, u32 cons,
				    u32 count, enum sn_fault fault,
				    const struct sn_packet *pkt)
{
	u32 flags = ring[cons % SN_RING_SLOTS].rsp.flags;
	struct oracle o;

	oracle_gather(&o, ring, cons, count, false);
	oracle_judge_rx(&o);
	if (fault == SN_OK &&
	    (pkt->offload.csum_blank != !!(flags & SN_RXF_CSUM_BLANK) ||
	     pkt->offload.csum_valid != !!(flags & SN_RXF_DATA_VALIDATED)))
		return "the checksum wish is wrong";

	return oracle_verdict(&o, fault, pkt);
}

#endif /* SPLITNET_TEST_ORACLE_H */
