// SPDX-License-Identifier: GPL-2.0
#include "../include/plan.h"

/* The buffer being filled. */
struct plan_cursor {
	unsigned int buf;
	unsigned int used;
	unsigned int cap;
};

static void plan_open(struct plan_cursor *cur)
{
	cur->buf++;
	cur->used = 0;
	cur->cap = SN_SLOT_BYTES;
}

static void plan_put(struct sn_plan *plan, struct plan_cursor *cur,
		     unsigned int chunk, unsigned int offset, unsigned int len)
{
	struct sn_piece *piece = &plan->piece[plan->pieces++];

	piece->chunk = chunk;
	piece->chunk_offset = offset;
	piece->buf = cur->buf;
	piece->buf_offset = cur->used;
	piece->len = len;
	cur->used += len;
}

/* Lay one chunk. @whole: rather open a new buffer than cut it. False if the
 * buffers ran out.
 */
static bool plan_chunk(struct sn_plan *plan, struct plan_cursor *cur,
		       unsigned int chunk, unsigned int len, bool whole,
		       unsigned int max_bufs)
{
	unsigned int offset, part;

	if (whole && cur->used && cur->used + len > cur->cap)
		plan_open(cur);

	for (offset = 0; offset < len; offset += part) {
		if (cur->used == cur->cap)
			plan_open(cur);
		if (cur->buf >= max_bufs)
			return false;

		part = len - offset;
		if (part > cur->cap - cur->used)
			part = cur->cap - cur->used;
		plan_put(plan, cur, chunk, offset, part);
	}

	return true;
}

static bool plan_try(struct sn_plan *plan, const u16 *chunk,
		     unsigned int chunks, unsigned int first_cap, bool whole,
		     unsigned int max_bufs)
{
	struct plan_cursor cur = { 0, 0, first_cap };
	unsigned int i;

	plan->pieces = 0;
	for (i = 0; i < chunks; i++)
		if (!plan_chunk(plan, &cur, i, chunk[i], whole, max_bufs))
			return false;

	plan->bufs = cur.buf + 1;
	return true;
}

bool sn_plan_make(struct sn_plan *plan, const u16 *chunk, unsigned int chunks,
		  unsigned int first_cap, unsigned int max_bufs)
{
	return plan_try(plan, chunk, chunks, first_cap, true, max_bufs) ||
	       plan_try(plan, chunk, chunks, first_cap, false, max_bufs);
}
