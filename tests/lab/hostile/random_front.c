// SPDX-License-Identifier: GPL-2.0
/*
 * A frontend at random: what it does next follows from the seed alone.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "hostile.h"

/* The most operations of one connection. What ends one costs the time of some
 * thousand operations, so it is done rarely.
 */
#define ROUND	5000

/* A backend that answers nothing for so long is gone. */
#define GONE_MS	100

static u32 random_ref(struct front *f, struct dice *dice)
{
	switch (dice_roll(dice, 8)) {
	case 0:
		return dice_u32(dice);
	case 1:
		return REF_FIRST + dice_roll(dice, 4096);
	case 2:
		return f->rx_data[dice_roll(dice, FRONT_RX_PAGES)].ref;
	default:
		return f->tx_data[dice_roll(dice, FRONT_TX_PAGES)].ref;
	}
}

static u16 random_size(struct dice *dice)
{
	static const u16 sizes[] = { 0, 1, 13, 14, 60, 127, 128, 1514, 4095,
				     4096, 4097, 65535 };

	return dice_roll(dice, 2) ? sizes[dice_roll(dice, ARRAY_SIZE(sizes))] :
				    dice_roll(dice, 3000);
}

static void random_extra(struct front *f, struct dice *dice)
{
	struct sn_extra extra;

	extra.type = dice_roll(dice, 4) ? 1 + 3 * dice_roll(dice, 2) :
					  dice_u32(dice);
	extra.flags = !dice_roll(dice, 256);
	extra.gso.size = random_size(dice);
	extra.gso.type = dice_roll(dice, 4);
	extra.gso.pad = dice_u32(dice);
	extra.gso.features = dice_u32(dice);
	front_put_extra(f, &extra);
}

/* A packet that is right but for what the dice say. */
static void random_packet(struct front *f, struct dice *dice)
{
	unsigned int n = 1 + dice_roll(dice, dice_roll(dice, 4) ? 4 : 20) +
			 !dice_roll(dice, 512);
	unsigned int odd = dice_roll(dice, 3) ? n : dice_roll(dice, n);
	unsigned int i, each = 14 + dice_roll(dice, 200);
	bool extra = !dice_roll(dice, 4);
	u16 flags;

	for (i = 0; i < n; i++) {
		flags = i + 1 < n ? SN_TXF_MORE_DATA : 0;
		if (!i)
			flags |= dice_roll(dice, 4) |
				 (extra ? SN_TXF_EXTRA_INFO : 0);
		if (i == odd)
			front_put(f, random_ref(f, dice), dice_u32(dice),
				  random_size(dice), flags ^
				  (dice_roll(dice, 512) ? 0 : dice_u32(dice)));
		else
			front_put(f, f->tx_data[i % FRONT_TX_PAGES].ref, 0,
				  i ? each : each * n, flags);
		if (!i && extra)
			random_extra(f, dice);
	}
}

/* Something that is answered, for the requests of the other ring. */
static void random_question(struct front *f, struct dice *dice)
{
	struct grant *page = &f->tx_data[dice_roll(dice, FRONT_TX_PAGES)];

	front_put(f, page->ref, 0, frame_arp(page->mem, &f->self, f->peer.ip),
		  0);
}

/* Bytes of either ring page, indices among them but rarely. */
static void random_bytes(struct front *f, struct dice *dice)
{
	u32 *page = (u32 *)(dice_roll(dice, 2) ? f->tx.sring : f->rx.sring);
	unsigned int at = dice_roll(dice, 40) ? 16 + dice_roll(dice, 1008) :
						dice_roll(dice, 16);

	WRITE_ONCE(page[at], dice_roll(dice, 2) ? dice_u32(dice) :
						  dice_roll(dice, 300));
}

static void random_bytes_in_page(struct front *f, struct dice *dice)
{
	u8 *mem = f->tx_data[dice_roll(dice, FRONT_TX_PAGES)].mem;

	if (dice_roll(dice, 2))
		frame_tcp(mem, &f->self, &f->peer, 1000);
	else
		frame_echo(mem, &f->self, &f->peer, 1054, 1);
	for (unsigned int i = dice_roll(dice, 6); i; i--)
		mem[dice_roll(dice, 64)] = dice_u32(dice);
}

static u32 random_rx_page(struct front *f, struct dice *dice)
{
	return f->rx_data[dice_roll(dice, FRONT_RX_PAGES)].ref;
}

/* A request for the other ring, and rarely one that has no room there. */
static void random_rx(struct front *f, struct dice *dice, random_good_ref *good)
{
	u32 used = f->rx.req_prod - READ_ONCE(f->rx.sring->rsp_prod);
	bool over = !dice_roll(dice, 512);
	struct sn_rx_req req = {
		.id = dice_u32(dice),
		.gref = random_ref(f, dice),
	};

	if (dice_roll(dice, 2))
		req.gref = good(f, dice);
	if (used == SN_RING_SLOTS && !over)
		return;
	sn_rx_slot(f->rx.sring, f->rx.req_prod++)->req = req;
	if (sn_front_push(&f->rx))
		channel_notify(f->port_rx);
}

