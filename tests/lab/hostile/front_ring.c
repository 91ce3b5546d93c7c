// SPDX-License-Identifier: GPL-2.0
/*
 * A frontend's offences on the rings: producers, slots, extras, offloads.
 */
#include <pthread.h>
#include <stdio.h>
#include "../../../include/packet.h"
#include "hostile.h"

static u8 frame[FRAME_MAX + PAGE];

static const struct sn_extra hash = { .type = SN_EXTRA_HASH };

static const u32 jumps[] = { 257, 300, 1u << 31, -2u };

void tx_ring_jump(struct front *f)
{
	front_must_connect(f);
	for (unsigned int i = 0; i < ARRAY_SIZE(jumps); i++) {
		WRITE_ONCE(f->tx.sring->req_prod, f->tx.req_prod + jumps[i]);
		channel_notify(f->port_tx);
		front_was_cut(f);
	}
	expect("tx_bad_ring", ARRAY_SIZE(jumps));
}

void rx_ring_jump(struct front *f)
{
	front_must_connect(f);
	for (unsigned int i = 0; i < ARRAY_SIZE(jumps); i++) {
		WRITE_ONCE(f->rx.sring->req_prod, f->rx.rsp_cons + jumps[i]);
		channel_notify(f->port_rx);
		front_was_cut(f);
	}
	expect("rx_bad_ring", ARRAY_SIZE(jumps));
}

/* Among what was posted, and was seen to be: no row of impossible indices. */
void rx_ring_back(struct front *f)
{
	front_must_connect(f);
	must(front_echo(f, 98), "an echo is lost");
	front_post(f, FRONT_RX_PAGES);
	channel_notify(f->port_rx);
	sleep_ms(200);
	WRITE_ONCE(f->rx.sring->req_prod, f->rx.req_prod - 8);
	channel_notify(f->port_rx);
	front_was_cut(f);
	expect("rx_bad_ring", 1);
}

/* More packets than a visit handles, each some work for the host; meanwhile the
 * producer goes back behind those that were taken, and forth. Whether the
 * connection was cut.
 */
static bool producer_back(struct front *f)
{
	u16 size = frame_arp(f->tx_data[0].mem, &f->self, f->peer.ip);
	u32 *prod = &f->tx.sring->req_prod;
	u64 end = now_ms() + 20, late;
	unsigned int i;

	for (i = 0; i < 240; i++)
		front_put(f, f->tx_data[0].ref, 0, size, 0);
	front_push(f);
	while (now_ms() < end)
		for (i = 0; i < 10000; i++)
			WRITE_ONCE(*prod, f->tx.req_prod - (i & 64 ? 0 : 60));
	WRITE_ONCE(*prod, f->tx.req_prod);
	channel_notify(f->port_tx);
	while (front_receive(f, frame, 0))
		;

	late = now_ms() + WAIT_MS;
	while (!front_reap(f, 100)) {
		if (!channel_has_peer(f->port_tx))
			return true;
		must(now_ms() < late, "no answer, and no end");
	}

	return false;
}

void tx_ring_back(struct front *f)
{
	unsigned int tries = 0;

	front_must_connect(f);
	while (!producer_back(f))
		must(++tries < 200, "the producer goes back unnoticed");
	front_was_cut(f);
	expect("tx_bad_ring", 1);
	must(front_echo(f, 98), "an echo is lost");
}

static void bend_tx_ahead(struct front *f)
{
	f->tx.sring->req_prod = 300;
}

static void bend_tx_behind(struct front *f)
{
	f->tx.sring->rsp_prod = 5;
}

static void bend_rx_ahead(struct front *f)
{
	f->rx.sring->req_prod = 1u << 31;
}

static void bend_rx_behind(struct front *f)
{
	f->rx.sring->rsp_prod = FRONT_RX_PAGES + 1;
}

void ring_born_bad(struct front *f)
{
	void (*bend[])(struct front *f) = {
		bend_tx_ahead, bend_tx_behind, bend_rx_ahead, bend_rx_behind,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(bend); i++) {
		f->bend = bend[i];
		front_must_be_refused(f, "a ring that cannot be");
	}
	f->bend = NULL;
	front_must_connect(f);
}

