// SPDX-License-Identifier: GPL-2.0
/*
 * A frontend's offences with grants and events.
 */
#include <pthread.h>
#include <stdio.h>
#include "hostile.h"

/* Grants that no page is behind. */
#define REF_NONE	0xffffffffu
#define REF_FAR		0x7fffffffu
#define REF_UNUSED	20000u

/* Nobody of this number is told of what is granted to it. */
#define OTHER_DOMAIN	4242

static u8 frame[FRAME_MAX + PAGE];

/* A packet of three slots of so many bytes each, of which number @where has this
 * grant.
 */
static bool send_ref(struct front *f, u32 ref, unsigned int where, u16 bytes)
{
	u32 idx = f->tx.req_prod;

	for (unsigned int slot = 0; slot < 3; slot++)
		front_put(f, slot == where ? ref : f->tx_data[slot].ref, 0,
			  slot ? bytes : 3 * bytes,
			  slot < 2 ? SN_TXF_MORE_DATA : 0);
	front_push(f);
	must(front_reap(f, WAIT_MS), "no answer");

	return !front_all(f, idx, SN_RSP_ERROR);
}

static void bad_grants(struct front *f, u16 bytes)
{
	struct grant other, own, gone;
	unsigned int i, where;

	front_must_connect(f);
	must(grant_make(&other, OTHER_DOMAIN, false) &&
	     grant_make(&own, xs_number("domid", NULL, 0), false) &&
	     grant_make(&gone, f->back_id, false), "no grants");
	grant_end(&gone);
	const u32 refs[] = {
		REF_NONE, REF_FAR, REF_UNUSED, other.ref, own.ref, gone.ref,
	};

	for (i = 0; i < ARRAY_SIZE(refs); i++)
		for (where = 0; where < 3; where++)
			must(!send_ref(f, refs[i], where, bytes),
			     "reference %#x in slot %u passes", refs[i], where);
	expect("tx_bad_grant", 3 * ARRAY_SIZE(refs));
	must(front_echo(f, 98), "an echo is lost");
	grant_end(&other);
	grant_end(&own);
}

void tx_bad_grant(struct front *f)
{
	bad_grants(f, 60);
}

/* What is mapped of these is more than a header. */
void map_bad_grant(struct front *f)
{
	bad_grants(f, 1000);
	expect_some("tx_maps");
}

/* One Rx request with this grant, and a packet that takes it. */
static void receive_ref(struct front *f, u32 ref)
{
	u64 end = now_ms() + WAIT_MS;
	struct sn_rx_req req = { .id = f->rx.req_prod, .gref = ref };
	u32 idx = f->rx.req_prod++, count = 0;
	u16 size;

	sn_rx_slot(f->rx.sring, idx)->req = req;
	if (sn_front_push(&f->rx))
		channel_notify(f->port_rx);
	while (!count) {
		must(now_ms() < end, "the bad request is not answered");
		size = frame_arp(frame, &f->self, f->peer.ip);
		must(front_send(f, frame, &size, 1, NULL, 0), "refused");
		sleep_ms(50);
		must(sn_front_responses(&f->rx, &count), "impossible");
	}
	must(sn_rx_slot(f->rx.sring, idx)->rsp.status == SN_RSP_ERROR,
	     "reference %#x: not told of it", ref);
	f->rx.rsp_cons++;
	f->rx.sring->rsp_event = f->rx.rsp_cons + 1;
}

void rx_bad_grant(struct front *f)
{
	struct grant other, gone;

	/* References are used again, so the one that is gone goes last. */
	f->rx_quiet = true;
	front_must_connect(f);
	must(grant_make(&other, OTHER_DOMAIN, true) &&
	     grant_make(&gone, f->back_id, true), "no grants");
	grant_end(&gone);
	/* What was granted for reading only, is not written to. */
	const u32 refs[] = {
		REF_NONE, REF_FAR, REF_UNUSED, other.ref, gone.ref,
		f->tx_data[0].ref,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(refs); i++)
		receive_ref(f, refs[i]);
	expect("rx_bad_grant", ARRAY_SIZE(refs));
	f->rx_quiet = false;
	front_again(f);
	grant_end(&other);
}

/* Packets whose grants are taken back as soon as they are shown. Where the
 * backend is told at once, that is too late for most of them; every other time
 * it is told when they are gone. Those are refused, and counted.
 */
