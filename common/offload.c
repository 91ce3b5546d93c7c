// SPDX-License-Identifier: GPL-2.0
#include <linux/if_ether.h>
#include <linux/tcp.h>
#include "../include/offload.h"

/* skb_checksum_setup() has found TCP behind the right kind of IP. */
static bool offload_is_tcp(const struct sk_buff *skb, u8 gso_type)
{
	__be16 protocol = htons(gso_type == SN_GSO_TCPV4 ? ETH_P_IP :
							    ETH_P_IPV6);

	return skb->protocol == protocol &&
	       skb->csum_offset == offsetof(struct tcphdr, check);
}

static int offload_gso(struct sk_buff *skb, const struct sn_offload *offload)
{
	struct skb_shared_info *shinfo;
	unsigned int headers;

	if (!offload_is_tcp(skb, offload->gso_type))
		return -EINVAL;

	headers = skb_transport_offset(skb) + tcp_hdrlen(skb);
	if (tcp_hdrlen(skb) < sizeof(struct tcphdr) || headers >= skb->len)
		return -EINVAL;
	if (!pskb_may_pull(skb, headers))
		return -ENOMEM;

	/* What the lengths within the headers make of it, nobody has looked
	 * at: whoever takes it for granted must be told.
	 */
	shinfo = skb_shinfo(skb);
	shinfo->gso_type = SKB_GSO_DODGY |
			   (offload->gso_type == SN_GSO_TCPV4 ? SKB_GSO_TCPV4 :
								SKB_GSO_TCPV6);
	shinfo->gso_size = offload->gso_size;
	shinfo->gso_segs = min_t(unsigned int, U16_MAX,
				 DIV_ROUND_UP(skb->len - headers,
					      offload->gso_size));

	return 0;
}

int sn_skb_offload(struct sk_buff *skb, const struct sn_offload *offload,
		   u64 *fixups)
{
	bool repair = offload->gso_type && !offload->csum_blank;
	int err = 0;

	if (offload->csum_blank || repair)
		skb->ip_summed = CHECKSUM_PARTIAL;
	else if (offload->csum_valid)
		skb->ip_summed = CHECKSUM_UNNECESSARY;

	*fixups += repair;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		err = skb_checksum_setup(skb, repair);
	if (err || !offload->gso_type)
		return err;

	return offload_gso(skb, offload);
}

void sn_offload_from_skb(struct sn_offload *offload, const struct sk_buff *skb)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);

	offload->csum_blank = skb->ip_summed == CHECKSUM_PARTIAL;
	offload->csum_valid = skb->ip_summed == CHECKSUM_PARTIAL ||
			      skb->ip_summed == CHECKSUM_UNNECESSARY;
	offload->gso_size = shinfo->gso_size;
	if (!shinfo->gso_size)
		offload->gso_type = SN_GSO_NONE;
	else
		offload->gso_type = shinfo->gso_type & SKB_GSO_TCPV6 ?
				    SN_GSO_TCPV6 : SN_GSO_TCPV4;
}
