// SPDX-License-Identifier: GPL-2.0
/*
 * A backend that does everything right, for a guest whose vif no driver has.
 */
#include <stdio.h>
#include <stdlib.h>
#include "hostile.h"

struct back *back_new(unsigned int domid)
{
	static const struct host self = {
		.mac = { 0x02, 0, 0, 0, 0, 0x66 },
		.ip = { 10, 0, 0, 66 },
	};
	struct back *b = calloc(1, sizeof(*b));
	char *mac;

	b->domid = domid;
	snprintf(b->dir, sizeof(b->dir), "/local/domain/0/backend/vif/%u/0",
		 domid);
	snprintf(b->front, sizeof(b->front), "/local/domain/%u/device/vif/0",
		 domid);
	snprintf(b->error, sizeof(b->error),
		 "/local/domain/%u/error/device/vif/0", domid);
	b->self = self;
	mac = xs_read(b->front, "mac");
	must(mac_read(mac, b->peer.mac), "there is no interface");
	b->peer.ip[0] = 10;
	b->peer.ip[3] = atoi(mac + 15);
	free(mac);

	return b;
}

/* Nobody reads them before the state changes. */
void back_write_keys(struct back *b)
{
	xs_write(b->dir, "feature-sg", "1");
	xs_write(b->dir, "feature-gso-tcpv4", "1");
	xs_write(b->dir, "feature-gso-tcpv6", "1");
	xs_write(b->dir, "feature-ipv6-csum-offload", "1");
	xs_write(b->dir, "feature-rx-copy", "1");
	xs_write(b->dir, "feature-rx-flip", "%d", b->flips);
	xs_write(b->dir, "feature-split-event-channels", "1");
	xs_write(b->dir, "multi-queue-max-queues", "1");
	xs_write_odd(b->dir, b->odd_key, b->odd_value);
}

/* Two channels, or one for both directions. */
static bool back_bind(struct back *b)
{
	long tx = xs_number(b->front, "event-channel-tx", 0);
	long rx = xs_number(b->front, "event-channel-rx", 0);
	long both = xs_number(b->front, "event-channel", 0);

	b->port_tx = channel_accept(b->domid, tx ?: both);
	b->port_rx = rx ? channel_accept(b->domid, rx) : b->port_tx;

	return b->port_tx > 0 && b->port_rx > 0;
}

static bool back_map(struct back *b)
{
	b->tx_page = grant_map(b->domid, xs_number(b->front, "tx-ring-ref", 0),
			       &b->tx_index);
	b->rx_page = grant_map(b->domid, xs_number(b->front, "rx-ring-ref", 0),
			       &b->rx_index);
	if (!b->tx_page || !b->rx_page)
		return false;

	return back_bind(b) && sn_back_attach(&b->tx, b->tx_page) &&
	       sn_back_attach(&b->rx, b->rx_page);
}

/* Does the frontend connect, or refuse? It is closed before and after a refusal,
 * but then has an error to show.
 */
static bool back_was_taken(struct back *b)
{
	u64 end = now_ms() + WAIT_MS;
	char *error;

	while (!xs_wait(b->front, STATES(STATE_CONNECTED), 0)) {
		error = xs_read(b->error, "error");
		free(error);
		if (error)
			return false;
		must(now_ms() < end, "the frontend does not connect");
		sleep_ms(5);
	}

	return true;
}

bool back_connect(struct back *b)
{
	long state = xs_number(b->front, "state", 0);

	if (state != STATE_INITIALISING && state != STATE_CLOSED)
		back_close(b);
	back_write_keys(b);
	xs_write_odd(b->front, "trusted", b->untrusted ? "0" : NULL);
	xs_rm(b->error, NULL);
	xs_write(b->dir, "state", "%d", STATE_INIT_WAIT);
	if (!back_was_taken(b))
		return false;

	must(back_map(b), "what the frontend offers is no use");
	xs_write(b->dir, "state", "%d", STATE_CONNECTED);
	return true;
}

