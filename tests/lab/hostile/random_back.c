// SPDX-License-Identifier: GPL-2.0
/*
 * A backend at random: what it does next follows from the seed alone.
 */
#include "hostile.h"

/* As the frontend's. */
#define ROUND	5000
#define GONE_MS	100

/* The guest's pages that are mapped meanwhile, at most. */
#define KEPT	8

static u8 frame[FRAME_MAX + PAGE];

static struct {
	void *mem;
	u64 index;
} kept[KEPT];

static s16 random_status(struct dice *dice)
{
	static const s16 odd[] = { -32768, -2, -1, 0, 1, 13, 14, 4096, 4097,
				   32767 };

	if (dice_roll(dice, 4))
		return 60 + dice_roll(dice, 1500);

	return odd[dice_roll(dice, ARRAY_SIZE(odd))];
}

/* One slot: the page is filled only now and then, which takes longest. */
static void random_slot(struct back *b, struct dice *dice, u16 flags, bool odd)
{
	struct sn_rx_rsp rsp = {
		.offset = odd ? dice_u32(dice) : dice_roll(dice, 64),
		.flags = flags,
		.status = random_status(dice),
	};
	struct sn_rx_req req;
	u32 idx;

	if (odd && !dice_roll(dice, 512))
		rsp.flags ^= dice_u32(dice);
	req = back_rx_take(b, &idx);
	rsp.id = dice_roll(dice, 8) ? req.id : dice_u32(dice);
	/* What stands in the ring may have been scribbled over. */
	if (!dice_roll(dice, 16) && req.gref >= REF_FIRST)
		grant_put(b->domid, req.gref, 0, frame, 1054);
	back_rx_put(b, idx, &rsp);
}

static void random_packet(struct back *b, struct dice *dice)
{
	unsigned int n = 1 + dice_roll(dice, dice_roll(dice, 4) ? 3 : 24);
	unsigned int odd = dice_roll(dice, 3) ? n : dice_roll(dice, n), i;
	bool extra = !dice_roll(dice, 4);
	struct sn_extra info = {
		.type = dice_roll(dice, 4) ? SN_EXTRA_GSO : dice_u32(dice),
		.flags = !dice_roll(dice, 256),
		.gso = { .type = dice_roll(dice, 4),
			 .size = dice_roll(dice, 2000) },
	};
	u32 idx;

	for (i = 0; i < n; i++) {
		u16 flags = i + 1 < n ? SN_RXF_MORE_DATA : 0;

		if (!i)
			flags |= dice_roll(dice, 4) |
				 (extra ? SN_RXF_EXTRA_INFO : 0);
		random_slot(b, dice, flags, i == odd);
		if (!i && extra) {
			back_rx_take(b, &idx);
			back_rx_put_extra(b, idx, &info);
		}
	}
}

/* Some answer to something that the guest sent, if there is something. */
static void random_answer(struct back *b, struct dice *dice)
{
	u16 id = dice_u32(dice);
	bool odd = !dice_roll(dice, 4000);
	s16 status = dice_roll(dice, 6) ? SN_RSP_OKAY : random_status(dice);
	struct sn_tx_req req;
	u32 count;

	if (!sn_back_requests(&b->tx, &count) || !count)
		return;
	req = sn_tx_slot(b->tx.sring, b->tx.req_cons++)->req;
	back_tx_answer(b, odd ? id : req.id, status);
	b->tx.sring->req_event = b->tx.req_cons + 1;
}

static void random_bytes(struct back *b, struct dice *dice)
{
	u32 *page = (u32 *)(dice_roll(dice, 2) ? b->tx.sring : b->rx.sring);
	unsigned int at = dice_roll(dice, 40) ? 16 + dice_roll(dice, 1008) :
						dice_roll(dice, 16);

	WRITE_ONCE(page[at], dice_roll(dice, 2) ? dice_u32(dice) :
						  dice_roll(dice, 300));
}

static void random_frame(struct back *b, struct dice *dice)
{
	if (dice_roll(dice, 2))
		frame_tcp(frame, &b->self, &b->peer, 1000);
	else
		frame_echo(frame, &b->self, &b->peer, 1054, 1);
	for (unsigned int i = dice_roll(dice, 6); i; i--)
		frame[dice_roll(dice, 64)] = dice_u32(dice);
}

