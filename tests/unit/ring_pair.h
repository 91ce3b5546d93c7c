/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Both halves of a ring in one process.
 */
#ifndef SPLITNET_TEST_RING_PAIR_H
#define SPLITNET_TEST_RING_PAIR_H

#include "../../include/ring.h"
#include "ktap.h"

/* A ring's page with both halves' cursors. */
struct pair {
	struct sn_sring *sring;
	struct sn_front_ring front;
	struct sn_back_ring back;
	u64 page[4096 / sizeof(u64)];
};

/* Both halves at rest, all indices at @base. */
static inline void pair_init(struct pair *pair, u32 base)
{
	memset(pair, 0, sizeof(*pair));
	pair->sring = (struct sn_sring *)pair->page;
	sn_front_init(&pair->front, pair->sring);
	pair->sring->req_prod = base;
	pair->sring->rsp_prod = base;
	pair->sring->req_event = base + 1;
	pair->sring->rsp_event = base + 1;
	pair->front.req_prod = base;
	pair->front.req_pushed = base;
	pair->front.rsp_cons = base;
	CHECK(sn_back_attach(&pair->back, pair->sring), "base %#x", base);
}

#endif /* SPLITNET_TEST_RING_PAIR_H */