/* The backend writes its indices anew with its next answer. */
void ring_indices_scribbled(struct front *f)
{
	struct dice dice = dice_new(1);
	u64 end;
	u16 size;

	front_must_connect(f);
	for (unsigned int i = 0; i < 200; i++) {
		WRITE_ONCE(f->tx.sring->rsp_prod, dice_u32(&dice));
		WRITE_ONCE(f->tx.sring->req_event, dice_u32(&dice));
		WRITE_ONCE(f->rx.sring->rsp_prod, dice_u32(&dice));
		WRITE_ONCE(f->rx.sring->req_event, dice_u32(&dice));
		size = frame_arp(f->tx_data[0].mem, &f->self, f->peer.ip);
		front_put(f, f->tx_data[0].ref, 0, size, 0);
		sn_front_push(&f->tx);
		channel_notify(f->port_tx);
		end = now_ms() + WAIT_MS;
		while (READ_ONCE(f->tx.sring->rsp_prod) != f->tx.req_prod ||
		       READ_ONCE(f->rx.sring->rsp_prod) - f->rx.rsp_cons - 1 >=
		       FRONT_RX_PAGES)
			must(now_ms() < end, "the backend lost its place");
		must(front_reap(f, WAIT_MS), "no answer");
		while (front_receive(f, frame, 0))
			;
	}
	must(front_echo(f, 1000), "an echo is lost");
}

/* Slots that hold an echo together: a first one, then equal ones. */
static void sizes(u16 *size, unsigned int slots, u16 first, u16 rest)
{
	size[0] = first;
	for (unsigned int i = 1; i < slots; i++)
		size[i] = rest;
}

void tx_slot_limit(struct front *f)
{
	u16 size[21];
	unsigned int n;
	u32 first;

	front_must_connect(f);
	for (n = 1; n <= SN_PKT_SLOTS; n++) {
		sizes(size, n, 60, 40);
		must(front_echo_cut(f, size, n), "%u slots do not pass", n);
	}
	for (; n <= SN_TX_FLOOD_SLOTS; n++) {
		sizes(size, n, 60, 40);
		first = f->tx.req_prod;
		must(!front_send(f, frame, size, n, NULL, 0) &&
		     front_all(f, first, SN_RSP_ERROR),
		     "%u slots are not refused", n);
	}
	must(front_echo(f, 98), "an echo after too many slots is lost");
	expect("tx_bad_slots", 2);

	sizes(size, n, 60, 40);
	for (unsigned int i = 0; i < n; i++)
		front_put(f, f->tx_data[i].ref, 0, i ? 40 : 60 + 20 * 40,
			  i + 1 < n ? SN_TXF_MORE_DATA : 0);
	front_push(f);
	front_was_cut(f);
	expect("tx_slot_flood", 1);
}

/* The echo of @slots slots of which number @zero is empty. */
static void zero_sizes(u16 *size, unsigned int slots, unsigned int zero,
		       u16 rest)
{
	for (unsigned int i = 0; i < slots; i++)
		size[i] = i == zero ? 0 : rest;
}

void tx_zero_slot(struct front *f)
{
	unsigned int n, zero;
	u16 size[19];

	front_must_connect(f);
	for (n = 2; n <= SN_PKT_SLOTS; n++)
		for (zero = 0; zero < n; zero++) {
			zero_sizes(size, n, zero, 60);
			must(front_echo_cut(f, size, n),
			     "slot %u of %u empty: lost", zero, n);
			must(front_send(f, frame, size, n, &hash, 0),
			     "slot %u of %u empty, extra: refused", zero, n);
			while (front_receive(f, frame, 0))
				;
		}

	/* Nothing but an empty slot, and one slot too many. */
	zero_sizes(size, 1, 0, 60);
	must(!front_send(f, frame, size, 1, NULL, 0) &&
	     !front_send(f, frame, size, 1, &hash, 0), "an empty packet passes");
	expect("tx_runt", 2);
	for (zero = 0; zero < 19; zero++) {
		zero_sizes(size, 19, zero, 60);
		must(!front_send(f, frame, size, 19, NULL, 0) &&
		     !front_send(f, frame, size, 19, &hash, 0),
		     "19 slots pass, one of them empty");
	}
	expect("tx_bad_slots", 38);
	must(front_echo(f, 98), "an echo is lost");
}

