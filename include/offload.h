/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SPLITNET_OFFLOAD_H
#define SPLITNET_OFFLOAD_H

#include <linux/skbuff.h>
#include "packet.h"

/* Headers that every packet keeps in its linear part, if it has so much. Some
 * NIC drivers crash on less (XSA-423).
 */
#define SN_HEADER_BYTES		128

/**
 * sn_skb_offload() - give a received packet its checksum and GSO state
 * @skb: after eth_type_trans(), with its network header reset
 * @offload: what the peer says of it
 * @fixups: counts GSO packets whose sender forgot csum_blank
 *
 * All that the peer claims is checked against the packet's own headers; the
 * headers that GSO needs are in the linear part afterwards.
 *
 * Context: any. Return: 0, -EPROTO if there is no checksum field where one is
 * claimed, -EINVAL if the headers do not bear out the GSO claim, or -ENOMEM.
 */
int sn_skb_offload(struct sk_buff *skb, const struct sn_offload *offload,
		   u64 *fixups);

/**
 * sn_offload_from_skb() - what to tell the peer of a packet
 * @offload: the description
 * @skb: a packet about to be sent
 */
void sn_offload_from_skb(struct sn_offload *offload, const struct sk_buff *skb);

#endif /* SPLITNET_OFFLOAD_H */
