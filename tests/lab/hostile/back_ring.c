// SPDX-License-Identifier: GPL-2.0
/*
 * A backend's offences on the rings and with events.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include "hostile.h"

static u8 frame[FRAME_MAX + PAGE];

/* The most slots of a packet whose extras are bad. */
#define EXTRA_SLOTS	4

/* The last goes back by more than the frontend may not have seen yet. */
#define BACKWARDS	(-64u)
static const u32 jumps[] = { 1, 257, 1u << 31, BACKWARDS };

void rsp_tx_ring_jump(struct back *b)
{
	back_must_connect(b);
	for (unsigned int i = 0; i < ARRAY_SIZE(jumps); i++) {
		/* Ahead of what the guest asked for, whatever that is. */
		WRITE_ONCE(b->tx.sring->rsp_prod, (jumps[i] == BACKWARDS ?
			   b->tx.rsp_prod : b->tx.sring->req_prod) + jumps[i]);
		channel_notify(b->port_tx);
		back_must_be_cut(b, "an impossible Tx producer");
		back_again(b);
	}
	expect("tx_bad_ring", ARRAY_SIZE(jumps));
}

void rsp_rx_ring_jump(struct back *b)
{
	back_must_connect(b);
	for (unsigned int i = 0; i < ARRAY_SIZE(jumps); i++) {
		WRITE_ONCE(b->rx.sring->rsp_prod, (jumps[i] == BACKWARDS ?
			   b->rx.rsp_prod : b->rx.sring->req_prod) + jumps[i]);
		channel_notify(b->port_rx);
		back_must_be_cut(b, "an impossible Rx producer");
		back_again(b);
	}
	expect("rx_bad_ring", ARRAY_SIZE(jumps));
}

static bool cut_off(struct back *b)
{
	return xs_wait(b->front, STATES(STATE_CLOSING) | STATES(STATE_CLOSED),
		       0);
}

/* More packets than a visit handles; meanwhile the producer goes back behind
 * those that were taken, and forth, each time for longer: nobody knows how long
 * a visit takes there.
 */
void rsp_rx_ring_back(struct back *b)
{
	u32 *prod;
	u64 end;

	back_must_connect(b);
	prod = &b->rx.sring->rsp_prod;
	for (unsigned int tries = 0; !cut_off(b); tries++) {
		must(tries < 200, "the producer goes back unnoticed");
		if (!back_rx_wait(b, 220, 1000))
			continue;
		frame_echo(frame, &b->self, &b->peer, 98, tries);
		for (unsigned int i = 0; i < 220; i++)
			back_rx_slot(b, frame, 98, 0, 0);
		back_rx_push(b);
		end = now_ms() + 20 + 10 * tries;
		while (now_ms() < end)
			for (unsigned int i = 0; i < 10000; i++)
				WRITE_ONCE(*prod, b->rx.rsp_prod -
					   (i & 64 ? 0 : 60));
		WRITE_ONCE(*prod, b->rx.rsp_prod);
		channel_notify(b->port_rx);
	}
	cut(1);
	back_again(b);
	expect("rx_bad_ring", 1);
}

void rsp_bad_id(struct back *b)
{
	static const u16 ids[] = { 256, 257, 65535 };
	struct sn_tx_req req;
	unsigned int i;

	back_must_connect(b);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		back_tx_one(b);
		back_tx_answer(b, ids[i], SN_RSP_OKAY);
		back_tx_push(b);
		back_must_be_cut(b, "an id that cannot be");
		back_again(b);
	}

	/* Something that is not under way. */
	req = back_tx_one(b);
	back_tx_answer(b, (req.id + 100) % SN_RING_SLOTS, SN_RSP_OKAY);
	back_tx_push(b);
	back_must_be_cut(b, "an answer to nothing");
	back_again(b);

	/* The same twice, where two are under way. */
	req = back_tx_one(b);
	back_tx_one(b);
	back_tx_answer(b, req.id, SN_RSP_OKAY);
	back_tx_answer(b, req.id, SN_RSP_OKAY);
	back_tx_push(b);
	back_must_be_cut(b, "the same answer twice");
	back_again(b);
	expect("tx_bad_id", ARRAY_SIZE(ids) + 2);
}