/* What is behind the header is mapped, an empty slot is not. */
void map_zero_slot(struct front *f)
{
	u16 size[SN_PKT_SLOTS];
	unsigned int n, zero;

	front_must_connect(f);
	for (n = 2; n <= SN_PKT_SLOTS; n++)
		for (zero = 0; zero < n; zero++) {
			zero_sizes(size, n, zero, 1000);
			frame_arp(frame, &f->self, f->peer.ip);
			must(front_send(f, frame, size, n, NULL, 0) &&
			     front_send(f, frame, size, n, &hash, 0),
			     "slot %u of %u empty: refused", zero, n);
			while (front_receive(f, frame, 0))
				;
		}
	expect_some("tx_maps");
	must(front_echo(f, 1000), "an echo is lost");
}

/* Packets of so many bytes, of which the last slot has nearly all. */
static void tiny_slots(struct front *f, unsigned int total)
{
	u16 size[SN_PKT_SLOTS];

	for (unsigned int n = 2; n <= SN_PKT_SLOTS; n++) {
		sizes(size, n, 14, 1);
		size[n - 1] = total - 14 - (n - 2);
		must(front_echo_cut(f, size, n),
		     "%u bytes in 14 and %u slots: lost", total, n - 1);
		sizes(size, n, 1, 1);
		size[n - 1] = total - (n - 1);
		must(front_echo_cut(f, size, n),
		     "%u bytes behind %u slots of one: lost", total, n - 1);
	}
}

/* The largest go beyond what a page has room for, which is a head of its own. */
void tx_tiny_slots(struct front *f)
{
	unsigned int total;

	front_must_connect(f);
	for (total = 60; total <= 200; total += 35)
		tiny_slots(f, total);
	for (total = 1400; total <= PAGE; total += 1348)
		tiny_slots(f, total);
}

void map_tiny_slots(struct front *f)
{
	unsigned int total;

	front_must_connect(f);
	for (total = 300; total <= 1500; total += 400)
		tiny_slots(f, total);
	expect_some("tx_maps");
}

/* A packet of two slots with these sizes in their requests. */
static bool claim(struct front *f, u16 first, u16 second)
{
	u32 idx = f->tx.req_prod;

	front_put(f, f->tx_data[0].ref, 0, first, SN_TXF_MORE_DATA);
	front_put(f, f->tx_data[1].ref, 0, second, 0);
	front_push(f);
	must(front_reap(f, WAIT_MS), "no answer");

	return front_all(f, idx, SN_RSP_OKAY);
}

static bool claim_one(struct front *f, u16 size)
{
	u32 idx = front_put(f, f->tx_data[0].ref, 0, size, 0);

	front_push(f);
	must(front_reap(f, WAIT_MS), "no answer");

	return front_all(f, idx, SN_RSP_OKAY);
}

void tx_bad_size(struct front *f)
{
	u32 idx;

	front_must_connect(f);
	must(!claim(f, 100, 200) && !claim(f, 0, 1), "size less than its slots");
	idx = f->tx.req_prod;
	for (unsigned int i = 0; i < SN_PKT_SLOTS; i++)
		front_put(f, f->tx_data[i].ref, 0, 65535,
			  i + 1 < SN_PKT_SLOTS ? SN_TXF_MORE_DATA : 0);
	front_push(f);
	must(front_reap(f, WAIT_MS) && front_all(f, idx, SN_RSP_ERROR),
	     "a sum of a million bytes");
	expect("tx_bad_size", 3);

	must(!claim_one(f, 0) && !claim_one(f, 1) && !claim_one(f, 13),
	     "a packet without its header passes");
	expect("tx_runt", 3);
	must(claim_one(f, 14), "a bare header is refused");
	must(!claim_one(f, 65535) && !claim(f, 65535, 65535) &&
	     !claim(f, 65535, 100), "a slot of 64 kilobytes passes");
	expect("tx_bad_page", 3);
	must(front_echo(f, 98), "an echo is lost");
}

