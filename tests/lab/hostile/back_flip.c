// SPDX-License-Identifier: GPL-2.0
/*
 * A backend's offences with pages that it flips.
 *
 * What it gives comes out of Xen's memory: the scenario has dom0 give up as much
 * before, and count everybody's pages afterwards.
 */
#include <pthread.h>
#include <stdio.h>
#include "hostile.h"

/* Pages that nobody takes are Xen's again, and may come back to us: those have
 * the frame without canaries.
 */
static u8 frame[256], plain[256];

static void flip_begin(struct back *b)
{
	b->flips = true;
	back_must_connect(b);
	must(!xs_number(b->front, "request-rx-copy", 1),
	     "the frontend asks for copies");
	frame_canaries(frame, &b->self, &b->peer, 98);
	frame_echo(plain, &b->self, &b->peer, 98, 1);
}

/* The next slot is answered so, and whether a page comes with it. */
static void answer(struct back *b, s16 status, u16 flags, bool page)
{
	struct sn_rx_rsp rsp = { .status = status, .flags = flags };
	struct sn_rx_req req;
	u32 idx;

	must(back_rx_wait(b, 1, WAIT_MS), "the frontend posts no requests");
	req = back_rx_take(b, &idx);
	rsp.id = req.id;
	must(!page || back_flip(b, req.gref, frame, 98, 0),
	     "a page is not accepted");
	back_rx_put(b, idx, &rsp);
}

void rsp_flip_no_page(struct back *b)
{
	unsigned int i, where, slot;

	flip_begin(b);
	for (i = 0; i < 40; i++) {
		answer(b, 60, 0, false);
		back_rx_push(b);
	}
	/* One of three, and the others have theirs. */
	for (where = 0; where < 3; where++) {
		for (slot = 0; slot < 3; slot++)
			answer(b, 98, slot < 2 ? SN_RXF_MORE_DATA : 0,
			       slot != where);
		back_rx_push(b);
	}
	expect("rx_no_page", i + where);
	/* A page that does come needs no bytes to be one. */
	for (i = 0; i < 40; i++)
		answer(b, i & 1 ? -1 : 0, 0, true);
	back_rx_push(b);
	expect("rx_refused", i / 2);
	expect("rx_runt", i / 2);
	must(back_echo(b, 1000), "an echo is lost");
}

/* The slot that is @ahead of the next one, as it lies there. */
static u32 posted(const struct back *b, unsigned int ahead)
{
	return sn_rx_slot(b->rx.sring, b->rx.req_cons + ahead)->req.gref;
}

void rsp_flip_twice(struct back *b)
{
	static u8 reply[FRAME_MAX + PAGE];
	unsigned int i;
	u32 ref;

	flip_begin(b);
	for (i = 0; i < 100; i++) {
		ref = posted(b, 0);
		answer(b, 98, 0, true);
		must(!back_flip(b, ref, plain, 98, 0),
		     "a slot takes two pages");
		back_rx_push(b);
		/* Answered, or taken, or another's by now. */
		back_flip(b, ref, plain, 98, 0);
	}
	while (back_receive(b, reply, 100))
		;
	expect_some("rx_flips_taken");
	expect("rx_no_page", 0);
	must(back_echo(b, 1000), "an echo is lost");
}

struct giver {
	struct back *b;
	u32 ref[SN_RING_SLOTS];
	unsigned int count, given;
	bool stop;
};

static void *give(void *data)
{
	struct giver *giver = data;

	for (unsigned int i = 0; i < giver->count; i++) {
		if (__atomic_load_n(&giver->stop, __ATOMIC_ACQUIRE))
			break;
		giver->given += back_flip(giver->b, giver->ref[i], plain, 98,
					  0);
	}

	return NULL;
}

/* Pages for all slots that are posted, none of them answered, while the
 * connection goes. How many were taken.
 */
static unsigned int give_and_go(struct back *b, unsigned int ms)
{
	struct giver giver = { .b = b };
	pthread_t thread;

	must(sn_back_requests(&b->rx, &giver.count), "impossible");
	for (unsigned int i = 0; i < giver.count; i++)
		giver.ref[i] = posted(b, i);
	must(!pthread_create(&thread, NULL, give, &giver), "no thread");
	sleep_ms(ms);
	back_close(b);
	__atomic_store_n(&giver.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	printf("%u of %u pages were taken after %u ms\n", giver.given,
	       giver.count, ms);

	return giver.given;
}

void rsp_flip_unasked(struct back *b)
{
	static const unsigned int ms[] = { 0, 1, 3, 10, 1000 };
	unsigned int given;

	for (unsigned int i = 0; i < ARRAY_SIZE(ms); i++) {
		flip_begin(b);
		given = give_and_go(b, ms[i]);
	}
	must(given, "pages that nobody asked for find no slot in a second");
	expect_some("rx_flips_taken");
	flip_begin(b);
	must(back_echo(b, 1000), "an echo is lost");
}
