// SPDX-License-Identifier: GPL-2.0
/*
 * The ring cursors.
 *
 * What goes wrong with shared rings: arithmetic that holds until an index
 * passes 2^32, a producer index that a peer made up and that is believed, and
 * an event that is not sent although the other end sleeps. So every check runs
 * at starting points on both sides of the wrap, the producer checks against
 * all distances near and far, the event decision against every event index
 * nearby; and at the end both halves run against each other, stepped at random,
 * where two sleepers with work between them are a failure.
 */
#include "ktap.h"
#include "ring_pair.h"

static const u32 bases[] = {
	0, 1, 255, 256, 0x7fffff80, 0x7fffffff, 0x80000000,
	0xfffffe00, 0xffffff00, 0xffffff80, 0xfffffffe, 0xffffffff,
};

/* Distances from which a liar may choose, beyond all those nearby. */
static const u32 far_away[] = {
	0x7fffff00, 0x7fffffff, 0x80000000, 0x80000001, 0xc0000000,
	0xffff0000, 0x10000, 0x1000000,
};

static void test_slot_addresses(void)
{
	struct pair pair;
	u8 *page = (u8 *)pair.page;
	u32 i, idx;
	u8 *at;

	pair_init(&pair, 0);
	for (i = 0; i < 4 * SN_RING_SLOTS; i++) {
		idx = i - 2 * SN_RING_SLOTS;
		at = page + 64 + 12 * (idx % 256);
		CHECK((u8 *)sn_tx_slot(pair.sring, idx) == at, "%#x", idx);
		at = page + 64 + 8 * (idx % 256);
		CHECK((u8 *)sn_rx_slot(pair.sring, idx) == at, "%#x", idx);
	}
	CHECK((u8 *)(sn_tx_slot(pair.sring, 255) + 1) <= page + 4096);
}

static void test_front_init(void)
{
	struct pair pair;

	memset(&pair, 0, sizeof(pair));
	memset(&pair.front, 0xa5, sizeof(pair.front));
	pair.sring = (struct sn_sring *)pair.page;
	sn_front_init(&pair.front, pair.sring);

	CHECK(pair.front.sring == pair.sring);
	CHECK(!pair.front.req_prod && !pair.front.req_pushed &&
	      !pair.front.rsp_cons);
	CHECK(!pair.sring->req_prod && !pair.sring->rsp_prod);
	CHECK(pair.sring->req_event == 1 && pair.sring->rsp_event == 1);
	CHECK(sn_front_free(&pair.front) == SN_RING_SLOTS);
	CHECK(!sn_front_push(&pair.front), "nothing to tell");

	/* A backend that is not there yet learns of the first request. */
	pair.front.req_prod++;
	CHECK(sn_front_push(&pair.front));
	CHECK(pair.sring->req_prod == 1);
	CHECK(sn_front_free(&pair.front) == SN_RING_SLOTS - 1);
}

/* Fill to @level, take all, answer all: both ends count alike throughout. */
static void fill_level(u32 base, u32 level)
{
	struct pair pair;
	u32 count;

	pair_init(&pair, base);
	pair.front.req_prod += level;
	CHECK(sn_back_requests(&pair.back, &count) && !count);
	sn_front_push(&pair.front);
	CHECK(sn_front_free(&pair.front) == SN_RING_SLOTS - level);
	CHECK(sn_back_requests(&pair.back, &count) && count == level,
	      "base %#x level %u", base, level);

	pair.back.req_cons += count;
	CHECK(sn_back_requests(&pair.back, &count) && !count);
	pair.back.rsp_prod += level;
	CHECK(sn_front_responses(&pair.front, &count) && !count);
	CHECK(pair.sring->rsp_prod == base);
	sn_back_push(&pair.back);
	CHECK(pair.sring->rsp_prod == base + level);
	CHECK(sn_front_responses(&pair.front, &count) && count == level,
	      "base %#x level %u", base, level);
	pair.front.rsp_cons += count;
	CHECK(sn_front_free(&pair.front) == SN_RING_SLOTS);
	CHECK(sn_back_requests(&pair.back, &count) && !count);
}

static void test_fill_levels(void)
{
	u32 i, level;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		for (level = 0; level <= SN_RING_SLOTS; level++)
			fill_level(bases[i], level);
}