void tx_cross_page(struct front *f)
{
	static const u16 offset[] = { PAGE - 59, PAGE - 1, PAGE, 65535 };
	unsigned int i, where, slot;
	u32 idx;

	front_must_connect(f);
	for (i = 0; i < ARRAY_SIZE(offset); i++)
		for (where = 0; where < 3; where++) {
			idx = f->tx.req_prod;
			for (slot = 0; slot < 3; slot++)
				front_put(f, f->tx_data[slot].ref,
					  slot == where ? offset[i] : 0,
					  slot ? 60 : 180,
					  slot < 2 ? SN_TXF_MORE_DATA : 0);
			front_push(f);
			must(front_reap(f, WAIT_MS) &&
			     front_all(f, idx, SN_RSP_ERROR),
			     "offset %u in slot %u passes", offset[i], where);
		}
	expect("tx_bad_page", ARRAY_SIZE(offset) * 3);
	must(front_echo(f, 98), "an echo is lost");
}

/* An ARP request behind these extras. */
static bool send_extras(struct front *f, const struct sn_extra *extra,
			unsigned int extras)
{
	u16 size = frame_arp(f->tx_data[0].mem, &f->self, f->peer.ip);
	u32 idx = front_put(f, f->tx_data[0].ref, 0, size, SN_TXF_EXTRA_INFO);
	struct sn_extra one;

	for (unsigned int i = 0; i < extras; i++) {
		one = extra[i];
		one.flags = i + 1 < extras ? SN_EXTRA_MORE : 0;
		front_put_extra(f, &one);
	}
	front_push(f);
	must(front_reap(f, WAIT_MS), "no answer");

	return f->status[idx % SN_RING_SLOTS] == SN_RSP_OKAY;
}

void tx_bad_extra(struct front *f)
{
	static const u8 types[] = { 0, 2, 3, 5, 6, 77, 255 };
	struct sn_extra extra[3] = {};
	unsigned int i;

	front_must_connect(f);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		extra[0].type = types[i];
		must(!send_extras(f, extra, 1), "type %u passes", types[i]);
		extra[1] = extra[0];
		extra[0] = hash;
		must(!send_extras(f, extra, 2), "type %u passes behind another",
		     types[i]);
	}
	extra[0] = hash;
	extra[1] = hash;
	must(!send_extras(f, extra, 2), "the same twice passes");
	extra[0].type = SN_EXTRA_GSO;
	extra[1].type = SN_EXTRA_GSO;
	must(!send_extras(f, extra, 3), "GSO twice passes");
	expect("tx_bad_extra", 2 * ARRAY_SIZE(types) + 2);
	must(front_echo(f, 98), "an echo is lost");
}

void tx_endless_chain(struct front *f)
{
	static const unsigned int lengths[] = { 1, 5, SN_RING_SLOTS - 1 };
	struct sn_extra extra = hash;
	unsigned int i, n;

	extra.flags = SN_EXTRA_MORE;
	front_must_connect(f);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		front_put(f, f->tx_data[0].ref, 0, 60, SN_TXF_EXTRA_INFO);
		for (n = 0; n < lengths[i]; n++)
			front_put_extra(f, &extra);
		front_push(f);
		front_was_cut(f);
	}
	for (n = 1; n <= SN_TX_FLOOD_SLOTS; n += 19) {
		for (i = 0; i < n; i++)
			front_put(f, f->tx_data[i].ref, 0, i ? 20 : 20 * n,
				  SN_TXF_MORE_DATA);
		front_push(f);
		front_was_cut(f);
	}
	expect("tx_bad_chain", ARRAY_SIZE(lengths) + 2);
}

/* A frame that asks for GSO; whether it was taken off the ring well. */
static bool send_gso(struct front *f, unsigned int length, u8 type, u16 bytes)
{
	struct sn_extra extra = {
		.type = SN_EXTRA_GSO,
		.gso = { .type = type, .size = bytes },
	};
	u16 size = length;

	return front_send(f, frame, &size, 1, &extra, SN_TXF_CSUM_BLANK);
}

