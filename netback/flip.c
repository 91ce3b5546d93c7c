// SPDX-License-Identifier: GPL-2.0
/*
 * Transfer mode "flip", Rx: pages change their owner, GNTTABOP_transfer.
 *
 * The bytes of a slot are gathered in a page of the pool, and the page is given
 * to the guest: a staged flip. Where they lie in a page that is spare, this one
 * goes in its place, and nothing is copied: a direct flip. Either leaves cleared
 * of all else. What Xen does not take stays in the pool; what it took and could
 * not hand on is lost, and like all that was given away is replaced when the
 * pool is refilled.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/grant_table.h>
#include "../include/frames.h"
#include "netback.h"
#include "pool.h"

/**
 * struct flip - pages of one queue on their way
 * @pool: where they come from
 * @fill: bytes of each so far
 * @direct: whether it came with its bytes
 * @tag: what to report of each
 * @xfer: reference of each
 * @frames: the pages
 * @kept: scratch
 */
struct flip {
	struct snb_pool *pool;
	u16 fill[SN_FRAMES_BATCH];
	bool direct[SN_FRAMES_BATCH];
	u16 tag[SN_FRAMES_BATCH];
	struct gnttab_transfer xfer[SN_FRAMES_BATCH];
	struct sn_frames frames;
	struct sn_frames kept;
};

static struct sn_stats *flip_stats(const struct sn_mover *mover)
{
	const struct snb_queue *queue = mover->owner;

	return queue->stats;
}

static int flip_create(struct sn_mover *mover)
{
	struct flip *flip = kvzalloc(sizeof(*flip), GFP_KERNEL);

	if (!flip)
		return -ENOMEM;

	flip->pool = snb_pool_create(flip_stats(mover));
	if (!flip->pool) {
		kvfree(flip);
		return -ENOMEM;
	}

	mover->mode = flip;
	return 0;
}

static void flip_destroy(struct sn_mover *mover)
{
	struct flip *flip = mover->mode;

	snb_pool_destroy(flip->pool);
	kvfree(flip);
	mover->mode = NULL;
}

/* Nobody but the packet's bytes may reach the guest. */
static void flip_clear_tails(struct flip *flip)
{
	unsigned int i;

	for (i = 0; i < flip->frames.count; i++)
		memset(page_address(flip->frames.page[i]) + flip->fill[i], 0,
		       PAGE_SIZE - flip->fill[i]);
}

/* Xen did not take the frame of page @i. */
static void flip_keep(struct flip *flip, unsigned int i)
{
	unsigned int k = flip->kept.count++;

	flip->kept.page[k] = flip->frames.page[i];
	flip->kept.mfn[k] = flip->frames.mfn[i];
}

/* Sort out what became of each page. */
static void flip_settle(struct sn_mover *mover)
{
	struct sn_stats *stats = flip_stats(mover);
	struct flip *flip = mover->mode;
	unsigned int i;
	bool kept;

	flip->kept.count = 0;
	for (i = 0; i < flip->frames.count; i++) {
		s16 status = flip->xfer[i].status;

		if (likely(status == GNTST_okay)) {
			sn_count(stats, flip->direct[i] ? SN_RX_FLIPS_DIRECT :
							  SN_RX_FLIPS_STAGED);
			snb_pool_put_absent(flip->pool, flip->frames.page[i]);
			continue;
		}

		kept = status == GNTST_bad_page ||
		       status == SN_TRANSFER_NOT_REACHED;
		if (kept) {
			sn_count(stats, SN_RX_FLIPS_REFUSED);
			flip_keep(flip, i);
		} else {
			sn_count(stats, SN_RX_FLIPS_LOST);
			snb_pool_put_absent(flip->pool, flip->frames.page[i]);
		}
		mover->failed(mover->owner, flip->tag[i], !kept);
	}

	sn_frames_show(&flip->kept);
	for (i = 0; i < flip->kept.count; i++)
		snb_pool_put(flip->pool, flip->kept.page[i]);
}

static void flip_flush(struct sn_mover *mover)
{
	struct flip *flip = mover->mode;

	if (!flip->frames.count)
		return;

	flip_clear_tails(flip);
	sn_frames_transfer(&flip->frames, flip->xfer);
	sn_count(flip_stats(mover), SN_RX_FLIP_CALLS);
	flip_settle(mover);
	flip->frames.count = 0;
}

/* Begin a page for a slot. False if there is none to be had. */
static bool flip_begin(struct sn_mover *mover, const struct sn_move *move)
{
	struct flip *flip = mover->mode;
	struct page *page;
	unsigned int i;

	if (flip->frames.count == SN_FRAMES_BATCH)
		flip_flush(mover);

	page = snb_pool_take(flip->pool);
	if (unlikely(!page)) {
		sn_count(flip_stats(mover), SN_RX_FLIPS_STARVED);
		return false;
	}

	i = flip->frames.count++;
	flip->frames.page[i] = page;
	flip->fill[i] = 0;
	flip->direct[i] = false;
	flip->tag[i] = move->tag;
	flip->xfer[i].domid = mover->domid;
	flip->xfer[i].ref = move->gref;

	return true;
}

/* Begin a slot with the page that its first bytes are in: there is room behind
 * them for the rest.
 */
static void flip_take_spare(struct flip *flip, unsigned int i, void *local)
{
	struct page *page = virt_to_page(local);

	snb_pool_exchange(flip->pool, flip->frames.page[i], page);
	flip->frames.page[i] = page;
	flip->direct[i] = true;
}

/* The moves of a slot come in order, and leave no gap: one at offset 0 begins
 * the slot, any other goes on in the last page.
 */
static void flip_add(struct sn_mover *mover, const struct sn_move *move)
{
	struct flip *flip = mover->mode;
	unsigned int last;

	if (!move->offset && unlikely(!flip_begin(mover, move))) {
		mover->failed(mover->owner, move->tag, false);
		return;
	}

	/* Otherwise the slot got no page when it began. */
	last = flip->frames.count - 1;
	if (unlikely(!flip->frames.count || flip->fill[last] != move->offset ||
		     flip->xfer[last].ref != move->gref))
		return;

	if (!move->offset && move->spare)
		flip_take_spare(flip, last, move->local);
	else
		memcpy(page_address(flip->frames.page[last]) + move->offset,
		       move->local, move->len);
	flip->fill[last] += move->len;
}

const struct sn_mover_ops snb_flip_ops = {
	.name		= "flip",
	.keeps_spare	= true,
	.create		= flip_create,
	.destroy	= flip_destroy,
	.add		= flip_add,
	.flush		= flip_flush,
};
