// SPDX-License-Identifier: GPL-2.0
/*
 * A backend's offences with pages, keys and states.
 */
#include <stdio.h>
#include <stdlib.h>
#include "hostile.h"

void page_held(struct back *b)
{
	struct sn_tx_req tx;
	struct sn_rx_req rx;
	struct sn_rx_rsp rsp = { .status = 60 };
	u64 index;
	void *mem;
	u32 idx;

	back_must_connect(b);
	tx = back_tx_one(b);
	mem = grant_map(b->domid, tx.gref, &index);
	must(mem, "a Tx page cannot be mapped");
	back_tx_answer(b, tx.id, SN_RSP_OKAY);
	back_tx_push(b);
	back_must_be_cut(b, "a Tx page that is held");
	back_again(b);
	grant_unmap(mem, index);
	expect("tx_page_held", 1);

	must(back_rx_wait(b, 1, WAIT_MS), "no requests");
	rx = back_rx_take(b, &idx);
	mem = grant_map(b->domid, rx.gref, &index);
	must(mem, "an Rx page cannot be mapped");
	rsp.id = rx.id;
	back_rx_put(b, idx, &rsp);
	back_rx_push(b);
	back_must_be_cut(b, "an Rx page that is held");
	back_again(b);
	grant_unmap(mem, index);
	expect("rx_page_held", 1);

	/* Pages and rings, over the end of the connection. */
	must(back_rx_wait(b, 1, WAIT_MS), "no requests");
	rx = back_rx_take(b, &idx);
	mem = grant_map(b->domid, rx.gref, &index);
	xs_write(b->dir, "state", "%d", STATE_CLOSING);
	must(xs_wait(b->front, STATES(STATE_CLOSED), WAIT_MS),
	     "the frontend does not close while a page is held");
	sleep_ms(100);
	memset(mem, 0x55, PAGE);
	memset(b->tx_page, 0x55, PAGE);
	memset(b->rx_page, 0x55, PAGE);
	grant_unmap(mem, index);
	back_close(b);
	back_must_connect(b);
}

/* A page must not hold the canary. */
static void search(struct back *b, u32 ref, const char *what)
{
	u64 index;
	const u32 *mem = grant_map(b->domid, ref, &index);

	must(mem, "%s page cannot be mapped", what);
	for (unsigned int i = 0; i < PAGE / sizeof(*mem); i++)
		must(mem[i] != CANARY, "%s page shows other memory", what);
	grant_unmap((void *)mem, index);
}

static void search_rx(struct back *b, const char *what)
{
	u32 count;

	must(sn_back_requests(&b->rx, &count) && count >= 200,
	     "only %u Rx pages to search", count);
	for (unsigned int i = 0; i < count; i++)
		search(b, sn_rx_slot(b->rx.sring, b->rx.req_cons + i)->req.gref,
		       what);
}

/* Packets of nothing but canaries, twice as many as the ring has pages. */
static void send_canaries(struct back *b)
{
	static u8 frame[1400];
	const u32 canary = CANARY;
	unsigned int i;

	frame_echo(frame, &b->self, &b->peer, sizeof(frame), 1);
	for (i = 44; i < sizeof(frame); i += sizeof(canary))
		memcpy(frame + i, &canary, sizeof(canary));
	for (i = 0; i < 2 * SN_RING_SLOTS; i++)
		back_send(b, frame, sizeof(frame));
}

void page_residue(struct back *b)
{
	static u8 frame[FRAME_MAX + PAGE];
	struct sn_tx_req req;
	unsigned int i;

	b->untrusted = true;
	back_must_connect(b);
	search_rx(b, "an Rx");
	for (i = 0; i < 100; i++) {
		frame_echo(frame, &b->self, &b->peer, 60 + i * 14, i);
		back_send(b, frame, 60 + i * 14);
		must(back_tx_take(b, &req, WAIT_MS), "the guest sends nothing");
		search(b, req.gref, "a Tx");
		back_tx_answer(b, req.id, SN_RSP_OKAY);
		back_tx_push(b);
	}
	/* Nor may a page be seen with what the last packet left in it. */
	send_canaries(b);
	must(back_echo(b, 98), "an echo is lost");
	search_rx(b, "a used Rx");
	back_close(b);
	b->untrusted = false;
	back_must_connect(b);
}