void rsp_bad_status(struct back *b)
{
	static const s16 status[] = { -1, -2, -32768, -7 };
	static const s16 odd[] = { 2, 17, 32767 };
	struct sn_tx_req req;
	unsigned int i;

	back_must_connect(b);
	for (i = 0; i < ARRAY_SIZE(status); i++) {
		req = back_tx_one(b);
		back_tx_answer(b, req.id, status[i]);
		back_tx_push(b);
	}
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		req = back_tx_one(b);
		back_tx_answer(b, req.id, odd[i]);
		back_tx_push(b);
	}
	must(back_echo(b, 98), "an echo is lost");
	expect("tx_refused", ARRAY_SIZE(status));
}

/* A packet of one slot that tells nothing but this. */
static void answer_rx(struct back *b, s16 status, u16 offset, u16 flags)
{
	struct sn_rx_rsp rsp = {
		.status = status,
		.offset = offset,
		.flags = flags,
	};
	u32 idx;

	must(back_rx_wait(b, 1, WAIT_MS), "the frontend posts no requests");
	rsp.id = back_rx_take(b, &idx).id;
	back_rx_put(b, idx, &rsp);
}

void rsp_refused(struct back *b)
{
	static const s16 status[] = { -1, -2, -3, -4096, -32768 };
	unsigned int i;

	back_must_connect(b);
	for (i = 0; i < ARRAY_SIZE(status); i++)
		answer_rx(b, status[i], i * 1000, 0);
	back_rx_push(b);
	/* In the middle of a packet, too. */
	must(back_rx_wait(b, 3, WAIT_MS), "no requests");
	back_rx_slot(b, frame, 100, 0, SN_RXF_MORE_DATA);
	answer_rx(b, -1, 0, SN_RXF_MORE_DATA);
	back_rx_slot(b, frame, 100, 0, 0);
	back_rx_push(b);
	must(back_echo(b, 98), "an echo is lost");
	expect("rx_refused", ARRAY_SIZE(status) + 1);
}

void rsp_runt(struct back *b)
{
	unsigned int length, slots;

	back_must_connect(b);
	for (length = 0; length < 14; length++)
		answer_rx(b, length, 0, 0);
	/* Bytes in many slots that are too few together. */
	for (slots = 0; slots < 13; slots++)
		answer_rx(b, 1, 0, slots < 12 ? SN_RXF_MORE_DATA : 0);
	back_rx_push(b);
	must(back_echo(b, 98), "an echo is lost");
	expect("rx_runt", 15);

	/* An Ethernet header spread over as many slots as it has bytes. */
	for (slots = 0; slots < 14; slots++)
		answer_rx(b, 1, 0, slots < 13 ? SN_RXF_MORE_DATA : 0);
	answer_rx(b, 14, 0, 0);
	back_rx_push(b);
	must(back_echo(b, 98), "an echo is lost");
}

void rsp_cross_page(struct back *b)
{
	static const struct { u16 offset; s16 status; } odd[] = {
		{ 4096, 1 }, { 4000, 97 }, { 65535, 100 }, { 0, 4097 },
		{ 0, 32767 }, { 65535, 32767 }, { 1, 4096 },
	};
	unsigned int i;

	back_must_connect(b);
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		answer_rx(b, odd[i].status, odd[i].offset, 0);
		answer_rx(b, 100, 0, SN_RXF_MORE_DATA);
		answer_rx(b, odd[i].status, odd[i].offset, 0);
		back_rx_push(b);
	}
	must(back_echo(b, 98), "an echo is lost");
	expect("rx_bad_page", 2 * ARRAY_SIZE(odd));
}

void rsp_many_slots(struct back *b)
{
	unsigned int slots, i;

	back_must_connect(b);
	for (slots = 1; slots <= 40; slots++) {
		must(back_rx_wait(b, slots, WAIT_MS), "no requests");
		for (i = 0; i < slots; i++)
			answer_rx(b, 60 + i, i, i + 1 < slots ?
				  SN_RXF_MORE_DATA : 0);
		back_rx_push(b);
	}
	must(back_echo(b, 98), "an echo is lost");
	expect("rx_bad_slots", 40 - SN_PKT_SLOTS);
}

