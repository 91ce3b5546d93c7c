// SPDX-License-Identifier: GPL-2.0
/*
 * The Rx parser, fed with what backends deliver and with what a backend that
 * turned against its guest would.
 *
 * A frontend that trusted its backend took a length below an Ethernet header
 * for a packet, leaked what came in more slots than a packet can hold, and
 * read past a page's end. Here each packet is built slot by slot with an
 * explicit verdict, amid slots of all ones; it is parsed with as many slots
 * behind it as the ring holds, and cut short after every one of its own, which
 * must be fatal. The oracle looks at each verdict too.
 *
 * Other than on Tx each slot states its own size, refused slots may lie
 * anywhere, and only filled slots count against the limit of 18.
 */
#include "../../include/packet.h"
#include "ktap.h"
#include "oracle.h"

/* A packet in the making. Flags that chain slots are set as slots come. */
struct build {
	union sn_rx_slot ring[SN_RING_SLOTS];
	u32 cons;
	u32 used;
	u32 extras;
	struct sn_rx_rsp *first;
	struct sn_rx_rsp *last;
	struct sn_extra *last_extra;
};

static union sn_rx_slot *build_next(struct build *b)
{
	return &b->ring[(b->cons + b->used++) % SN_RING_SLOTS];
}

static void build_start(struct build *b, u32 cons, int status, u32 offset)
{
	memset(b->ring, 0xff, sizeof(b->ring));
	b->cons = cons;
	b->used = 0;
	b->extras = 0;
	b->first = &build_next(b)->rsp;
	b->last = b->first;
	b->last_extra = NULL;
	*b->first = (struct sn_rx_rsp) { 1, offset, 0, status };
}

static struct sn_extra *build_extra(struct build *b, u8 type)
{
	struct sn_extra *extra = &build_next(b)->extra;

	memset(extra, 0, sizeof(*extra));
	extra->type = type;
	if (b->last_extra)
		b->last_extra->flags |= SN_EXTRA_MORE;
	else
		b->first->flags |= SN_RXF_EXTRA_INFO;
	if (type == SN_EXTRA_GSO) {
		extra->gso.type = SN_GSO_TCPV6;
		extra->gso.size = 1428;
	}
	b->last_extra = extra;
	b->extras++;

	return extra;
}

static struct sn_rx_rsp *build_data(struct build *b, int status, u32 offset)
{
	struct sn_rx_rsp *rsp = &build_next(b)->rsp;

	b->last->flags |= SN_RXF_MORE_DATA;
	*rsp = (struct sn_rx_rsp) { b->used, offset, 0, status };
	b->last = rsp;

	return rsp;
}

/* Parse with @count slots; @pkt comes with rubbish in it. */
static enum sn_fault parse(const struct build *b, u32 count,
			   struct sn_packet *pkt)
{
	enum sn_fault fault;
	const char *why;

	memset(pkt, 0xa5, sizeof(*pkt));
	fault = sn_rx_parse(b->ring, b->cons, count, pkt);
	why = oracle_rx(b->ring, b->cons, count, fault, pkt);
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

