// SPDX-License-Identifier: GPL-2.0
/*
 * The rate limit of a vif, xenstore's "rate": BYTES,MICROSECONDS.
 *
 * One bucket serves all queues of the vif, so the limit is the vif's however
 * many queues the guest asks for. A queue that finds the bucket too empty for
 * its next packet rests until the bucket is filled again.
 */
#include <linux/math64.h>
#include <linux/slab.h>
#include "netback.h"

/* The bucket holds at least the largest packet twice, or it would never pass. */
#define CREDIT_BURST	131072

/* The shortest period: shorter ones are what no timer keeps. */
#define CREDIT_MIN_US	1000

/* Pour in what the time since the last filling is worth. */
static void credit_fill(struct snb_credit *credit)
{
	u64 burst = max_t(u64, credit->bytes, CREDIT_BURST);
	unsigned int us = jiffies_to_usecs(jiffies - credit->filled);
	u64 due = mul_u64_u32_div(credit->bytes, us, credit->period_us);

	credit->left = min(credit->left + due, burst);
	credit->filled = jiffies;
	credit->next = jiffies + usecs_to_jiffies(credit->period_us);
}

/**
 * snb_credit_take() - pay for a packet
 * @vif: whose
 * @bytes: its size
 *
 * Context: a queue's NAPI owner.
 *
 * Return: false if there is no credit: then the queue is started again when
 * there is some.
 */
bool snb_credit_take(struct snb_vif *vif, u32 bytes)
{
	struct snb_credit *credit = &vif->credit;
	bool paid;

	spin_lock(&credit->lock);
	if (bytes > credit->left && time_after_eq(jiffies, credit->next))
		credit_fill(credit);

	paid = bytes <= credit->left;
	if (paid)
		credit->left -= bytes;
	else
		mod_timer(&credit->timer, credit->next);
	spin_unlock(&credit->lock);

	return paid;
}

/* Wakes the queues that rest, and harmlessly those that do not. */
static void credit_timer(struct timer_list *timer)
{
	struct snb_vif *vif = from_timer(vif, timer, credit.timer);
	unsigned int i, queues;

	rcu_read_lock();
	/* Pairs with smp_store_release() in vif_publish(). */
	queues = smp_load_acquire(&vif->queues);
	for (i = 0; i < queues; i++)
		sn_seat_kick(&vif->queue[i]->seat);
	rcu_read_unlock();
}

/* Set @credit by what xenstore says; by nothing, or nonsense, to no limit. */
static void credit_set(struct snb_credit *credit, const char *rate)
{
	unsigned long bytes = 0, period_us = 0;
	char end;

	if (rate && (sscanf(rate, "%lu,%lu%c", &bytes, &period_us, &end) != 2 ||
		     !bytes || !period_us))
		bytes = 0;

	spin_lock_bh(&credit->lock);
	credit->bytes = bytes;
	credit->period_us = clamp_t(unsigned long, period_us, CREDIT_MIN_US,
				    INT_MAX);
	credit->left = 0;
	credit->filled = jiffies;
	credit->next = jiffies;
	/* Queues that rest have another try by what binds now. */
	mod_timer_pending(&credit->timer, jiffies);
	spin_unlock_bh(&credit->lock);

	/* Read without the lock, once per packet. */
	WRITE_ONCE(credit->limited, bytes);
}

static void credit_changed(struct xenbus_watch *watch, const char *path,
			   const char *token)
{
	struct snb_vif *vif = container_of(watch, struct snb_vif, credit.watch);
	char *rate;

	rate = xenbus_read(XBT_NIL, vif->xbdev->nodename, "rate", NULL);
	if (PTR_ERR(rate) == -ENOENT)
		rate = NULL;
	if (IS_ERR(rate)) {
		xenbus_dev_error(vif->xbdev, PTR_ERR(rate),
				 "reading rate: the limit stays what it was");
		return;
	}
	credit_set(&vif->credit, rate);
	kfree(rate);
}

/**
 * snb_credit_create() - read a vif's rate limit, and follow its changes
 * @vif: whose
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snb_credit_create(struct snb_vif *vif)
{
	struct snb_credit *credit = &vif->credit;

	spin_lock_init(&credit->lock);
	timer_setup(&credit->timer, credit_timer, 0);

	/* A watch fires once when it is set: that is the first reading. */
	return xenbus_watch_pathfmt(vif->xbdev, &credit->watch, NULL,
				    credit_changed, "%s/rate",
				    vif->xbdev->nodename);
}

/**
 * snb_credit_unwatch() - follow the rate limit no more, if that was done
 * @vif: whose
 *
 * Context: may sleep.
 */
void snb_credit_unwatch(struct snb_vif *vif)
{
	struct snb_credit *credit = &vif->credit;

	if (!credit->watch.node)
		return;

	unregister_xenbus_watch(&credit->watch);
	kfree(credit->watch.node);
	credit->watch.node = NULL;
}

/**
 * snb_credit_destroy() - undo snb_credit_create()
 * @vif: a disconnected vif
 *
 * Context: may sleep.
 */
void snb_credit_destroy(struct snb_vif *vif)
{
	snb_credit_unwatch(vif);
	del_timer_sync(&vif->credit.timer);
}
