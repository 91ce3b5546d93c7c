// SPDX-License-Identifier: GPL-2.0
/*
 * The negotiation table.
 *
 * Xenstore holds text that the other end wrote: nothing, nonsense, a negative
 * number, one that overflows. Stock drivers took zero queues and truncated
 * ring references. The protocol's keys are told here a second time, with their
 * ranges; each is then read missing, empty, at both its limits, beyond them,
 * and in every misspelling.
 */
#include <stdio.h>

#include "../../include/keys.h"
#include "ktap.h"

/* What a key must be like. */
struct known {
	const char *name;
	enum sn_key_kind kind;
	u32 absent;
	u32 min;
	u32 max;
};

#define FLAG(name)	{ name, SN_KEY_FLAG, 0, 0, 1 }

static const struct known back[] = {
	[SN_BACK_SG]		= FLAG("feature-sg"),
	[SN_BACK_GSO_TCPV4]	= FLAG("feature-gso-tcpv4"),
	[SN_BACK_GSO_TCPV6]	= FLAG("feature-gso-tcpv6"),
	[SN_BACK_CSUM_IPV6]	= FLAG("feature-ipv6-csum-offload"),
	[SN_BACK_RX_COPY]	= FLAG("feature-rx-copy"),
	[SN_BACK_RX_FLIP]	= FLAG("feature-rx-flip"),
	[SN_BACK_SPLIT_EVENTS]	= FLAG("feature-split-event-channels"),
	[SN_BACK_MAX_QUEUES]	= { "multi-queue-max-queues", SN_KEY_NUMBER,
				    1, 1, 1024 },
};

static const struct known front[] = {
	[SN_FRONT_RX_COPY]	= FLAG("request-rx-copy"),
	[SN_FRONT_RX_FLIP]	= FLAG("feature-rx-flip"),
	[SN_FRONT_RX_NOTIFY]	= FLAG("feature-rx-notify"),
	[SN_FRONT_SG]		= FLAG("feature-sg"),
	[SN_FRONT_GSO_TCPV4]	= FLAG("feature-gso-tcpv4"),
	[SN_FRONT_GSO_TCPV6]	= FLAG("feature-gso-tcpv6"),
	[SN_FRONT_NO_CSUM]	= FLAG("feature-no-csum-offload"),
	[SN_FRONT_CSUM_IPV6]	= FLAG("feature-ipv6-csum-offload"),
	[SN_FRONT_QUEUES]	= { "multi-queue-num-queues", SN_KEY_NUMBER,
				    1, 1, 1024 },
};

static const struct known queue[] = {
	[SN_QUEUE_TX_RING]	= { "tx-ring-ref", SN_KEY_NUMBER,
				    0, 1, 0x7fffffff },
	[SN_QUEUE_RX_RING]	= { "rx-ring-ref", SN_KEY_NUMBER,
				    0, 1, 0x7fffffff },
	[SN_QUEUE_EVENT]	= { "event-channel", SN_KEY_NUMBER,
				    0, 1, 0x1ffff },
	[SN_QUEUE_EVENT_TX]	= { "event-channel-tx", SN_KEY_NUMBER,
				    0, 1, 0x1ffff },
	[SN_QUEUE_EVENT_RX]	= { "event-channel-rx", SN_KEY_NUMBER,
				    0, 1, 0x1ffff },
};

static_assert(ARRAY_SIZE(back) == SN_BACK_KEYS, "each key is known");
static_assert(ARRAY_SIZE(front) == SN_FRONT_KEYS, "each key is known");
static_assert(ARRAY_SIZE(queue) == SN_QUEUE_KEYS, "each key is known");

/* What is no plain decimal number of 32 bits. */
static const char * const unreadable[] = {
	"", " ", "-", "-1", "-0", "+1", " 1", "1 ", "1\n", "\t1", "1.0", "1e3",
	"1,0", "0x1", "0x", "x", "1x", "x1", "on", "true", "one", "\xff", "1-",
	"4294967296", "4294967297", "18446744073709551616",
	"18446744073709551617", "99999999999999999999999999999999999999",
	"-4294967295", "1/", "1:", "/", ":",
};

/* The three tables in one row. */
#define KEYS	(SN_BACK_KEYS + SN_FRONT_KEYS + SN_QUEUE_KEYS)

static const struct sn_key *key_at(u32 i, const struct known **known)
{
	if (i < SN_BACK_KEYS) {
		*known = &back[i];
		return &sn_back_keys[i];
	}
	i -= SN_BACK_KEYS;
	if (i < SN_FRONT_KEYS) {
		*known = &front[i];
		return &sn_front_keys[i];
	}
	i -= SN_FRONT_KEYS;
	*known = &queue[i];

	return &sn_queue_keys[i];
}

static void test_tables(void)
{
	const struct known *known;
	u32 i;

	for (i = 0; i < KEYS; i++) {
		const struct sn_key *key = key_at(i, &known);

		CHECK(key->name && !strcmp(key->name, known->name), "%s",
		      known->name);
		CHECK(key->kind == known->kind, "%s", known->name);
		CHECK(key->absent == known->absent, "%s", known->name);
		CHECK(key->min == known->min, "%s", known->name);
		CHECK(key->max == known->max, "%s", known->name);
	}
}

static void test_missing(void)
{
	const struct known *known;
	u32 i, value;

	for (i = 0; i < KEYS; i++) {
		value = 0xdead;
		CHECK(!sn_key_parse(key_at(i, &known), NULL, &value), "%s",
		      known->name);
		CHECK(value == known->absent, "%s: %u", known->name, value);
	}
}

