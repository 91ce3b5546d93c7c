// SPDX-License-Identifier: GPL-2.0
/*
 * Receiving by page flip.
 *
 * Before a slot is posted, its page's frame is given to Xen, and its grant
 * entry accepts another in its place. When the slot is answered, the entry is
 * taken: either there is a frame with the packet's bytes, which becomes the
 * page's, or there is none, and the page waits, absent, for the slot's next
 * turn. In all, this domain has as many frames as it posts fewer pages.
 *
 * A page leaves this domain cleared.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <xen/xen.h>
#include "netfront.h"
#include "../include/frames.h"

/* How often to look for a frame that Xen is about to fill in on another CPU,
 * which takes it less than a microsecond.
 */
#define FLIP_SPINS	100000

/**
 * struct snf_flip - the pages of one queue
 * @queue: whose ring slots they are for
 * @window: where the grant table can be seen
 * @entry: of each slot
 * @absent: the slot's page has no frame
 * @posted: the slot's entry accepts a page
 * @pos: slots of the batch at hand
 * @frames: the batch
 */
struct snf_flip {
	struct snf_queue *queue;
	struct snf_window *window;
	struct sn_accept *entry[SN_RING_SLOTS];
	bool absent[SN_RING_SLOTS];
	bool posted[SN_RING_SLOTS];
	u16 pos[SN_FRAMES_BATCH];
	struct sn_frames frames;
};

static unsigned int flip_pos(u32 idx)
{
	return idx & (SN_RING_SLOTS - 1);
}

static struct page *flip_page(const struct snf_flip *flip, unsigned int pos)
{
	return flip->queue->rx.page[pos];
}

/* Put a slot's page into the batch. True if the batch is full then. */
static bool flip_add(struct snf_flip *flip, unsigned int pos)
{
	unsigned int i = flip->frames.count++;

	flip->frames.page[i] = flip_page(flip, pos);
	flip->pos[i] = pos;

	return i + 1 == SN_FRAMES_BATCH;
}

/* The first @done pages of the batch are now @absent or not; empty it. */
static void flip_done(struct snf_flip *flip, unsigned int done, bool absent)
{
	while (done--)
		flip->absent[flip->pos[done]] = absent;
	flip->frames.count = 0;
}

/* Give the batch's frames to Xen. Pages that it did not take go. */
static void flip_release(struct snf_flip *flip)
{
	struct sn_stats *stats = flip->queue->stats;
	struct snf_rx *rx = &flip->queue->rx;
	unsigned int i, done;

	if (!flip->frames.count)
		return;

	done = sn_frames_release(&flip->frames);
	sn_count_add(stats, SN_RX_RELEASED, done);
	sn_count(stats, SN_RX_RELEASE_CALLS);
	for (i = done; i < flip->frames.count; i++) {
		page_pool_recycle_direct(rx->pool, flip->frames.page[i]);
		rx->page[flip->pos[i]] = NULL;
	}
	flip_done(flip, done, true);
}

/* Let the batch's pages have the frames that came. */
static void flip_show(struct snf_flip *flip)
{
	if (!flip->frames.count)
		return;

	sn_frames_show(&flip->frames);
	sn_count_add(flip->queue->stats, SN_RX_FLIPS_TAKEN,
		     flip->frames.count);
	flip_done(flip, flip->frames.count, false);
}

/**
 * snf_flip_prepare() - have absent pages for ring slots
 * @flip: the queue's pages
 * @idx: ring index of the first slot
 * @count: slots
 *
 * Context: the queue's NAPI owner, or nobody runs the queue; softirqs off.
 *
 * Return: how many of the slots, from the first on, may be posted.
 */
unsigned int snf_flip_prepare(struct snf_flip *flip, u32 idx,
			      unsigned int count)
{
	struct snf_rx *rx = &flip->queue->rx;
	unsigned int i, pos, ready;
	struct page *page;

	for (i = 0; i < count; i++) {
		pos = flip_pos(idx + i);
		/* Absent since it was posted in vain. */
		if (rx->page[pos])
			continue;

		page = page_pool_alloc_pages(rx->pool,
					     GFP_ATOMIC | __GFP_NOWARN);
		if (unlikely(!page))
			break;

		/* Whoever gets the frame finds nothing of ours. */
		clear_page(page_address(page));
		rx->page[pos] = page;
		if (flip_add(flip, pos))
			flip_release(flip);
	}
	flip_release(flip);

	for (ready = 0; ready < i; ready++)
		if (!flip->absent[flip_pos(idx + ready)])
			break;

	return ready;
}

/**
 * snf_flip_post() - let a slot's entry accept a page
 * @flip: the queue's pages
 * @idx: ring index of a slot that snf_flip_prepare() counted
 *
 * Context: the queue's NAPI owner, or nobody runs the queue.
 */
void snf_flip_post(struct snf_flip *flip, u32 idx)
{
	unsigned int pos = flip_pos(idx);

	flip->posted[pos] = true;
	sn_accept_post(flip->entry[pos],
		       flip->queue->port->xbdev->otherend_id,
		       page_to_pfn(flip_page(flip, pos)));
}

