// SPDX-License-Identifier: GPL-2.0
/*
 * xenstore, as the kernel's device speaks it: one request, one answer.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "hostile.h"

#define XS_READ		2
#define XS_WRITE	11
#define XS_RM		13
#define XS_ERROR	16

#define XS_PAYLOAD	4096

struct xs_head {
	u32 type, req, tx, length;
};

struct xs_message {
	struct xs_head head;
	char payload[XS_PAYLOAD + 1];
};

static int xs_fd = -1;

static void xs_take(void *to, size_t length)
{
	ssize_t got;

	for (; length; to = (char *)to + got, length -= got) {
		got = read(xs_fd, to, length);
		must(got > 0, "xenstore does not answer");
	}
}

/* @message is the request, and then the answer. False if that is an error. */
static bool xs_ask(struct xs_message *message)
{
	size_t length = sizeof(message->head) + message->head.length;

	if (xs_fd < 0)
		xs_fd = open("/dev/xen/xenbus", O_RDWR);
	must(xs_fd >= 0, "no /dev/xen/xenbus");

	message->head.req = 0;
	message->head.tx = 0;
	must(write(xs_fd, message, length) == (ssize_t)length,
	     "xenstore takes no requests");
	xs_take(&message->head, sizeof(message->head));
	must(message->head.length <= XS_PAYLOAD, "xenstore says too much");
	xs_take(message->payload, message->head.length);
	message->payload[message->head.length] = '\0';

	return message->head.type != XS_ERROR;
}

/* Starts a request with its path, ended by a NUL. */
static void xs_path(struct xs_message *message, u32 type, const char *dir,
		    const char *key)
{
	message->head.type = type;
	message->head.length = 1 + snprintf(message->payload, XS_PAYLOAD,
					    key ? "%s/%s" : "%s", dir, key);
}

char *xs_read(const char *dir, const char *key)
{
	struct xs_message message;

	xs_path(&message, XS_READ, dir, key);

	return xs_ask(&message) ? strdup(message.payload) : NULL;
}

bool xs_write_bytes(const char *dir, const char *key, const void *bytes,
		    unsigned int length)
{
	struct xs_message message;

	xs_path(&message, XS_WRITE, dir, key);
	must(message.head.length + length <= XS_PAYLOAD, "too long a key");
	memcpy(message.payload + message.head.length, bytes, length);
	message.head.length += length;

	return xs_ask(&message);
}

bool xs_write(const char *dir, const char *key, const char *format, ...)
{
	char text[XS_PAYLOAD];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	return xs_write_bytes(dir, key, text, length);
}

bool xs_rm(const char *dir, const char *key)
{
	struct xs_message message;

	xs_path(&message, XS_RM, dir, key);

	return xs_ask(&message);
}

void xs_write_odd(const char *dir, const char *key, const char *value)
{
	if (!key)
		return;
	if (value)
		xs_write(dir, key, "%s", value);
	else
		xs_rm(dir, key);
}

const char *xs_odd_value(struct dice *dice)
{
	static const char * const odd[] = {
		NULL, "", " ", "-1", "0", "1", "2", "8", "0x10", "1 2", "NaN",
		"4294967295", "4294967296", "99999999999999999999", "%s%n", "/",
	};
	static char text[2000];
	unsigned int length;

	switch (dice_roll(dice, 4)) {
	case 0:
		sprintf(text, "%d", (int)dice_u32(dice));
		return text;
	case 1:
		length = dice_roll(dice, sizeof(text));
		for (unsigned int i = 0; i < length; i++)
			text[i] = 1 + dice_roll(dice, 255);
		text[length] = '\0';
		return text;
	default:
		return odd[dice_roll(dice, ARRAY_SIZE(odd))];
	}
}

long xs_number(const char *dir, const char *key, long absent)
{
	char *text = xs_read(dir, key);
	long number = text ? atol(text) : absent;

	free(text);
	return number;
}

bool xs_wait(const char *dir, unsigned int mask, unsigned int ms)
{
	u64 end = now_ms() + ms;
	long state;

	do {
		state = xs_number(dir, "state", 0);
		if (state >= 0 && state < 32 && (mask & STATES(state)))
			return true;
		sleep_ms(5);
	} while (now_ms() < end);

	return false;
}

void xs_state_orders(const char *dir)
{
	int pause, one, two;

	for (pause = 0; pause <= 20; pause += 20)
		for (one = 1; one <= 9; one++)
			for (two = 1; two <= 9; two++) {
				xs_write(dir, "state", "%d", one);
				sleep_ms(pause);
				xs_write(dir, "state", "%d", two);
				sleep_ms(20);
			}
}
