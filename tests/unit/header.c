// SPDX-License-Identifier: GPL-2.0
/*
 * Where a packet's headers end.
 *
 * A wrong answer costs only speed, so what must hold for any bytes at all is
 * that nothing beyond the packet is read (ASan watches) or claimed. For the
 * shapes that matter, TCP and UDP over either IP with or without a VLAN tag,
 * the answer is exact; for everything else it is the guess.
 */
#include "../../include/header.h"
#include "ktap.h"

/* A packet being written, header by header. */
struct draft {
	u8 data[256];
	unsigned int len;
};

static void put(struct draft *draft, unsigned int len)
{
	memset(draft->data + draft->len, 0, len);
	draft->len += len;
}

static void put_eth(struct draft *draft, bool vlan, u16 type)
{
	memset(draft, 0, sizeof(*draft));
	put(draft, 12);
	if (vlan) {
		draft->data[draft->len] = 0x81;
		put(draft, 4);
		draft->data[12] = 0x81;
	}
	draft->data[draft->len] = type >> 8;
	draft->data[draft->len + 1] = type & 0xff;
	draft->len += 2;
}

/* An IP header: v4 of @words 32-bit words, or v6 if @words is 0. */
static void put_ip(struct draft *draft, unsigned int words, u8 proto)
{
	unsigned int at = draft->len;

	put(draft, words ? words * 4 : 40);
	draft->data[at] = words ? 0x40 | words : 0x60;
	draft->data[at + (words ? 9 : 6)] = proto;
}

static void put_tcp(struct draft *draft, unsigned int words)
{
	unsigned int at = draft->len;

	put(draft, words * 4);
	draft->data[at + 12] = words << 4;
}

/* The answer for a whole packet with some payload. */
static unsigned int answer(const struct draft *draft)
{
	return sn_header_len(draft->data, sizeof(draft->data));
}

static void test_tcp(void)
{
	unsigned int vlan, ip, tcp;
	struct draft draft;

	for (vlan = 0; vlan < 2; vlan++)
		for (ip = 4; ip <= 15; ip++)
			for (tcp = 5; tcp <= 15; tcp++) {
				/* 4 stands for IPv6 here. */
				put_eth(&draft, vlan, ip == 4 ? 0x86dd : 0x800);
				put_ip(&draft, ip == 4 ? 0 : ip, 6);
				put_tcp(&draft, tcp);
				CHECK(answer(&draft) == draft.len,
				      "vlan %u ip %u tcp %u: %u", vlan, ip, tcp,
				      answer(&draft));
			}
}

static void test_udp(void)
{
	unsigned int vlan, ip;
	struct draft draft;

	for (vlan = 0; vlan < 2; vlan++)
		for (ip = 4; ip <= 15; ip++) {
			put_eth(&draft, vlan, ip == 4 ? 0x86dd : 0x800);
			put_ip(&draft, ip == 4 ? 0 : ip, 17);
			put(&draft, 8);
			CHECK(answer(&draft) == draft.len, "vlan %u ip %u: %u",
			      vlan, ip, answer(&draft));
		}
}

static void test_unknown(void)
{
	struct draft draft;

	put_eth(&draft, false, 0x806);
	CHECK(answer(&draft) == SN_HEADER_GUESS, "ARP");
	put_eth(&draft, false, 0x800);
	put_ip(&draft, 5, 1);
	CHECK(answer(&draft) == SN_HEADER_GUESS, "ICMP");
	put_eth(&draft, false, 0x800);
	put_ip(&draft, 4, 6);
	CHECK(answer(&draft) == SN_HEADER_GUESS, "IPv4 header too short");
	put_eth(&draft, false, 0x800);
	put_ip(&draft, 5, 6);
	put_tcp(&draft, 4);
	CHECK(answer(&draft) == SN_HEADER_GUESS, "TCP header too short");
}

/* Whatever the bytes, and however few of them can be read. */
static void test_bounds(void)
{
	unsigned int len, i, got;
	u8 *data;

	for (len = 1; len <= 200; len++) {
		data = malloc(len);
		for (i = 0; i < 200; i++) {
			for (got = 0; got < len; got++)
				data[got] = ktap_random();
			if (len > 24 && i & 1) {
				data[12] = i & 2 ? 0x08 : 0x86;
				data[13] = i & 2 ? 0x00 : 0xdd;
				data[20] = 6;
				data[23] = 6;
			}
			got = sn_header_len(data, len);
			CHECK(got && got <= len, "%u of %u", got, len);
		}
		free(data);
	}
}

static const struct ktap_case cases[] = {
	KTAP_CASE(tcp),
	KTAP_CASE(udp),
	KTAP_CASE(unknown),
	KTAP_CASE(bounds),
};

int main(void)
{
	return ktap_run(cases, ARRAY_SIZE(cases));
}
