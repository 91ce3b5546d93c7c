// SPDX-License-Identifier: GPL-2.0
/*
 * Slot planner under the fuzzer: any row of chunks that its contract allows.
 *
 * The input is the first buffer's room, the number of buffers, then the
 * chunks' sizes, 16 bits each.
 */
#include "../unit/plan_oracle.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct plan_case c = { 0 };
	struct sn_plan plan;
	u32 header, i;
	bool made;

	if (!fuzz_header(&data, &size, &header))
		return 0;
	c.first_cap = 1 + header % SN_SLOT_BYTES;
	c.max_bufs = 1 + (header >> 16) % SN_PLAN_BUFS;
	c.chunks = size / sizeof(u16);
	if (c.chunks > SN_PLAN_CHUNKS)
		c.chunks = SN_PLAN_CHUNKS;
	memcpy(c.chunk, data, c.chunks * sizeof(u16));
	for (i = 0; i < c.chunks; i++)
		c.chunk[i] %= SN_SLOT_BYTES + 1;

	memset(&plan, 0xff, sizeof(plan));
	made = sn_plan_make(&plan, c.chunk, c.chunks, c.first_cap, c.max_bufs);
	fuzz_claim(plan_verdict(&c, made, &plan));

	return 0;
}
