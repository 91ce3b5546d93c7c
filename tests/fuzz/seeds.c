// SPDX-License-Identifier: GPL-2.0
/*
 * seeds DIRECTORY - write inputs for the fuzz targets to begin with, each in a
 * directory of the target's name.
 *
 * By chance alone a fuzzer hardly chains 19 slots that are otherwise sound: so
 * it is given sound packets of every number of slots, beyond what is allowed
 * too, with extras and without, and goes astray from there.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "../../include/packet.h"

#define SEED_SLOTS	22

/* The ring index and the slots, as the targets take them. */
struct tx_seed {
	u32 cons;
	union sn_tx_slot slot[SEED_SLOTS + 2];
};

struct rx_seed {
	u32 cons;
	union sn_rx_slot slot[SEED_SLOTS + 2];
};

struct plan_seed {
	u32 header;
	u16 chunk[72];
};

static int save(const char *dir, const char *target, u32 number,
		const void *data, size_t size)
{
	char path[4096];
	FILE *file;
	int err;

	snprintf(path, sizeof(path), "%s/%s", dir, target);
	mkdir(path, 0777);	/* there already, or fopen() complains */
	snprintf(path, sizeof(path), "%s/%s/seed-%02u", dir, target, number);
	file = fopen(path, "wb");
	if (!file) {
		perror(path);
		return 1;
	}
	err = fwrite(data, size, 1, file) != 1;
	err |= fclose(file) != 0;
	if (err)
		fprintf(stderr, "%s: cannot write\n", path);

	return err;
}

/* A GSO extra, then a hash. */
static void fill_extras(struct sn_extra *first, struct sn_extra *second)
{
	first->type = SN_EXTRA_GSO;
	first->flags = SN_EXTRA_MORE;
	first->gso.type = SN_GSO_TCPV4;
	first->gso.size = 1448;
	second->type = SN_EXTRA_HASH;
}

/* @bytes in each slot; where that is too much, the sum wraps at 16 bits. */
static int save_tx(const char *dir, u32 number, u32 slots, u32 bytes,
		   bool extras)
{
	struct tx_seed seed = { .cons = 0xfffffff8 };
	u32 i, used = 0;

	for (i = 0; i < slots; i++) {
		struct sn_tx_req *req = &seed.slot[used++].req;

		req->size = i ? bytes : slots * bytes;
		req->flags = i + 1 < slots ? SN_TXF_MORE_DATA : 0;
		if (i || !extras)
			continue;
		req->flags |= SN_TXF_EXTRA_INFO | SN_TXF_CSUM_BLANK;
		fill_extras(&seed.slot[used].extra, &seed.slot[used + 1].extra);
		used += 2;
	}

	return save(dir, "tx_parse", number, &seed,
		    offsetof(struct tx_seed, slot[used]));
}

static int save_rx(const char *dir, u32 slots, bool extras)
{
	struct rx_seed seed = { .cons = 0xfffffff8 };
	u32 i, used = 0;

	for (i = 0; i < slots; i++) {
		struct sn_rx_rsp *rsp = &seed.slot[used++].rsp;

		rsp->status = 60;
		rsp->flags = i + 1 < slots ? SN_RXF_MORE_DATA : 0;
		if (i || !extras)
			continue;
		rsp->flags |= SN_RXF_EXTRA_INFO | SN_RXF_CSUM_BLANK;
		fill_extras(&seed.slot[used].extra, &seed.slot[used + 1].extra);
		used += 2;
	}

	return save(dir, "rx_parse", slots * 2 + extras, &seed,
		    offsetof(struct rx_seed, slot[used]));
}

/* Chunks of @bytes each for a first buffer of 128 and 17 more. */
static int save_plan(const char *dir, u32 chunks, u32 bytes)
{
	struct plan_seed seed = { .header = 17 << 16 | 127 };
	u32 i;

	for (i = 0; i < chunks; i++)
		seed.chunk[i] = bytes;

	return save(dir, "plan", chunks, &seed,
		    offsetof(struct plan_seed, chunk[chunks]));
}

/* TCP of @words 32-bit words over IPv4, or over IPv6, tagged or not. */
static int save_header(const char *dir, u32 number, u32 words, bool tag,
		       bool ipv6)
{
	u8 seed[160] = { 0 };
	u8 *ip = seed + (tag ? 18 : 14);
	u8 *tcp = ip + (ipv6 ? 40 : 20);

	if (tag)
		seed[12] = 0x81;
	ip[-2] = ipv6 ? 0x86 : 0x08;
	ip[-1] = ipv6 ? 0xdd : 0x00;
	ip[0] = ipv6 ? 0x60 : 0x45;
	ip[ipv6 ? 6 : 9] = 6;
	tcp[12] = words << 4;

	return save(dir, "header", number, seed, sizeof(seed));
}

int main(int argc, char **argv)
{
	int err = 0;
	u32 i;

	if (argc != 2) {
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}

	for (i = 1; i <= SEED_SLOTS; i++) {
		err |= save_tx(argv[1], 3 * i, i, 60, false);
		err |= save_tx(argv[1], 3 * i + 1, i, 60, true);
		err |= save_tx(argv[1], 3 * i + 2, i, SN_SLOT_BYTES, false);
		err |= save_rx(argv[1], i, false);
		err |= save_rx(argv[1], i, true);
	}
	for (i = 1; i <= 72; i++)
		err |= save_plan(argv[1], i, 65536 / i < 4096 ? 65536 / i :
								4096);
	for (i = 0; i < 16; i++)
		err |= save_header(argv[1], i, 4 + i / 2, i & 1, i & 2);

	return err;
}
