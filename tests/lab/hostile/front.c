// SPDX-License-Identifier: GPL-2.0
/*
 * A frontend that does everything right.
 */
#include <stdio.h>
#include <stdlib.h>
#include "hostile.h"

#define PEER_IP		{ 10, 0, 0, 1 }

struct front *front_new(void)
{
	static const u8 peer_ip[4] = PEER_IP;
	struct front *f = calloc(1, sizeof(*f));
	unsigned int i;
	char *mac;

	snprintf(f->dir, sizeof(f->dir), "device/vif/%lu",
		 environment("VIF", 0));
	f->back = xs_read(f->dir, "backend");
	must(f->back, "there is no interface");
	f->back_id = xs_number(f->dir, "backend-id", 0);
	mac = xs_read(f->dir, "mac");
	must(mac_read(mac, f->self.mac), "no MAC");

	/* The lab's guests have the last number of the one in the other. */
	f->self.ip[0] = 10;
	f->self.ip[3] = atoi(mac + 15);
	memcpy(f->peer.ip, peer_ip, 4);
	free(mac);

	for (i = 0; i < FRONT_TX_PAGES; i++)
		must(grant_make(&f->tx_data[i], f->back_id, false),
		     "no grants");
	for (i = 0; i < FRONT_RX_PAGES; i++)
		must(grant_make(&f->rx_data[i], f->back_id, true),
		     "no grants");

	return f;
}

void front_free(struct front *f)
{
	unsigned int i;

	for (i = 0; i < FRONT_TX_PAGES; i++)
		grant_end(&f->tx_data[i]);
	for (i = 0; i < FRONT_RX_PAGES; i++)
		grant_end(&f->rx_data[i]);
	free(f->back);
	free(f);
}

/* An offence that ended early leaves behind what no good connection writes. */
static void front_forget(struct front *f)
{
	static const char * const keys[] = {
		"event-channel", "ctrl-ring-ref", "request-multicast-control",
		"queue-0", "queue-1",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i++)
		xs_rm(f->dir, keys[i]);
}

void front_begin(struct front *f)
{
	long state = xs_number(f->dir, "state", 0);

	if (state != STATE_INITIALISING && state != STATE_CLOSED)
		front_close(f);
	front_forget(f);
	xs_write(f->dir, "state", "%d", STATE_INITIALISING);
	must(xs_wait(f->back, STATES(STATE_INIT_WAIT), WAIT_MS),
	     "the backend does not wait for us, but is in state %ld",
	     xs_number(f->back, "state", 0));
}

void front_make_rings(struct front *f)
{
	must(grant_make(&f->tx_ring, f->back_id, true) &&
	     grant_make(&f->rx_ring, f->back_id, true), "no grants");
	sn_front_init(&f->tx, (struct sn_sring *)f->tx_ring.mem);
	sn_front_init(&f->rx, (struct sn_sring *)f->rx_ring.mem);
	f->port_tx = channel_offer(f->back_id);
	f->port_rx = channel_offer(f->back_id);
}

/* Nobody reads them before the state changes. */
void front_write_keys(struct front *f)
{
	xs_write(f->dir, "tx-ring-ref", "%u", f->tx_ring.ref);
	xs_write(f->dir, "rx-ring-ref", "%u", f->rx_ring.ref);
	xs_write(f->dir, "event-channel-tx", "%d", f->port_tx);
	xs_write(f->dir, "event-channel-rx", "%d", f->port_rx);
	xs_write(f->dir, "request-rx-copy", "1");
	xs_write(f->dir, "feature-rx-notify", "1");
	xs_write(f->dir, "feature-sg", "1");
	xs_write(f->dir, "feature-gso-tcpv4", "1");
	xs_write(f->dir, "feature-gso-tcpv6", "1");
	xs_write(f->dir, "feature-ipv6-csum-offload", "1");
	xs_write(f->dir, "feature-no-csum-offload", "0");
	xs_write(f->dir, "feature-rx-flip", "0");
	xs_write(f->dir, "multi-queue-num-queues", "1");
	xs_write_odd(f->dir, f->odd_key, f->odd_value);
}

bool front_connect(struct front *f)
{
	front_begin(f);
	front_make_rings(f);
	if (!f->rx_quiet)
		front_post(f, FRONT_RX_PAGES);
	if (f->bend)
		f->bend(f);
	front_write_keys(f);
	xs_write(f->dir, "state", "%d", STATE_CONNECTED);
	must(xs_wait(f->back, STATES(STATE_CONNECTED) | STATES(STATE_CLOSING) |
		     STATES(STATE_CLOSED), WAIT_MS),
	     "the backend does not answer to our being connected");

	return xs_number(f->back, "state", 0) == STATE_CONNECTED;
}

