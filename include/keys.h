/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The negotiation table: every xenstore key of the protocol that splitnet
 * reads or writes, what it may hold, and what its absence means. Each end
 * writes its own row of keys and reads the other's with the same table.
 */
#ifndef SPLITNET_KEYS_H
#define SPLITNET_KEYS_H

#include "platform.h"

enum sn_key_kind {
	SN_KEY_FLAG,	/* 0 or not; anything unreadable counts as absent */
	SN_KEY_NUMBER,	/* within its range, or the peer is at fault */
};

/**
 * struct sn_key - one xenstore key
 * @name: below the writing end's directory
 * @kind: how strictly it is read
 * @absent: value where the key does not exist
 * @min: smallest legal number
 * @max: largest legal number
 */
struct sn_key {
	const char *name;
	enum sn_key_kind kind;
	u32 absent;
	u32 min;
	u32 max;
};

/* What the backend offers, in its own directory. */
enum sn_back_key {
	SN_BACK_SG,
	SN_BACK_GSO_TCPV4,
	SN_BACK_GSO_TCPV6,
	SN_BACK_CSUM_IPV6,
	SN_BACK_RX_COPY,
	SN_BACK_RX_FLIP,
	SN_BACK_SPLIT_EVENTS,
	SN_BACK_MAX_QUEUES,
	SN_BACK_KEYS
};

/* What the frontend asks for, in its own directory. */
enum sn_front_key {
	SN_FRONT_RX_COPY,
	SN_FRONT_RX_FLIP,
	SN_FRONT_RX_NOTIFY,
	SN_FRONT_SG,
	SN_FRONT_GSO_TCPV4,
	SN_FRONT_GSO_TCPV6,
	SN_FRONT_NO_CSUM,
	SN_FRONT_CSUM_IPV6,
	SN_FRONT_QUEUES,
	SN_FRONT_KEYS
};

/* What the frontend says of each queue: in its own directory if there is one
 * queue, in queue-N below it if there are more.
 */
enum sn_queue_key {
	SN_QUEUE_TX_RING,
	SN_QUEUE_RX_RING,
	SN_QUEUE_EVENT,		/* 0 where the two below are used */
	SN_QUEUE_EVENT_TX,
	SN_QUEUE_EVENT_RX,
	SN_QUEUE_KEYS
};

extern const struct sn_key sn_back_keys[SN_BACK_KEYS];
extern const struct sn_key sn_front_keys[SN_FRONT_KEYS];
extern const struct sn_key sn_queue_keys[SN_QUEUE_KEYS];

/* Names, up to a NULL, of what another driver may have left in the directory of
 * either end, and what ours have not: who reads that would count on it.
 */
extern const char * const sn_back_foreign[];
extern const char * const sn_front_foreign[];

/**
 * sn_key_parse() - read one key's value
 * @key: which
 * @text: what xenstore holds, or NULL if there is no such key
 * @value: set to the value, also where that follows from absence; of no use
 *	after an error
 *
 * Return: 0, or -EINVAL if a number is unreadable or out of its range.
 */
int sn_key_parse(const struct sn_key *key, const char *text, u32 *value);

#endif /* SPLITNET_KEYS_H */