/* An echo of @slots slots, number @zero of which is empty; behind an extra, if
 * there is one.
 */
static bool echo_with_hole(struct back *b, unsigned int slots, unsigned int zero,
			   const struct sn_extra *extra)
{
	unsigned int i, part, at = 0, length = 60 * (slots - 1);
	static u16 seq;
	u16 flags;
	u32 idx;

	must(back_rx_wait(b, slots + 1, WAIT_MS), "no requests");
	frame_echo(frame, &b->self, &b->peer, length, ++seq);
	for (i = 0; i < slots; i++, at += part) {
		part = i == zero ? 0 : 60;
		flags = i + 1 < slots ? SN_RXF_MORE_DATA : 0;
		if (i || !extra) {
			back_rx_slot(b, frame + at, part, 0, flags);
			continue;
		}
		back_rx_slot(b, frame + at, part, 0, flags | SN_RXF_EXTRA_INFO);
		back_rx_take(b, &idx);
		back_rx_put_extra(b, idx, extra);
	}
	back_rx_push(b);

	return back_answered(b, frame, length);
}

void rsp_zero_slot(struct back *b)
{
	static const struct sn_extra hash = { .type = SN_EXTRA_HASH };
	unsigned int slots, zero;

	back_must_connect(b);
	for (slots = 2; slots <= SN_PKT_SLOTS; slots++)
		for (zero = 0; zero < slots; zero++) {
			must(echo_with_hole(b, slots, zero, NULL),
			     "slot %u of %u empty: lost", zero, slots);
			must(echo_with_hole(b, slots, zero, &hash),
			     "slot %u of %u empty, extra: lost", zero, slots);
		}

	/* Nothing but an empty slot. */
	answer_rx(b, 0, 0, 0);
	back_rx_push(b);
	must(back_echo(b, 98), "an echo is lost");
	expect("rx_runt", 1);
}

void rsp_endless_chain(struct back *b)
{
	static const unsigned int lengths[] = { 1, 17, 200 };
	struct sn_extra extra = {
		.type = SN_EXTRA_HASH,
		.flags = SN_EXTRA_MORE,
	};
	unsigned int i, n;
	u32 idx;

	back_must_connect(b);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		must(back_rx_wait(b, lengths[i], WAIT_MS), "no requests");
		for (n = 0; n < lengths[i]; n++)
			answer_rx(b, 100, 0, SN_RXF_MORE_DATA);
		back_rx_push(b);
		back_must_be_cut(b, "a packet without its end");
		back_again(b);

		must(back_rx_wait(b, lengths[i], WAIT_MS), "no requests");
		answer_rx(b, 100, 0, SN_RXF_EXTRA_INFO);
		for (n = 1; n < lengths[i]; n++) {
			back_rx_take(b, &idx);
			back_rx_put_extra(b, idx, &extra);
		}
		back_rx_push(b);
		back_must_be_cut(b, "extras without their end");
		back_again(b);
	}
	expect("rx_bad_chain", 2 * ARRAY_SIZE(lengths));
}

/* The first slot of a packet, of @length bytes of the frame, and its extras. */
static void put_extras(struct back *b, unsigned int length,
		       const struct sn_extra *extra, unsigned int extras,
		       u16 flags)
{
	struct sn_extra one;
	u32 idx;

	back_rx_slot(b, frame, length, 0, flags | SN_RXF_EXTRA_INFO);
	for (unsigned int i = 0; i < extras; i++) {
		one = extra[i];
		one.flags = i + 1 < extras ? SN_EXTRA_MORE : 0;
		back_rx_take(b, &idx);
		back_rx_put_extra(b, idx, &one);
	}
}

/* A packet of @length bytes of the frame, behind these extras. */
static void send_extras(struct back *b, unsigned int length,
			const struct sn_extra *extra, unsigned int extras,
			u16 flags)
{
	must(back_rx_wait(b, 1 + extras, WAIT_MS), "no requests");
	put_extras(b, length, extra, extras, flags);
	back_rx_push(b);
}

