// SPDX-License-Identifier: GPL-2.0
/*
 * A frontend's offences with pages that are flipped to it.
 *
 * Each entry that accepts a page is a grant's, rewritten. What comes is given
 * back to Xen, so that in the end this domain has what it began with.
 */
#include <stdio.h>
#include "hostile.h"

/* What nobody has granted, and a domain that is nobody. */
#define REF_NONE	0xffffffffu
#define REF_FAR		0x7fffffffu
#define OTHER_DOMAIN	4242

/* Any page of ours will do for Xen to say that a frame is for. */
#define NO_PFN		0

/* Slots posted at a time. */
#define ROUND		32

static struct grant entry[ROUND];
static unsigned long given, lost;

/* What the next connections ask for. */
static void flips_ask(struct front *f)
{
	for (unsigned int i = 0; i < ROUND; i++)
		must(grant_make(&entry[i], f->back_id, true), "no grants");
	f->odd_key = "request-rx-copy";
	f->odd_value = "0";
}

static void flips_ask_no_more(struct front *f)
{
	f->odd_key = NULL;
	for (unsigned int i = 0; i < ROUND; i++)
		grant_end(&entry[i]);
}

static void flip_begin(struct front *f)
{
	flips_ask(f);
	f->rx_quiet = true;
	front_must_connect(f);
}

static void flip_end(struct front *f)
{
	f->rx_quiet = false;
	flips_ask_no_more(f);
	expect("rx_flips_lost", lost);
	expect("rx_bad_grant", lost);
	printf("%lu pages came\n", given);
}

static void accept_from(const struct front *f, unsigned int i)
{
	sn_accept_post(accept_entry(entry[i].ref), f->back_id, NO_PFN);
}

/* Post requests for these, and have somebody send as many packets. */
static void receive(struct front *f, const u32 *ref, unsigned int count)
{
	static u8 frame[FRAME_MAX + PAGE];
	u64 end = now_ms() + WAIT_MS;
	u32 seen = 0;
	u16 size;

	for (unsigned int i = 0; i < count; i++) {
		u32 idx = f->rx.req_prod++;
		struct sn_rx_req req = { .id = idx, .gref = ref[i] };

		sn_rx_slot(f->rx.sring, idx)->req = req;
	}
	if (sn_front_push(&f->rx))
		channel_notify(f->port_rx);

	while (seen < count) {
		must(now_ms() < end, "%u of %u requests are answered", seen,
		     count);
		size = frame_arp(frame, &f->self, f->peer.ip);
		must(front_send(f, frame, &size, 1, NULL, 0), "refused");
		sleep_ms(2);
		must(sn_front_responses(&f->rx, &seen), "impossible");
	}
	f->rx.sring->rsp_event = f->rx.rsp_cons + count + 1;
}

/* The next response. */
static s16 answered(struct front *f)
{
	s16 status = sn_rx_slot(f->rx.sring, f->rx.rsp_cons++)->rsp.status;

	lost += status == SN_RSP_ERROR;
	return status;
}

static void is_lost(struct front *f, const char *what)
{
	must(answered(f) == SN_RSP_ERROR, "%s: not told of it", what);
}

/* Take the frame that came into an entry. False if there is none. */
static bool take(unsigned int i, u64 *mfn)
{
	enum sn_taken taken;
	u32 frame = 0;

	do
		taken = sn_accept_take(accept_entry(entry[i].ref), &frame);
	while (taken == SN_TAKEN_NOT_YET);
	*mfn = frame;
	given += taken == SN_TAKEN_PAGE;

	return taken == SN_TAKEN_PAGE;
}

/* Nothing but a packet may be in its page. */
static void is_clean(u64 mfn, s16 size)
{
	u8 *mem = memory_map(&mfn, 1);

	must(size > 0, "status %d, and a page came", size);
	for (unsigned int i = size; i < PAGE; i++)
		must(!mem[i], "byte %u behind a packet of %d is %#x", i, size,
		     mem[i]);
	memory_unmap(mem, 1);
	memory_give(mfn);
}

