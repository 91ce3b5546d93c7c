// SPDX-License-Identifier: GPL-2.0
/*
 * The table of faults.
 *
 * A fault that was added to the list and forgotten in the table would be a
 * NULL in ethtool's statistics, and not fatal. So each has an entry, names are
 * fit for ethtool and unique on the end that shows them, and which faults cut
 * the connection is told here a second time: a change of that is a decision.
 */
#include <ctype.h>

#include "../../include/fault.h"
#include "ktap.h"

/* The ring cannot be followed, or a page is still held. */
static const enum sn_fault fatal[] = {
	SN_FAULT_TX_RING, SN_FAULT_TX_CHAIN, SN_FAULT_TX_FLOOD,
	SN_FAULT_RX_RING,
	SN_FAULT_RXRSP_RING, SN_FAULT_RXRSP_CHAIN, SN_FAULT_RXRSP_HELD,
	SN_FAULT_TXRSP_RING, SN_FAULT_TXRSP_ID, SN_FAULT_TXRSP_HELD,
};

/* ethtool has 32 bytes for a name, ours with a queue's prefix before it. */
#define NAME_MAX_CHARS	20

static void test_names(void)
{
	u32 i, k;

	for (i = 0; i < SN_FAULTS; i++) {
		const char *name = sn_fault_table[i].name;

		CHECK(name && *name, "fault %u", i);
		if (!name)
			continue;
		CHECK(strlen(name) <= NAME_MAX_CHARS, "%s", name);
		for (k = 0; name[k]; k++)
			CHECK(islower(name[k]) || name[k] == '_', "%s", name);
	}
}

static void test_names_unique(void)
{
	u32 i, k;

	for (i = 0; i < SN_FAULTS; i++) {
		for (k = 0; k < i; k++) {
			const char *name = sn_fault_table[i].name;
			const char *other = sn_fault_table[k].name;
			bool same_end = (i < SN_FAULT_FRONT) ==
					(k < SN_FAULT_FRONT);

			if (same_end && name && other)
				CHECK(strcmp(name, other), "%u and %u: %s", k,
				      i, name);
		}
	}
}

static void test_texts(void)
{
	u32 i, k, len;

	for (i = 0; i < SN_FAULTS; i++) {
		const char *text = sn_fault_table[i].text;

		CHECK(text && *text, "fault %u", i);
		if (!text || !*text)
			continue;
		len = strlen(text);
		CHECK(isalpha(text[0]) && isalnum(text[len - 1]), "%s", text);
		for (k = 0; k < i; k++)
			CHECK(!sn_fault_table[k].text ||
			      strcmp(text, sn_fault_table[k].text), "%s", text);
	}
}

static void test_fatal(void)
{
	u32 i, k;

	for (i = 0; i < SN_FAULTS; i++) {
		bool want = false;

		for (k = 0; k < ARRAY_SIZE(fatal); k++)
			want |= fatal[k] == i;
		CHECK(sn_fault_fatal(i) == want, "%s", sn_fault_table[i].name);
		CHECK(sn_fault_table[i].fatal == want);
	}
}

/* Each fault stands in its finder's half. */
static void test_halves(void)
{
	static const enum sn_fault back[] = {
		SN_FAULT_TX_RING, SN_FAULT_TX_GRANT, SN_FAULT_RX_RING,
		SN_FAULT_RX_GRANT,
	};
	static const enum sn_fault front[] = {
		SN_FAULT_RXRSP_RING, SN_FAULT_RXRSP_CSUM, SN_FAULT_TXRSP_RING,
		SN_FAULT_TXRSP_STATUS,
	};
	u32 i;

	CHECK(SN_OK == 0 && !sn_fault_fatal(SN_OK));
	for (i = 0; i < ARRAY_SIZE(back); i++)
		CHECK(back[i] > SN_OK && back[i] < SN_FAULT_FRONT, "%u", i);
	for (i = 0; i < ARRAY_SIZE(front); i++)
		CHECK(front[i] >= SN_FAULT_FRONT && front[i] < SN_FAULTS,
		      "%u", i);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(names),
	KTAP_CASE(names_unique),
	KTAP_CASE(texts),
	KTAP_CASE(fatal),
	KTAP_CASE(halves),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