static void random_drop(unsigned int which)
{
	if (kept[which].mem)
		grant_unmap(kept[which].mem, kept[which].index);
	kept[which].mem = NULL;
}

/* Map what was posted last, or has been for long; or anything that is none of
 * the guest's console's or xenstore's. It stays so beyond its answer.
 */
static void random_keep(struct back *b, struct dice *dice)
{
	unsigned int which = dice_roll(dice, KEPT);
	u32 idx = b->rx.req_cons + dice_roll(dice, 256);
	u32 ref = sn_rx_slot(b->rx.sring, idx)->req.gref;

	random_drop(which);
	if (!dice_roll(dice, 4) || ref < REF_FIRST)
		ref = REF_FIRST + dice_roll(dice, 4096);
	kept[which].mem = grant_map(b->domid, ref, &kept[which].index);
}

static const char *random_name(struct dice *dice)
{
	static const char * const keys[] = {
		"feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6",
		"feature-ipv6-csum-offload", "feature-rx-copy",
		"feature-rx-flip", "feature-split-event-channels",
		"feature-ctrl-ring", "multi-queue-max-queues",
	};

	return keys[dice_roll(dice, ARRAY_SIZE(keys))];
}

/* As the frontend's. */
static void random_key(struct back *b, struct dice *dice)
{
	if (dice_roll(dice, 4))
		xs_write_odd(b->dir, random_name(dice), xs_odd_value(dice));
	else
		xs_write(b->dir, "state", "%u", 1 + dice_roll(dice, 8));
}

/* As the frontend's. */
static bool random_connect(struct back *b, struct dice *dice)
{
	bool odd = dice_roll(dice, 2);
	bool taken;

	b->odd_key = odd ? random_name(dice) : NULL;
	b->odd_value = odd ? xs_odd_value(dice) : NULL;
	taken = back_connect(b);
	b->odd_key = NULL;
	must(taken || odd, "a good connection is refused");
	if (!taken)
		refused(0);

	return taken;
}

static void random_op(struct back *b, struct dice *dice)
{
	unsigned int what = dice_roll(dice, 1000);

	if (what < 600)
		random_packet(b, dice);
	else if (what < 720)
		random_frame(b, dice);
	else if (what < 940)
		random_answer(b, dice);
	else if (what < 980)
		random_bytes(b, dice);
	else if (what < 999)
		channel_notify(what & 1 ? b->port_tx : b->port_rx);
	else if (dice_roll(dice, 4))
		random_key(b, dice);
	else
		random_keep(b, dice);
}

/* Requests for the next packet; none if the frontend is gone, or what it says
 * was scribbled over.
 */
static bool random_room(struct back *b)
{
	u32 count;

	for (unsigned int i = 0; i < GONE_MS; i++) {
		if (!sn_back_requests(&b->rx, &count))
			return false;
		if (count >= 32)
			return true;
		sn_back_push(&b->rx);
		channel_notify(b->port_rx);
		sleep_ms(1);
	}

	return false;
}

/* As the frontend's. */
static unsigned int random_round(struct back *b, struct random_run *run)
{
	struct dice *dice = &run->dice;
	unsigned int done = 1;
	u64 start = now_ms();
	bool taken;

	taken = random_connect(b, dice);
	run->connecting += now_ms() - start;
	random_frame(b, dice);
	for (; taken && done < ROUND && random_room(b); done++) {
		random_op(b, dice);
		random_run_note(run, done);
		/* Events that are not wanted have the other end delay the next
		 * ones.
		 */
		if (!dice_roll(dice, 4)) {
			if (sn_back_push(&b->rx))
				channel_notify(b->port_rx);
			if (sn_back_push(&b->tx))
				channel_notify(b->port_tx);
		}
	}
	may_cut(2);
	start = now_ms();
	back_close(b);
	run->connecting += now_ms() - start;
	for (unsigned int i = 0; i < KEPT; i++)
		random_drop(i);

	return done;
}

void random_backend(struct back *b)
{
	struct random_run run = random_run_begin();

	while (random_run_goes_on(&run))
		run.done += random_round(b, &run);
	random_run_end(&run);
	back_must_connect(b);
	must(back_echo(b, 98), "an echo is lost");
}