/* The frontend's index stands @ahead of the answers, @taken are taken. */
static void back_claim(struct pair *pair, u32 base, u32 taken, u32 ahead)
{
	bool possible = ahead >= taken && ahead <= SN_RING_SLOTS;
	u32 count;

	pair->sring->req_prod = base + ahead;
	CHECK(sn_back_requests(&pair->back, &count) == possible,
	      "base %#x taken %u ahead %#x", base, taken, ahead);
	CHECK(!possible || count == ahead - taken,
	      "base %#x taken %u ahead %#x", base, taken, ahead);
}

static void test_impossible_requests(void)
{
	struct pair pair;
	u32 i, k, taken;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		pair_init(&pair, bases[i]);
		for (taken = 0; taken <= SN_RING_SLOTS; taken++) {
			pair.back.req_cons = bases[i] + taken;
			for (k = 0; k < 1024; k++)
				back_claim(&pair, bases[i], taken, k - 512);
			for (k = 0; k < ARRAY_SIZE(far_away); k++)
				back_claim(&pair, bases[i], taken, far_away[k]);
		}
	}
}

/* The backend claims @answers where @asked requests are out. */
static void front_claim(struct pair *pair, u32 base, u32 asked, u32 answers)
{
	bool possible = answers <= asked;
	u32 count;

	pair->sring->rsp_prod = base + answers;
	CHECK(sn_front_responses(&pair->front, &count) == possible,
	      "base %#x asked %u answers %#x", base, asked, answers);
	CHECK(!possible || count == answers,
	      "base %#x asked %u answers %#x", base, asked, answers);
}

static void test_impossible_responses(void)
{
	struct pair pair;
	u32 i, k, asked;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		pair_init(&pair, bases[i]);
		for (asked = 0; asked <= SN_RING_SLOTS; asked++) {
			pair.front.req_pushed = bases[i] + asked;
			/* Written but not shown: must not count. */
			pair.front.req_prod = bases[i] + SN_RING_SLOTS;
			for (k = 0; k < 1024; k++)
				front_claim(&pair, bases[i], asked, k - 512);
			for (k = 0; k < ARRAY_SIZE(far_away); k++)
				front_claim(&pair, bases[i], asked,
					    far_away[k]);
		}
	}
}

/* A producer that goes back behind what was copied, as a visit that ended with
 * slots left over has it, is found out; one that does not, says how many are to
 * be copied, which is never more than a ring.
 */
static void test_producer_goes_back(void)
{
	u32 i, left, count, end;
	bool sane;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		for (left = 0; left <= SN_RING_SLOTS; left++)
			for (count = 0; count <= SN_RING_SLOTS; count++) {
				sane = sn_slots_end(bases[i], bases[i] + left,
						    count, &end);
				CHECK(sane == (count >= left),
				      "base %#x left %u count %u", bases[i],
				      left, count);
				CHECK(!sane ||
				      end - (bases[i] + left) == count - left,
				      "base %#x left %u count %u", bases[i],
				      left, count);
			}
}

/* Push @pushed entries from @base on; the event index is @event ahead. */
static void push_event(u32 base, u32 pushed, int event)
{
	bool wanted = event >= 1 && event <= (int)pushed;
	struct pair pair;

	pair_init(&pair, base);
	pair.sring->req_event = base + event;
	pair.front.req_prod += pushed;
	CHECK(sn_front_push(&pair.front) == wanted,
	      "base %#x pushed %u event %d", base, pushed, event);
	CHECK(pair.sring->req_prod == base + pushed);
	CHECK(pair.front.req_pushed == base + pushed);
	CHECK(!sn_front_push(&pair.front), "nothing new, no event");

	pair.sring->rsp_event = base + event;
	pair.back.rsp_prod += pushed;
	CHECK(sn_back_push(&pair.back) == wanted,
	      "base %#x pushed %u event %d", base, pushed, event);
	CHECK(pair.sring->rsp_prod == base + pushed);
	CHECK(pair.back.rsp_pushed == base + pushed);
	CHECK(!sn_back_push(&pair.back), "nothing new, no event");
}

static void test_push_events(void)
{
	u32 i, k, pushed;
	int event;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		for (pushed = 0; pushed <= 12; pushed++)
			for (event = -16; event <= 16; event++)
				push_event(bases[i], pushed, event);
		for (event = -300; event <= 300; event++)
			push_event(bases[i], SN_RING_SLOTS, event);
		for (k = 0; k < ARRAY_SIZE(far_away); k++)
			push_event(bases[i], SN_RING_SLOTS, -(far_away[k] / 2));
	}
}

