// SPDX-License-Identifier: GPL-2.0
/*
 * The Tx parser, fed with what guests send and with what no honest guest
 * would.
 *
 * Stock backends have fallen over zero-length slots (XSA-448), over slots that
 * hold more than their packet, and over chains that do not end. Here each
 * packet is built slot by slot, with an explicit verdict. It lies amid slots of
 * all ones, which any step too far would take for an endless chain; it is
 * parsed with as many slots behind it as the ring holds, and cut short after
 * every one of its own, which must be fatal. The oracle looks at each verdict
 * too.
 */
#include "../../include/packet.h"
#include "ktap.h"
#include "oracle.h"

static_assert(SN_PKT_SLOTS == 18 && SN_TX_FLOOD_SLOTS == 20,
	      "to change a limit is a decision");

/* A packet in the making. Flags that chain slots are set as slots come. */
struct build {
	union sn_tx_slot ring[SN_RING_SLOTS];
	u32 cons;
	u32 used;
	u32 extras;
	u32 data;
	struct sn_tx_req *first;
	struct sn_tx_req *last;
	struct sn_extra *last_extra;
};

static union sn_tx_slot *build_next(struct build *b)
{
	return &b->ring[(b->cons + b->used++) % SN_RING_SLOTS];
}

/* Start with the first slot: @total is the whole packet's size. */
static void build_start(struct build *b, u32 cons, u32 total, u32 offset)
{
	memset(b->ring, 0xff, sizeof(b->ring));
	b->cons = cons;
	b->used = 0;
	b->extras = 0;
	b->data = 1;
	b->first = &build_next(b)->req;
	b->last = b->first;
	b->last_extra = NULL;
	*b->first = (struct sn_tx_req) { 7000, offset, 0, 1, total };
}

static struct sn_extra *build_extra(struct build *b, u8 type)
{
	struct sn_extra *extra = &build_next(b)->extra;

	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	if (b->last_extra)
		b->last_extra->flags |= SN_EXTRA_MORE;
	else
		b->first->flags |= SN_TXF_EXTRA_INFO;
	if (type == SN_EXTRA_GSO) {
		extra->gso.type = SN_GSO_TCPV4;
		extra->gso.size = 1448;
	}
	b->last_extra = extra;
	b->extras++;

	return extra;
}

static struct sn_tx_req *build_data(struct build *b, u32 size, u32 offset)
{
	u32 gref = 7000 + b->used * 3;
	struct sn_tx_req *req = &build_next(b)->req;

	b->last->flags |= SN_TXF_MORE_DATA;
	*req = (struct sn_tx_req) { gref, offset, 0, b->used, size };
	b->last = req;
	b->data++;

	return req;
}

/* Parse with @count slots; @pkt comes with rubbish in it. */
static enum sn_fault parse(const struct build *b, u32 count,
			   struct sn_packet *pkt)
{
	enum sn_fault fault;
	const char *why;

	memset(pkt, 0xa5, sizeof(*pkt));
	fault = sn_tx_parse(b->ring, b->cons, count, pkt);
	why = oracle_tx(b->ring, b->cons, count, fault, pkt);
	CHECK(!why, "%s; cons %#x count %u of %u: %s", why, b->cons, count,
	      b->used, sn_fault_table[fault].name);

	return fault;
}

/* The packet as built has the verdict @want; cut short it is fatal. */
static void expect(const struct build *b, enum sn_fault want,
		   struct sn_packet *pkt)
{
	u32 count, last = b->used + 3 < SN_RING_SLOTS ? b->used + 3 :
							SN_RING_SLOTS;
	enum sn_fault fault;

	for (count = 1; count < b->used; count++) {
		fault = parse(b, count, pkt);
		CHECK(sn_fault_fatal(fault), "cut after %u of %u: %s", count,
		      b->used, sn_fault_table[fault].name);
	}
	for (; count <= last; count++) {
		fault = parse(b, count, pkt);
		CHECK(fault == want, "%s, not %s; cons %#x slots %u of %u",
		      sn_fault_table[fault].name, sn_fault_table[want].name,
		      b->cons, b->used, count);
	}
	fault = parse(b, SN_RING_SLOTS, pkt);
	CHECK(fault == want, "with a full ring");
	if (sn_fault_fatal(want))
		return;

	CHECK(pkt->ring_slots == b->used, "%u, not %u", pkt->ring_slots,
	      b->used);
	CHECK(pkt->extras == b->extras, "%u, not %u", pkt->extras, b->extras);
}