static void revoke_in_use(struct front *f, u16 bytes)
{
	u64 end;
	unsigned int i, refused = 0;
	bool tell, late = false;
	u32 first;

	front_must_connect(f);
	end = now_ms() + seconds * 1000;
	for (; now_ms() < end; late = !late) {
		first = f->tx.req_prod;
		for (i = 0; i < 16; i++) {
			frame_arp(f->tx_data[i].mem, &f->self, f->peer.ip);
			front_put(f, f->tx_data[i].ref, 0, bytes, 0);
		}
		tell = sn_front_push(&f->tx);
		if (tell && !late)
			channel_notify(f->port_tx);
		for (i = 0; i < 16; i++)
			grant_end(&f->tx_data[i]);
		if (tell && late)
			channel_notify(f->port_tx);
		must(front_reap(f, WAIT_MS), "no answer");
		for (i = 0; i < 16; i++)
			must(grant_make(&f->tx_data[i], f->back_id, false),
			     "no grants");
		for (i = 0; i < 16; i++)
			refused += f->status[(first + i) % SN_RING_SLOTS] ==
				   SN_RSP_ERROR;
		while (front_receive(f, frame, 0))
			;
	}
	must(refused, "no grant was taken back in time");
	expect("tx_bad_grant", refused);
	must(front_echo(f, 98), "an echo is lost");
}

void map_revoked(struct front *f)
{
	revoke_in_use(f, 1500);
	expect_some("tx_maps");
	front_again(f);
}

void grant_revoked_in_use(struct front *f)
{
	revoke_in_use(f, 60);

	/* The rings go while the backend has them mapped. */
	grant_end(&f->tx_ring);
	grant_end(&f->rx_ring);
	channel_notify(f->port_tx);
	channel_notify(f->port_rx);
	front_again(f);
}

void event_storm(struct front *f)
{
	u64 end;
	unsigned long events = 0;

	front_must_connect(f);
	end = now_ms() + seconds * 1000;
	for (; now_ms() < end; events += 1000)
		for (unsigned int i = 0; i < 500; i++) {
			channel_notify(f->port_tx);
			channel_notify(f->port_rx);
		}
	printf("%lu events in %u s\n", events, seconds);
	must(front_echo(f, 98), "an echo is lost");
	expect_some("polls_empty");
}

void fault_storm(struct front *f)
{
	u64 end;
	unsigned long runts = 0;
	unsigned int i;

	front_must_connect(f);
	end = now_ms() + seconds * 1000;
	while (now_ms() < end) {
		for (i = 0; i < 64; i++) {
			front_put(f, f->tx_data[0].ref, 0, 13, 0);
			sn_front_push(&f->tx);
			channel_notify(f->port_tx);
		}
		must(front_reap(f, WAIT_MS), "no answer");
		runts += i;
	}
	expect("tx_runt", runts);

	for (i = 0; i < 64; i++)
		front_put(f, f->tx_data[0].ref, 0, 13, SN_TXF_MORE_DATA);
	front_push(f);
	front_was_cut(f);
	expect("tx_slot_flood", 1);
}

struct storm {
	struct front *f;
	struct dice dice;
	bool stop;
	bool indices;
};

static void *storm(void *data)
{
	struct storm *storm = data;
	struct dice *dice = &storm->dice;
	struct front *f = storm->f;

	while (!__atomic_load_n(&storm->stop, __ATOMIC_ACQUIRE)) {
		if (storm->indices) {
			WRITE_ONCE(f->tx.sring->rsp_event, dice_u32(dice));
			WRITE_ONCE(f->tx.sring->req_event, dice_u32(dice));
			WRITE_ONCE(f->rx.sring->rsp_event, dice_u32(dice));
			WRITE_ONCE(f->rx.sring->req_event, dice_u32(dice));
			if (dice_roll(dice, 50))
				continue;
		}
		/* Closed by now, or not open yet: Xen minds no such event. */
		channel_notify(READ_ONCE(f->port_tx));
		channel_notify(READ_ONCE(f->port_rx));
	}

	return NULL;
}

