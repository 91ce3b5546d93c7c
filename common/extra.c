// SPDX-License-Identifier: GPL-2.0
/*
 * Extra info slots, which both rings carry alike.
 */
#include "extra.h"

/* Hash values are accepted and not used; multicast filters and XDP headroom
 * are not offered, so nobody may send them.
 */
#define SN_EXTRA_WELCOME	((1u << SN_EXTRA_GSO) | (1u << SN_EXTRA_HASH))

bool sn_extra_apply(const struct sn_extra *extra, u32 *seen,
		    struct sn_offload *offload)
{
	u32 bit;

	if (extra->type >= SN_EXTRA_TYPES)
		return false;

	bit = 1u << extra->type;
	if (!(bit & SN_EXTRA_WELCOME) || (*seen & bit))
		return false;

	*seen |= bit;
	if (extra->type == SN_EXTRA_GSO) {
		offload->gso_type = extra->gso.type;
		offload->gso_size = extra->gso.size;
	}

	return true;
}

bool sn_offload_sane(const struct sn_offload *offload, u32 seen)
{
	if (!(seen & (1u << SN_EXTRA_GSO)))
		return true;

	return offload->gso_size >= SN_GSO_SIZE_MIN &&
	       offload->gso_size <= SN_GSO_SIZE_MAX &&
	       (offload->gso_type == SN_GSO_TCPV4 ||
		offload->gso_type == SN_GSO_TCPV6);
}