	for (count = 1; count < b->used; count++)
		CHECK(parse(b, count, pkt) == SN_FAULT_RXRSP_CHAIN,
		      "cut after %u of %u", count, b->used);
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
 * @extras extras, at @cons. Returns the filled ones.
 */
static u32 build_holes(struct build *b, u32 cons, u32 data, u32 zeros,
		       u32 extras)
{
	u32 i, filled = !(zeros & 1);

	build_start(b, cons, zeros & 1 ? 0 : 100, 5);
	if (extras > 0)
		build_extra(b, SN_EXTRA_GSO);
	if (extras > 1)
		build_extra(b, SN_EXTRA_HASH);
	for (i = 1; i < data; i++) {
		build_data(b, zeros >> i & 1 ? 0 : 100 + i, i);
		filled += !(zeros >> i & 1);
	}

	return filled;
}

static void check_holes(const struct sn_packet *pkt, u32 data, u32 zeros,
			u32 extras)
{
	u32 i, n = 0;

	for (i = 0; i < data; i++) {
		const struct sn_slot *slot = &pkt->slot[n];

		if (zeros >> i & 1)
			continue;
		CHECK(slot->size == 100 + i &&
		      slot->ring == (i ? i + extras : 0) &&
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
	u32 filled;

	filled = build_holes(&b, cons, data, zeros, extras);
	if (filled > SN_PKT_SLOTS)
		want = SN_FAULT_RXRSP_SLOTS;
	else if (!filled)
		want = SN_FAULT_RXRSP_RUNT;
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
	for (data = 9; data <= 21; data++)
		for (i = 0; i < data; i++)
			for (k = 0; k < i; k++)
				one_holes(0xfffffff0, data, 1u << i | 1u << k,
					  data & 1);
}

/* A ring full of slots: 18 of them may hold bytes, at either end. */
static void test_whole_ring(void)
{
	u32 filled, i, from_end;
	struct sn_packet pkt;
	struct build b;

	for (filled = 1; filled <= 30; filled++) {
		for (from_end = 0; from_end < 2; from_end++) {
			build_start(&b, 99, from_end ? 0 : 100, 0);
			for (i = 1; i < SN_RING_SLOTS; i++) {
				u32 n = from_end ? SN_RING_SLOTS - 1 - i : i;

				build_data(&b, n < filled ? 100 : 0, 0);
			}
			CHECK(parse(&b, SN_RING_SLOTS, &pkt) ==
			      (filled <= SN_PKT_SLOTS ? SN_OK :
			       SN_FAULT_RXRSP_SLOTS), "filled %u", filled);
			CHECK(pkt.ring_slots == SN_RING_SLOTS);
			CHECK(parse(&b, SN_RING_SLOTS - 1, &pkt) ==
			      SN_FAULT_RXRSP_CHAIN);
		}
	}
}

/* One slot of every status. */
static void test_single_status(void)
{
	enum sn_fault want;
	struct sn_packet pkt;
	struct build b;
	int status;

	for (status = -0x8000; status <= 0x7fff; status++) {
		build_start(&b, 3, status, 0);
		want = status < 0 ? SN_FAULT_RXRSP_STATUS :
		       status < 14 ? SN_FAULT_RXRSP_RUNT :
		       status > 4096 ? SN_FAULT_RXRSP_PAGE : SN_OK;
		CHECK(parse(&b, 1, &pkt) == want, "status %d", status);
		CHECK(pkt.ring_slots == 1 && !pkt.extras);
	}
}

/* Up to 20 bytes spread over two slots in every way. */
static void test_small_sizes(void)
{
	struct sn_packet pkt;
	u32 total, tail;
	struct build b;

	for (total = 0; total <= 20; total++) {
		for (tail = 0; tail <= total; tail++) {
			build_start(&b, 9, total - tail, 0);
			build_data(&b, tail, 0);
			expect(&b, total < 14 ? SN_FAULT_RXRSP_RUNT : SN_OK,
			       &pkt);
			CHECK(total < 14 || pkt.size == total);
		}
	}
}

/* An IP packet of 65535 bytes has an Ethernet header in front of it, and
 * nothing on this ring keeps a backend from filling all 18 slots.
 */
static void test_largest(void)
{
	struct sn_packet pkt;
	struct build b;
	u32 i;

	build_start(&b, 0xfffffffa, 65535 + 14 - 16 * 4000, 0);
	for (i = 0; i < 16; i++)
		build_data(&b, 4000, 0);
	expect(&b, SN_OK, &pkt);
	CHECK(pkt.size == 65549 && pkt.slots == 17);

	build_start(&b, 0xfffffffa, 4096, 0);
	for (i = 1; i < SN_PKT_SLOTS; i++)
		build_data(&b, 4096, 0);
	expect(&b, SN_OK, &pkt);
	CHECK(pkt.size == 18 * 4096 && pkt.slots == 18);
}

/* A packet of 18 slots, to be spoilt at @at; @extras before the second. */
static struct sn_rx_rsp *build_full(struct build *b, u32 at, int status)
{
	struct sn_rx_rsp *rsp;
	u32 i;

	build_start(b, 250, at ? 20 : status, 0);
	build_extra(b, SN_EXTRA_HASH);
	rsp = b->first;
	for (i = 1; i < SN_PKT_SLOTS; i++) {
		struct sn_rx_rsp *next = build_data(b, i == at ? status : 20,
						    0);

		if (i == at)
			rsp = next;
	}

	return rsp;
}

/* Each slot in turn is refused: the packet is, and its end is still known. */
static void test_refused(void)
{
	static const int statuses[] = { -1, -2, -3, -0x7fff, -0x8000 };
	struct sn_rx_rsp *rsp;
	struct sn_packet pkt;
	struct build b;
	u32 s, at;

	for (s = 0; s < ARRAY_SIZE(statuses); s++) {
		for (at = 0; at < SN_PKT_SLOTS; at++) {
			rsp = build_full(&b, at, statuses[s]);
			expect(&b, SN_FAULT_RXRSP_STATUS, &pkt);
			/* No offset makes bytes of it. */
			rsp->offset = 0xffff;
			expect(&b, SN_FAULT_RXRSP_STATUS, &pkt);
		}
	}
}

/* Each slot in turn ends at its page's end, and one byte beyond. */
static void test_page_end(void)
{
	static const u32 sizes[] = { 0, 1, 14, 100, 4095, 4096 };
	struct sn_rx_rsp *rsp;
	struct sn_packet pkt;
	struct build b;
	u32 s, at;

	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		for (at = 0; at < SN_PKT_SLOTS; at++) {
			rsp = build_full(&b, at, sizes[s]);
			rsp->offset = 4096 - sizes[s];
			expect(&b, SN_OK, &pkt);
			rsp->offset++;
			expect(&b, SN_FAULT_RXRSP_PAGE, &pkt);
			rsp->offset = 0xffff;
			expect(&b, SN_FAULT_RXRSP_PAGE, &pkt);
			if (!sizes[s])
				continue;
			rsp->offset = 0;
			rsp->status = 0x7fff;
			expect(&b, SN_FAULT_RXRSP_PAGE, &pkt);
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
		expect(&b, welcome ? SN_OK : SN_FAULT_RXRSP_EXTRA, &pkt);
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
			expect(&b, welcome ? SN_OK : SN_FAULT_RXRSP_EXTRA,
			       &pkt);
			CHECK(!welcome || pkt.offload.gso_size == 1428);
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
		CHECK(parse(&b, b.used, &pkt) == SN_FAULT_RXRSP_EXTRA);
		CHECK(pkt.ring_slots == extras + 1 && pkt.extras == extras);
		b.last_extra->flags = 0xff;
		CHECK(parse(&b, b.used, &pkt) == SN_FAULT_RXRSP_CHAIN);
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
			expect(&b, sane ? SN_OK : SN_FAULT_RXRSP_GSO, &pkt);
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
		u32 chained = flags & (SN_RXF_MORE_DATA | SN_RXF_EXTRA_INFO);

		if (chained)
			continue;
		build_start(&b, 30, 200, 0);
		b.first->flags = flags;
		build_extra(&b, SN_EXTRA_GSO);
		/* On a later slot the flag of extras means nothing. */
		build_data(&b, 50, 0)->flags = flags | SN_RXF_EXTRA_INFO;
		build_data(&b, 50, 0)->flags = flags ^ 3;
		CHECK(parse(&b, b.used, &pkt) == SN_OK, "flags %#x", flags);
		CHECK(pkt.offload.csum_valid == !!(flags & 1));
		CHECK(pkt.offload.csum_blank == !!(flags & 2));
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

/* A random packet of up to 24 slots with one fault at most. */
static enum sn_fault build_random(struct build *b, u32 cons)
{
	static const enum sn_fault choice[] = {
		SN_OK, SN_OK, SN_FAULT_RXRSP_SLOTS, SN_FAULT_RXRSP_STATUS,
		SN_FAULT_RXRSP_RUNT, SN_FAULT_RXRSP_PAGE, SN_FAULT_RXRSP_EXTRA,
		SN_FAULT_RXRSP_GSO,
	};
	enum sn_fault fault = choice[ktap_between(0, ARRAY_SIZE(choice) - 1)];
	u32 data = ktap_between(2, SN_PKT_SLOTS);
	u32 i, size;

	if (fault == SN_FAULT_RXRSP_RUNT) {
		build_start(b, cons, ktap_between(0, 13), 0);
		return fault;
	}
	if (fault == SN_FAULT_RXRSP_SLOTS)
		data = ktap_between(SN_PKT_SLOTS + 1, 24);

	build_start(b, cons, ktap_between(14, 4096), 0);
	if (fault == SN_FAULT_RXRSP_GSO)
		build_extra(b, SN_EXTRA_GSO)->gso.size = 0;
	else if (fault == SN_FAULT_RXRSP_EXTRA)
		build_extra(b, ktap_between(SN_EXTRA_XDP, 255));
	else if (ktap_random() & 1)
		build_extra(b, SN_EXTRA_GSO);

	for (i = 1; i < data; i++) {
		size = ktap_between(1, 4096);
		build_data(b, size, ktap_between(0, 4096 - size));
	}
	if (fault == SN_FAULT_RXRSP_STATUS)
		b->last->status = -1;
	else if (fault == SN_FAULT_RXRSP_PAGE)
		b->last->offset = 4097;

	return fault;
}

/* Good and faulty packets back to back: the ring is never out of step. */
static void test_in_step(void)
{
	union sn_rx_slot ring[SN_RING_SLOTS];
	u32 i, k, packets, used, cons = 0xffff0000;
	enum sn_fault want[SN_RING_SLOTS];
	struct sn_packet pkt;
	struct build b;

	for (i = 0; i < 5000; i++) {
		memset(ring, 0xff, sizeof(ring));
		packets = 0;
		used = 0;
		while (used <= SN_RING_SLOTS - 26) {
			want[packets++] = build_random(&b, cons + used);
			for (k = 0; k < b.used; k++, used++)
				ring[(cons + used) % SN_RING_SLOTS] =
					b.ring[(cons + used) % SN_RING_SLOTS];
		}
		for (k = 0; k < packets && used; k++) {
			CHECK(sn_rx_parse(ring, cons, used, &pkt) == want[k],
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
			struct sn_rx_rsp *rsp = &b.ring[k].rsp;

			rsp->id = ktap_random();
			if (ktap_random() & 3)
				rsp->id &= 0x0104;
			rsp->offset = ktap_between(0, 2050);
			rsp->flags = ktap_random();
			rsp->status = ktap_between(0, 2050);
			if (!ktap_between(0, 15))
				rsp->status = ktap_random();
			if (ktap_between(0, 7) < calm)
				rsp->flags &= ~SN_RXF_EXTRA_INFO;
			if (ktap_between(0, 31) < calm)
				rsp->flags &= ~SN_RXF_MORE_DATA;
		}
		parse(&b, b.used, &pkt);
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(slot_counts),
	KTAP_CASE(hole_sets),
	KTAP_CASE(whole_ring),
	KTAP_CASE(single_status),
	KTAP_CASE(small_sizes),
	KTAP_CASE(largest),
	KTAP_CASE(refused),
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