static void storm_end(struct storm *storm, pthread_t thread)
{
	__atomic_store_n(&storm->stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

void event_index_absurd(struct front *f)
{
	struct storm scribble = {
		.f = f,
		.indices = true,
		.dice = dice_of_race(),
	};
	u64 end;
	pthread_t thread;

	front_must_connect(f);
	end = now_ms() + seconds * 1000;
	must(!pthread_create(&thread, NULL, storm, &scribble), "no thread");
	while (now_ms() < end)
		must(front_echo(f, 1000), "an echo is lost");
	storm_end(&scribble, thread);
}

/* Our ends of the channels are open until the backend has closed its own. */
void close_in_storm(struct front *f)
{
	struct storm rain = { .f = f };
	pthread_t thread;

	front_must_connect(f);
	must(!pthread_create(&thread, NULL, storm, &rain), "no thread");
	for (unsigned int i = 0; i < 10; i++)
		front_again(f);
	storm_end(&rain, thread);
	must(front_echo(f, 98), "an echo is lost");
}

/* A key that holds what another one does. */
static void bend_one_channel(struct front *f)
{
	static char value[16];

	snprintf(value, sizeof(value), "%d", f->port_tx);
	f->odd_key = "event-channel-rx";
	f->odd_value = value;
}

static void bend_one_ring(struct front *f)
{
	static char value[16];

	snprintf(value, sizeof(value), "%u", f->tx_ring.ref);
	f->odd_key = "rx-ring-ref";
	f->odd_value = value;
}

void bad_channel(struct front *f)
{
	static const char * const key[] = {
		"event-channel-tx", "event-channel-rx",
	};
	/* The second is xenstore's own. */
	static const char * const value[] = {
		"0", "1", "99999", "131071", "131072", "4294967295",
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(key); i++)
		for (j = 0; j < ARRAY_SIZE(value); j++)
			front_must_refuse_key(f, key[i], value[j]);
	f->bend = bend_one_channel;
	front_must_be_refused(f, "one channel for both directions");
	f->bend = NULL;
	f->odd_key = NULL;
	front_must_connect(f);
}

void bad_ring_ref(struct front *f)
{
	static const char * const key[] = { "tx-ring-ref", "rx-ring-ref" };
	static const char * const value[] = {
		"0", "20000", "2147483647", "2147483648", "4294967295",
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(key); i++)
		for (j = 0; j < ARRAY_SIZE(value); j++)
			front_must_refuse_key(f, key[i], value[j]);

	/* One page for both rings is a ring like any other, of nonsense. */
	f->bend = bend_one_ring;
	front_connect(f);
	sn_front_push(&f->tx);
	channel_notify(f->port_tx);
	channel_notify(f->port_rx);
	sleep_ms(200);
	cut(2);
	front_close(f);
	f->bend = NULL;
	f->odd_key = NULL;
	front_must_connect(f);
}

/* Two queues, of which the second is odd; a NULL value: the key is missing. */
static struct {
	struct grant tx_ring, rx_ring;
	struct sn_front_ring tx, rx;
	int port_tx, port_rx;
	const char *odd_key, *odd_value;
} second;

static void queue_key(struct front *f, unsigned int queue, const char *key,
		      unsigned int value)
{
	bool odd = queue && second.odd_key && !strcmp(key, second.odd_key);
	char name[64];

	snprintf(name, sizeof(name), "queue-%u/%s", queue, key);
	if (!odd)
		xs_write(f->dir, name, "%u", value);
	else if (second.odd_value)
		xs_write(f->dir, name, "%s", second.odd_value);
	else
		xs_rm(f->dir, name);
}

static void bend_two_queues(struct front *f)
{
	memset(second.tx_ring.mem, 0, PAGE);
	memset(second.rx_ring.mem, 0, PAGE);
	sn_front_init(&second.tx, (struct sn_sring *)second.tx_ring.mem);
	sn_front_init(&second.rx, (struct sn_sring *)second.rx_ring.mem);
	queue_key(f, 0, "tx-ring-ref", f->tx_ring.ref);
	queue_key(f, 0, "rx-ring-ref", f->rx_ring.ref);
	queue_key(f, 0, "event-channel-tx", f->port_tx);
	queue_key(f, 0, "event-channel-rx", f->port_rx);
	queue_key(f, 1, "tx-ring-ref", second.tx_ring.ref);
	queue_key(f, 1, "rx-ring-ref", second.rx_ring.ref);
	channel_close(second.port_tx);
	channel_close(second.port_rx);
	second.port_tx = channel_offer(f->back_id);
	second.port_rx = channel_offer(f->back_id);
	queue_key(f, 1, "event-channel-tx", second.port_tx);
	queue_key(f, 1, "event-channel-rx", second.port_rx);
}

/* Without Rx requests of the second queue the vif has no carrier, and nothing
 * comes back; but what is sent is taken.
 */
static void both_take(struct front *f)
{
	struct front other = *f;
	u16 size = frame_arp(frame, &f->self, f->peer.ip);

	other.tx = second.tx;
	other.port_tx = second.port_tx;
	must(front_send(f, frame, &size, 1, NULL, 0), "the first queue is dead");
	must(front_send(&other, frame, &size, 1, NULL, 0),
	     "the second queue is dead");
	second.tx = other.tx;
}

/* Two good queues; then the second one's ring has an impossible producer. That
 * this was counted shows only while there are two; that the first one is cut
 * off as well, at once.
 */
static void second_jumps(struct front *f, struct sn_front_ring *ring,
			 const int *port)
{
	must(front_connect(f), "two good queues are refused");
	both_take(f);
	WRITE_ONCE(ring->sring->req_prod, ring->req_prod + SN_RING_SLOTS + 1);
	channel_notify(*port);
	front_must_be_cut(f, "a bad second queue");
	front_close(f);
}

void second_queue(struct front *f)
{
	static const char * const key[] = {
		"tx-ring-ref", "rx-ring-ref", "event-channel-tx",
		"event-channel-rx",
	};
	static const char * const value[] = { NULL, "", "99999" };
	unsigned int i, j;

	must(grant_make(&second.tx_ring, f->back_id, true) &&
	     grant_make(&second.rx_ring, f->back_id, true), "no grants");
	f->bend = bend_two_queues;
	f->odd_key = "multi-queue-num-queues";
	f->odd_value = "2";
	for (i = 0; i < ARRAY_SIZE(key); i++)
		for (j = 0; j < ARRAY_SIZE(value); j++) {
			second.odd_key = key[i];
			second.odd_value = value[j];
			front_must_be_refused(f, key[i]);
		}

	second.odd_key = NULL;
	second_jumps(f, &second.tx, &second.port_tx);
	second_jumps(f, &second.rx, &second.port_rx);
	channel_close(second.port_tx);
	channel_close(second.port_rx);
	f->bend = NULL;
	f->odd_key = NULL;
	front_must_connect(f);
	grant_end(&second.tx_ring);
	grant_end(&second.rx_ring);
}

/* A packet of two slots, whose answer takes as many. The scenario has the bridge
 * let it pass whole.
 */
static const u16 two_slots[] = { PAGE, 1000 };
#define TWO_SLOTS_BYTES	(PAGE + 1000)

/* How long the backend has to find out that we take nothing (two seconds, in
 * this scenario), and then to drop what waits (one), with some to spare.
 */
#define STALL_MS	6000

/* Tell who we are, or we are asked: by packets that a single slot is enough
 * for.
 */
static void announce(struct front *f)
{
	u16 size;

	frame_arp(frame, &f->peer, f->self.ip);
	size = frame_arp_reply(frame, &f->self, frame);
	must(front_send(f, frame, &size, 1, NULL, 0), "refused");
}

/* Ask for answers, which find @slots requests on the ring and no more. */
static void starve(struct front *f, unsigned int slots, unsigned int ms)
{
	static u8 answer[FRAME_MAX + PAGE];
	u64 end = now_ms() + ms;

	while (now_ms() < end) {
		announce(f);
		frame_echo(frame, &f->self, &f->peer, TWO_SLOTS_BYTES, 1);
		for (unsigned int i = 0; i < 50; i++) {
			must(front_send(f, frame, two_slots, 2, NULL, 0),
			     "refused");
			while (front_receive(f, answer, 0))
				;
			front_post(f, slots);
		}
	}
}

/* A connection whose carrier comes, and goes for want of requests: then nothing
 * waits for them, and it comes back with them.
 */
static void starve_once(struct front *f, unsigned int slots)
{
	unsigned int i, length, waited = 0;

	f->rx_quiet = true;
	front_must_connect(f);
	front_post(f, 2);
	starve(f, slots, seconds * 1000 + STALL_MS);

	f->rx_quiet = false;
	front_post(f, FRONT_RX_PAGES);
	while ((length = front_receive(f, frame, 500)))
		waited += length > PAGE;
	must(!waited, "with %u slots, %u packets wait on", slots, waited);
	front_hello(f);
	for (i = 0; i < 5 && !front_echo(f, 1000); i++)
		;
	must(i < 5, "the link does not come back");
	front_close(f);
}

void rx_starved(struct front *f)
{
	/* Once as it should be, to know who answers, and how. */
	front_must_connect(f);
	must(front_echo_cut(f, two_slots, 2), "two slots are not answered by two");
	front_close(f);

	starve_once(f, 0);
	/* A single slot must not pass for a guest that takes packets. */
	starve_once(f, 1);
	expect_some("rx_expired");
	/* A line each time that the carrier goes. */
	cut(3);
	front_must_connect(f);
}
