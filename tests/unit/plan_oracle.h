/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What holds of every plan, for the unit test and the fuzzer.
 *
 * The pieces are the packet: all bytes, once, in order, each within its chunk
 * and its buffer. A plan exists exactly if the buffers hold the bytes. Where
 * the chunks fit uncut they stay uncut, but for one that starts the first
 * buffer and is longer than that; where they do not, no byte of a buffer is
 * left free before the next one is opened.
 */
#ifndef SPLITNET_TEST_PLAN_ORACLE_H
#define SPLITNET_TEST_PLAN_ORACLE_H

#include "../../include/plan.h"

/* What is asked of the planner. */
struct plan_case {
	unsigned int chunks;
	unsigned int first_cap;
	unsigned int max_bufs;
	u16 chunk[SN_PLAN_CHUNKS];
};

static inline u32 plan_cap(const struct plan_case *c, u32 buf)
{
	return buf ? SN_SLOT_BYTES : c->first_cap;
}

static inline u32 plan_bytes(const struct plan_case *c)
{
	u32 i, bytes = 0;

	for (i = 0; i < c->chunks; i++)
		bytes += c->chunk[i];

	return bytes;
}

/* Buffers that the chunks need if they are cut only where they must be. */
static inline u32 plan_whole_bufs(const struct plan_case *c)
{
	u32 i, bufs = 1, left = c->first_cap;

	for (i = 0; i < c->chunks; i++) {
		u32 len = c->chunk[i];

		if (len <= left) {
			left -= len;
		} else if (bufs == 1 && left == c->first_cap) {
			bufs = 2;
			left = SN_SLOT_BYTES - (len - c->first_cap);
		} else {
			bufs++;
			left = SN_SLOT_BYTES - len;
		}
	}

	return bufs;
}

/* Buffers that the bytes need at the least. */
static inline u32 plan_dense_bufs(const struct plan_case *c)
{
	u32 bytes = plan_bytes(c);

	if (bytes <= c->first_cap)
		return 1;

	return 1 + (bytes - c->first_cap + SN_SLOT_BYTES - 1) / SN_SLOT_BYTES;
}

/* The pieces hold the packet exactly, each where it may be. */
static inline const char *plan_exact(const struct plan_case *c,
				     const struct sn_plan *plan)
{
	u32 i, chunk = 0, offset = 0, buf = 0, used = 0;

	for (i = 0; i < plan->pieces; i++) {
		const struct sn_piece *piece = &plan->piece[i];

		while (chunk < c->chunks && offset == c->chunk[chunk]) {
			chunk++;
			offset = 0;
		}
		if (!piece->len)
			return "a piece is empty";
		if (chunk == c->chunks || piece->chunk != chunk ||
		    piece->chunk_offset != offset)
			return "a piece does not follow the one before it";
		if (piece->len > c->chunk[chunk] - offset)
			return "a piece reaches beyond its chunk";
		offset += piece->len;

		if (piece->buf == buf + 1 && used) {
			buf++;
			used = 0;
		}
		if (piece->buf != buf || piece->buf_offset != used)
			return "a piece leaves a hole in its buffer";
		used += piece->len;
		if (used > plan_cap(c, buf))
			return "a piece reaches beyond its buffer";
	}
	while (chunk < c->chunks && offset == c->chunk[chunk]) {
		chunk++;
		offset = 0;
	}
	if (chunk != c->chunks)
		return "bytes are missing";

	return plan->bufs == buf + 1 ? NULL : "the count of buffers is wrong";
}

/* Chunks are cut only where they must be. */
static inline const char *plan_whole(const struct plan_case *c,
				     const struct sn_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->pieces; i++) {
		const struct sn_piece *piece = &plan->piece[i];

		if (piece->len == c->chunk[piece->chunk])
			continue;
		/* Both halves of the one that may be cut. */
		if (!(i == 0 && piece->len == c->first_cap) &&
		    !(i == 1 && piece->chunk_offset == c->first_cap))
			return "a chunk is cut without need";
	}

	return NULL;
}

/* What is wrong with a plan, or NULL. */
static inline const char *plan_verdict(const struct plan_case *c, bool made,
				       const struct sn_plan *plan)
{
	u32 whole = plan_whole_bufs(c), dense = plan_dense_bufs(c);
	bool fits = dense <= c->max_bufs;
	const char *why;

	if (made != fits)
		return made ? "more bytes than room" : "there was room";
	if (!made)
		return NULL;
	if (plan->pieces > SN_PLAN_PIECES)
		return "too many pieces";
	if (plan->bufs > c->max_bufs)
		return "too many buffers";

	why = plan_exact(c, plan);
	if (why)
		return why;
	if (whole > c->max_bufs)
		return plan->bufs == dense ? NULL : "not packed densely";
	if (plan->bufs != whole)
		return "not as many buffers as whole chunks need";

	return plan_whole(c, plan);
}

#endif /* SPLITNET_TEST_PLAN_ORACLE_H */