static void gso_header(struct front *f, unsigned int at, u8 value, u8 type,
		       unsigned int length)
{
	frame_tcp(frame, &f->self, &f->peer, 1000);
	frame[at] = value;
	must(send_gso(f, length, type, 500), "a copied packet is refused");
}

void tx_bad_gso(struct front *f)
{
	static const u8 types[] = { 0, 3, 255 };
	unsigned int i, length;

	front_must_connect(f);
	length = frame_tcp(frame, &f->self, &f->peer, 1000);
	must(!send_gso(f, length, SN_GSO_TCPV4, 0), "size 0 passes");
	for (i = 0; i < ARRAY_SIZE(types); i++)
		must(!send_gso(f, length, types[i], 500), "type %u passes",
		     types[i]);
	must(!send_gso(f, length, SN_GSO_TCPV4, 7),
	     "segments smaller than any are passed");
	must(!send_gso(f, length, SN_GSO_TCPV4, 65535),
	     "a size that is no size passes");
	must(send_gso(f, length, SN_GSO_TCPV4, 65534),
	     "segments larger than the packet are refused");

	/* The bytes cross; what is in them is found out afterwards. */
	for (length = 14; length < 54; length++)
		must(send_gso(f, length, SN_GSO_TCPV4, 500), "refused");
	must(send_gso(f, 54, SN_GSO_TCPV4, 500), "refused");
	frame_tcp6(frame, &f->self, &f->peer, 1000);
	for (length = 14; length <= 74; length++)
		must(send_gso(f, length, SN_GSO_TCPV6, 500), "refused");
	/* Offsets: 14 is version and header length, 20 the fragment's place,
	 * 46 TCP's header length, 12 the frame's type.
	 */
	gso_header(f, 46, 15 << 4, SN_GSO_TCPV4, 64);
	gso_header(f, 46, 4 << 4, SN_GSO_TCPV4, 1054);
	gso_header(f, 46, 5 << 4, SN_GSO_TCPV6, 1054);
	expect("tx_bad_gso", 1 + 3 + 1 + 1 + 1 + 1 + 3);
	gso_header(f, 14, 0x4f, SN_GSO_TCPV4, 64);
	gso_header(f, 20, 0x20, SN_GSO_TCPV4, 1054);
	gso_header(f, 12, 0x81, SN_GSO_TCPV4, 1054);
	gso_header(f, 12, 0x88, SN_GSO_TCPV4, 1054);
	/* What is behind tags is nobody's to segment, but passes as it is. */
	for (i = 1; i <= 40; i++) {
		u16 size = frame_tag(frame, i, frame_tcp(frame, &f->self,
							 &f->peer, 1000));

		must(send_gso(f, size, SN_GSO_TCPV4, 500) &&
		     front_send(f, frame, &size, 1, NULL, 0),
		     "a copied packet is refused");
	}
	expect("tx_bad_csum", 40 + 60 + 4 + 40);
	must(front_echo(f, 98), "an echo is lost");
}

/* Their IP header says 40 bytes: a router cuts the rest off. */
void tx_gso_emptied(struct front *f)
{
	struct host far;

	front_must_connect(f);
	far = f->peer;
	far.ip[1] = 9;
	must(send_gso(f, frame_tcp(frame, &f->self, &far, 1000), SN_GSO_TCPV4,
		      500), "a good packet is refused");
	frame_tcp(frame, &f->self, &far, 0);
	for (unsigned int i = 0; i < 20; i++)
		must(send_gso(f, 1054, SN_GSO_TCPV4, 500),
		     "a copied packet is refused");
	must(front_echo(f, 98), "an echo is lost");
}

static void send_blank(struct front *f, u16 size)
{
	must(front_send(f, frame, &size, 1, NULL, SN_TXF_CSUM_BLANK),
	     "a copied packet is refused");
}

void tx_bad_csum(struct front *f)
{
	front_must_connect(f);
	send_blank(f, frame_arp(frame, &f->self, f->peer.ip));
	send_blank(f, frame_echo(frame, &f->self, &f->peer, 98, 1));
	for (u16 size = 14; size < 54; size++) {
		frame_tcp(frame, &f->self, &f->peer, 100);
		send_blank(f, size);
	}
	expect("tx_bad_csum", 42);
	must(front_echo(f, 98), "an echo is lost");
}