void flip_residue(struct front *f)
{
	u64 end = now_ms() + seconds * 1000, mfn;
	u32 ref[ROUND];
	unsigned int i;

	flip_begin(f);
	for (i = 0; i < ROUND; i++)
		ref[i] = entry[i].ref;
	do {
		for (i = 0; i < ROUND; i++)
			accept_from(f, i);
		receive(f, ref, ROUND);
		for (i = 0; i < ROUND; i++) {
			must(take(i, &mfn), "a page did not come");
			is_clean(mfn, answered(f));
		}
	} while (now_ms() < end);
	flip_end(f);
}

void flip_bad_refs(struct front *f)
{
	u64 mfn;
	u32 twice[2];

	flip_begin(f);

	/* No entry of a table, one for copies, an idle one, somebody else's. */
	const u32 bad[] = {
		REF_NONE, REF_FAR, entry[0].ref, entry[1].ref, entry[2].ref,
	};

	accept_entry(entry[1].ref)->flags = 0;
	sn_accept_post(accept_entry(entry[2].ref), OTHER_DOMAIN, NO_PFN);
	receive(f, bad, ARRAY_SIZE(bad));
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++)
		is_lost(f, "a bad reference");
	must(!take(2, &mfn), "a page came that was for somebody else");

	/* One entry in two requests: there is a page for the first. */
	twice[0] = entry[3].ref;
	twice[1] = entry[3].ref;
	accept_from(f, 3);
	receive(f, twice, ARRAY_SIZE(twice));
	must(take(3, &mfn), "no page came");
	is_clean(mfn, answered(f));
	is_lost(f, "an entry that was used");

	flip_end(f);
}

/* Pages are accepted, and none is given up for them: Xen lets a domain have
 * only a few more than it was made with.
 */
void flip_no_headroom(struct front *f)
{
	static u64 kept[4096];
	unsigned int i, count = 0;
	u32 ref[ROUND];

	flip_begin(f);
	for (i = 0; i < ROUND; i++)
		ref[i] = entry[i].ref;
	while (!lost && count + ROUND <= ARRAY_SIZE(kept)) {
		for (i = 0; i < ROUND; i++)
			accept_from(f, i);
		receive(f, ref, ROUND);
		for (i = 0; i < ROUND; i++) {
			bool came = take(i, &kept[count]);

			must(came == (answered(f) > 0),
			     "the answer does not tell whether a page came");
			count += came;
		}
	}
	must(lost, "%u pages came, and there is no end", count);
	while (count)
		memory_give(kept[--count]);
	flip_end(f);
}

/* Entries that accept a page at random, for random_front.c. What came into one
 * is given back before it is used again.
 */
static bool offered[ROUND];

static void withdraw(unsigned int i)
{
	u64 mfn;

	if (offered[i] && take(i, &mfn))
		memory_give(mfn);
	offered[i] = false;
}

static u32 flip_offer(struct front *f, struct dice *dice)
{
	unsigned int i = dice_roll(dice, ROUND);

	withdraw(i);
	accept_from(f, i);
	offered[i] = true;

	return entry[i].ref;
}

void random_flipped(struct front *f)
{
	struct random_run run = front_random_begin(f);

	flips_ask(f);
	while (random_run_goes_on(&run)) {
		run.done += front_random_round(f, &run, flip_offer);
		for (unsigned int i = 0; i < ROUND; i++)
			withdraw(i);
		/* A few connections may all be cut before a page comes. */
		if (!given && run.done >= run.ops)
			run.ops = run.done + 1;
	}
	flips_ask_no_more(f);
	random_run_end(&run);
	printf("%lu pages came\n", given);
	must(given, "no page came");
	expect_some("rx_flips_lost");
	front_random_end(f, &run);
}
