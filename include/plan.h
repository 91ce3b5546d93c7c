/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The slot planner: which bytes go where, when a packet crosses from one row
 * of buffers into another.
 *
 * Both directions need it. Rx: the chunks of an skb (each within one page) go
 * into ring slots. Tx: ring slots go into an skb's head and its pages. Each
 * piece becomes one grant operation, so the planner keeps chunks whole as long
 * as the buffers last, and packs densely only when they would not.
 */
#ifndef SPLITNET_PLAN_H
#define SPLITNET_PLAN_H

#include "wire.h"

/* The most buffers a plan may use. */
#define SN_PLAN_BUFS		(SN_PKT_SLOTS + 1)

/* The most chunks: an skb's head in two pages, 17 fragments of two pages each,
 * doubled for unlucky alignment within compound pages.
 */
#define SN_PLAN_CHUNKS		72

/* The most pieces: every chunk whole, plus a cut at every buffer's end. */
#define SN_PLAN_PIECES		(SN_PLAN_CHUNKS + SN_PLAN_BUFS)

/**
 * struct sn_piece - bytes that move in one operation
 * @chunk: source, index into the row of chunks
 * @chunk_offset: bytes into it
 * @buf: destination, index into the row of buffers
 * @buf_offset: bytes into it
 * @len: bytes, not 0
 */
struct sn_piece {
	u8 chunk;
	u8 buf;
	u16 chunk_offset;
	u16 buf_offset;
	u16 len;
};

/**
 * struct sn_plan - the whole of it
 * @pieces: entries in @piece
 * @bufs: buffers used
 * @piece: in the packet's order
 */
struct sn_plan {
	u16 pieces;
	u16 bufs;
	struct sn_piece piece[SN_PLAN_PIECES];
};

/**
 * sn_plan_make() - lay chunks into buffers
 * @plan: the result
 * @chunk: bytes of each chunk, none above SN_SLOT_BYTES
 * @chunks: how many, at most SN_PLAN_CHUNKS
 * @first_cap: bytes that the first buffer takes, 1 to SN_SLOT_BYTES; all
 *	others take SN_SLOT_BYTES
 * @max_bufs: the most buffers to use, at most SN_PLAN_BUFS
 *
 * Return: false if the bytes do not fit, however packed.
 */
bool sn_plan_make(struct sn_plan *plan, const u16 *chunk, unsigned int chunks,
		  unsigned int first_cap, unsigned int max_bufs);

#endif /* SPLITNET_PLAN_H */
