// SPDX-License-Identifier: GPL-2.0
/*
 * A frontend's offences in xenstore.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "hostile.h"

static const char * const numbers[] = {
	"tx-ring-ref", "rx-ring-ref", "event-channel-tx", "event-channel-rx",
};

/* Those that are read as 0 where they are no number. */
static const char * const flags[] = {
	"feature-rx-notify", "feature-sg", "feature-gso-tcpv4",
	"feature-gso-tcpv6", "feature-ipv6-csum-offload",
	"feature-no-csum-offload", "feature-rx-flip",
};

/* What no number is. The empty place is for two kilobytes of digits. */
static const char *garbage[] = {
	"", "-1", "99999999999999999999", "0x10", "1 ", "NaN", "1\n", NULL,
};

static void garbage_make(void)
{
	static char digits[2001];

	memset(digits, '1', sizeof(digits) - 1);
	garbage[ARRAY_SIZE(garbage) - 1] = digits;
}

/* The link works although the key is odd. */
static void accepted_with(struct front *f, const char *key, const char *value)
{
	f->odd_key = key;
	f->odd_value = value;
	must(front_connect(f), "%s=%.20s is refused", key, value ?: "nothing");
	front_hello(f);
	front_close(f);
	f->odd_key = NULL;
}

void xs_missing_key(struct front *f)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		front_must_refuse_key(f, numbers[i], NULL);
	front_must_refuse_key(f, "request-rx-copy", NULL);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		accepted_with(f, flags[i], NULL);
	accepted_with(f, "multi-queue-num-queues", NULL);
	front_must_connect(f);
}

static void one_garbage(struct front *f, const char *value)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		front_must_refuse_key(f, numbers[i], value);
	front_must_refuse_key(f, "multi-queue-num-queues", value);
	/* Not used beside the other two, but read. */
	front_must_refuse_key(f, "event-channel", value);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		accepted_with(f, flags[i], value);
	/* Read as 0, which asks for flips. */
	front_must_refuse_key(f, "request-rx-copy", value);
}

/* Where there is little time, every third one; which, the seed says. */
void xs_garbage(struct front *f)
{
	unsigned int i, step = seconds < 10 ? 3 : 1;

	garbage_make();
	for (i = environment("SEED", 1) % step; i < ARRAY_SIZE(garbage);
	     i += step)
		one_garbage(f, garbage[i]);
	front_must_connect(f);
}

/* Three reasons in turn: a key, a channel, a ring. */
void refused_storm(struct front *f)
{
	for (unsigned int i = 0; i < 100; i++)
		front_must_refuse_key(f, numbers[i % 3], i % 3 ? "70000" : "NaN");
	front_must_connect(f);
}

void xs_queues(struct front *f)
{
	static const char * const value[] = {
		"0", "-1", "9", "1024", "1025", "65536", "4294967295",
		"4294967297",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(value); i++)
		front_must_refuse_key(f, "multi-queue-num-queues", value[i]);
	front_must_connect(f);
}

void xs_rewritten(struct front *f)
{
	u64 end;

	front_must_connect(f);
	end = now_ms() + seconds * 1000;
	while (now_ms() < end) {
		front_write_keys(f);
		for (unsigned int i = 0; i < 20; i++)
			xs_write(f->dir, "state", "%d", STATE_CONNECTED);
		xs_write(f->dir, "request-multicast-control", "%d", 1);
	}
	must(front_echo(f, 98), "an echo is lost");
}

/* A ring that is nobody's to read: with a producer that is far ahead, a request
 * to set the hash's mapping from beyond its end on, and events.
 */
void ctrl_ring_unasked(struct front *f)
{
	static const u32 wild[] = {
		0xffffffff, 1, 0, 1, [16] = 6 << 16 | 1, REF_FIRST, 0x7fffffff,
		0xffffffff,
	};
	struct grant ring;
	char ref[16];
	int port;

	must(grant_make(&ring, f->back_id, true), "no grants");
	memcpy(ring.mem, wild, sizeof(wild));
	port = channel_offer(f->back_id);
	snprintf(ref, sizeof(ref), "%u", ring.ref);
	xs_write(f->dir, "event-channel-ctrl", "%d", port);
	f->odd_key = "ctrl-ring-ref";
	f->odd_value = ref;
	front_must_connect(f);
	f->odd_key = NULL;
	for (unsigned int i = 0; i < 100; i++)
		channel_notify(port);
	must(front_echo(f, 1000), "an echo is lost");
	must(!channel_has_peer(port), "the backend took the control channel");
	must(!memcmp(ring.mem, wild, sizeof(wild)),
	     "the backend wrote to the control ring");
	front_close(f);

	xs_rm(f->dir, "event-channel-ctrl");
	channel_close(port);
	grant_end(&ring);
	front_must_connect(f);
}

void xs_changed_late(struct front *f)
{
	unsigned int i;

	front_must_connect(f);
	garbage_make();
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		xs_write(f->dir, numbers[i], "%d", 20000 + i);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		xs_write(f->dir, flags[i], "%s", garbage[i]);
	xs_write(f->dir, "multi-queue-num-queues", "%d", 8);
	xs_rm(f->dir, "request-rx-copy");
	xs_write(f->dir, "state", "%d", STATE_CONNECTED);
	sleep_ms(200);
	must(front_echo(f, 1000), "an echo is lost");
}

/* They mean nothing, and are not worth a line in the log each. */
void xs_unknown_state(struct front *f)
{
	u64 end;

	front_must_connect(f);
	end = now_ms() + seconds * 1000;
	while (now_ms() < end) {
		for (int state = STATE_LAST + 1; state < 100; state++)
			xs_write(f->dir, "state", "%d", state);
		xs_write(f->dir, "state", "%d", -1);
		must(front_echo(f, 98), "an echo is lost");
	}
	xs_write(f->dir, "state", "%d", STATE_CONNECTED);
	must(front_echo(f, 98), "an echo is lost");
	expect_some("odd_states");
}

void state_orders(struct front *f)
{
	front_begin(f);
	front_make_rings(f);
	front_write_keys(f);
	xs_state_orders(f->dir);
	may_cut(2 * STATE_ORDERS);
	expect_some("odd_states");
	front_close(f);

	/* Windows closes before it connects. */
	front_begin(f);
	front_close(f);
	front_must_connect(f);
}

void reconnect_100(struct front *f)
{
	u64 end = now_ms() + RECONNECT_MS;
	unsigned int i;

	for (i = 0; i < 100 && now_ms() < end; i++) {
		front_must_connect(f);
		must(front_echo(f, 1000), "connection %u: an echo is lost", i);
		front_close(f);
	}
	printf("%u connections\n", i);
	must(i > 4, "a minute is not enough for five connections");
}

void fatal_then_gone(struct front *f)
{
	unsigned int i, slot;

	for (i = 0; i < 20; i++) {
		front_must_connect(f);
		for (slot = 0; slot < 64; slot++)
			front_put(f, f->tx_data[0].ref, 0, 13,
				  SN_TXF_MORE_DATA);
		front_push(f);
		if (i & 1)
			xs_write(f->dir, "state", "%d", STATE_CLOSED);
		else
			sleep_ms(i);
		cut(1);
		front_close(f);
	}
	expect_some("tx_slot_flood");
}