struct racer {
	struct front *f;
	struct dice dice;
	bool stop;
};

/* Changes what was shown, as fast as it can. */
static void *race(void *data)
{
	struct racer *racer = data;
	struct dice *dice = &racer->dice;
	u16 *at;

	while (!__atomic_load_n(&racer->stop, __ATOMIC_ACQUIRE)) {
		at = (u16 *)sn_tx_slot(racer->f->tx.sring,
				       racer->f->tx.req_prod - 4 +
				       dice_roll(dice, 4));
		at += dice_roll(dice, 6);
		if (dice_roll(dice, 2))
			WRITE_ONCE(*at, dice_roll(dice, 200));
		else
			WRITE_ONCE(*at, dice_u32(dice));
	}

	return NULL;
}

/* One connection under the racer, as long as it lives. False if it was cut. */
static bool race_once(struct front *f, u16 bytes)
{
	struct racer racer = { .f = f, .dice = dice_of_race() };
	struct sn_extra extra = hash;
	bool lives = true;
	pthread_t thread;

	front_must_connect(f);
	must(!pthread_create(&thread, NULL, race, &racer), "no thread");
	for (unsigned int i = 0; i < 400 && lives; i++) {
		front_put(f, f->tx_data[0].ref, 0, 3 * bytes,
			  SN_TXF_EXTRA_INFO | SN_TXF_MORE_DATA);
		front_put_extra(f, &extra);
		front_put(f, f->tx_data[1].ref, 0, bytes, SN_TXF_MORE_DATA);
		front_put(f, f->tx_data[2].ref, 0, bytes, 0);
		front_push(f);
		lives = front_reap(f, 100);
	}
	__atomic_store_n(&racer.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	front_close(f);

	return lives;
}

/* What changed is dropped, or cuts; what comes after that is whole. */
static void race_on(struct front *f, u16 bytes)
{
	u64 end = now_ms() + seconds * 1000;
	unsigned int races = 0;
	bool all_live = true;

	do {
		all_live &= race_once(f, bytes);
		races++;
	} while (now_ms() < end);
	if (all_live)
		expect_some("tx_dropped");
	else
		cut(races);
	front_must_connect(f);
	must(front_echo(f, 1000), "an echo is lost");
}

void tx_racer(struct front *f)
{
	race_on(f, 60);
}

void map_racer(struct front *f)
{
	race_on(f, 600);
	expect_some("tx_maps");
}

/* Fragments that lack their rest, which a stack keeps for half a minute, must
 * not keep the guest's pages as long.
 */
void map_kept(struct front *f)
{
	u16 size;

	front_must_connect(f);
	for (unsigned int i = 0; i < 100; i++) {
		size = frame_fragment(frame, &f->self, &f->peer, 1514, i);
		must(front_send(f, frame, &size, 1, NULL, 0),
		     "fragment %u: no answer", i);
	}
	expect_some("tx_maps");
	front_again(f);
}

void response_residue(struct front *f)
{
	u8 before[sizeof(union sn_tx_slot)], *slot;
	struct sn_rx_rsp rsp;

	front_must_connect(f);
	for (unsigned int i = 0; i < 100; i++) {
		u16 size = frame_arp(f->tx_data[0].mem, &f->self, f->peer.ip);
		u32 idx = front_put(f, f->tx_data[0].ref, 0, size, 0);

		slot = (u8 *)sn_tx_slot(f->tx.sring, idx);
		memcpy(before, slot, sizeof(before));
		front_push(f);
		must(front_reap(f, WAIT_MS), "no answer");
		must(!memcmp(slot + 4, before + 4, sizeof(before) - 4),
		     "a Tx response has more than its four bytes");
		for (idx = f->rx.rsp_cons; front_receive(f, frame, 20);
		     idx = f->rx.rsp_cons) {
			rsp = sn_rx_slot(f->rx.sring, idx)->rsp;
			must(rsp.id == (u16)idx && !rsp.offset &&
			     !(rsp.flags & ~0xf),
			     "an Rx response has more than it says");
		}
	}
}