/* The guest has its address from the scenario, and answers to an echo. */
void back_must_answer(struct back *b)
{
	u64 end = now_ms() + WAIT_MS;

	while (!back_echo(b, 98))
		must(now_ms() < end,
		     "nobody answers behind a good connection");
}

void back_must_connect(struct back *b)
{
	must(back_connect(b), "the frontend refuses a good connection");
	back_must_answer(b);
	begun();
}

void back_close(struct back *b)
{
	xs_write(b->dir, "state", "%d", STATE_CLOSING);
	must(xs_wait(b->front, STATES(STATE_CLOSED) |
		     STATES(STATE_INITIALISING), WAIT_MS),
	     "the frontend does not close");

	channel_close(b->port_tx);
	channel_close(b->port_rx);
	b->port_tx = 0;
	b->port_rx = 0;
	grant_unmap(b->tx_page, b->tx_index);
	grant_unmap(b->rx_page, b->rx_index);
	b->tx_page = NULL;
	b->rx_page = NULL;
	xs_write(b->dir, "state", "%d", STATE_CLOSED);
}

void back_again(struct back *b)
{
	back_close(b);
	back_must_connect(b);
}

void back_must_be_cut(struct back *b, const char *what)
{
	must(xs_wait(b->front, STATES(STATE_CLOSED) | STATES(STATE_CLOSING),
		     WAIT_MS), "the frontend goes on after %s", what);
	cut(1);
}

bool back_rx_wait(struct back *b, unsigned int slots, unsigned int ms)
{
	u64 end = now_ms() + ms;
	u32 count;

	for (;;) {
		must(sn_back_requests(&b->rx, &count),
		     "the frontend's Rx producer is impossible");
		if (count >= slots)
			return true;
		if (now_ms() >= end)
			return false;
		sleep_ms(1);
	}
}

struct sn_rx_req back_rx_take(struct back *b, u32 *idx)
{
	*idx = b->rx.req_cons++;

	return sn_rx_slot(b->rx.sring, *idx)->req;
}

void back_rx_put(struct back *b, u32 idx, const struct sn_rx_rsp *rsp)
{
	sn_rx_slot(b->rx.sring, idx)->rsp = *rsp;
	b->rx.rsp_prod = idx + 1;
}

void back_rx_put_extra(struct back *b, u32 idx, const struct sn_extra *extra)
{
	sn_rx_slot(b->rx.sring, idx)->extra = *extra;
	b->rx.rsp_prod = idx + 1;
}

void back_rx_push(struct back *b)
{
	if (sn_back_push(&b->rx))
		channel_notify(b->port_rx);
}

bool back_flip(struct back *b, u32 ref, const void *bytes, unsigned int length,
	       u16 offset)
{
	u64 mfn;
	u8 *mem;

	must(memory_take(&mfn), "Xen has no page for us");
	/* It may be what a frontend that flips gave up for another one. */
	mem = memory_map(&mfn, 1);
	must(!shows_canary(mem, PAGE), "a page that was given up shows other memory");
	memset(mem, 0, PAGE);
	memcpy(mem + offset, bytes, length);
	memory_unmap(mem, 1);

	return memory_transfer(mfn, b->domid, ref);
}

static bool back_fill(struct back *b, u32 ref, const void *bytes,
		      unsigned int length, u16 offset)
{
	return b->flips ? back_flip(b, ref, bytes, length, offset) :
			  grant_put(b->domid, ref, offset, bytes, length);
}

void back_rx_slot(struct back *b, const void *bytes, unsigned int length,
		  u16 offset, u16 flags)
{
	struct sn_rx_req req;
	struct sn_rx_rsp rsp = {
		.offset = offset,
		.flags = flags,
		.status = length,
	};
	u32 idx;

	req = back_rx_take(b, &idx);
	rsp.id = req.id;
	if (length)
		must(back_fill(b, req.gref, bytes, length, offset),
		     "an Rx page cannot be filled");
	back_rx_put(b, idx, &rsp);
}