void front_must_connect(struct front *f)
{
	must(front_connect(f), "the backend refuses a good connection");
	front_hello(f);
	begun();
}

void front_close(struct front *f)
{
	xs_write(f->dir, "state", "%d", STATE_CLOSING);
	xs_wait(f->back, STATES(STATE_CLOSING) | STATES(STATE_CLOSED), WAIT_MS);
	xs_write(f->dir, "state", "%d", STATE_CLOSED);
	must(xs_wait(f->back, STATES(STATE_CLOSED), WAIT_MS),
	     "the backend does not close");

	channel_close(f->port_tx);
	channel_close(f->port_rx);
	/* Somebody may storm them. */
	WRITE_ONCE(f->port_tx, 0);
	WRITE_ONCE(f->port_rx, 0);
	grant_end(&f->tx_ring);
	grant_end(&f->rx_ring);
}

void front_again(struct front *f)
{
	front_close(f);
	front_must_connect(f);
}

/* Its state stays as it is; it lets go of the channels, of this one last. */
void front_must_be_cut(struct front *f, const char *what)
{
	u64 end = now_ms() + WAIT_MS;

	while (channel_has_peer(f->port_tx)) {
		must(now_ms() < end, "the backend goes on after %s", what);
		sleep_ms(2);
	}
	cut(1);
}

void front_was_cut(struct front *f)
{
	front_must_be_cut(f, "a fatal fault");
	front_again(f);
}

/* The bus and the driver each say a line about it. */
void front_must_be_refused(struct front *f, const char *what)
{
	must(!front_connect(f), "the backend accepts %s", what);
	refused(1);
	front_close(f);
}

void front_must_refuse_key(struct front *f, const char *key, const char *value)
{
	char what[64];

	snprintf(what, sizeof(what), "%s=%s", key, value ?: "nothing");
	f->odd_key = key;
	f->odd_value = value;
	front_must_be_refused(f, what);
	f->odd_key = NULL;
}

u32 front_put(struct front *f, u32 gref, u16 offset, u16 size, u16 flags)
{
	u32 idx = f->tx.req_prod++;
	struct sn_tx_req req = {
		.gref = gref,
		.offset = offset,
		.flags = flags,
		.id = idx,
		.size = size,
	};

	sn_tx_slot(f->tx.sring, idx)->req = req;
	f->status[idx % SN_RING_SLOTS] = SN_RSP_NULL;

	return idx;
}

void front_put_extra(struct front *f, const struct sn_extra *extra)
{
	sn_tx_slot(f->tx.sring, f->tx.req_prod++)->extra = *extra;
}

void front_push(struct front *f)
{
	if (sn_front_push(&f->tx))
		channel_notify(f->port_tx);
}

static void front_take_status(struct front *f, const struct sn_tx_rsp *rsp)
{
	if (rsp->status != SN_RSP_NULL)
		f->status[rsp->id % SN_RING_SLOTS] = rsp->status;
}

bool front_reap(struct front *f, unsigned int ms)
{
	u64 end = now_ms() + ms;
	struct sn_tx_rsp rsp;
	u32 count;

	while (f->tx.rsp_cons != f->tx.req_pushed) {
		must(sn_front_responses(&f->tx, &count),
		     "the backend answered what was never asked");
		for (; count; count--) {
			rsp = sn_tx_slot(f->tx.sring, f->tx.rsp_cons)->rsp;
			front_take_status(f, &rsp);
			f->tx.rsp_cons++;
		}
		if (f->tx.rsp_cons == f->tx.req_pushed)
			break;
		if (now_ms() > end)
			return false;
		sleep_ms(1);
	}
	f->tx.sring->rsp_event = f->tx.rsp_cons + 1;

	return true;
}

bool front_all(const struct front *f, u32 first, s16 status)
{
	for (; first != f->tx.req_prod; first++)
		if (f->status[first % SN_RING_SLOTS] != status)
			return false;

	return true;
}

