// SPDX-License-Identifier: GPL-2.0
#include "../include/keys.h"

#define KEY_FLAG(key_name) \
	{ .name = (key_name), .kind = SN_KEY_FLAG, .max = 1 }
#define KEY_NUMBER(key_name, if_absent, at_least, at_most) \
	{ .name = (key_name), .kind = SN_KEY_NUMBER, .absent = (if_absent), \
	  .min = (at_least), .max = (at_most) }

#define KEY_MAX_U32	0xffffffffu

/* More than any Xen gives a domain; Xen itself checks the exact bound. */
#define KEY_MAX_GREF	0x7fffffff
#define KEY_MAX_PORT	0x1ffff
#define KEY_MAX_QUEUES	1024

const struct sn_key sn_back_keys[SN_BACK_KEYS] = {
	[SN_BACK_SG]		= KEY_FLAG("feature-sg"),
	[SN_BACK_GSO_TCPV4]	= KEY_FLAG("feature-gso-tcpv4"),
	[SN_BACK_GSO_TCPV6]	= KEY_FLAG("feature-gso-tcpv6"),
	[SN_BACK_CSUM_IPV6]	= KEY_FLAG("feature-ipv6-csum-offload"),
	[SN_BACK_RX_COPY]	= KEY_FLAG("feature-rx-copy"),
	[SN_BACK_RX_FLIP]	= KEY_FLAG("feature-rx-flip"),
	[SN_BACK_SPLIT_EVENTS]	= KEY_FLAG("feature-split-event-channels"),
	[SN_BACK_MAX_QUEUES]	= KEY_NUMBER("multi-queue-max-queues",
					     1, 1, KEY_MAX_QUEUES),
};

const struct sn_key sn_front_keys[SN_FRONT_KEYS] = {
	[SN_FRONT_RX_COPY]	= KEY_FLAG("request-rx-copy"),
	[SN_FRONT_RX_FLIP]	= KEY_FLAG("feature-rx-flip"),
	[SN_FRONT_RX_NOTIFY]	= KEY_FLAG("feature-rx-notify"),
	[SN_FRONT_SG]		= KEY_FLAG("feature-sg"),
	[SN_FRONT_GSO_TCPV4]	= KEY_FLAG("feature-gso-tcpv4"),
	[SN_FRONT_GSO_TCPV6]	= KEY_FLAG("feature-gso-tcpv6"),
	[SN_FRONT_NO_CSUM]	= KEY_FLAG("feature-no-csum-offload"),
	[SN_FRONT_CSUM_IPV6]	= KEY_FLAG("feature-ipv6-csum-offload"),
	[SN_FRONT_QUEUES]	= KEY_NUMBER("multi-queue-num-queues",
					     1, 1, KEY_MAX_QUEUES),
};

/* Port and reference 0 are never given out by Xen to a ring: 0 is "none". */
const struct sn_key sn_queue_keys[SN_QUEUE_KEYS] = {
	[SN_QUEUE_TX_RING]	= KEY_NUMBER("tx-ring-ref",
					     0, 1, KEY_MAX_GREF),
	[SN_QUEUE_RX_RING]	= KEY_NUMBER("rx-ring-ref",
					     0, 1, KEY_MAX_GREF),
	[SN_QUEUE_EVENT]	= KEY_NUMBER("event-channel",
					     0, 1, KEY_MAX_PORT),
	[SN_QUEUE_EVENT_TX]	= KEY_NUMBER("event-channel-tx",
					     0, 1, KEY_MAX_PORT),
	[SN_QUEUE_EVENT_RX]	= KEY_NUMBER("event-channel-rx",
					     0, 1, KEY_MAX_PORT),
};

const char * const sn_back_foreign[] = {
	"feature-xdp-headroom",
	"feature-ctrl-ring",
	"feature-multicast-control",
	"feature-dynamic-multicast-control",
	NULL
};

const char * const sn_front_foreign[] = {
	"xdp-headroom",
	"request-multicast-control",
	NULL
};

/* A plain decimal number of 32 bits, and nothing else. */
static bool key_number(const char *text, u32 *value)
{
	u64 sum = 0;

	if (!*text)
		return false;

	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		sum = sum * 10 + (*text - '0');
		if (sum > KEY_MAX_U32)
			return false;
	}

	*value = sum;
	return true;
}

int sn_key_parse(const struct sn_key *key, const char *text, u32 *value)
{
	bool readable;

	*value = key->absent;
	if (!text)
		return 0;

	readable = key_number(text, value);
	if (key->kind == SN_KEY_FLAG) {
		*value = readable ? !!*value : key->absent;
		return 0;
	}

	if (!readable || *value < key->min || *value > key->max)
		return -EINVAL;

	return 0;
}
