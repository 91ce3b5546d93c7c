// SPDX-License-Identifier: GPL-2.0
#include "../include/header.h"

#define HDR_ETH		14
#define HDR_VLAN	4
#define HDR_IPV4	20
#define HDR_IPV6	40
#define HDR_TCP		20
#define HDR_UDP		8

#define TYPE_IPV4	0x0800
#define TYPE_IPV6	0x86dd
#define TYPE_VLAN	0x8100

#define PROTO_TCP	6
#define PROTO_UDP	17

static u16 header_u16(const u8 *data)
{
	return data[0] << 8 | data[1];
}

/* End of the L4 header at @at, or 0 if it is not known or not in reach. */
static unsigned int header_l4(const u8 *data, unsigned int len,
			      unsigned int at, u8 proto)
{
	unsigned int tcp;

	if (proto == PROTO_UDP)
		return at + HDR_UDP;
	if (proto != PROTO_TCP || at + HDR_TCP > len)
		return 0;

	tcp = (data[at + 12] >> 4) * 4;
	return tcp < HDR_TCP ? 0 : at + tcp;
}

static unsigned int header_l3(const u8 *data, unsigned int len,
			      unsigned int at, u16 type)
{
	unsigned int ip;

	if (type == TYPE_IPV4 && at + HDR_IPV4 <= len) {
		ip = (data[at] & 0xf) * 4;
		return ip < HDR_IPV4 ? 0 :
		       header_l4(data, len, at + ip, data[at + 9]);
	}

	if (type == TYPE_IPV6 && at + HDR_IPV6 <= len)
		return header_l4(data, len, at + HDR_IPV6, data[at + 6]);

	return 0;
}

unsigned int sn_header_len(const u8 *data, unsigned int len)
{
	unsigned int at = HDR_ETH;
	unsigned int end = 0;
	u16 type;

	if (len >= HDR_ETH + HDR_VLAN) {
		type = header_u16(data + HDR_ETH - 2);
		if (type == TYPE_VLAN) {
			at += HDR_VLAN;
			type = header_u16(data + at - 2);
		}
		end = header_l3(data, len, at, type);
	}

	if (!end)
		end = SN_HEADER_GUESS;

	return end < len ? end : len;
}
