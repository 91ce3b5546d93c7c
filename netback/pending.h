/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of guest pages that packets use while they are under way in the
 * host. A build without the mode "map" has none.
 */
#ifndef SPLITNET_PENDING_H
#define SPLITNET_PENDING_H

#include <linux/err.h>
#include <linux/skbuff.h>
#include <xen/interface/xen.h>
#include "../include/packet.h"

/* No slot of the table. */
#define SNB_NO_SLOT		0xffff

struct snb_pending;
struct snb_queue;

#ifdef SN_MODE_MAP

/* Process context. */
struct snb_pending *snb_pending_create(struct snb_queue *queue);
void snb_pending_drain(struct snb_pending *pending, bool all);
void snb_pending_destroy(struct snb_pending *pending);
bool snb_pending_left(domid_t domid);
void snb_pending_exit(void);

/* By the owner of the queue's NAPI instance. */
bool snb_pending_may_lend(const struct snb_pending *pending);
u16 snb_pending_claim(struct snb_pending *pending, u16 prev,
		      const struct sn_slot *part, u16 id);
void snb_pending_map(struct snb_pending *pending);
bool snb_pending_mapped(const struct snb_pending *pending, u16 chain);
void snb_pending_lend(struct snb_pending *pending, u16 chain,
		      struct sk_buff *skb);
void snb_pending_refuse(struct snb_pending *pending, u16 chain);
void snb_pending_take_back(struct snb_pending *pending);

/* Any context. */
bool snb_pending_waits(const struct snb_pending *pending);

#else

static inline struct snb_pending *snb_pending_create(struct snb_queue *queue)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void snb_pending_drain(struct snb_pending *pending, bool all)
{
}

static inline void snb_pending_destroy(struct snb_pending *pending)
{
}

static inline bool snb_pending_left(domid_t domid)
{
	return false;
}

static inline void snb_pending_exit(void)
{
}

static inline bool snb_pending_may_lend(const struct snb_pending *pending)
{
	return false;
}

static inline u16 snb_pending_claim(struct snb_pending *pending, u16 prev,
				    const struct sn_slot *part, u16 id)
{
	return SNB_NO_SLOT;
}

static inline void snb_pending_map(struct snb_pending *pending)
{
}

static inline bool snb_pending_mapped(const struct snb_pending *pending,
				      u16 chain)
{
	return true;
}

static inline void snb_pending_lend(struct snb_pending *pending, u16 chain,
				    struct sk_buff *skb)
{
}

static inline void snb_pending_refuse(struct snb_pending *pending, u16 chain)
{
}

static inline void snb_pending_take_back(struct snb_pending *pending)
{
}

static inline bool snb_pending_waits(const struct snb_pending *pending)
{
	return false;
}

#endif

#endif /* SPLITNET_PENDING_H */