bool front_send(struct front *f, const u8 *frame, const u16 *size,
		unsigned int slots, const struct sn_extra *extra, u16 flags)
{
	u32 first = f->tx.req_prod;
	unsigned int i, total = 0;

	for (i = 0; i < slots; i++) {
		memcpy(f->tx_data[i].mem, frame + total, size[i]);
		total += size[i];
	}
	for (i = 0; i < slots; i++) {
		u16 own = i + 1 < slots ? SN_TXF_MORE_DATA : 0;

		if (!i)
			own |= flags | (extra ? SN_TXF_EXTRA_INFO : 0);
		front_put(f, f->tx_data[i].ref, 0, i ? size[i] : total, own);
		if (!i && extra)
			front_put_extra(f, extra);
	}
	front_push(f);

	return front_reap(f, WAIT_MS) &&
	       f->status[first % SN_RING_SLOTS] == SN_RSP_OKAY;
}

/* As many requests on the ring as @upto. */
void front_post(struct front *f, unsigned int upto)
{
	while (f->rx.req_prod - f->rx.rsp_cons < upto) {
		u32 idx = f->rx.req_prod++;
		struct sn_rx_req req = {
			.id = idx,
			.gref = f->rx_data[idx % FRONT_RX_PAGES].ref,
		};

		sn_rx_slot(f->rx.sring, idx)->req = req;
	}
	if (sn_front_push(&f->rx))
		channel_notify(f->port_rx);
}

/* One packet of the responses, which is there as a whole. */
static unsigned int front_take(struct front *f, u8 *frame)
{
	unsigned int length = 0;
	bool extra = false, more = true;
	struct sn_rx_rsp rsp;

	while (more) {
		u32 idx = f->rx.rsp_cons++;

		rsp = sn_rx_slot(f->rx.sring, idx)->rsp;
		if (extra) {
			extra = false;
			continue;
		}
		must(rsp.status <= PAGE - rsp.offset, "a slot over its page");
		more = rsp.flags & SN_RXF_MORE_DATA;
		extra = !length && (rsp.flags & SN_RXF_EXTRA_INFO);
		if (rsp.status > 0 && length + rsp.status <= FRAME_MAX) {
			memcpy(frame + length, f->rx_data[idx %
			       FRONT_RX_PAGES].mem + rsp.offset, rsp.status);
			length += rsp.status;
		}
		more |= extra;
	}

	return length;
}

unsigned int front_receive(struct front *f, u8 *frame, unsigned int ms)
{
	u64 end = now_ms() + ms;
	unsigned int length;
	u32 count;

	for (;;) {
		must(sn_front_responses(&f->rx, &count),
		     "the backend filled what was never given");
		if (count)
			break;
		if (now_ms() >= end)
			return 0;
		sleep_ms(1);
	}

	length = front_take(f, frame);
	f->rx.sring->rsp_event = f->rx.rsp_cons + 1;
	if (!f->rx_quiet)
		front_post(f, FRONT_RX_PAGES);

	return length;
}

/* Each learns where the other is. */
void front_hello(struct front *f)
{
	static u8 frame[FRAME_MAX + PAGE];
	u64 end = now_ms() + WAIT_MS;
	unsigned int length;
	u16 size;

	/* The bridge may let nothing through for a moment. */
	while (now_ms() < end) {
		size = frame_arp(frame, &f->self, f->peer.ip);
		must(front_send(f, frame, &size, 1, NULL, 0),
		     "a good ARP request is refused");
		if (f->rx_quiet)
			return;
		while ((length = front_receive(f, frame, 100)))
			if (frame_is_arp_reply(frame, length, f->peer.ip,
					       f->peer.mac))
				return;
	}
	wrong("nobody answers behind a good connection");
}

bool front_echo_cut(struct front *f, const u16 *size, unsigned int slots)
{
	static u8 echo[FRAME_MAX + PAGE], frame[FRAME_MAX + PAGE];
	static u16 seq;
	unsigned int i, bytes = 0, length;
	u64 end = now_ms() + 3000;

	for (i = 0; i < slots; i++)
		bytes += size[i];
	frame_echo(echo, &f->self, &f->peer, bytes, ++seq);
	if (!front_send(f, echo, size, slots, NULL, 0))
		return false;
	while (now_ms() < end) {
		length = front_receive(f, frame, 300);
		if (frame_answers(frame, length, echo, bytes))
			return true;
		if (frame_is_arp_request(frame, length, f->self.ip)) {
			u16 reply = frame_arp_reply(frame, &f->self, frame);

			front_send(f, frame, &reply, 1, NULL, 0);
		}
	}

	return false;
}

bool front_echo(struct front *f, unsigned int bytes)
{
	u16 size = bytes;

	return front_echo_cut(f, &size, 1);
}