/* The same in this many slots more, all of which go with the first one. */
static void send_long_extras(struct back *b, const struct sn_extra *extra,
			     unsigned int extras, unsigned int more)
{
	must(back_rx_wait(b, 1 + extras + more, WAIT_MS), "no requests");
	put_extras(b, 60, extra, extras, SN_RXF_MORE_DATA);
	for (; more; more--)
		back_rx_slot(b, frame + 60, 38, 0,
			     more > 1 ? SN_RXF_MORE_DATA : 0);
	back_rx_push(b);
}

void rsp_bad_extra(struct back *b)
{
	static const u8 types[] = { 0, 2, 3, 5, 6, 77, 255 };
	struct sn_extra extra[3] = {};
	unsigned int i;

	back_must_connect(b);
	frame_echo(frame, &b->self, &b->peer, 98, 1);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		extra[0].type = types[i];
		send_extras(b, 98, extra, 1, 0);
	}
	extra[0].type = SN_EXTRA_HASH;
	extra[1] = extra[0];
	send_extras(b, 98, extra, 2, 0);
	extra[0].type = SN_EXTRA_GSO;
	extra[1] = extra[0];
	send_extras(b, 98, extra, 3, 0);
	for (i = 1; i < EXTRA_SLOTS; i++)
		send_long_extras(b, extra, 3, i);
	must(back_echo(b, 98), "an echo is lost");
	expect("rx_bad_extra", ARRAY_SIZE(types) + 2 + EXTRA_SLOTS - 1);
}

static void send_gso(struct back *b, unsigned int length, u8 type, u16 bytes)
{
	struct sn_extra extra = {
		.type = SN_EXTRA_GSO,
		.gso = { .type = type, .size = bytes },
	};

	send_extras(b, length, &extra, 1, SN_RXF_CSUM_BLANK);
}

void rsp_bad_gso(struct back *b)
{
	static const u8 types[] = { 0, 3, 255 };
	unsigned int i, length;

	back_must_connect(b);
	length = frame_tcp(frame, &b->self, &b->peer, 1000);
	send_gso(b, length, SN_GSO_TCPV4, 0);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		send_gso(b, length, types[i], 500);
	send_gso(b, length, SN_GSO_TCPV4, 7);
	send_gso(b, length, SN_GSO_TCPV4, 65535);
	send_gso(b, length, SN_GSO_TCPV4, 65534);
	for (length = 14; length < 54; length++)
		send_gso(b, length, SN_GSO_TCPV4, 500);
	send_gso(b, 54, SN_GSO_TCPV4, 500);
	send_gso(b, 1054, SN_GSO_TCPV6, 500);
	frame[46] = 15 << 4;
	send_gso(b, 64, SN_GSO_TCPV4, 500);
	frame[46] = 4 << 4;
	send_gso(b, 1054, SN_GSO_TCPV4, 500);
	expect("rx_bad_gso", 1 + 3 + 1 + 1 + 4 + 1);
	frame[46] = 5 << 4;
	frame[14] = 0x4f;
	send_gso(b, 64, SN_GSO_TCPV4, 500);
	frame[14] = 0x45;
	frame[20] = 0x20;
	send_gso(b, 1054, SN_GSO_TCPV4, 500);
	frame[12] = 0x88;
	send_gso(b, 1054, SN_GSO_TCPV4, 500);
	frame_tcp6(frame, &b->self, &b->peer, 1000);
	for (length = 14; length <= 74; length++)
		send_gso(b, length, SN_GSO_TCPV6, 500);
	expect("rx_bad_csum", 40 + 3 + 60);
	must(back_echo(b, 98), "an echo is lost");
}

struct racer {
	struct back *b;
	struct dice dice;
	bool stop;
};

static void *race(void *data)
{
	struct racer *racer = data;
	struct back *b = racer->b;
	struct dice *dice = &racer->dice;
	u16 *at;

	while (!__atomic_load_n(&racer->stop, __ATOMIC_ACQUIRE)) {
		at = (u16 *)sn_rx_slot(b->rx.sring, b->rx.rsp_prod - 4 +
				       dice_roll(dice, 4));
		WRITE_ONCE(at[dice_roll(dice, 4)], dice_roll(dice, 2) ?
			   dice_roll(dice, 200) : dice_u32(dice));
	}

	return NULL;
}