/* @data slots of 100 bytes each, but those in the mask @zeros hold none, with
 * @extras extras, at @cons.
 */
static void build_holes(struct build *b, u32 cons, u32 data, u32 zeros,
			u32 extras)
{
	u32 i, total = 0;

	build_start(b, cons, 0, 5);
	if (extras > 0)
		build_extra(b, SN_EXTRA_GSO);
	if (extras > 1)
		build_extra(b, SN_EXTRA_HASH);
	for (i = 0; i < data; i++) {
		u32 size = zeros >> i & 1 ? 0 : 100 + i;

		if (i)
			build_data(b, size, i);
		total += size;
	}
	b->first->size = total;
}

static void check_holes(const struct sn_packet *pkt, u32 data, u32 zeros,
			u32 extras)
{
	u32 i, n = 0;

	for (i = 0; i < data; i++) {
		const struct sn_slot *slot = &pkt->slot[n];
		u32 ring = i ? i + extras : 0;

		if (zeros >> i & 1)
			continue;
		CHECK(slot->size == 100 + i && slot->ring == ring &&
		      slot->gref == 7000 + 3 * ring &&
		      slot->offset == (i ? i : 5), "slot %u", i);
		n++;
	}
	CHECK(pkt->slots == n, "%u, not %u", pkt->slots, n);
}

static void one_holes(u32 cons, u32 data, u32 zeros, u32 extras)
{
	enum sn_fault want = SN_OK;
	struct sn_packet pkt;
	struct build b;

	build_holes(&b, cons, data, zeros, extras);
	if (data > SN_TX_FLOOD_SLOTS)
		want = SN_FAULT_TX_FLOOD;
	else if (data > SN_PKT_SLOTS)
		want = SN_FAULT_TX_SLOTS;
	else if (!b.first->size)
		want = SN_FAULT_TX_RUNT;
	expect(&b, want, &pkt);
	if (want == SN_OK)
		check_holes(&pkt, data, zeros, extras);
}

/* Every count, a hole at every position, and none. */
static void test_slot_counts(void)
{
	static const u32 at[] = { 0, 100, 240, 0xfffffff8, 0x7ffffffe };
	u32 i, data, hole, extras;

	for (i = 0; i < ARRAY_SIZE(at); i++)
		for (extras = 0; extras <= 2; extras++)
			for (data = 1; data <= 24; data++)
				for (hole = 0; hole <= data; hole++)
					one_holes(at[i], data,
						  hole < data ? 1u << hole : 0,
						  extras);
}

/* Every set of holes in short packets, every two holes in long ones. */
static void test_hole_sets(void)
{
	u32 data, zeros, i, k;

	for (data = 1; data <= 8; data++)
		for (zeros = 0; zeros < 1u << data; zeros++)
			one_holes(0xfffffffc, data, zeros, data & 1);
	for (data = 9; data <= 20; data++)
		for (i = 0; i < data; i++)
			for (k = 0; k < i; k++)
				one_holes(0xfffffff0, data, 1u << i | 1u << k,
					  data & 1);
}

/* All empty but one: 18 slots, one of them counts. */
static void test_one_filled(void)
{
	u32 data, i;

	for (data = 1; data <= SN_PKT_SLOTS; data++)
		for (i = 0; i < data; i++)
			one_holes(0, data, ((1u << data) - 1) & ~(1u << i), 1);
}

/* Long past the limit: fatal, with extras and holes or without. */
static void test_flood(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 data, i;

	for (data = SN_TX_FLOOD_SLOTS + 1; data <= SN_RING_SLOTS; data++) {
		build_start(&b, 17, 5000, 0);
		for (i = 1; i < data; i++)
			build_data(&b, data & 1, 0);
		CHECK(parse(&b, data, &pkt) == SN_FAULT_TX_FLOOD, "%u", data);
		CHECK(parse(&b, SN_TX_FLOOD_SLOTS + 1, &pkt) ==
		      SN_FAULT_TX_FLOOD, "%u", data);
		CHECK(parse(&b, SN_TX_FLOOD_SLOTS, &pkt) ==
		      SN_FAULT_TX_CHAIN, "%u", data);
	}
}