/* What is held over the end of a connection shows no packet of the next. */
void page_reused(struct back *b)
{
	static u8 before[PAGE];
	struct sn_tx_req req;
	u64 index;
	void *mem;

	b->untrusted = true;
	back_must_connect(b);
	req = back_tx_one(b);
	mem = grant_map(b->domid, req.gref, &index);
	must(mem, "a Tx page cannot be mapped");
	memcpy(before, mem, PAGE);
	back_close(b);
	back_must_connect(b);
	for (unsigned int bytes = 60; bytes < 1500; bytes += 10)
		must(back_echo(b, bytes), "an echo is lost");
	must(!memcmp(before, mem, PAGE), "a page that is held is used again");
	grant_unmap(mem, index);
	back_close(b);
	b->untrusted = false;
	back_must_connect(b);
}

static void refused_with(struct back *b, const char *key, const char *value)
{
	b->odd_key = key;
	b->odd_value = value;
	must(!back_connect(b), "%s=%s is accepted", key, value ?: "nothing");
	cut(2);
	back_close(b);
	b->odd_key = NULL;
}

static void accepted_with(struct back *b, const char *key, const char *value)
{
	b->odd_key = key;
	b->odd_value = value;
	must(back_connect(b), "%s=%s is refused", key, value ?: "nothing");
	back_must_answer(b);
	back_close(b);
	b->odd_key = NULL;
}

void back_keys(struct back *b)
{
	/* No numbers; a flag that is none, or missing, is read as 0. */
	static const char * const odd[] = {
		NULL, "", "-1", "4294967297", "99999999999999999999", "NaN",
		"0x1", " 1",
	};
	static const char * const flags[] = {
		"feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6",
		"feature-ipv6-csum-offload", "feature-rx-flip",
		"feature-split-event-channels",
	};
	static const char * const queues[] = { "0", "1025", "4294967295" };
	unsigned int i, j;

	for (j = 0; j < ARRAY_SIZE(odd); j++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++)
			accepted_with(b, flags[i], odd[j]);
		refused_with(b, "feature-rx-copy", odd[j]);
		if (odd[j])
			refused_with(b, "multi-queue-max-queues", odd[j]);
	}
	for (i = 0; i < ARRAY_SIZE(queues); i++)
		refused_with(b, "multi-queue-max-queues", queues[i]);
	accepted_with(b, "multi-queue-max-queues", NULL);
	accepted_with(b, "multi-queue-max-queues", "1024");
	back_must_connect(b);
}

/* Once connected, this is nobody's business any more. */
void back_rewritten(struct back *b)
{
	u64 end = now_ms() + seconds * 1000;

	back_must_connect(b);
	while (now_ms() < end) {
		xs_write(b->dir, "multi-queue-max-queues", "%d", 0);
		xs_write(b->dir, "feature-rx-copy", "%s", "NaN");
		xs_write(b->dir, "feature-sg", "%d", -1);
		for (unsigned int i = 0; i < 20; i++)
			xs_write(b->dir, "state", "%d", STATE_CONNECTED);
		back_write_keys(b);
		must(back_echo(b, 1000), "an echo is lost");
	}
}

void back_states(struct back *b)
{
	back_must_connect(b);
	xs_state_orders(b->dir);
	cut(STATE_ORDERS);

	/* Back to where both are closed. */
	xs_write(b->dir, "state", "%d", STATE_INIT_WAIT);
	sleep_ms(200);
	back_close(b);
	back_must_connect(b);
}

void back_reconnect_100(struct back *b)
{
	u64 end = now_ms() + RECONNECT_MS;
	unsigned int i;

	for (i = 0; i < 100 && now_ms() < end; i++) {
		back_must_connect(b);
		must(back_echo(b, 1000), "connection %u: an echo is lost", i);
		back_close(b);
	}
	printf("%u connections\n", i);
}
