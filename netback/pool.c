// SPDX-License-Identifier: GPL-2.0
/*
 * The pool of pages for flips: absent first, refilled later.
 *
 * A page whose frame was given away stays in the pool, absent. When no page
 * with a frame is left, many get new ones from Xen by one call. What the host
 * has given away it gets back that way, and never has more than it began with.
 * Where Xen has no memory left the pool runs dry, and fills up when there is.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "../include/frames.h"
#include "pool.h"

/**
 * struct snb_pool - pages of one queue
 * @stats: the queue's
 * @ready: entries of @ready_page
 * @absent: entries of @absent_page
 * @next: jiffies before which Xen is not asked for memory once more
 * @dry: Xen had none when it was asked last
 * @frames: scratch
 * @ready_page: pages with frames
 * @absent_page: pages without
 */
struct snb_pool {
	struct sn_stats *stats;
	unsigned int ready;
	unsigned int absent;
	unsigned long next;
	bool dry;
	struct sn_frames frames;
	struct page *ready_page[SNB_POOL_PAGES];
	struct page *absent_page[SNB_POOL_PAGES];
};

/* Get frames for a batch of absent pages. False if none came. */
static bool pool_refill(struct snb_pool *pool)
{
	struct sn_frames *frames = &pool->frames;
	unsigned int i, done;

	if (!pool->absent || (pool->dry && time_before(jiffies, pool->next)))
		return false;

	frames->count = min_t(unsigned int, pool->absent, SN_FRAMES_BATCH);
	for (i = 0; i < frames->count; i++)
		frames->page[i] = pool->absent_page[--pool->absent];

	done = sn_frames_populate(frames);
	sn_count_add(pool->stats, SN_RX_REFILLED, done);
	sn_count(pool->stats, SN_RX_REFILL_CALLS);
	for (i = 0; i < done; i++)
		pool->ready_page[pool->ready++] = frames->page[i];
	for (; i < frames->count; i++)
		pool->absent_page[pool->absent++] = frames->page[i];

	pool->dry = done < frames->count;
	pool->next = jiffies + 1;

	return done;
}

/**
 * snb_pool_take() - take a page that has a frame
 * @pool: the pool
 *
 * Context: the owner of the queue's NAPI instance. Return: the page, with
 * contents of any kind, or NULL if there is no memory.
 */
struct page *snb_pool_take(struct snb_pool *pool)
{
	if (!pool->ready && !pool_refill(pool))
		return NULL;

	return pool->ready_page[--pool->ready];
}

/**
 * snb_pool_put() - put back a page that has its frame
 * @pool: the pool
 * @page: the page
 *
 * Context: the owner of the queue's NAPI instance.
 */
void snb_pool_put(struct snb_pool *pool, struct page *page)
{
	pool->ready_page[pool->ready++] = page;
}

/**
 * snb_pool_put_absent() - put back a page whose frame is gone
 * @pool: the pool
 * @page: the page
 *
 * Context: the owner of the queue's NAPI instance.
 */
void snb_pool_put_absent(struct snb_pool *pool, struct page *page)
{
	pool->absent_page[pool->absent++] = page;
}

/**
 * snb_pool_exchange() - let a page of somebody else's be the pool's
 * @pool: the pool
 * @page: what was taken from the pool, and goes in its place
 * @other: the page; its owner has the only reference to it, and will drop that
 *
 * A page pool that gets back a page with a second reference lets go of it, so
 * the other's owner needs not be told.
 *
 * Context: the owner of the queue's NAPI instance.
 */
void snb_pool_exchange(struct snb_pool *pool, struct page *page,
		       struct page *other)
{
	get_page(other);
	__free_page(page);
}

static void pool_free_ready(struct snb_pool *pool)
{
	while (pool->ready)
		__free_page(pool->ready_page[--pool->ready]);
}

/**
 * snb_pool_create() - make a pool, full of pages
 * @stats: where refills are counted
 *
 * Context: may sleep. Return: the pool or NULL.
 */
struct snb_pool *snb_pool_create(struct sn_stats *stats)
{
	struct snb_pool *pool = kvzalloc(sizeof(*pool), GFP_KERNEL);
	struct page *page;

	if (!pool)
		return NULL;

	pool->stats = stats;
	while (pool->ready < SNB_POOL_PAGES) {
		page = alloc_page(GFP_KERNEL);
		if (!page)
			goto err;
		snb_pool_put(pool, page);
	}

	return pool;

err:
	pool_free_ready(pool);
	kvfree(pool);
	return NULL;
}

/**
 * snb_pool_destroy() - undo snb_pool_create()
 * @pool: the pool, with all of its pages in it
 *
 * Context: may sleep.
 */
void snb_pool_destroy(struct snb_pool *pool)
{
	struct sn_frames *frames = &pool->frames;

	pool_free_ready(pool);
	frames->count = 0;
	while (pool->absent) {
		frames->page[frames->count++] =
			pool->absent_page[--pool->absent];
		if (frames->count == SN_FRAMES_BATCH)
			sn_absent_free(frames);
	}
	sn_absent_free(frames);
	kvfree(pool);
}