/* One slot of every size. */
static void test_single_sizes(void)
{
	enum sn_fault want;
	struct sn_packet pkt;
	struct build b;
	u32 size;

	for (size = 0; size <= 0xffff; size++) {
		build_start(&b, 3, size, 0);
		want = size < 14 ? SN_FAULT_TX_RUNT :
		       size > 4096 ? SN_FAULT_TX_PAGE : SN_OK;
		CHECK(parse(&b, 1, &pkt) == want, "size %u", size);
		CHECK(pkt.ring_slots == 1 && !pkt.extras);
	}
}

/* 0, 13, 14 bytes spread over slots in every way that two slots allow. */
static void test_small_sizes(void)
{
	struct sn_packet pkt;
	u32 total, tail;
	struct build b;

	for (total = 0; total <= 20; total++) {
		for (tail = 0; tail <= total; tail++) {
			build_start(&b, 9, total, 0);
			build_data(&b, tail, 0);
			expect(&b, total < 14 ? SN_FAULT_TX_RUNT : SN_OK, &pkt);
		}
	}
}

/* The largest packet, in 16 and 18 slots; one byte more cannot be said. */
static void test_largest(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 i;

	build_start(&b, 0xfffffffa, 0xffff, 1);
	for (i = 1; i < 16; i++)
		build_data(&b, 4096, 0);
	expect(&b, SN_OK, &pkt);
	CHECK(pkt.size == 0xffff && pkt.slots == 16);
	CHECK(pkt.slot[0].size == 4095 && pkt.slot[0].offset == 1);

	build_start(&b, 0xfffffffa, 0xffff, 0);
	for (i = 1; i < 18; i++)
		build_data(&b, i < 17 ? 3800 : 700, 0);
	expect(&b, SN_OK, &pkt);
	CHECK(pkt.size == 0xffff && pkt.slots == 18);
	CHECK(pkt.slot[0].size == 0xffff - 16 * 3800 - 700);
}

/* Tails that hold as much as the packet, one byte more, and 2^16 more. */
static void test_tail_sums(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 i, tails;

	for (tails = 1; tails < SN_PKT_SLOTS; tails++) {
		build_start(&b, 200, tails * 100, 4096);
		for (i = 0; i < tails; i++)
			build_data(&b, 100, 0);
		/* Nothing is left for the first slot. */
		expect(&b, SN_OK, &pkt);
		CHECK(pkt.slots == tails && pkt.slot[0].ring == 1);
		b.first->size--;
		expect(&b, SN_FAULT_TX_SIZE, &pkt);
	}

	/* Sums that a counter of 16 bits would take for 0, or for 14. */
	build_start(&b, 200, 14, 0);
	build_data(&b, 0x8000, 0);
	build_data(&b, 0x8000, 0);
	expect(&b, SN_FAULT_TX_SIZE, &pkt);
	b.last->size += 14;
	expect(&b, SN_FAULT_TX_SIZE, &pkt);

	build_start(&b, 200, 0xffff, 0);
	for (i = 1; i < SN_PKT_SLOTS; i++)
		build_data(&b, 0xffff, 0);
	expect(&b, SN_FAULT_TX_SIZE, &pkt);
}

/* Each slot in turn ends at its page's end, and one byte beyond. */
static void test_page_end(void)
{
	static const u32 sizes[] = { 0, 1, 14, 100, 4095, 4096 };
	struct sn_tx_req *req;
	struct sn_packet pkt;
	u32 s, at, i, size;
	struct build b;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		for (at = 0; at < SN_PKT_SLOTS; at++) {
			size = sizes[s];
			build_start(&b, 250, at ? 20 : size, 0);
			build_extra(&b, SN_EXTRA_HASH);
			req = b.first;
			for (i = 1; i < SN_PKT_SLOTS; i++) {
				struct sn_tx_req *next;

				next = build_data(&b, i == at ? size : 1, 0);
				b.first->size += next->size;
				if (i == at)
					req = next;
			}
			req->offset = 4096 - size;
			expect(&b, SN_OK, &pkt);
			req->offset++;
			expect(&b, SN_FAULT_TX_PAGE, &pkt);
			req->offset = 0xffff;
			expect(&b, SN_FAULT_TX_PAGE, &pkt);
		}
	}
}

/* Every type once: two are welcome. */
static void test_extra_types(void)
{
	struct sn_packet pkt;
	struct build b;
	bool welcome;
	u32 type;

	for (type = 0; type < 256; type++) {
		build_start(&b, 254, 200, 0);
		build_extra(&b, type);
		build_data(&b, 100, 0);
		welcome = type == SN_EXTRA_GSO || type == SN_EXTRA_HASH;
		expect(&b, welcome ? SN_OK : SN_FAULT_TX_EXTRA, &pkt);
	}
}

