/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The layout of the two shared rings, as Xen's public io/netif.h fixes it.
 *
 * Tx and Rx are named from the guest's point of view, here and everywhere:
 * Tx is frontend to backend, Rx is backend to frontend. The layout is written
 * out again, instead of taken from the kernel's header, so that everything
 * that parses it also compiles in user space; common/layout.c holds the two
 * against each other at compile time.
 */
#ifndef SPLITNET_WIRE_H
#define SPLITNET_WIRE_H

#include "platform.h"

/* Slots in either ring: one page, less the 64 bytes of header, rounded down
 * to a power of two.
 */
#define SN_RING_SLOTS		256

/* Bytes that one grant, and so one data slot, can carry. */
#define SN_SLOT_BYTES		4096

/* The most data slots of one packet that every end must accept. */
#define SN_PKT_SLOTS		18

/* The largest Tx packet, Ethernet header included: its size is 16 bits wide.
 * Rx packets have no size of their own, and only their slots bound them.
 */
#define SN_PKT_BYTES		65535

/* The smallest packet: an Ethernet header and nothing else. */
#define SN_PKT_BYTES_MIN	14

/* Bits of sn_tx_req.flags. */
#define SN_TXF_CSUM_BLANK	0x1
#define SN_TXF_DATA_VALIDATED	0x2
#define SN_TXF_MORE_DATA	0x4
#define SN_TXF_EXTRA_INFO	0x8

/* Bits of sn_rx_rsp.flags. */
#define SN_RXF_DATA_VALIDATED	0x1
#define SN_RXF_CSUM_BLANK	0x2
#define SN_RXF_MORE_DATA	0x4
#define SN_RXF_EXTRA_INFO	0x8

/* sn_extra.type */
#define SN_EXTRA_NONE		0
#define SN_EXTRA_GSO		1
#define SN_EXTRA_MCAST_ADD	2
#define SN_EXTRA_MCAST_DEL	3
#define SN_EXTRA_HASH		4
#define SN_EXTRA_XDP		5
#define SN_EXTRA_TYPES		6

/* Bit of sn_extra.flags: another extra follows in the next slot. */
#define SN_EXTRA_MORE		0x1

/* sn_extra.gso.type */
#define SN_GSO_NONE		0
#define SN_GSO_TCPV4		1
#define SN_GSO_TCPV6		2

/* The smallest gso.size that a sender may mean: Linux has no smaller segments
 * (TCP_MIN_GSO_SIZE). Of 64 kilobytes cut up into single bytes, each segment
 * would be a packet of its own. And the largest: the one above it Linux takes
 * for another thing than a size (GSO_BY_FRAGS).
 */
#define SN_GSO_SIZE_MIN		8
#define SN_GSO_SIZE_MAX		0xfffe

/* Statuses in Tx responses, and negative ones in Rx responses. */
#define SN_RSP_DROPPED		(-2)
#define SN_RSP_ERROR		(-1)
#define SN_RSP_OKAY		0
#define SN_RSP_NULL		1

struct sn_tx_req {
	u32 gref;
	u16 offset;		/* bytes into the granted page */
	u16 flags;
	u16 id;
	u16 size;		/* first slot: the whole packet's bytes */
};

struct sn_tx_rsp {
	u16 id;
	s16 status;
};

struct sn_rx_req {
	u16 id;
	u16 pad;
	u32 gref;
};

struct sn_rx_rsp {
	u16 id;
	u16 offset;		/* bytes into the granted page */
	u16 flags;
	s16 status;		/* bytes in this slot, or negative */
};

/* Additional information that takes the place of a slot after the first. */
struct sn_extra {
	u8 type;
	u8 flags;
	union {
		struct {
			u16 size;
			u8 type;
			u8 pad;
			u16 features;
		} gso;
		struct {
			u8 addr[6];
		} mcast;
		struct {
			u8 type;
			u8 algorithm;
			u8 value[4];
		} hash;
		struct {
			u16 headroom;
			u16 pad[2];
		} xdp;
	};
};

union sn_tx_slot {
	struct sn_tx_req req;
	struct sn_tx_rsp rsp;
	struct sn_extra extra;
};

union sn_rx_slot {
	struct sn_rx_req req;
	struct sn_rx_rsp rsp;
	struct sn_extra extra;
};

/* The head of a shared ring page; the slots follow. */
struct sn_sring {
	u32 req_prod;
	u32 req_event;
	u32 rsp_prod;
	u32 rsp_event;
	u8 pad[48];
};

static_assert(sizeof(struct sn_sring) == 64, "the slots start at byte 64");
static_assert(sizeof(struct sn_extra) == 8, "an extra fits an Rx slot");
static_assert(sizeof(union sn_tx_slot) == 12, "Tx slots are 12 bytes");
static_assert(sizeof(union sn_rx_slot) == 8, "Rx slots are 8 bytes");

/* Where ring index @idx lies within @sring; any 32-bit index is good. */
static inline union sn_tx_slot *sn_tx_slot(struct sn_sring *sring, u32 idx)
{
	return (union sn_tx_slot *)(sring + 1) + (idx & (SN_RING_SLOTS - 1));
}

static inline union sn_rx_slot *sn_rx_slot(struct sn_sring *sring, u32 idx)
{
	return (union sn_rx_slot *)(sring + 1) + (idx & (SN_RING_SLOTS - 1));
}

#endif /* SPLITNET_WIRE_H */
