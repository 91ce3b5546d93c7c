/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that are given away by flips, and get new frames afterwards.
 */
#ifndef SPLITNET_POOL_H
#define SPLITNET_POOL_H

#include <linux/mm_types.h>
#include "../include/stats.h"

/* Pages of a queue's pool. */
#define SNB_POOL_PAGES	256

struct snb_pool;

/* Process context. */
struct snb_pool *snb_pool_create(struct sn_stats *stats);
void snb_pool_destroy(struct snb_pool *pool);

/* By the owner of the queue's NAPI instance. */
struct page *snb_pool_take(struct snb_pool *pool);
void snb_pool_put(struct snb_pool *pool, struct page *page);
void snb_pool_put_absent(struct snb_pool *pool, struct page *page);
void snb_pool_exchange(struct snb_pool *pool, struct page *page,
		       struct page *other);

#endif /* SPLITNET_POOL_H */