/* Any two types in a row; the same one twice is a fault. */
static void test_extra_pairs(void)
{
	struct sn_packet pkt;
	struct build b;
	bool welcome;
	u32 i, k;

	for (i = 0; i <= SN_EXTRA_TYPES; i++) {
		for (k = 0; k <= SN_EXTRA_TYPES; k++) {
			build_start(&b, 254, 200, 0);
			build_extra(&b, i);
			build_extra(&b, k);
			welcome = i + k == SN_EXTRA_GSO + SN_EXTRA_HASH &&
				  (i == SN_EXTRA_GSO || k == SN_EXTRA_GSO);
			expect(&b, welcome ? SN_OK : SN_FAULT_TX_EXTRA, &pkt);
			CHECK(!welcome || pkt.offload.gso_size == 1448);
		}
	}
}

/* A chain of extras of every length, with its end and without. */
static void test_extra_chains(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 extras, i;

	for (extras = 2; extras < SN_RING_SLOTS; extras++) {
		build_start(&b, 77, 200, 0);
		for (i = 0; i < extras; i++)
			build_extra(&b, SN_EXTRA_HASH);
		CHECK(parse(&b, b.used, &pkt) == SN_FAULT_TX_EXTRA);
		CHECK(pkt.ring_slots == extras + 1 && pkt.extras == extras);
		b.last_extra->flags = 0xff;
		CHECK(parse(&b, b.used, &pkt) == SN_FAULT_TX_CHAIN);
	}

	/* Only one bit of the flags has a meaning. */
	build_start(&b, 77, 200, 0);
	build_extra(&b, SN_EXTRA_HASH)->flags = 0xfe;
	expect(&b, SN_OK, &pkt);
}

static void test_gso(void)
{
	static const u16 sizes[] = { 0, 1, 7, 8, 1448, 0xfffe, 0xffff };
	struct sn_extra *extra;
	struct sn_packet pkt;
	struct build b;
	u32 type, i;
	bool sane;

	for (type = 0; type < 256; type++) {
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			build_start(&b, 254, 200, 0);
			build_extra(&b, SN_EXTRA_HASH);
			extra = build_extra(&b, SN_EXTRA_GSO);
			extra->gso.type = type;
			extra->gso.size = sizes[i];
			extra->gso.pad = 0xff;
			extra->gso.features = 0xffff;
			build_data(&b, 100, 0);
			sane = sizes[i] >= 8 && sizes[i] != 0xffff &&
			       (type == 1 || type == 2);
			expect(&b, sane ? SN_OK : SN_FAULT_TX_GSO, &pkt);
			CHECK(!sane || (pkt.offload.gso_type == type &&
					pkt.offload.gso_size == sizes[i]));
		}
	}
}

/* All flags: two are wishes, two chain, the others mean nothing. */
static void test_flags(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 flags;

	for (flags = 0; flags <= 0xffff; flags++) {
		u32 chained = flags & (SN_TXF_MORE_DATA | SN_TXF_EXTRA_INFO);

		if (chained)
			continue;
		build_start(&b, 30, 200, 0);
		b.first->flags = flags;
		build_extra(&b, SN_EXTRA_GSO);
		/* On a later slot the flag of extras means nothing. */
		build_data(&b, 50, 0)->flags = flags | SN_TXF_EXTRA_INFO;
		build_data(&b, 50, 0)->flags = flags ^ 3;
		CHECK(parse(&b, b.used, &pkt) == SN_OK, "flags %#x", flags);
		CHECK(pkt.offload.csum_blank == !!(flags & 1));
		CHECK(pkt.offload.csum_valid == !!(flags & 2));
		CHECK(pkt.slots == 3 && pkt.ring_slots == 4);
	}
}

/* A long packet at every place of the ring, and across 2^32. */
static void test_positions(void)
{
	u32 i;

	for (i = 0; i < 2 * SN_RING_SLOTS; i++)
		one_holes(i - SN_RING_SLOTS, SN_PKT_SLOTS, 1u << 7, 2);
}