/* One connection under the racer. False if it was cut. */
static bool race_once(struct back *b)
{
	struct racer racer = { .b = b, .dice = dice_of_race() };
	pthread_t thread;
	bool lives;

	back_must_connect(b);
	must(!pthread_create(&thread, NULL, race, &racer), "no thread");
	for (unsigned int i = 0; i < 200 && !cut_off(b); i++) {
		if (!back_rx_wait(b, 8, 100))
			break;
		for (unsigned int n = 0; n < 2; n++) {
			answer_rx(b, 60, 0, SN_RXF_MORE_DATA);
			answer_rx(b, 60, 0, SN_RXF_MORE_DATA);
			answer_rx(b, 60, 0, 0);
			back_rx_push(b);
		}
		/* The racer's turn, on dom0's one CPU, before the guest's. */
		sched_yield();
	}
	__atomic_store_n(&racer.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	lives = !cut_off(b);
	back_close(b);

	return lives;
}

void rsp_racer(struct back *b)
{
	u64 end = now_ms() + seconds * 1000;
	unsigned int races = 0;
	bool all_live = true;

	do {
		all_live &= race_once(b);
		races++;
	} while (now_ms() < end);
	/* What changed is dropped, or cuts. */
	if (all_live)
		expect_some("rx_dropped");
	else
		cut(races);
	back_must_connect(b);
	must(back_echo(b, 1000), "an echo is lost");
}

void rsp_event_storm(struct back *b)
{
	u64 end;
	unsigned long events = 0;

	back_must_connect(b);
	end = now_ms() + seconds * 1000;
	for (; now_ms() < end; events += 1000) {
		for (unsigned int i = 0; i < 500; i++) {
			channel_notify(b->port_tx);
			channel_notify(b->port_rx);
		}
		/* Leave dom0's one CPU to others as well. */
		sleep_ms(5);
	}
	printf("%lu events in %u s\n", events, seconds);
	must(back_echo(b, 98), "an echo is lost");
	expect_some("polls_empty");
}

/* Our ends of the channels are open until the frontend has closed its own. */
static void *storm(void *data)
{
	struct racer *racer = data;

	while (!__atomic_load_n(&racer->stop, __ATOMIC_ACQUIRE)) {
		for (unsigned int i = 0; i < 50; i++) {
			channel_notify(READ_ONCE(racer->b->port_tx));
			channel_notify(READ_ONCE(racer->b->port_rx));
		}
		/* Leave dom0's one CPU to others as well. */
		sleep_ms(1);
	}

	return NULL;
}

void rsp_close_in_storm(struct back *b)
{
	struct racer rain = { .b = b };
	pthread_t thread;

	back_must_connect(b);
	must(!pthread_create(&thread, NULL, storm, &rain), "no thread");
	for (unsigned int i = 0; i < 10; i++)
		back_again(b);
	__atomic_store_n(&rain.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	must(back_echo(b, 98), "an echo is lost");
}

void rsp_index_absurd(struct back *b)
{
	u64 end;
	struct dice dice = dice_new(1);

	back_must_connect(b);
	end = now_ms() + seconds * 1000;
	while (now_ms() < end) {
		WRITE_ONCE(b->tx.sring->req_event, dice_u32(&dice));
		WRITE_ONCE(b->tx.sring->rsp_event, dice_u32(&dice));
		WRITE_ONCE(b->rx.sring->req_event, dice_u32(&dice));
		WRITE_ONCE(b->rx.sring->rsp_event, dice_u32(&dice));
		channel_notify(b->port_tx);
		channel_notify(b->port_rx);
		frame_echo(frame, &b->self, &b->peer, 98, 1);
		must(back_rx_wait(b, 1, WAIT_MS), "no requests");
		back_rx_slot(b, frame, 98, 0, 0);
		sn_back_push(&b->rx);
		channel_notify(b->port_rx);
		back_receive(b, frame, 20);
		channel_notify(b->port_tx);
	}
	must(back_echo(b, 98), "an echo is lost");
}