void back_send(struct back *b, const u8 *frame, unsigned int length)
{
	unsigned int part;

	must(back_rx_wait(b, length / PAGE + 1, WAIT_MS),
	     "the frontend posts no requests");
	for (; length; length -= part, frame += part) {
		part = length < PAGE ? length : PAGE;
		back_rx_slot(b, frame, part, 0,
			     part < length ? SN_RXF_MORE_DATA : 0);
	}
	back_rx_push(b);
}

bool back_tx_take(struct back *b, struct sn_tx_req *req, unsigned int ms)
{
	u64 end = now_ms() + ms;
	u32 count;

	for (;;) {
		must(sn_back_requests(&b->tx, &count),
		     "the frontend's Tx producer is impossible");
		if (count)
			break;
		if (now_ms() >= end)
			return false;
		sleep_ms(1);
	}

	*req = sn_tx_slot(b->tx.sring, b->tx.req_cons++)->req;
	b->tx.sring->req_event = b->tx.req_cons + 1;
	return true;
}

void back_tx_answer(struct back *b, u16 id, s16 status)
{
	struct sn_tx_rsp rsp = { .id = id, .status = status };

	sn_tx_slot(b->tx.sring, b->tx.rsp_prod++)->rsp = rsp;
}

void back_tx_push(struct back *b)
{
	if (sn_back_push(&b->tx))
		channel_notify(b->port_tx);
}

/* All extras behind the first slot: taken, and answered by blanks later. */
static unsigned int back_take_extras(struct back *b)
{
	unsigned int extras = 0;
	struct sn_tx_req req;
	struct sn_extra extra;

	do {
		must(back_tx_take(b, &req, 0), "a packet without its extra");
		memcpy(&extra, &req, sizeof(extra));
		extras++;
	} while (extra.flags & SN_EXTRA_MORE);

	return extras;
}

unsigned int back_receive(struct back *b, u8 *frame, unsigned int ms)
{
	unsigned int length = 0, extras = 0, slots = 0, rest = 0, i;
	struct sn_tx_req req[SN_RING_SLOTS];

	if (!back_tx_take(b, &req[0], ms))
		return 0;
	if (req[0].flags & SN_TXF_EXTRA_INFO)
		extras = back_take_extras(b);
	while (req[slots].flags & SN_TXF_MORE_DATA) {
		must(back_tx_take(b, &req[++slots], 0), "half a packet");
		rest += req[slots].size;
	}
	for (i = 0; i <= slots; i++) {
		u16 size = i ? req[i].size : req[0].size - rest;

		must(grant_get(b->domid, req[i].gref, req[i].offset,
			       frame + length, size), "a Tx page is not granted");
		length += size;
		back_tx_answer(b, req[i].id, SN_RSP_OKAY);
		for (; !i && extras; extras--)
			back_tx_answer(b, 0, SN_RSP_NULL);
	}
	back_tx_push(b);

	return length;
}

bool back_answered(struct back *b, const u8 *echo, unsigned int bytes)
{
	static u8 frame[FRAME_MAX + PAGE];
	u64 end = now_ms() + 1500;
	unsigned int length;

	while (now_ms() < end) {
		length = back_receive(b, frame, 100);
		if (length && frame_answers(frame, length, echo, bytes))
			return true;
		if (frame_is_arp_request(frame, length, b->self.ip)) {
			length = frame_arp_reply(frame, &b->self, frame);
			back_send(b, frame, length);
		}
	}

	return false;
}

bool back_echo(struct back *b, unsigned int bytes)
{
	static u8 echo[FRAME_MAX + PAGE];
	static u16 seq;

	frame_echo(echo, &b->self, &b->peer, bytes, ++seq);
	back_send(b, echo, bytes);

	return back_answered(b, echo, bytes);
}

struct sn_tx_req back_tx_one(struct back *b)
{
	static u8 echo[256];
	struct sn_tx_req req;

	frame_echo(echo, &b->self, &b->peer, 98, 0x7777);
	back_send(b, echo, 98);
	must(back_tx_take(b, &req, WAIT_MS), "the guest sends nothing");

	return req;
}