/* A random packet of up to 20 slots with one fault at most. */
static enum sn_fault build_random(struct build *b, u32 cons)
{
	static const enum sn_fault choice[] = {
		SN_OK, SN_OK, SN_FAULT_TX_SLOTS, SN_FAULT_TX_SIZE,
		SN_FAULT_TX_RUNT, SN_FAULT_TX_PAGE, SN_FAULT_TX_EXTRA,
		SN_FAULT_TX_GSO,
	};
	enum sn_fault fault = choice[ktap_between(0, ARRAY_SIZE(choice) - 1)];
	u32 data = ktap_between(2, SN_PKT_SLOTS);
	u32 i, size;

	if (fault == SN_FAULT_TX_SLOTS)
		data = ktap_between(SN_PKT_SLOTS + 1, SN_TX_FLOOD_SLOTS);

	build_start(b, cons, ktap_between(14, 4096), 0);
	if (fault == SN_FAULT_TX_GSO)
		build_extra(b, SN_EXTRA_GSO)->gso.size = 0;
	else if (fault == SN_FAULT_TX_EXTRA)
		build_extra(b, ktap_between(SN_EXTRA_XDP, 255));
	else if (ktap_random() & 1)
		build_extra(b, SN_EXTRA_GSO);

	for (i = 1; i < data; i++) {
		size = ktap_random() & 1 ? ktap_between(0, 3000) : 0;
		build_data(b, size, ktap_between(0, 4096 - size));
		b->first->size += size;
	}

	if (fault == SN_FAULT_TX_SIZE)
		b->last->size = b->first->size + 1;
	else if (fault == SN_FAULT_TX_PAGE)
		b->last->offset = 4097;
	else if (fault == SN_FAULT_TX_RUNT)
		build_start(b, cons, ktap_between(0, 13), 0);

	return fault;
}

/* Good and faulty packets back to back: the ring is never out of step. */
static void test_in_step(void)
{
	union sn_tx_slot ring[SN_RING_SLOTS];
	u32 i, k, packets, used, cons = 0xffff0000;
	enum sn_fault want[SN_RING_SLOTS];
	struct sn_packet pkt;
	struct build b;

	for (i = 0; i < 5000; i++) {
		memset(ring, 0xff, sizeof(ring));
		packets = 0;
		used = 0;
		while (used <= SN_RING_SLOTS - 22) {
			want[packets++] = build_random(&b, cons + used);
			for (k = 0; k < b.used; k++, used++)
				ring[(cons + used) % SN_RING_SLOTS] =
					b.ring[(cons + used) % SN_RING_SLOTS];
		}
		for (k = 0; k < packets && used; k++) {
			CHECK(sn_tx_parse(ring, cons, used, &pkt) == want[k],
			      "round %u packet %u", i, k);
			cons += pkt.ring_slots;
			used -= pkt.ring_slots;
		}
		CHECK(!used && k == packets, "round %u", i);
	}
}

/* Slots at random, most of them short chains, against the oracle. */
static void test_random(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 i, k;

	for (i = 0; i < 30000; i++) {
		u32 calm = ktap_between(0, 7);

		b.cons = ktap_random();
		b.used = ktap_between(1, SN_RING_SLOTS);
		for (k = 0; k < SN_RING_SLOTS; k++) {
			struct sn_tx_req *req = &b.ring[k].req;

			req->gref = ktap_random();
			if (ktap_random() & 3)
				req->gref &= 0xffff0104;
			req->offset = ktap_between(0, 2100);
			req->flags = ktap_random();
			req->id = ktap_random();
			req->size = ktap_between(0, 250);
			if (ktap_between(0, 7) < calm)
				req->flags &= ~SN_TXF_EXTRA_INFO;
			if (ktap_between(0, 31) < calm)
				req->flags &= ~SN_TXF_MORE_DATA;
		}
		if (ktap_random() & 7)
			b.ring[b.cons % SN_RING_SLOTS].req.size = 5000;
		b.ring[b.cons % SN_RING_SLOTS].req.offset &= 0xff;
		parse(&b, b.used, &pkt);
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(slot_counts),
	KTAP_CASE(hole_sets),
	KTAP_CASE(one_filled),
	KTAP_CASE(flood),
	KTAP_CASE(single_sizes),
	KTAP_CASE(small_sizes),
	KTAP_CASE(largest),
	KTAP_CASE(tail_sums),
	KTAP_CASE(page_end),
	KTAP_CASE(extra_types),
	KTAP_CASE(extra_pairs),
	KTAP_CASE(extra_chains),
	KTAP_CASE(gso),
	KTAP_CASE(flags),
	KTAP_CASE(positions),
	KTAP_CASE(in_step),
	KTAP_CASE(random),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