/* A flag that cannot be read is absent; a number is the peer's fault. */
static void test_unreadable(void)
{
	const struct sn_key *key;
	const struct known *known;
	u32 i, k, value;
	int err;

	for (i = 0; i < KEYS; i++) {
		key = key_at(i, &known);
		for (k = 0; k < ARRAY_SIZE(unreadable); k++) {
			value = 0xdead;
			err = sn_key_parse(key, unreadable[k], &value);
			if (known->kind == SN_KEY_FLAG)
				CHECK(!err && value == known->absent,
				      "%s = '%s'", known->name, unreadable[k]);
			else
				CHECK(err == -EINVAL, "%s = '%s'", known->name,
				      unreadable[k]);
		}
	}
}

/* Every character before, within and after a number spoils it, but digits. */
static void test_characters(void)
{
	const struct sn_key *key = &sn_queue_keys[SN_QUEUE_TX_RING];
	u32 c, at, value;
	bool digit;

	for (c = 1; c < 256; c++) {
		for (at = 0; at < 3; at++) {
			char text[] = "555";

			text[at] = c;
			digit = c >= '0' && c <= '9';
			CHECK(sn_key_parse(key, text, &value) ==
			      (digit ? 0 : -EINVAL), "character %u", c);
		}
	}
}

static void check_number(const struct sn_key *key, u64 number, bool legal)
{
	char text[64];
	u32 value = 0xdead;
	int err;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	err = sn_key_parse(key, text, &value);
	CHECK(err == (legal ? 0 : -EINVAL), "%s = %s: %d", key->name, text,
	      err);
	CHECK(!legal || value == number, "%s = %s: %u", key->name, text, value);

	/* Zeros in front change nothing, however many. */
	snprintf(text, sizeof(text), "%040llu", (unsigned long long)number);
	CHECK(sn_key_parse(key, text, &value) == err, "%s = %s", key->name,
	      text);
	CHECK(!legal || value == number, "%s = %s: %u", key->name, text, value);
}

static void test_boundaries(void)
{
	const struct sn_key *key;
	const struct known *known;
	u32 i, k;

	for (i = 0; i < KEYS; i++) {
		key = key_at(i, &known);
		if (known->kind != SN_KEY_NUMBER)
			continue;
		check_number(key, 0, false);
		check_number(key, known->min, true);
		check_number(key, known->max, true);
		check_number(key, known->max + 1ull, false);
		check_number(key, 0xffffffff, false);
		/* Numbers that are legal but for their upper bits. */
		check_number(key, 0x100000000ull + known->min, false);
		check_number(key, 0xffffffff00000001ull, false);
		for (k = 0; k < 1000; k++) {
			check_number(key, ktap_between(known->min, known->max),
				     true);
			check_number(key, ktap_between(known->max + 1,
						       0xffffffff), false);
		}
	}
}

static void test_flags(void)
{
	static const struct {
		const char *text;
		u32 value;
	} cases[] = {
		{ "0", 0 }, { "00", 0 }, { "1", 1 }, { "01", 1 }, { "2", 1 },
		{ "10", 1 }, { "4294967295", 1 }, { "2147483648", 1 },
	};
	const struct sn_key *key;
	const struct known *known;
	u32 i, k, value;

	for (i = 0; i < KEYS; i++) {
		key = key_at(i, &known);
		if (known->kind != SN_KEY_FLAG)
			continue;
		for (k = 0; k < ARRAY_SIZE(cases); k++) {
			value = 0xdead;
			CHECK(!sn_key_parse(key, cases[k].text, &value));
			CHECK(value == cases[k].value, "%s = '%s': %u",
			      known->name, cases[k].text, value);
		}
	}
}

/* Keys that no table has, whose limits and defaults hide nothing. */
static void test_other_keys(void)
{
	static const struct sn_key on = { "on", SN_KEY_FLAG, 1, 0, 1 };
	static const struct sn_key any = {
		"any", SN_KEY_NUMBER, 7, 0, 0xffffffff };
	u32 k, value;

	for (k = 0; k < ARRAY_SIZE(unreadable); k++) {
		CHECK(!sn_key_parse(&on, unreadable[k], &value) && value == 1,
		      "'%s'", unreadable[k]);
		CHECK(sn_key_parse(&any, unreadable[k], &value) == -EINVAL,
		      "'%s'", unreadable[k]);
	}
	CHECK(!sn_key_parse(&on, "0", &value) && !value);
	CHECK(!sn_key_parse(&on, NULL, &value) && value == 1);
	CHECK(!sn_key_parse(&any, NULL, &value) && value == 7);
	check_number(&any, 0, true);
	check_number(&any, 0xffffffff, true);
	check_number(&any, 0x100000000ull, false);
}

/* The whole of a range, where it is small. */
static void test_all_queues(void)
{
	u32 number;

	for (number = 0; number <= 5000; number++) {
		bool legal = number >= 1 && number <= 1024;

		check_number(&sn_back_keys[SN_BACK_MAX_QUEUES], number, legal);
		check_number(&sn_front_keys[SN_FRONT_QUEUES], number, legal);
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(tables),
	KTAP_CASE(missing),
	KTAP_CASE(unreadable),
	KTAP_CASE(characters),
	KTAP_CASE(boundaries),
	KTAP_CASE(flags),
	KTAP_CASE(other_keys),
	KTAP_CASE(all_queues),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