/* @there entries stand ready where @want are wanted. */
static void arm_one(u32 base, u32 there, u32 want)
{
	struct pair pair;

	pair_init(&pair, base);
	pair.sring->req_prod = base + there;
	CHECK(sn_back_arm(&pair.back, want) == (there >= want),
	      "base %#x there %u want %u", base, there, want);
	CHECK(pair.sring->req_event == base + want);
	CHECK(pair.sring->rsp_event == base + 1, "not the other's");

	pair_init(&pair, base);
	pair.sring->rsp_prod = base + there;
	CHECK(sn_front_arm(&pair.front, want) == (there >= want),
	      "base %#x there %u want %u", base, there, want);
	CHECK(pair.sring->rsp_event == base + want);
	CHECK(pair.sring->req_event == base + 1, "not the other's");
}

static void test_arm(void)
{
	u32 i, there, want;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		for (want = 1; want <= 24; want++)
			for (there = 0; there <= 32; there++)
				arm_one(bases[i], there, want);
}

/*
 * The sleeper wants @want; @before are pushed, then @after more, and it arms
 * before the first, between the two or after the second. Exactly if there is
 * enough in the end it must hear of it, in one way or the other; and it must
 * not be woken while there is too little.
 */
static void arm_against_push(u32 base, u32 want, u32 before, u32 after,
			     unsigned int when)
{
	bool enough = before + after >= want;
	bool woken = false, early = false;
	struct pair pair;

	pair_init(&pair, base);
	pair.sring->req_event = base;
	if (when == 0)
		woken |= sn_back_arm(&pair.back, want);
	pair.front.req_prod += before;
	woken |= sn_front_push(&pair.front);
	if (when == 1)
		woken |= sn_back_arm(&pair.back, want);
	early = woken && before < want;
	pair.front.req_prod += after;
	woken |= sn_front_push(&pair.front);
	if (when == 2)
		woken |= sn_back_arm(&pair.back, want);

	CHECK(woken == enough && !early, "base %#x want %u got %u+%u, %u",
	      base, want, before, after, when);

	pair_init(&pair, base);
	woken = false;
	pair.sring->rsp_event = base;
	if (when == 0)
		woken |= sn_front_arm(&pair.front, want);
	pair.back.rsp_prod += before;
	woken |= sn_back_push(&pair.back);
	if (when == 1)
		woken |= sn_front_arm(&pair.front, want);
	early = woken && before < want;
	pair.back.rsp_prod += after;
	woken |= sn_back_push(&pair.back);
	if (when == 2)
		woken |= sn_front_arm(&pair.front, want);

	CHECK(woken == enough && !early, "base %#x want %u got %u+%u, %u",
	      base, want, before, after, when);
}

static void test_arm_against_push(void)
{
	u32 i, want, before, after;
	unsigned int when;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		for (want = 1; want <= 10; want++)
			for (before = 0; before <= 6; before++)
				for (after = 0; after <= 6; after++)
					for (when = 0; when < 3; when++)
						arm_against_push(bases[i], want,
								 before, after,
								 when);
}

/* Cursors start at the last answer; what was taken before is taken again. */
static void test_attach_used(void)
{
	struct sn_back_ring again;
	struct pair pair;
	u32 i, count;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		pair_init(&pair, bases[i]);
		pair.front.req_prod += 100;
		sn_front_push(&pair.front);
		pair.back.req_cons += 40;
		pair.back.rsp_prod += 30;
		sn_back_push(&pair.back);
		/* Written, never pushed: lost with the former backend. */
		pair.back.rsp_prod += 5;

		memset(&again, 0xa5, sizeof(again));
		CHECK(sn_back_attach(&again, pair.sring));
		CHECK(again.sring == pair.sring);
		CHECK(again.req_cons == bases[i] + 30);
		CHECK(again.rsp_prod == bases[i] + 30);
		CHECK(again.rsp_pushed == bases[i] + 30);
		CHECK(sn_back_requests(&again, &count) && count == 70);
	}
}

static void test_attach_impossible(void)
{
	struct sn_back_ring ring;
	struct pair pair;
	u32 i, k, ahead;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		pair_init(&pair, bases[i]);
		for (k = 0; k < 1024; k++) {
			ahead = k - 512;
			pair.sring->req_prod = bases[i] + ahead;
			CHECK(sn_back_attach(&ring, pair.sring) ==
			      (ahead <= SN_RING_SLOTS), "ahead %#x", ahead);
		}
		for (k = 0; k < ARRAY_SIZE(far_away); k++) {
			pair.sring->req_prod = bases[i] + far_away[k];
			CHECK(!sn_back_attach(&ring, pair.sring),
			      "ahead %#x", far_away[k]);
		}
	}
}

