// SPDX-License-Identifier: GPL-2.0
/*
 * Frames: ARP, echoes whose bytes can be told again, TCP for offloads.
 */
#include <stdio.h>
#include "hostile.h"

#define ETH		14
#define IP		20
#define IP6		40
#define TCP		20
#define ICMP		8

static void put16(u8 *to, u16 value)
{
	to[0] = value >> 8;
	to[1] = value;
}

static u16 sum16(const u8 *data, unsigned int length)
{
	u32 sum = 0;

	for (unsigned int i = 0; i < length; i++)
		sum += i & 1 ? data[i] : data[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);

	return ~sum;
}

bool mac_read(const char *text, u8 *mac)
{
	return text && sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac,
			      mac + 1, mac + 2, mac + 3, mac + 4,
			      mac + 5) == 6;
}

static u8 *put_eth(u8 *to, const u8 *dest, const u8 *from, u16 type)
{
	memcpy(to, dest, 6);
	memcpy(to + 6, from, 6);
	put16(to + 12, type);

	return to + ETH;
}

static const u8 all[6] = { 255, 255, 255, 255, 255, 255 };

static unsigned int put_arp(u8 *to, const struct host *from, const u8 *mac,
			    const u8 *ip, u8 operation)
{
	static const u8 head[] = { 0, 1, 8, 0, 6, 4, 0 };
	u8 *at = put_eth(to, operation == 1 ? all : mac, from->mac, 0x0806);

	memcpy(at, head, sizeof(head));
	at[7] = operation;
	/* First what may lie where the rest goes: in the request. */
	memcpy(at + 18, mac, 6);
	memcpy(at + 24, ip, 4);
	memcpy(at + 8, from->mac, 6);
	memcpy(at + 14, from->ip, 4);

	return ETH + 28;
}

unsigned int frame_arp(u8 *to, const struct host *from, const u8 *ip)
{
	static const u8 nobody[6];

	return put_arp(to, from, nobody, ip, 1);
}

unsigned int frame_arp_reply(u8 *to, const struct host *from, const u8 *request)
{
	return put_arp(to, from, request + ETH + 8, request + ETH + 14, 2);
}

static bool is_arp(const u8 *frame, unsigned int length, u8 operation)
{
	return length >= ETH + 28 && frame[12] == 8 && frame[13] == 6 &&
	       frame[ETH + 7] == operation;
}

bool frame_is_arp_reply(const u8 *frame, unsigned int length, const u8 *ip,
			u8 *mac)
{
	if (!is_arp(frame, length, 2) || memcmp(frame + ETH + 14, ip, 4))
		return false;

	memcpy(mac, frame + ETH + 8, 6);
	return true;
}

bool frame_is_arp_request(const u8 *frame, unsigned int length, const u8 *ip)
{
	return is_arp(frame, length, 1) && !memcmp(frame + ETH + 24, ip, 4);
}

static u8 *put_ip(u8 *at, const struct host *from, const struct host *dest,
		  u8 protocol, unsigned int bytes)
{
	memset(at, 0, IP);
	at[0] = 0x45;
	put16(at + 2, IP + bytes);
	at[8] = 64;
	at[9] = protocol;
	memcpy(at + 12, from->ip, 4);
	memcpy(at + 16, dest->ip, 4);
	put16(at + 10, sum16(at, IP));

	return at + IP;
}

/* The first of several fragments, of @bytes in all; there are no others. */
unsigned int frame_fragment(u8 *to, const struct host *from,
			    const struct host *dest, unsigned int bytes, u16 id)
{
	u8 *ip = put_eth(to, dest->mac, from->mac, 0x0800);

	memset(put_ip(ip, from, dest, 17, bytes - ETH - IP), 0,
	       bytes - ETH - IP);
	put16(ip + 4, id);
	put16(ip + 6, 0x2000);
	put16(ip + 10, 0);
	put16(ip + 10, sum16(ip, IP));

	return bytes;
}

/* @bytes is the whole frame's length, 42 at least. */
unsigned int frame_echo(u8 *to, const struct host *from,
			const struct host *dest, unsigned int bytes, u16 seq)
{
	unsigned int icmp = bytes - ETH - IP;
	u8 *at = put_eth(to, dest->mac, from->mac, 0x0800);

	at = put_ip(at, from, dest, 1, icmp);
	memset(at, 0, ICMP);
	at[0] = 8;
	put16(at + 4, 0x5b1d);
	put16(at + 6, seq);
	for (unsigned int i = ICMP; i < icmp; i++)
		at[i] = i * 7 + seq;
	put16(at + 2, sum16(at, icmp));

	return bytes;
}

unsigned int frame_canaries(u8 *to, const struct host *from,
			    const struct host *dest, unsigned int bytes)
{
	const u32 canary = CANARY;
	u8 *icmp = to + ETH + IP;

	frame_echo(to, from, dest, bytes, 1);
	for (unsigned int i = ETH + IP + ICMP; i + 4 <= bytes; i += 4)
		memcpy(to + i, &canary, sizeof(canary));
	put16(icmp + 2, 0);
	put16(icmp + 2, sum16(icmp, bytes - ETH - IP));

	return bytes;
}

bool shows_canary(const u8 *mem, unsigned int bytes)
{
	const u32 canary = CANARY;

	for (unsigned int i = 0; i + sizeof(canary) <= bytes; i++)
		if (!memcmp(mem + i, &canary, sizeof(canary)))
			return true;

	return false;
}

bool frame_answers(const u8 *frame, unsigned int length, const u8 *echo,
		   unsigned int echo_length)
{
	const unsigned int body = ETH + IP + 4;

	return length >= echo_length && frame[12] == 8 && !frame[13] &&
	       frame[ETH + 9] == 1 && !frame[ETH + IP] &&
	       !memcmp(frame + body, echo + body, echo_length - body);
}

unsigned int frame_tag(u8 *frame, unsigned int tags, unsigned int length)
{
	u8 *at = frame + ETH - 2;

	memmove(at + 4 * tags, at, length - (ETH - 2));
	length += 4 * tags;
	for (; tags; tags--, at += 4) {
		put16(at, tags & 1 ? 0x8100 : 0x88a8);
		put16(at + 2, 42);
	}

	return length;
}

static unsigned int put_tcp(u8 *at, unsigned int bytes)
{
	memset(at, 0, TCP + bytes);
	put16(at, 7);
	put16(at + 2, 9);
	at[12] = 5 << 4;
	at[13] = 0x10;

	return TCP + bytes;
}

unsigned int frame_tcp(u8 *to, const struct host *from,
		       const struct host *dest, unsigned int bytes)
{
	u8 *at = put_eth(to, dest->mac, from->mac, 0x0800);

	at = put_ip(at, from, dest, 6, TCP + bytes);

	return ETH + IP + put_tcp(at, bytes);
}

/* The lab's addresses are fd00:: and the last number of the other ones. */
static void put_address6(u8 *at, const struct host *host)
{
	at[0] = 0xfd;
	at[15] = host->ip[3];
}

unsigned int frame_tcp6(u8 *to, const struct host *from,
			const struct host *dest, unsigned int bytes)
{
	u8 *at = put_eth(to, dest->mac, from->mac, 0x86dd);

	memset(at, 0, IP6);
	at[0] = 0x60;
	put16(at + 4, TCP + bytes);
	at[6] = 6;
	at[7] = 64;
	put_address6(at + 8, from);
	put_address6(at + 24, dest);

	return ETH + IP6 + put_tcp(at + IP6, bytes);
}