/* Take what came for a slot into the batch. False if it does not come. */
static bool flip_take(struct snf_flip *flip, unsigned int pos)
{
	unsigned int spins = FLIP_SPINS;
	enum sn_taken taken;
	u32 mfn;

	if (!flip->posted[pos])
		return true;

	for (;;) {
		taken = sn_accept_take(flip->entry[pos], &mfn);
		if (likely(taken != SN_TAKEN_NOT_YET))
			break;
		if (!spins--)
			return false;
		cpu_relax();
	}

	flip->posted[pos] = false;
	if (unlikely(taken == SN_TAKEN_EMPTY)) {
		sn_count(flip->queue->stats, SN_RX_FLIPS_EMPTY);
		return true;
	}

	flip->frames.mfn[flip->frames.count] = mfn;
	if (flip_add(flip, pos))
		flip_show(flip);

	return true;
}

/**
 * snf_flip_accept() - take the pages of slots that were answered
 * @flip: the queue's pages
 * @from: ring index of the first slot
 * @end: ... behind the last
 *
 * Which slots have a page then, is told by snf_flip_has().
 *
 * Context: the queue's NAPI owner.
 *
 * Return: false if Xen began to fill an entry and did not end.
 */
bool snf_flip_accept(struct snf_flip *flip, u32 from, u32 end)
{
	bool whole = true;

	for (; from != end; from++)
		whole &= flip_take(flip, flip_pos(from));
	flip_show(flip);

	return whole;
}

/**
 * snf_flip_has() - whether a slot's page is there to be read
 * @flip: the queue's pages
 * @idx: the slot's ring index
 *
 * Context: the queue's NAPI owner.
 */
bool snf_flip_has(const struct snf_flip *flip, u32 idx)
{
	return !flip->absent[flip_pos(idx)];
}

/* Withdraw all entries, and take what came into them. */
static void flip_withdraw(struct snf_flip *flip)
{
	unsigned int pos;

	for (pos = 0; pos < SN_RING_SLOTS; pos++)
		flip_take(flip, pos);
	flip_show(flip);
}

/* Give all pages back to the pool, or, if they have no frame, up. One that Xen
 * may yet fill stays away for good, and so does its grant reference.
 */
static void flip_put_pages(struct snf_flip *flip)
{
	struct snf_rx *rx = &flip->queue->rx;
	unsigned int pos, lost = 0;
	struct page *page;

	for (pos = 0; pos < SN_RING_SLOTS; pos++) {
		page = rx->page[pos];
		if (!page)
			continue;

		/* The pool lets go of a page with a second reference. */
		if (flip->absent[pos])
			get_page(page);
		page_pool_put_full_page(rx->pool, page, false);
		rx->page[pos] = NULL;
		if (unlikely(flip->posted[pos])) {
			rx->gref[pos] = INVALID_GRANT_REF;
			lost++;
		} else if (flip->absent[pos]) {
			flip->frames.page[flip->frames.count++] = page;
			if (flip->frames.count == SN_FRAMES_BATCH)
				sn_absent_free(&flip->frames);
		}
	}
	sn_absent_free(&flip->frames);

	if (lost)
		netdev_err(flip->queue->port->dev,
			   "Xen began to fill %u pages, and did not end\n",
			   lost);
}

/**
 * snf_flip_possible() - whether this domain can receive by page flip
 *
 * Context: any.
 */
bool snf_flip_possible(void)
{
	return sn_frames_can_flip() && snf_window_possible();
}

/**
 * snf_flip_create() - set up a queue's pages
 * @queue: the queue; its grant references are claimed
 *
 * Context: may sleep. Return: the pages or an error pointer.
 */
struct snf_flip *snf_flip_create(struct snf_queue *queue)
{
	struct snf_flip *flip;
	unsigned int pos;
	int err;

	flip = kvzalloc(sizeof(*flip), GFP_KERNEL);
	if (!flip)
		return ERR_PTR(-ENOMEM);

	flip->queue = queue;
	flip->window = snf_window_create();
	if (IS_ERR(flip->window)) {
		err = PTR_ERR(flip->window);
		goto err_free;
	}

	err = -ERANGE;
	for (pos = 0; pos < SN_RING_SLOTS; pos++) {
		flip->entry[pos] = snf_window_entry(flip->window,
						    queue->rx.gref[pos]);
		if (!flip->entry[pos])
			goto err_window;
	}

	return flip;

err_window:
	snf_window_destroy(flip->window);
err_free:
	kvfree(flip);
	return ERR_PTR(err);
}

/**
 * snf_flip_destroy() - undo snf_flip_create()
 * @flip: the pages of a stopped queue; those with frames go to its pool
 *
 * Context: may sleep.
 */
void snf_flip_destroy(struct snf_flip *flip)
{
	flip_withdraw(flip);
	flip_put_pages(flip);
	snf_window_destroy(flip->window);
	kvfree(flip);
}