/*
 * Both halves, stepped at random. Each end works only while it is awake; it
 * goes to sleep only through arm, and wakes only by an event. Every request
 * carries a number, each response returns it, and both are seen in order.
 */
struct stepped {
	struct pair pair;
	u32 sent;		/* requests written */
	u32 taken;		/* requests read */
	u32 answered;		/* responses written */
	u32 done;		/* responses read */
	u32 limit;		/* requests in all */
	bool front_sleeps;
	bool back_sleeps;
};

static void step_front(struct stepped *run)
{
	struct sn_front_ring *ring = &run->pair.front;
	u32 count, n;

	CHECK(sn_front_responses(ring, &count));
	n = count ? ktap_between(0, count) : 0;
	for (; n; n--, run->done++)
		CHECK(sn_rx_slot(ring->sring, ring->rsp_cons++)->rsp.id ==
		      (u16)run->done, "response %u", run->done);

	n = ktap_between(0, sn_front_free(ring));
	for (; n && run->sent < run->limit; n--, run->sent++)
		sn_rx_slot(ring->sring, ring->req_prod++)->req.id = run->sent;
	if (ktap_random() & 1 && sn_front_push(ring))
		run->back_sleeps = false;

	/* Sleep only with all shown, and nothing left to write or to read. */
	if (sn_front_free(ring) && run->sent < run->limit)
		return;
	if (sn_front_push(ring))
		run->back_sleeps = false;
	run->front_sleeps = !sn_front_arm(ring, 1);
}

static void step_back(struct stepped *run)
{
	struct sn_back_ring *ring = &run->pair.back;
	u32 count, n, want;

	CHECK(sn_back_requests(ring, &count));
	n = count ? ktap_between(0, count) : 0;
	for (; n; n--, run->taken++)
		CHECK(sn_rx_slot(ring->sring, ring->req_cons++)->req.id ==
		      (u16)run->taken, "request %u", run->taken);

	n = ktap_between(0, ring->req_cons - ring->rsp_prod);
	for (; n; n--, run->answered++)
		sn_rx_slot(ring->sring, ring->rsp_prod++)->rsp.id =
			run->answered;
	if (ktap_random() & 1 && sn_back_push(ring))
		run->front_sleeps = false;

	if (ring->req_cons != ring->rsp_prod)
		return;
	if (sn_back_push(ring))
		run->front_sleeps = false;
	/* Never more than can still come. */
	want = run->limit - run->taken;
	want = want > 20 ? ktap_between(1, 20) : 1;
	run->back_sleeps = !sn_back_arm(ring, want);
}

static void stepped_run(u32 base, u32 limit)
{
	struct stepped run = { .limit = limit };
	u64 steps;

	pair_init(&run.pair, base);
	for (steps = 0; run.done < limit; steps++) {
		if (run.front_sleeps && run.back_sleeps)
			break;
		if (ktap_random() & 1 ? run.front_sleeps : !run.back_sleeps)
			step_back(&run);
		else
			step_front(&run);
		if (ktap_failures)
			break;
	}

	CHECK(run.done == limit,
	      "sent %u taken %u answered %u done %u; asleep: front %d back %d",
	      run.sent, run.taken, run.answered, run.done, run.front_sleeps,
	      run.back_sleeps);
	CHECK(run.pair.sring->req_prod == base + limit);
	CHECK(run.pair.sring->rsp_prod == base + limit);
}

static void test_both_stepped(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++)
		stepped_run(bases[i], 20000);
	for (i = 0; i < 2000; i++)
		stepped_run(0u - ktap_between(0, 600), ktap_between(1, 1000));
}

static const struct ktap_case cases[] = {
	KTAP_CASE(slot_addresses),
	KTAP_CASE(front_init),
	KTAP_CASE(fill_levels),
	KTAP_CASE(impossible_requests),
	KTAP_CASE(impossible_responses),
	KTAP_CASE(producer_goes_back),
	KTAP_CASE(push_events),
	KTAP_CASE(arm),
	KTAP_CASE(arm_against_push),
	KTAP_CASE(attach_used),
	KTAP_CASE(attach_impossible),
	KTAP_CASE(both_stepped),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
