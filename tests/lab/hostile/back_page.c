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

/* Whether a granted page holds the canary. */
static bool shows(struct back *b, u32 ref)
{
	u64 index;
	u8 *mem = grant_map(b->domid, ref, &index);
	bool found;

	must(mem, "a granted page cannot be mapped");
	found = shows_canary(mem, PAGE);
	grant_unmap(mem, index);

	return found;
}

static void search_rx(struct back *b, const char *what)
{
	u32 count;

	must(sn_back_requests(&b->rx, &count) && count >= 200,
	     "only %u Rx pages to search", count);
	for (unsigned int i = 0; i < count; i++)
		must(!shows(b, sn_rx_slot(b->rx.sring,
					  b->rx.req_cons + i)->req.gref),
		     "%s page shows other memory", what);
}

#define CANARIES	1400

/* Packets of nothing but canaries, twice as many as the ring has pages. */
static void send_canaries(struct back *b)
{
	static u8 frame[CANARIES], answer[FRAME_MAX + PAGE];

	frame_canaries(frame, &b->self, &b->peer, sizeof(frame));
	for (unsigned int i = 0; i < 2 * SN_RING_SLOTS; i++) {
		back_send(b, frame, sizeof(frame));
		back_receive(b, answer, 0);
	}
}

/* The guest's packet of so many bytes, not answered yet; all others are. */
static struct sn_tx_req take_bytes(struct back *b, unsigned int bytes)
{
	struct sn_tx_req req;

	for (;;) {
		must(back_tx_take(b, &req, WAIT_MS), "the guest sends nothing");
		if (req.size == bytes)
			return req;
		back_tx_answer(b, req.id, SN_RSP_OKAY);
		back_tx_push(b);
	}
}

/* In how many pages of the guest's packets there are canaries, where none is of
 * the packet. One of canaries is under way all the while.
 */
static unsigned int search_tx(struct back *b)
{
	static u8 canaries[CANARIES], plain[CANARIES];
	struct sn_tx_req held, req;
	unsigned int found = 0;

	frame_canaries(canaries, &b->self, &b->peer, sizeof(canaries));
	for (unsigned int bytes = 60; bytes < CANARIES; bytes += 28) {
		back_send(b, canaries, sizeof(canaries));
		held = take_bytes(b, sizeof(canaries));
		frame_echo(plain, &b->self, &b->peer, bytes, bytes);
		back_send(b, plain, bytes);
		req = take_bytes(b, bytes);
		found += shows(b, req.gref);
		/* In this order: what is freed last is used next. */
		back_tx_answer(b, held.id, SN_RSP_OKAY);
		back_tx_answer(b, req.id, SN_RSP_OKAY);
		back_tx_push(b);
	}

	return found;
}

void page_residue(struct back *b)
{
	unsigned int found;

	/* One that is trusted may see them, or the search is worth nothing. */
	back_must_connect(b);
	found = search_tx(b);
	printf("trusted, we see %u pages with canaries\n", found);
	must(found || environment("POISON", 0),
	     "no Tx page shows a canary, even to who is trusted");
	back_close(b);

	b->untrusted = true;
	back_must_connect(b);
	search_rx(b, "an Rx");
	found = search_tx(b);
	must(!found, "%u Tx pages show other memory", found);
	/* Nor may a page be seen with what the last packet left in it. */
	send_canaries(b);
	back_must_answer(b);
	search_rx(b, "a used Rx");
	back_close(b);
	b->untrusted = false;
	back_must_connect(b);
}

/* What is held over the end of a connection shows no packet of the next. Of a
 * few packets, since it is chance which memory is used next.
 */
