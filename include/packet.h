/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets as the parsers describe them: raw slots in, a validated description
 * or a named fault out. The parsers are pure: they look at private copies of
 * slots only, never at the shared ring.
 */
#ifndef SPLITNET_PACKET_H
#define SPLITNET_PACKET_H

#include "fault.h"
#include "wire.h"

/* The most slots a Tx packet may try before its sender counts as hostile. */
#define SN_TX_FLOOD_SLOTS	20

/**
 * struct sn_offload - checksum and segmentation wishes of a packet
 * @csum_blank: the L4 checksum field holds only the pseudo header's sum
 * @csum_valid: the sender vouches for the data
 * @gso_type: SN_GSO_NONE, SN_GSO_TCPV4 or SN_GSO_TCPV6
 * @gso_size: payload bytes per segment, not 0 if there is a type
 */
struct sn_offload {
	bool csum_blank;
	bool csum_valid;
	u8 gso_type;
	u16 gso_size;
};

/**
 * struct sn_slot - one data slot
 * @gref: the grant that holds the bytes (Tx)
 * @offset: bytes into the page
 * @size: bytes, not 0; @offset + @size is within the page
 * @ring: ring index, relative to the packet's first slot
 */
struct sn_slot {
	u32 gref;
	u16 offset;
	u16 size;
	u16 ring;
};

/**
 * struct sn_packet - a packet on the ring
 * @size: bytes of the whole packet: the sum of the slots
 * @ring_slots: ring slots that it takes up, extras and empty slots included
 * @extras: how many of them are extras; they follow the first slot
 * @slots: data slots in @slot, 1 to 18; empty slots are left out
 * @offload: what to do to the packet
 * @slot: the data slots in order
 *
 * After a fault that is not fatal, @ring_slots and @extras are right, and
 * nothing else is.
 */
struct sn_packet {
	u32 size;
	u16 ring_slots;
	u16 extras;
	u16 slots;
	struct sn_offload offload;
	struct sn_slot slot[SN_PKT_SLOTS];
};

/**
 * sn_tx_parse() - describe the next packet that the guest sends
 * @ring: private copy of the ring's slots, indexed as the ring is
 * @cons: ring index of the packet's first slot
 * @count: slots valid from @cons on, 1 to 256
 * @pkt: the description
 *
 * Return: SN_OK or the fault. A fatal one means that the ring cannot be
 * followed any further.
 */
enum sn_fault sn_tx_parse(const union sn_tx_slot *ring, u32 cons, u32 count,
			  struct sn_packet *pkt);

/**
 * sn_rx_parse() - describe the next packet that the backend delivered
 * @ring: private copy of the ring's slots, indexed as the ring is
 * @cons: ring index of the packet's first slot
 * @count: slots valid from @cons on, 1 to 256
 * @pkt: the description; its grefs are not set
 *
 * Return: SN_OK or the fault. A fatal one means that the ring cannot be
 * followed any further.
 */
enum sn_fault sn_rx_parse(const union sn_rx_slot *ring, u32 cons, u32 count,
			  struct sn_packet *pkt);

#endif /* SPLITNET_PACKET_H */
