// SPDX-License-Identifier: GPL-2.0
/*
 * The slot planner.
 *
 * A plan that loses a byte corrupts a packet, one that leaves its page is a
 * grant copy into what lies behind, and one with more pieces than foreseen
 * overruns the array of copy operations (XSA-432). So plans are made for many
 * packets: all short ones from sizes next to every limit, long ones at random,
 * and the worst ones that the bounds allow. plan_oracle.h tells what must hold.
 */
#include <stdio.h>

#include "ktap.h"
#include "plan_oracle.h"

static void check_plan(const struct plan_case *c)
{
	struct sn_plan plan;
	const char *why;
	bool made;

	memset(&plan, 0xa5, sizeof(plan));
	made = sn_plan_make(&plan, c->chunk, c->chunks, c->first_cap,
			    c->max_bufs);
	why = plan_verdict(c, made, &plan);
	CHECK(!why, "%s; %u chunks (%u, %u, %u ..), first %u, bufs %u", why,
	      c->chunks, c->chunk[0], c->chunk[1], c->chunk[2], c->first_cap,
	      c->max_bufs);
}

/* Up to four chunks, each of every size next to a limit. */
static void test_short_packets(void)
{
	static const u16 caps[] = { 1, 2, 64, 128, 2048, 4095, 4096 };
	struct plan_case c = { 0 };
	u32 cap, i, k, n;

	for (cap = 0; cap < ARRAY_SIZE(caps); cap++) {
		const u16 sizes[] = {
			0, 1, caps[cap] - 1, caps[cap], 4095, 4096,
			4096 - caps[cap], 2048,
		};

		c.first_cap = caps[cap];
		for (c.chunks = 0; c.chunks <= 4; c.chunks++) {
			for (i = 0; i < 1u << 3 * c.chunks; i++) {
				for (k = 0; k < c.chunks; k++)
					c.chunk[k] = sizes[i >> 3 * k & 7];
				for (n = 1; n <= 6; n++) {
					c.max_bufs = n;
					check_plan(&c);
				}
			}
		}
	}
}

/* Two chunks: every way to lie about a buffer's end. */
static void test_two_chunks(void)
{
	struct plan_case c = { .chunks = 2 };
	u32 i, k;

	for (i = 0; i <= 4096; i += i < 8 || i > 4080 ? 1 : 61) {
		for (k = 0; k <= 4096; k += k < 8 || k > 4080 ? 1 : 67) {
			c.chunk[0] = i;
			c.chunk[1] = k;
			for (c.max_bufs = 1; c.max_bufs <= 3; c.max_bufs++) {
				c.first_cap = 4096;
				check_plan(&c);
				c.first_cap = 128;
				check_plan(&c);
				c.first_cap = i ? i : 1;
				check_plan(&c);
			}
		}
	}
}

static u16 random_size(u32 kind)
{
	switch (kind) {
	case 0:
		return ktap_between(0, 4096);
	case 1:
		return ktap_between(0, 200);
	case 2:
		return ktap_between(3900, 4096);
	case 3:
		return ktap_between(900, 1200);
	default:
		return ktap_random() & 1 ? 0 : 4096;
	}
}

/* Anything that the contract allows. */
static void test_random_packets(void)
{
	struct plan_case c;
	u32 i, k, kind;

	for (i = 0; i < 200000; i++) {
		memset(&c, 0, sizeof(c));
		kind = ktap_between(0, 5);
		c.chunks = ktap_between(0, SN_PLAN_CHUNKS);
		for (k = 0; k < c.chunks; k++)
			c.chunk[k] = random_size(kind == 5 ?
						 ktap_between(0, 4) : kind);
		c.first_cap = ktap_random() & 1 ? 4096 : ktap_between(1, 4096);
		c.max_bufs = ktap_between(1, SN_PLAN_BUFS);
		check_plan(&c);
	}
}

/* Filled to the last byte, and with one byte more. */
static void test_brim(void)
{
	struct plan_case c;
	u32 i, bytes, room;

	for (i = 0; i < 20000; i++) {
		memset(&c, 0, sizeof(c));
		c.first_cap = ktap_between(1, 4096);
		c.max_bufs = ktap_between(1, SN_PLAN_BUFS);
		room = c.first_cap + (c.max_bufs - 1) * 4096;
		for (bytes = 0; bytes < room; c.chunks++) {
			u32 len = ktap_between(2048, 4096);

			len = len < room - bytes ? len : room - bytes;
			c.chunk[c.chunks] = len;
			bytes += len;
		}
		check_plan(&c);
		CHECK(plan_dense_bufs(&c) == c.max_bufs);
		c.chunk[c.chunks++] = 1;
		check_plan(&c);
		CHECK(plan_dense_bufs(&c) == c.max_bufs + 1);
	}
}

/* All chunks, all buffers, and a cut at every buffer's end. */
static void test_most_pieces(void)
{
	struct plan_case c = { .chunks = SN_PLAN_CHUNKS };
	struct sn_plan plan;
	u32 i;

	for (i = 0; i < SN_PLAN_CHUNKS; i++)
		c.chunk[i] = 1080;
	c.first_cap = 4096;
	c.max_bufs = SN_PLAN_BUFS;
	check_plan(&c);
	CHECK(sn_plan_make(&plan, c.chunk, c.chunks, c.first_cap, c.max_bufs));
	CHECK(plan.bufs == SN_PLAN_BUFS && plan.pieces ==
	      SN_PLAN_CHUNKS + SN_PLAN_BUFS - 1);

	/* As many chunks as there may be, with no room for them. */
	for (i = 0; i < SN_PLAN_CHUNKS; i++)
		c.chunk[i] = 4096;
	for (c.first_cap = 1; c.first_cap <= 4096; c.first_cap++)
		check_plan(&c);
}

/* The packets that matter, spelled out. */
static void test_known_plans(void)
{
	static const u16 headers[] = { 14, 1, 1, 112, 1400 };
	static const u16 bulk[] = { 66, 4096, 4096, 1000 };
	struct sn_plan plan;

	/* Small slots gather in the head until it is full. */
	CHECK(sn_plan_make(&plan, headers, 5, 128, 18));
	CHECK(plan.pieces == 5 && plan.bufs == 2);
	CHECK(plan.piece[3].buf == 0 && plan.piece[3].buf_offset == 16);
	CHECK(plan.piece[4].buf == 1 && plan.piece[4].len == 1400);

	/* A head in a slot of its own keeps the pages whole ... */
	CHECK(sn_plan_make(&plan, bulk, 4, 4096, 18));
	CHECK(plan.pieces == 4 && plan.bufs == 4 && plan.piece[1].buf == 1);
	/* ... unless there are too few slots for that. */
	CHECK(sn_plan_make(&plan, bulk, 4, 4096, 3));
	CHECK(plan.pieces == 6 && plan.bufs == 3);
	CHECK(plan.piece[1].len == 4096 - 66 && plan.piece[2].len == 66);
	CHECK(!sn_plan_make(&plan, bulk, 4, 4096, 2));

	/* No bytes: nothing moves. */
	CHECK(sn_plan_make(&plan, bulk, 0, 4096, 1) && !plan.pieces);
}

static const struct ktap_case cases[] = {
	KTAP_CASE(known_plans),
	KTAP_CASE(short_packets),
	KTAP_CASE(two_chunks),
	KTAP_CASE(random_packets),
	KTAP_CASE(brim),
	KTAP_CASE(most_pieces),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