void page_reused(struct back *b)
{
	static u8 before[16][PAGE];
	struct sn_tx_req req;
	u64 index[16];
	void *mem[16];
	unsigned int i;

	b->untrusted = true;
	back_must_connect(b);
	for (i = 0; i < ARRAY_SIZE(mem); i++) {
		req = back_tx_one(b);
		mem[i] = grant_map(b->domid, req.gref, &index[i]);
		must(mem[i], "a Tx page cannot be mapped");
		memcpy(before[i], mem[i], PAGE);
	}
	back_close(b);
	back_must_connect(b);
	for (unsigned int bytes = 60; bytes < 1500; bytes += 10)
		must(back_echo(b, bytes), "an echo is lost");
	for (i = 0; i < ARRAY_SIZE(mem); i++) {
		must(!memcmp(before[i], mem[i], PAGE),
		     "a page that is held is used again");
		grant_unmap(mem[i], index[i]);
	}
	back_close(b);
	b->untrusted = false;
	back_must_connect(b);
}

/* A connection's pages and rings, mapped for as long as we please. */
#define HOARDED		200

struct hoard {
	void *mem[HOARDED + 2];
	u64 index[HOARDED + 2];
};

static void hoard_connection(struct back *b, struct hoard *hoard)
{
	struct sn_rx_req rx;
	unsigned int i;
	u32 idx;

	must(back_rx_wait(b, HOARDED, WAIT_MS), "no requests");
	for (i = 0; i < HOARDED; i++) {
		rx = back_rx_take(b, &idx);
		hoard->mem[i] = grant_map(b->domid, rx.gref, &hoard->index[i]);
		must(hoard->mem[i], "an Rx page cannot be mapped");
	}
	hoard->mem[i] = b->tx_page;
	hoard->index[i++] = b->tx_index;
	hoard->mem[i] = b->rx_page;
	hoard->index[i] = b->rx_index;
	b->tx_page = NULL;
	b->rx_page = NULL;
}

static void hoard_give_back(const struct hoard *hoard)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hoard->mem); i++)
		grant_unmap(hoard->mem[i], hoard->index[i]);
}

/* Many times what a connection has would be all that the guest can grant. */
void grants_hoarded(struct back *b)
{
	static struct hoard hoards[16];
	unsigned int i, count;

	for (count = 0; count < ARRAY_SIZE(hoards); count++) {
		if (!back_connect(b))
			break;
		hoard_connection(b, &hoards[count]);
		back_close(b);
	}
	printf("%u connections are held\n", count);
	must(count > 1, "one connection's pages are too many to be held");
	must(count < ARRAY_SIZE(hoards), "the frontend gives us all it has");
	refused(2);
	back_close(b);
	for (i = 0; i < count; i++)
		hoard_give_back(&hoards[i]);
	expect_some("grants_held");
	back_must_connect(b);
}

static void refused_with(struct back *b, const char *key, const char *value)
{
	b->odd_key = key;
	b->odd_value = value;
	must(!back_connect(b), "%s=%s is accepted", key, value ?: "nothing");
	refused(2);
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
	unsigned int i, j, step = seconds < 10 ? 3 : 1;

	/* Where there is little time, every third one; which, the seed says. */
	for (j = environment("SEED", 1) % step; j < ARRAY_SIZE(odd);
	     j += step) {
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
	u64 end;

	back_must_connect(b);
	end = now_ms() + seconds * 1000;
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

/* The frontend may be many states behind. It has seen the last one when it is
 * connected, and stays so.
 */
static void back_settles(struct back *b)
{
	u64 end = now_ms() + 4 * WAIT_MS;
	unsigned int looks = 0;

	xs_write(b->dir, "state", "%d", STATE_INIT_WAIT);
	while (looks < 25) {
		must(now_ms() < end, "the frontend comes to no rest");
		sleep_ms(20);
		looks = xs_number(b->front, "state", 0) == STATE_CONNECTED ?
			looks + 1 : 0;
	}
}

void back_states(struct back *b)
{
	back_must_connect(b);
	xs_state_orders(b->dir);
	may_cut(STATE_ORDERS);
	expect_some("odd_states");

	/* Back to where both are closed. */
	back_settles(b);
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
	must(i > 4, "a minute is not enough for five connections");
}