static void random_regrant(struct front *f, struct dice *dice)
{
	struct grant *grant = &f->tx_data[dice_roll(dice, FRONT_TX_PAGES)];

	grant_end(grant);
	must(grant_make(grant, f->back_id, dice_roll(dice, 2)), "no grants");
}

static const char *random_name(struct dice *dice)
{
	static const char * const keys[] = {
		"tx-ring-ref", "rx-ring-ref", "event-channel-tx",
		"event-channel-rx", "event-channel", "request-rx-copy",
		"feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6",
		"feature-ipv6-csum-offload", "feature-rx-notify",
		"feature-rx-flip", "multi-queue-num-queues",
		"feature-no-csum-offload", "queue-0/tx-ring-ref",
		"ctrl-ring-ref",
	};

	return keys[dice_roll(dice, ARRAY_SIZE(keys))];
}

/* Its console and its ring with xenstore the guest needs, however. */
static const char *random_value(struct dice *dice, const char *key)
{
	const char *value = xs_odd_value(dice);

	if (value && strstr(key, "ring-ref") && isdigit(*value) &&
	    atol(value) < REF_FIRST)
		return "8";

	return value;
}

/* A key changes under the connection, or the state, in an order that is none. */
static void random_key(struct front *f, struct dice *dice)
{
	const char *key = random_name(dice);

	if (dice_roll(dice, 4))
		xs_write_odd(f->dir, key, random_value(dice, key));
	else
		xs_write(f->dir, "state", "%u", 1 + dice_roll(dice, 8));
}

/* Every other connection is offered with something odd, and may be refused. */
static bool random_connect(struct front *f, struct dice *dice)
{
	const char *key = f->odd_key, *value = f->odd_value;
	bool odd = dice_roll(dice, 2);
	bool taken;

	if (odd) {
		f->odd_key = random_name(dice);
		f->odd_value = random_value(dice, f->odd_key);
	}
	taken = front_connect(f);
	f->odd_key = key;
	f->odd_value = value;
	must(taken || odd, "a good connection is refused");
	if (!taken)
		refused(0);

	return taken;
}

static void random_op(struct front *f, struct dice *dice, random_good_ref *good)
{
	unsigned int what = dice_roll(dice, 1000);

	if (what < 570)
		random_packet(f, dice);
	else if (what < 600)
		random_question(f, dice);
	else if (what < 820)
		random_bytes_in_page(f, dice);
	else if (what < 890)
		random_bytes(f, dice);
	else if (what < 970)
		random_rx(f, dice, good);
	else if (what < 985)
		channel_notify(what & 1 ? f->port_tx : f->port_rx);
	else if (what < 999)
		random_regrant(f, dice);
	else
		random_key(f, dice);
}

/* Room on the ring for the next packet; none if the backend is gone. */
static bool random_room(struct front *f)
{
	u32 used = f->tx.req_prod - READ_ONCE(f->tx.sring->rsp_prod);

	if (used + 24 <= SN_RING_SLOTS)
		return true;

	sn_front_push(&f->tx);
	channel_notify(f->port_tx);
	for (unsigned int i = 0; i < GONE_MS; i++) {
		used = f->tx.req_prod - READ_ONCE(f->tx.sring->rsp_prod);
		if (used + 24 <= SN_RING_SLOTS)
			return true;
		sleep_ms(1);
	}

	return false;
}

/* One connection, until the backend refuses or cuts it. Which operations it
 * makes follows from the dice, how many from when the backend notices. Returns
 * that.
 */
unsigned int front_random_round(struct front *f, struct random_run *run,
				random_good_ref *good)
{
	struct dice *dice = &run->dice;
	unsigned int done = 1;
	u64 start = now_ms();
	bool taken;

	taken = random_connect(f, dice);
	run->connecting += now_ms() - start;
	for (; taken && done < ROUND && random_room(f); done++) {
		random_op(f, dice, good);
		random_run_note(run, done);
		/* Events that are not wanted have the other end delay the next
		 * ones.
		 */
		if (!dice_roll(dice, 4) && sn_front_push(&f->tx))
			channel_notify(f->port_tx);
	}
	may_cut(2);
	start = now_ms();
	front_close(f);
	run->connecting += now_ms() - start;

	return done;
}

/* Everything as it should be: now we know whom to send to. */
struct random_run front_random_begin(struct front *f)
{
	front_must_connect(f);
	front_close(f);

	return random_run_begin();
}

/* Everything as it should be, once more. */
void front_random_end(struct front *f, struct random_run *run)
{
	for (unsigned int i = 0; i < FRONT_TX_PAGES; i++)
		random_regrant(f, &run->dice);
	front_must_connect(f);
	must(front_echo(f, 98), "an echo is lost");
}

/* The same for a backend that maps. */
void random_mapped(struct front *f)
{
	random_frontend(f);
	expect_some("tx_maps");
}

void random_frontend(struct front *f)
{
	struct random_run run = front_random_begin(f);

	while (random_run_goes_on(&run))
		run.done += front_random_round(f, &run, random_rx_page);
	random_run_end(&run);
	front_random_end(f, &run);
}
